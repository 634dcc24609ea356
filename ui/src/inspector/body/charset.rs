//! From bytes to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A text, and how it was read where that was not plain UTF-8.
pub(super) struct Read<'a> {
    pub(super) text: Cow<'a, str>,
    /// The charset by its name.
    pub(super) charset: Option<&'static str>,
    /// The charset was guessed.
    pub(super) guessed: bool,
}

/// The text that bytes are; `None` where they are none. `label` is the charset that the type names; `is_text` says that
/// the type is one of texts. Of a body that was cut, the piece of a character at its end is left out.
pub(super) fn read<'a>(bytes: &'a [u8], label: Option<&str>, is_text: bool, whole: bool) -> Option<Read<'a>> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, has_errors) = encoding.decode_without_bom_handling(&bytes[mark..]);
        let charset = (encoding != UTF_8).then(|| encoding.name());
        return (is_readable(&text) && !(whole && has_errors)).then_some(Read { text, charset, guessed: false });
    }
    let named = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = named.filter(|encoding| *encoding != UTF_8) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return is_readable(&text).then(|| Read { text, charset: Some(encoding.name()), guessed: false });
    }
    if let Some(text) = utf8(bytes, whole) {
        return is_readable(text).then_some(Read { text: Cow::Borrowed(text), charset: None, guessed: false });
    }
    // Bytes that are no UTF-8 and are said to be text are mostly of the old encoding of Western Europe.
    let guess = |encoding: &'static Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        is_readable(&text).then(|| Read { text, charset: Some(encoding.name()), guessed: true })
    };
    if is_text { guess(WINDOWS_1252) } else { None }
}

fn utf8(bytes: &[u8], whole: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if !whole && error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

/// A text with many control characters is binary that happens to be text.
fn is_readable(text: &str) -> bool {
    let controls = text.bytes().filter(|byte| *byte < 32 && !b"\t\n\r\x0c\x1b\x1e".contains(byte)).count();
    controls * 20 <= text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes, the charset that is named, whether it is said to be text; the text, its charset, whether that was guessed.
    type Row<'a> = (&'a [u8], Option<&'a str>, bool, Option<(&'a str, Option<&'a str>, bool)>);

    #[test]
    fn each_charset_is_read_and_named() {
        let table: &[Row<'_>] = &[
            (b"caf\xc3\xa9", None, false, Some(("café", None, false))),
            (b"caf\xc3\xa9", Some("utf-8"), true, Some(("café", None, false))),
            (b"caf\xe9", Some("iso-8859-1"), true, Some(("café", Some("windows-1252"), false))),
            (b"caf\xe9", Some("utf-8"), true, Some(("café", Some("windows-1252"), true))),
            (b"caf\xe9", None, true, Some(("café", Some("windows-1252"), true))),
            (b"caf\xe9", None, false, None),
            (b"\xff\xfec\0a\0", None, false, Some(("ca", Some("UTF-16LE"), false))),
            (b"\xef\xbb\xbf{}", None, false, Some(("{}", None, false))),
            (b"\x83e\x83X\x83g", Some("shift_jis"), true, Some(("テスト", Some("Shift_JIS"), false))),
            (b"\x00\x01\x02", None, true, None),
            (b"a\x1b[31mlong text \xc3\xa9", None, false, Some(("a\u{1b}[31mlong text é", None, false))),
        ];
        for (bytes, label, is_text, expected) in table {
            let found = read(bytes, *label, *is_text, true);
            let found = found.as_ref().map(|text| (&*text.text, text.charset, text.guessed));
            assert_eq!(found, *expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_character_cut_in_two_at_the_cap_does_not_make_a_text_binary() {
        let cut = |whole| read(&"caf\u{e9}".as_bytes()[..4], None, false, whole).map(|text| text.text.into_owned());
        assert_eq!((cut(false).as_deref(), cut(true)), (Some("caf"), None));
    }
}
