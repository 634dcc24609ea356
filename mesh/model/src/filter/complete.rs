//! What a half-written word of a filter could become.

use std::collections::BTreeSet;

use crate::{Call, Snapshot};

use super::term::Flag;
use super::value;

/// The most words offered.
const MOST: usize = 50;

/// How many of the newest calls are looked at for values.
const NEWEST: usize = 500;

/// Words that could stand where the cursor is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Completions {
    /// Byte offset at which the word begins; from here to the cursor a chosen one replaces the text.
    pub start: usize,
    /// The words, whole, at most 50: keys with their sign, flags, or a key with a value.
    pub words: Vec<String>,
}

/// The beginnings of words: keys with the sign that they have most often.
const KEYS: [&str; 13] =
    ["app:", "from:", "to:", "m:", "path:", "status:", "grpc:", "dur>", "size>", "body~", "hdr:", "trace:", "id:"];

pub(super) fn completions(text: &str, cursor: usize, snapshot: &Snapshot) -> Completions {
    let before = text.get(..cursor).unwrap_or(text);
    let start =
        before.rfind(value::ends_word).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let words = match value::key(word) {
        _ if is_within_quotes(before) => Vec::new(),
        None => beginnings(start > 0),
        Some(key) => {
            let (head, _) = word.split_at(key.len() + 1);
            values(&key.to_ascii_lowercase(), snapshot)
                .into_iter()
                .map(|found| format!("{head}{}", value::quoted(&found)))
                .collect()
        }
    };
    let goes_on = |candidate: &String| {
        candidate.len() > word.len()
            && candidate.get(..word.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
    };
    Completions { start, words: words.into_iter().filter(goes_on).take(MOST).collect() }
}

fn is_within_quotes(text: &str) -> bool {
    let mut characters = text.chars();
    let mut is_within = false;
    while let Some(character) = characters.next() {
        match character {
            '"' => is_within = !is_within,
            '\\' if is_within => drop(characters.next()),
            _ => {}
        }
    }
    is_within
}

fn beginnings(joined: bool) -> Vec<String> {
    let flags = Flag::WORDS.iter().map(|(word, _)| *word);
    let joins = ["and", "or"].into_iter().filter(|_| joined);
    KEYS.into_iter().chain(flags).chain(["not"]).chain(joins).map(str::to_owned).collect()
}

fn values(key: &str, snapshot: &Snapshot) -> Vec<String> {
    let fixed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match key {
        "app" | "from" | "to" => apps(key, snapshot),
        "m" | "method" | "verb" => {
            let mut verbs = seen(snapshot, |call, found| found.extend([call.request.verb().to_owned()]));
            verbs.extend(["DELETE", "GET", "PATCH", "POST", "PUT"].map(str::to_owned));
            sorted(verbs)
        }
        "path" => seen(snapshot, |call, found| {
            let path = call.request.path();
            found.extend(path.split('?').next().map(str::to_owned));
        }),
        "status" => {
            let mut statuses: Vec<String> = fixed(&["2xx", "3xx", "4xx", "5xx"]);
            statuses.extend(seen(snapshot, |call, found| found.extend(call.status().map(|status| status.to_string()))));
            statuses
        }
        "hdr" | "header" => seen(snapshot, |call, found| {
            let answer = call.response.iter().flat_map(|response| response.headers.lines());
            found.extend(call.request.headers.lines().chain(answer).map(|(name, _)| name.to_ascii_lowercase()));
        }),
        "trace" => {
            seen(snapshot, |call, found| found.extend(call.trace.map(|place| place.trace.to_string()[..8].to_owned())))
        }
        "grpc" => crate::grpc_status::filter_names(),
        "dur" => fixed(&["100ms", "250ms", "1s"]),
        "size" => fixed(&["1kb", "100kb", "1mb"]),
        _ => Vec::new(),
    }
}

/// The apps of the run, and those that were called or calling on the asked side.
fn apps(key: &str, snapshot: &Snapshot) -> Vec<String> {
    let mut names: Vec<String> = snapshot.apps.iter().map(|app| app.id.as_str().to_owned()).collect();
    for edge in snapshot.edges.iter() {
        names.extend((key != "to").then(|| edge.from.as_str().to_owned()));
        names.extend((key != "from").then(|| edge.to.as_str().to_owned()));
    }
    sorted(names)
}

/// The values of the newest calls, sorted, each once.
fn seen(snapshot: &Snapshot, collect: impl Fn(&Call, &mut BTreeSet<String>)) -> Vec<String> {
    let mut found = BTreeSet::new();
    for call in snapshot.calls.iter().rev().take(NEWEST) {
        collect(call, &mut found);
    }
    found.into_iter().collect()
}

fn sorted(names: Vec<String>) -> Vec<String> {
    names.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}
