//! What differs between two calls, as text and as JSON. Secrets are masked unless they are asked for.

use daptop_model::diff::{Change, Diff, Part, Row};
use daptop_model::{MASK, is_secret};
use serde::Serialize;

use crate::commands::calls::JsonCall;
use crate::commands::text;

/// The differences under the numbers of the two calls.
pub(super) fn page(before: u64, after: u64, diff: &Diff, no_redact: bool) -> String {
    let mut page = format!("  #{before} -> #{after}\n");
    let mut masked = false;
    let mut last = None;
    for row in diff.rows.iter().filter(|row| !matches!(row.change, Change::Same(_))) {
        let title = if last == Some(row.part) { "" } else { row.part.title() };
        last = Some(row.part);
        let (change, hidden) = redacted(row, no_redact);
        masked |= hidden;
        let name = text::line(&row.name).into_owned();
        let line = match change {
            Change::Changed(before, after) => format!("{} -> {}", named(&name, &before), text::line(&after)),
            Change::Removed(value) => format!("- {}", named(&name, &value)),
            Change::Added(value) => format!("+ {}", named(&name, &value)),
            Change::Note(value) | Change::Same(value) => format!("({})", text::line(&value)),
        };
        text::push(&mut page, format_args!("    {title:<12} {line}\n"));
    }
    if diff.is_same() {
        page.push_str("    nothing else differs\n");
    }
    let mut notes = diff.caveats.clone();
    if !diff.noise.is_empty() {
        notes.push(format!("not counted, because it differs each time: {}", diff.noise.join(", ")));
    }
    if masked {
        notes.push(format!("{MASK} hides a secret; --no-redact shows it"));
    }
    for note in notes {
        text::push(&mut page, format_args!("    ({})\n", text::line(&note)));
    }
    page
}

fn named(name: &str, value: &str) -> String {
    let value = text::line(value);
    if name.is_empty() { value.into_owned() } else { format!("{name}: {value}") }
}

/// The change without secrets, and whether there were some.
fn redacted(row: &Row, no_redact: bool) -> (Change, bool) {
    let of_header = matches!(row.part, Part::Header | Part::RequestHeader | Part::Trailer);
    if no_redact || !of_header || !is_secret(&row.name) {
        return (row.change.clone(), false);
    }
    let mask = || MASK.to_owned();
    let change = match &row.change {
        Change::Changed(..) => Change::Changed(mask(), format!("{MASK} (another one)")),
        Change::Removed(_) => Change::Removed(mask()),
        Change::Added(_) => Change::Added(mask()),
        other => other.clone(),
    };
    (change, true)
}

/// A new call as one line of JSON.
#[derive(Serialize)]
pub(super) struct JsonReplay<'a> {
    /// The keys of `daptop calls`.
    #[serde(flatten)]
    pub(super) call: JsonCall<'a>,
    /// What differs, where that is asked.
    #[serde(flatten)]
    pub(super) diff: Option<JsonDiff>,
}

/// What differs between two calls.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonDiff {
    differences: Vec<JsonRow>,
    not_comparable: Vec<String>,
}

#[derive(Serialize)]
struct JsonRow {
    part: &'static str,
    name: String,
    before: Option<String>,
    after: Option<String>,
}

impl JsonDiff {
    /// Everything that differs.
    pub(super) fn new(diff: &Diff, no_redact: bool) -> Self {
        let row = |row: &Row| {
            let (before, after) = match redacted(row, no_redact).0 {
                Change::Changed(before, after) => (Some(before), Some(after)),
                Change::Removed(before) => (Some(before), None),
                Change::Added(after) => (None, Some(after)),
                Change::Same(_) | Change::Note(_) => return None,
            };
            Some(JsonRow { part: row.part.title(), name: row.name.clone(), before, after })
        };
        let notes = diff.rows.iter().filter_map(|row| match &row.change {
            Change::Note(note) => Some(note.clone()),
            _ => None,
        });
        Self {
            differences: diff.rows.iter().filter_map(row).collect(),
            not_comparable: diff.caveats.iter().cloned().chain(notes).collect(),
        }
    }
}
