//! Values as they are written: numbers with units, quoted text, names of gRPC statuses.

use std::borrow::Cow;

use super::term::Flag;
use crate::grpc_status::filter_names;

/// A unit and how many of the smallest one it is, smallest first.
pub(super) type Units = [(&'static str, u64)];

/// Units of time, in microseconds.
pub(super) const TIMES: [(&str, u64); 4] = [("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000)];

/// Units of size, in bytes.
pub(super) const SIZES: [(&str, u64); 7] = [
    ("b", 1),
    ("kb", 1_000),
    ("kib", 1 << 10),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
];

/// The signs that may stand between a key and its value.
const SIGNS: [char; 6] = [':', '=', '~', '<', '>', '!'];

/// Whether a character ends a word that is not quoted.
pub(super) fn ends_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')' | '"')
}

/// The key at the start of a word, where letters are followed by a sign.
pub(super) fn key(word: &str) -> Option<&str> {
    let end = word.find(|character: char| !character.is_ascii_alphabetic())?;
    let sign = word[end..].chars().next()?;
    (end > 0 && SIGNS.contains(&sign)).then(|| &word[..end])
}

/// A number with a unit; `None` for anything else, and where it is too large.
pub(super) fn number(text: &str, units: &Units) -> Option<u64> {
    let unit_at = text.find(|character: char| character.is_ascii_alphabetic())?;
    let (digits, unit) = text.split_at(unit_at);
    let factor = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = fraction.parse::<u128>().ok()?.checked_mul(u128::from(factor))? / scale;
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(u64::try_from(part).ok()?)
}

/// A number in the largest unit in which it is whole.
pub(super) fn with_unit(number: u64, units: &Units) -> String {
    let whole = |(_, factor): &&(&str, u64)| number > 0 && number.is_multiple_of(*factor);
    let (unit, factor) = units.iter().rev().find(whole).or(units.first()).copied().unwrap_or(("", 1));
    format!("{}{unit}", number / factor)
}

/// The number of a gRPC status that is given by its name or its number.
pub(super) fn grpc_code(text: &str) -> Option<u32> {
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let names = filter_names();
    let by_name = names.iter().position(|name| plain(name) == plain(text));
    let by_number = || text.parse().ok().filter(|code| *code < names.len());
    by_name.or_else(by_number).and_then(|code| u32::try_from(code).ok())
}

/// A value, in quotes where it could not be read otherwise.
pub(super) fn quoted(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.contains(ends_word) {
        Cow::Owned(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// A word without a key, in quotes where it could be taken for something else.
pub(super) fn bare(text: &str) -> Cow<'_, str> {
    let is_word = ["and", "or", "not"].iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_word || Flag::parse(text).is_some() || key(text).is_some() {
        Cow::Owned(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
    } else {
        quoted(text)
    }
}
