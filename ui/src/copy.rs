//! What is copied of a call, and how it gets into the terminal's clipboard.

mod messages;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daptop_model::diff::{Change, Diff, Row};
use daptop_model::{
    Call, CapturedBody, Head, MASK, Outcome, ReplayRequest, Side, Snapshot, curl, grpc_status_name, is_secret,
};
use serde_json::{Value, json};

use crate::action::CopyAs;

/// The most bytes that terminals take: beyond, some take nothing, and none says so.
pub(crate) const MOST: usize = 74_994;

/// A text for the clipboard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clip {
    /// The text. Nothing of it is sent to the terminal but as base64.
    pub text: String,
    /// What it is, in words: `#12 as curl`.
    pub what: String,
}

/// The text of a call. The words say what it is, and whether something was masked.
pub(crate) fn clip(call: &Call, how: CopyAs, snapshot: &Snapshot) -> Result<Clip, String> {
    let (text, what) = match how {
        CopyAs::Curl | CopyAs::WholeCurl if call.is_of_messages() => {
            messages::grpcurl(call, how == CopyAs::WholeCurl, snapshot)?
        }
        CopyAs::RequestBody if call.messages.seen(Side::Request) > 0 => messages::of(call, Side::Request, snapshot)?,
        CopyAs::ResponseBody if call.messages.seen(Side::Response) > 0 => messages::of(call, Side::Response, snapshot)?,
        CopyAs::Curl | CopyAs::WholeCurl => {
            let (text, masked) = curl(&ReplayRequest::of(call), &base(call, snapshot)?, how == CopyAs::WholeCurl);
            (text, format!("{} as curl{}", call.id, masked_words(masked)))
        }
        CopyAs::Url => {
            (format!("{}{}", base(call, snapshot)?, call.request.target()), format!("the URL of {}", call.id))
        }
        CopyAs::RequestBody => body(call, &call.request_body, Some(&call.request.headers), "request")?,
        CopyAs::ResponseBody => {
            body(call, &call.response_body, call.response.as_ref().map(|head| &head.headers), "answer")?
        }
        CopyAs::Json | CopyAs::WholeJson => {
            let (value, masked) = as_json(call, how == CopyAs::WholeJson, snapshot);
            (format!("{value:#}\n"), format!("{} as JSON{}", call.id, masked_words(masked)))
        }
        CopyAs::Difference => return Err("nothing is compared".to_owned()),
    };
    Ok(Clip { text, what })
}

fn masked_words(masked: bool) -> &'static str {
    if masked { ", its secrets masked" } else { "" }
}

/// The address of the caller's sidecar.
fn base(call: &Call, snapshot: &Snapshot) -> Result<String, String> {
    let app = snapshot.apps.iter().find(|app| app.id == call.from && app.ports.http != 0);
    app.map(|app| format!("http://localhost:{}", app.ports.http))
        .ok_or_else(|| format!("{} has no sidecar in this run, so there is no address to copy", call.from))
}

fn body(call: &Call, body: &CapturedBody, head: Option<&Head>, of: &str) -> Result<(String, String), String> {
    /// Of a compressed body so much is copied at most.
    const MOST: usize = 16 << 20;
    if body.kept.is_empty() {
        return Err(format!("the {of} of {} has no body here", call.id));
    }
    let none = Head::default();
    let decoded = body.decoded(head.unwrap_or(&none), MOST);
    let cut = if (body.kept.len() as u64) < body.seen { ", as far as it is kept" } else { "" };
    let what = format!("the {of}'s body of {}{cut}", call.id);
    match String::from_utf8(decoded.bytes.into_owned()) {
        Ok(text) => Ok((text, what)),
        Err(bytes) => Ok((STANDARD.encode(bytes.as_bytes()), format!("{what}, as base64"))),
    }
}

/// Everything of a call; and whether something of it was masked.
fn as_json(call: &Call, whole: bool, snapshot: &Snapshot) -> (Value, bool) {
    let mut masked = false;
    let mut headers = |head: &Head| -> Value {
        let line = |(name, value): (&str, &[u8])| {
            let secret = !whole && is_secret(name);
            masked |= secret;
            json!([name, if secret { MASK.into() } else { String::from_utf8_lossy(value) }])
        };
        head.lines().map(line).collect()
    };
    let request = json!({
        "verb": call.request.verb(),
        "target": call.request.target(),
        "path": call.request.path(),
        "headers": headers(&call.request.headers),
        "body": json_body(&call.request_body),
    });
    let response = call.response.as_ref().map(|head| {
        json!({
            "status": head.status,
            "grpcStatus": call.grpc_status().map(grpc_status_name),
            "headers": headers(&head.headers),
            "body": json_body(&call.response_body),
            "trailers": headers(head.trailers.as_deref().unwrap_or(&Head::default())),
        })
    });
    let failure = match &call.outcome {
        Outcome::Failed(failure) => Some(failure.text.to_string()),
        _ => None,
    };
    let value = json!({
        "id": call.id.0,
        "from": call.from.as_str(),
        "to": call.to.as_str(),
        "request": request,
        "response": response,
        "messages": messages::as_json(call, snapshot),
        "failure": failure,
        "micros": call.phases.duration().map(|took| took.as_micros() as u64),
        "traceId": call.trace.map(|place| place.trace.to_string()),
        "replayOf": call.replay_of().map(|original| original.0),
    });
    (value, masked)
}

/// A body as text where it is, otherwise in base64; with its length where it is not whole.
fn json_body(body: &CapturedBody) -> Value {
    let whole = (body.kept.len() as u64) == body.seen;
    match std::str::from_utf8(&body.kept) {
        Ok(text) if whole => json!(text),
        Ok(text) => json!({ "text": text, "bytes": body.seen }),
        Err(_) => json!({ "base64": STANDARD.encode(&body.kept), "bytes": body.seen }),
    }
}

/// What differs between two calls as lines of text, secrets masked.
pub(crate) fn difference(before: &Call, after: &Call, diff: &Diff) -> Clip {
    let line = |row: &Row| {
        let secret = is_secret(&row.name);
        let shown = |value: &str| if secret { MASK.to_owned() } else { value.to_owned() };
        let value = match &row.change {
            Change::Changed(before, after) => format!("{} -> {}", shown(before), shown(after)),
            Change::Removed(value) => format!("- {}", shown(value)),
            Change::Added(value) => format!("+ {}", shown(value)),
            Change::Note(note) | Change::Same(note) => format!("({note})"),
        };
        let name = if row.name.is_empty() { String::new() } else { format!("{} ", row.name) };
        format!("{:<12} {name}{value}\n", row.part.title())
    };
    let rows = diff.rows.iter().filter(|row| !matches!(row.change, Change::Same(_)));
    let text = [format!("{} -> {}\n", before.id, after.id)].into_iter().chain(rows.map(line)).collect();
    Clip { text, what: format!("the difference of {} and {}", before.id, after.id) }
}

/// The sequence that puts a text into the terminal's clipboard (OSC 52). Within tmux it is said twice: to tmux, which takes
/// it where its option `set-clipboard` is on, and through tmux, which lets it pass where `allow-passthrough` is.
pub(crate) fn sequence(text: &str, tmux: bool) -> String {
    let set = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if tmux { format!("{set}\x1bPtmux;{}\x1b\\", set.replace('\x1b', "\x1b\x1b")) } else { set }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_reaches_the_terminal_but_as_base64() {
        let nasty = "a\x07\x1b]52;c;!\x1b\\";
        for tmux in [false, true] {
            let sequence = sequence(nasty, tmux);
            assert!(!sequence.contains(nasty) && sequence.is_ascii());
            let sent = sequence.strip_prefix("\x1b]52;c;").unwrap().split('\x07').next().unwrap();
            assert_eq!(STANDARD.decode(sent).unwrap(), nasty.as_bytes());
        }
        assert_eq!(super::sequence("hi", false), "\x1b]52;c;aGk=\x07");
        assert_eq!(super::sequence("hi", true), "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
    }
}
