//! Headers of two messages.

use std::collections::BTreeMap;

use super::{Change, Diff, Part};

type Lines = [(String, Vec<u8>)];

/// Compares header by header, in the order of the first message; several values of one name are compared together.
pub(super) fn compare(part: Part, before: &Lines, after: &Lines, diff: &mut Diff) {
    let (old, new) = (values(before), values(after));
    for (name, was) in in_order(before, &old) {
        match new.get(&name) {
            None => diff.add(part, &name, Change::Removed(shown(was))),
            Some(is) if is == was => {}
            Some(_) if is_noise(&name) => diff.noise.push(name),
            // It follows from the body, which is compared.
            Some(_) if name == "content-length" => {}
            Some(is) => diff.add(part, &name, Change::Changed(shown(was), shown(is))),
        }
    }
    for (name, is) in in_order(after, &new) {
        if !old.contains_key(&name) {
            diff.add(part, &name, Change::Added(shown(is)));
        }
    }
}

type Values<'a> = BTreeMap<String, Vec<&'a [u8]>>;

fn values(lines: &Lines) -> Values<'_> {
    let mut values = Values::new();
    for (name, value) in lines {
        values.entry(name.to_ascii_lowercase()).or_default().push(value);
    }
    values
}

fn in_order<'a>(lines: &Lines, values: &'a Values<'a>) -> Vec<(String, &'a Vec<&'a [u8]>)> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in lines {
        let name = name.to_ascii_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().filter_map(|name| values.get(&name).map(|values| (name, values))).collect()
}

fn shown(values: &[&[u8]]) -> String {
    let values: Vec<_> = values.iter().map(|value| String::from_utf8_lossy(value)).collect();
    values.join(", ")
}

/// Headers that say something else each time.
fn is_noise(name: &str) -> bool {
    const NOISE: [&str; 13] = [
        "date",
        "age",
        "expires",
        "last-modified",
        "traceparent",
        "tracestate",
        "grpc-trace-bin",
        "server-timing",
        "x-request-id",
        "request-id",
        "x-correlation-id",
        "x-runtime",
        "x-response-time",
    ];
    NOISE.contains(&name)
}
