//! Bytes in hexadecimal, with what they are as ASCII next to them.

use crate::inspector::document::{Class, Writer};

/// Writes bytes: `00000010  7b 22 6f …  {"o…`.
pub(super) fn write(writer: &mut Writer, bytes: &[u8]) {
    let each = writer.look.bytes.max(1);
    writer.reserve(bytes.len() * 5);
    let mut line = String::new();
    for (index, chunk) in bytes.chunks(each).enumerate() {
        if writer.is_full() {
            break;
        }
        line.clear();
        for shift in (0..8).rev() {
            line.push(digit((index * each) >> (4 * shift)));
        }
        line.push_str("  ");
        for byte in chunk {
            line.push(digit(usize::from(byte >> 4)));
            line.push(digit(usize::from(*byte)));
            line.push(' ');
        }
        (chunk.len()..each).for_each(|_| line.push_str("   "));
        line.push(' ');
        line.extend(chunk.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }));
        writer.line(Class::Hex, &[&line[..8]], &line[8..]);
    }
}

/// How many bytes a line of `width` columns has room for: 16, 8 or 4.
pub(in crate::inspector) fn bytes_in(width: usize) -> usize {
    [16, 8].into_iter().find(|each| 10 + each * 3 + 1 + each <= width).unwrap_or(4)
}

fn digit(value: usize) -> char {
    char::from(b"0123456789abcdef"[value & 15])
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    #[test]
    fn bytes_are_shown_in_two_ways() {
        let lines = shown(|writer| write(writer, b"\x00\x01hello world\xff\xfe..tail"));
        assert_eq!(
            lines,
            [
                "00000000  00 01 68 65 6c 6c 6f 20 77 6f 72 6c 64 ff fe 2e  ..hello world...",
                "00000010  2e 74 61 69 6c                                   .tail"
            ]
        );
        assert_eq!([60, 79, 46, 30].map(bytes_in), [8, 16, 8, 4]);
    }
}
