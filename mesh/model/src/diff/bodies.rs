//! Two bodies: as JSON where both are, as text where both are, otherwise as bytes.

use super::{Change, ComparedBody, Diff, Part, json, lines};

/// Compares two bodies.
pub(super) fn compare(part: Part, before: &ComparedBody, after: &ComparedBody, diff: &mut Diff) {
    if before.coding != after.coding && before.seen > 0 && after.seen > 0 {
        let name = |body: &ComparedBody| if body.coding.is_empty() { "plain".to_owned() } else { body.coding.clone() };
        diff.add(part, "coding", Change::Changed(name(before), name(after)));
    }
    let (old, new) = (&before.bytes, &after.bytes);
    match (before.seen, after.seen) {
        (0, 0) => return diff.add(part, "", Change::Same("none".to_owned())),
        (0, _) if new.is_empty() => return diff.add(part, "", Change::Added(size(after.seen))),
        (_, 0) if old.is_empty() => return diff.add(part, "", Change::Removed(size(before.seen))),
        _ => {}
    }
    if old == new && (before.seen == after.seen || before.coding != after.coding) {
        let sure = if before.cut || after.cut { ", as far as they are kept" } else { "" };
        return diff.add(part, "", Change::Same(format!("{}, byte for byte{sure}", size(before.seen))));
    }
    if old.is_empty() || new.is_empty() {
        return diff.add(part, "", Change::Changed(size(before.seen), size(after.seen)));
    }
    if !before.cut
        && !after.cut
        && let (Some(old), Some(new)) = (json::read(old), json::read(new))
    {
        return json::compare(part, &old, &new, diff);
    }
    match (text(old, before.cut), text(new, after.cut)) {
        (Some(old), Some(new)) => lines::compare(part, old, new, diff),
        _ => bytes(part, before, after, diff),
    }
}

fn bytes(part: Part, before: &ComparedBody, after: &ComparedBody, diff: &mut Diff) {
    diff.add(part, "", super::pair(size(before.seen), size(after.seen)));
    let (old, new) = (&before.bytes, &after.bytes);
    let at = old.iter().zip(new).position(|(old, new)| old != new).unwrap_or(old.len().min(new.len()));
    let byte = |bytes: &[u8]| bytes.get(at).map_or_else(|| "the end".to_owned(), |byte| format!("{byte:02x}"));
    diff.add(part, &format!("byte {at}"), Change::Changed(byte(old), byte(new)));
    let coded = before.coded || after.coded;
    let why = if coded { "the bodies are compressed in an unknown way" } else { "the bodies are not text" };
    diff.add(part, "", Change::Note(format!("{why}: compared byte by byte, the first difference is shown")));
}

/// The bytes as text; of a body that was cut, without the piece of a letter at its end.
fn text(bytes: &[u8], cut: bool) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if cut && error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some(text)
}

fn size(bytes: u64) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}
