//! The page of a call: what it was, when what happened, both messages, its trace.

use super::{body, head, messages, trace};
use crate::commands::calls::{got, status, waited_for_turn};
use crate::commands::text;
use crate::control::proto::{CallSummary, FailedTry, Finding, GetCallResponse, Leg, Outcome, Timing, Turn};
use crate::control::words;

/// The whole page.
pub(super) fn page(call: &GetCallResponse, no_redact: bool) -> String {
    let unknown = CallSummary::default();
    let summary = call.summary.as_ref().unwrap_or(&unknown);
    let answers = call.messages.as_ref().map_or(0, |messages| messages.responses);
    let mut page = title(summary, answers);
    page.push_str(&findings(&call.findings));
    page.push_str(&timing(summary, &call.failed_tries));
    page.push_str(&turn(summary));
    let first = format!("{} {}", text::line(&summary.verb), text::line_of_bytes(&call.target));
    page.push_str(&head::section("Request", Some(&first), &call.request_headers, no_redact));
    let has_messages = |response| call.messages.iter().flat_map(|all| &all.kept).any(|one| one.response == response);
    let request_body = (call.request_body.as_ref(), !has_messages(false));
    page.push_str(&body::section("Request body", request_body, &call.request_headers));
    if summary.status != 0 {
        let reason = u16::try_from(summary.status).ok().and_then(|status| http::StatusCode::from_u16(status).ok());
        let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
        let first = format!("{} {reason}", summary.status);
        page.push_str(&head::section("Response", Some(first.trim_end()), &call.response_headers, no_redact));
        let response_body = (call.response_body.as_ref(), !has_messages(true));
        page.push_str(&body::section("Response body", response_body, &call.response_headers));
        if !call.response_trailers.is_empty() {
            page.push_str(&head::section("Response trailers", None, &call.response_trailers, no_redact));
        }
    }
    page.push_str(&call.messages.as_ref().map(messages::section).unwrap_or_default());
    page.push_str(&call.grpc_status.as_ref().map(messages::status).unwrap_or_default());
    page.push_str(&trace::section(summary, &call.trace, call.trace_spans_left_out));
    page
}

fn title(call: &CallSummary, answers: u64) -> String {
    let mut lines = vec![
        format!(
            "Call #{}  {} -> {}  {} {}",
            call.id,
            text::line(&call.from),
            text::line(&call.to),
            text::line(words::verb(call)),
            text::line(&call.path)
        ),
        format!("  {}, {}, {}", ending(call, answers), way(call.leg()), words::protocol(call.protocol())),
        format!("  received {}", text::local_time(call.received_unix_micros, "%Y-%m-%d %H:%M:%S%.6f")),
    ];
    if !call.failure.is_empty() {
        lines.push(format!("  {}: {}", call.failure, text::line(&call.failure_text)));
    }
    if call.replay_of != 0 {
        lines.push(format!("  a replay of call #{}", call.replay_of));
    }
    lines.join("\n") + "\n"
}

/// What is wrong, and what to do about it.
fn findings(findings: &[Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let mut section = format!("\nWhat {} wrong\n", if first.suspicion { "looks" } else { "is" });
    for Finding { text, advice, .. } in findings {
        text::push(&mut section, format_args!("  {}\n  Do: {}\n", text::line(text), text::line(advice)));
    }
    section
}

/// How it ended, after so many messages of an answer.
fn ending(call: &CallSummary, answers: u64) -> String {
    let took = text::duration(call.age_micros);
    match call.outcome() {
        Outcome::Answered => format!("answered {} in {took}", status(call)),
        Outcome::Failed => {
            let what = if answers > 0 { "the answer broke off" } else { "no app answered" };
            let got = got(call).unwrap_or_else(|| "no status".to_owned());
            format!("{what}; the caller got {got} after {took}")
        }
        Outcome::Cancelled => format!("the caller went away after {took}"),
        Outcome::Pending | Outcome::Unspecified => format!("open for {took}"),
    }
}

fn way(leg: Leg) -> &'static str {
    match leg {
        Leg::Own => "to the caller's own app",
        Leg::InProcess => "within this daptop",
        Leg::ToProcess => "to a sidecar of another process",
        Leg::FromProcess => "from a sidecar of another process",
        Leg::External => "to an external URL",
        Leg::Unresolved | Leg::Unspecified => "to a target that was not found",
    }
}

/// That it waited for its turn, or does.
fn turn(call: &CallSummary) -> String {
    let Some(turn) = call.turn else { return String::new() };
    let calls = if turn.limit == 1 { "call" } else { "calls" };
    format!("  ({}: {} {calls} at once)\n", waited_for_turn(call, turn), turn.limit)
}

/// Each phase that was reached: when, and how long after the one before it.
fn timing(call: &CallSummary, tries: &[FailedTry]) -> String {
    let Timing { started, resolved, connected, sent, first_byte, ended } = call.timing.unwrap_or_default();
    // Nothing to send is sent at once, whether or not the call ever got to its app.
    let sent = sent.filter(|_| call.turn.is_none_or(|turn| turn.came.is_some()));
    let phases = [
        ("the app had started", started),
        ("target found", resolved),
        ("connected", connected),
        ("request sent", sent),
        ("first byte of the answer", first_byte),
        ("ended", ended),
    ];
    let mut phases: Vec<(String, u64)> =
        phases.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at?))).collect();
    for FailedTry { number, failed, again, .. } in tries {
        phases.push((format!("try {number} failed"), *failed));
        phases.extend(again.map(|again| (format!("try {} began", number.saturating_add(1)), again)));
    }
    if let Some(Turn { began, came, .. }) = call.turn {
        phases.push(("waits for its turn".to_owned(), began));
        phases.extend(came.map(|came| ("its turn came".to_owned(), came)));
    }
    // An answer may begin before the request has been sent whole.
    phases.sort_by_key(|(_, at)| *at);
    let mut section = String::from("\nTiming\n  received                      0.00 ms\n");
    let mut before = 0;
    for (name, at) in phases {
        text::push(
            &mut section,
            format_args!("  {name:<25} {:>11}  +{}\n", text::duration(at), text::duration(at - before)),
        );
        before = at;
    }
    for FailedTry { number, why, .. } in tries {
        text::push(&mut section, format_args!("  (try {number} failed: {})\n", text::line(why)));
    }
    section
}
