//! Lines out of the bytes of a stream, however they arrive.

/// The longest piece of a line in bytes; a longer line is cut and goes on in the next piece.
pub(crate) const LONGEST: usize = 16 << 10;

/// A line, or a piece of a very long one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    /// The bytes without the line break, as the app wrote them: ANSI sequences and invalid UTF-8 included.
    pub(crate) bytes: Vec<u8>,
    /// The line was longer than [`LONGEST`] and goes on in the next piece.
    pub(crate) continues: bool,
}

/// Cuts a stream into lines. A line that is written over with `\r` shows what was written last, as on a terminal.
#[derive(Debug, Default)]
pub(crate) struct LineSplitter {
    line: Vec<u8>,
    /// A `\r` was read: what follows, unless it is the line break, is written over the line.
    returned: bool,
    /// Something of the line is there, be it nothing but a `\r`.
    open: bool,
}

impl LineSplitter {
    /// Takes bytes in and hands out the lines that are complete.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut line: impl FnMut(Line)) {
        while !bytes.is_empty() {
            let text = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
            self.extend(&bytes[..text], &mut line);
            match bytes.get(text) {
                Some(b'\n') => line(self.take(false)),
                Some(_) => (self.returned, self.open) = (true, true),
                None => {}
            }
            bytes = bytes.get(text + 1..).unwrap_or_default();
        }
    }

    /// Hands out the line that has no end yet, if there is one.
    pub(crate) fn finish(&mut self) -> Option<Line> {
        self.open.then(|| self.take(false))
    }

    fn extend(&mut self, mut text: &[u8], line: &mut impl FnMut(Line)) {
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.returned) {
            self.line.clear();
        }
        self.open = true;
        while self.line.len() + text.len() > LONGEST {
            let (now, later) = text.split_at(LONGEST - self.line.len());
            self.line.extend_from_slice(now);
            let begun = self.line.split_off(whole_characters(&self.line));
            line(self.take(true));
            (self.line, self.open) = (begun, true);
            text = later;
        }
        self.line.extend_from_slice(text);
    }

    fn take(&mut self, continues: bool) -> Line {
        (self.returned, self.open) = (false, false);
        Line { bytes: std::mem::take(&mut self.line), continues }
    }
}

/// How many of the bytes are whole characters: fewer than all where the last one is cut.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to().max(1),
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a stream that arrives in the given pieces; a piece of a longer line ends in `…`.
    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::default();
        let mut lines = Vec::new();
        for piece in pieces {
            splitter.push(piece, |line| lines.push(line));
        }
        lines.extend(splitter.finish());
        let show =
            |line: Line| String::from_utf8_lossy(&line.bytes).into_owned() + if line.continues { "…" } else { "" };
        lines.into_iter().map(show).collect()
    }

    #[test]
    fn a_line_is_what_a_terminal_would_show_of_it() {
        let table: &[(&[&[u8]], &[&str])] = &[
            (&[b"one\ntwo\n"], &["one", "two"]),
            (&[b"o", b"n", b"e\r", b"\ntwo\r\n"], &["one", "two"]),
            (&[b"\n\n"], &["", ""]),
            (&[b""], &[]),
            (&[b"no end"], &["no end"]),
            (&[b"10%\r20%\r", b"100%\n"], &["100%"]),
            (&[b"10%\r20%\r"], &["20%"]),
            (&[b"caf\xc3", b"\xa9 \xff\n"], &["café \u{fffd}"]),
            (&[b"\x1b[31mred\x1b[0m\n"], &["\x1b[31mred\x1b[0m"]),
        ];
        for (pieces, expected) in table {
            assert_eq!(lines(pieces), *expected, "{pieces:?}");
        }
    }

    #[test]
    fn a_line_of_any_length_comes_whole_in_pieces_that_say_that_they_go_on() {
        let long = "x".repeat(LONGEST);
        assert_eq!(lines(&[long.as_bytes(), b"\n"]).concat(), long);
        assert_eq!(lines(&[long.as_bytes(), b"y\n"]), [format!("{long}…"), "y".to_owned()]);
        let huge = "é".repeat(LONGEST * 3);
        let pieces = lines(&[huge.as_bytes()]);
        assert!(pieces.iter().all(|piece| !piece.contains('\u{fffd}')), "a character was cut");
        assert_eq!(pieces.concat().replace('…', ""), huge);
    }

    #[test]
    fn a_stream_of_any_bytes_ends_and_stays_within_the_bound() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|index| 0x80 | (index % 64) as u8).collect();
        let mut splitter = LineSplitter::default();
        let mut total = 0;
        splitter.push(&bytes, |line| {
            assert!(line.bytes.len() <= LONGEST);
            total += line.bytes.len();
        });
        total += splitter.finish().map_or(0, |line| line.bytes.len());
        assert_eq!(total, bytes.len());
    }
}
