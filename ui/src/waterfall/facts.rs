//! A call of a trace, and what its time was spent on, in words.

use daptop_model::{Activity, Call, Link, Piece, Stamp, Trace, TracedCall};

use crate::format;

/// What a call's time was spent on, as the beginning of a sentence about that stretch.
pub(crate) fn spent(call: &Call, piece: &Piece) -> String {
    let app = &call.to;
    match (piece.activity, piece.open) {
        (Activity::Waiting, false) => format!("waited for {app} to start"),
        (Activity::Waiting, true) => format!("waits for {app} to start"),
        (Activity::Finding, _) => format!("found {app}"),
        (Activity::Queueing, false) => "waited for its turn".to_owned(),
        (Activity::Queueing, true) => "waits for its turn".to_owned(),
        (Activity::Trying(number), _) => {
            let failed = call.delays.failed_tries().iter().find(|failed| failed.number == number);
            format!("try {number} failed: {}", failed.map_or("", |failed| &failed.why))
        }
        (Activity::Pausing(number), false) => format!("waited before try {}", number.saturating_add(1)),
        (Activity::Pausing(number), true) => format!("waits before try {}", number.saturating_add(1)),
        (Activity::Connecting, false) => "got a connection".to_owned(),
        (Activity::Connecting, true) => "waits for a connection".to_owned(),
        (Activity::Sending, false) => "sent the request".to_owned(),
        (Activity::Sending, true) => "sends the request".to_owned(),
        (Activity::Answering, false) => format!("{app} worked"),
        (Activity::Answering, true) => format!("waits for {app} to answer"),
        (Activity::Receiving, false) => "read the answer".to_owned(),
        (Activity::Receiving, true) => "reads the answer".to_owned(),
        (Activity::Failing, _) => "until it failed".to_owned(),
        (Activity::Leaving, _) => "until the caller left".to_owned(),
    }
}

/// The same in few words, for a narrow column.
pub(crate) fn spent_in_short(piece: &Piece) -> String {
    let words = match (piece.activity, piece.open) {
        (Activity::Waiting, _) => "app starting",
        (Activity::Finding, _) => "finding it",
        (Activity::Queueing, _) => "its turn",
        (Activity::Trying(number), _) => return format!("try {number} failed"),
        (Activity::Pausing(number), _) => return format!("before try {}", number.saturating_add(1)),
        (Activity::Connecting, _) => "connecting",
        (Activity::Sending, _) => "sending",
        (Activity::Answering, false) => "the app's own",
        (Activity::Answering, true) => "no answer yet",
        (Activity::Receiving, _) => "reading",
        (Activity::Failing, _) => "failing",
        (Activity::Leaving, _) => "until it left",
    };
    words.to_owned()
}

/// What stands out of a call of a trace: how its time was spent, longest first, and how its place is known.
pub(crate) fn facts(trace: &Trace, traced: &TracedCall, now: Stamp, ascii: bool) -> Vec<String> {
    let call = &traced.call;
    let mut facts = Vec::new();
    match traced.link {
        Link::Unseen(span) => facts.push(format!("its parent, span {span}, was not seen here")),
        Link::Guessed(span) => facts.push(format!("span {span}, its parent, was not seen: placed by app and time")),
        Link::Root | Link::Named => {}
    }
    if let Some(attempt) = traced.attempt {
        facts.push(format!("try {} of {}", attempt.number, attempt.of));
    }
    if !call.delays.failed_tries().is_empty() {
        facts.push(format!("its sidecar tried {} times", call.delays.tries()));
    }
    let age = call.age(now);
    let mut pieces = call.pieces(age);
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.duration()));
    let worth_saying = |piece: &&Piece| piece.duration().as_micros() * 50 >= age.as_micros().max(1);
    for piece in pieces.iter().filter(worth_saying) {
        facts.push(format!("{} {}", spent(call, piece), format::duration(piece.duration(), ascii)));
    }
    let own: u64 = traced.critical.iter().map(|part| part.end.0.saturating_sub(part.start.0)).sum();
    let whole = trace.end.0.saturating_sub(trace.start.0);
    if let Some(share) = format::percent(own, whole).filter(|_| trace.calls.len() > 1) {
        facts.push(format!("decides {share} of the trace's time"));
    }
    facts
}
