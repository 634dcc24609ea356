//! Figures and lists as they stand in a sentence.

use std::time::Duration;

/// `0.4 ms`, `12 ms`, `1.4 s`, `30 s`, `3 min`.
pub(super) fn time(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => {
            let tenths = (micros + 50_000) / 100_000;
            if tenths.is_multiple_of(10) {
                format!("{} s", tenths / 10)
            } else {
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
        }
        _ => format!("{} min", micros / 60_000_000),
    }
}

/// `61 bytes`, `4 KiB`, `4.2 MiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let Some((unit, factor)) = UNITS.into_iter().find(|(_, factor)| bytes >= *factor) else {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    };
    let tenths = u128::from(bytes) * 10 / u128::from(factor);
    if tenths.is_multiple_of(10) {
        format!("{} {unit}", tenths / 10)
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[impl AsRef<str>]) -> String {
    let Some((last, before)) = items.split_last() else { return String::new() };
    let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
    if before.is_empty() { last.as_ref().to_owned() } else { format!("{} and {}", before.join(", "), last.as_ref()) }
}

/// A text of somebody else's, as a part of a sentence: not longer than is read.
pub(super) fn quote(text: &str) -> String {
    const LONGEST: usize = 300;
    let text = text.trim().trim_end_matches('.');
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The one of some names that is nearest to another one: near enough that somebody may have meant it.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&wanted, &known.to_lowercase());
    // A third of a name may be wrong, but not one letter of two.
    let most = name.chars().count() / 3;
    let near = names.filter(|known| *known != name).map(|known| (distance(known), known));
    near.filter(|(distance, known)| *distance <= most.min(known.chars().count() / 2)).min().map(|(_, known)| known)
}

/// What an HTTP status is called; empty for one that is rare.
pub(super) fn status(status: u16) -> &'static str {
    match status {
        400 => " (bad request)",
        401 => " (unauthorized)",
        403 => " (forbidden)",
        404 => " (not found)",
        405 => " (method not allowed)",
        408 => " (request timeout)",
        409 => " (conflict)",
        413 => " (body too large)",
        415 => " (unsupported content type)",
        422 => " (cannot be processed)",
        429 => " (too many requests)",
        500 => " (internal error)",
        501 => " (not implemented)",
        502 => " (bad gateway)",
        503 => " (unavailable)",
        504 => " (gateway timeout)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        for (micros, text) in [
            (420, "420 us"),
            (1_240, "1.2 ms"),
            (12_000, "12 ms"),
            (1_440_000, "1.4 s"),
            (30_001_000, "30 s"),
            (200_000_000, "3 min"),
        ] {
            assert_eq!(time(Duration::from_micros(micros)), text);
        }
        for (bytes, text) in [(1, "1 byte"), (61, "61 bytes"), (4 << 20, "4 MiB"), ((4 << 20) + 250_000, "4.2 MiB")] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&[""; 0]), "");
    }

    #[test]
    fn a_name_is_near_where_a_third_of_it_is_wrong_at_most() {
        let names = ["order-processor", "checkout", "bank", "b"];
        for (name, near) in [
            ("order-procesor", Some("order-processor")),
            ("Order-Processor", Some("order-processor")),
            ("orderprocessor", Some("order-processor")),
            ("chekcout", Some("checkout")),
            ("tank", Some("bank")),
            ("orders", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, names.into_iter()), near, "{name}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(quote(" no answer. "), "no answer");
        assert_eq!(quote(&"e\u{301}".repeat(1_000)).chars().count(), 303);
    }
}
