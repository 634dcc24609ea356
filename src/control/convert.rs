//! From the model to the messages of the control protocol.

use daptop_model::{
    Anchor, App, AppState, BodyEnd, Call, CapturedBody, ExitReason, FailedTry, Finding, Head, Leg, Outcome, Phase,
    Phases, Protocol, Span, SpanKind, Stamp, TraceTree, Weight,
};

use super::{proto, words};

/// The most spans that one answer carries.
const SPANS: usize = 2_000;

/// An app. `sidecar_log_file` is not in the model.
pub(crate) fn app(app: &App, sidecar_log_file: Option<String>) -> proto::App {
    let (state, reason) = state(&app.state);
    proto::App {
        id: app.id.to_string(),
        instance: app.instance.0,
        state: state.into(),
        state_reason: reason,
        pid: app.pid.unwrap_or_default(),
        command: app.command.to_string(),
        restarts: app.restarts,
        app_port: app.ports.app.into(),
        http_port: app.ports.http.into(),
        grpc_port: app.ports.grpc.into(),
        internal_grpc_port: app.ports.internal_grpc.into(),
        metrics_port: app.ports.metrics.into(),
        app_log_file: app.log_file.as_deref().unwrap_or_default().to_owned(),
        sidecar_log_file: sidecar_log_file.unwrap_or_default(),
    }
}

fn state(state: &AppState) -> (proto::AppState, String) {
    match state {
        AppState::Waiting => (proto::AppState::Waiting, String::new()),
        AppState::Starting => (proto::AppState::Starting, String::new()),
        AppState::Ready => (proto::AppState::Ready, String::new()),
        AppState::Unhealthy => (proto::AppState::Unhealthy, String::new()),
        AppState::Stopping => (proto::AppState::Stopping, String::new()),
        AppState::Ended(ExitReason::Asked) => (proto::AppState::Stopped, String::new()),
        AppState::Ended(ExitReason::Code(code)) => (proto::AppState::Ended, format!("exit code {code}")),
        AppState::Ended(ExitReason::Signal(name)) => (proto::AppState::Ended, format!("signal {name}")),
        AppState::NotStarted(reason) => (proto::AppState::NotStarted, reason.to_string()),
    }
}

/// A call without heads and bodies, as old as it is at `now`.
pub(crate) fn summary(call: &Call, anchor: Anchor, now: Stamp) -> proto::CallSummary {
    let (outcome, failure) = match &call.outcome {
        Outcome::Pending => (proto::Outcome::Pending, None),
        Outcome::Answered => (proto::Outcome::Answered, None),
        Outcome::Failed(failure) => (proto::Outcome::Failed, Some(failure)),
        Outcome::Cancelled => (proto::Outcome::Cancelled, None),
    };
    proto::CallSummary {
        id: call.id.0,
        received_unix_micros: anchor.unix_micros(call.phases.received),
        from: call.from.to_string(),
        to: call.to.to_string(),
        leg: leg(call.leg).into(),
        protocol: protocol(call.protocol).into(),
        verb: call.request.verb().to_owned(),
        path: call.request.path().into_owned(),
        outcome: outcome.into(),
        status: call.status().unwrap_or_default().into(),
        failure: failure.map(|failure| words::failure(failure.kind).to_owned()).unwrap_or_default(),
        failure_text: failure.map(|failure| failure.text.to_string()).unwrap_or_default(),
        timing: Some(timing(&call.phases)),
        request_bytes: call.request_body.seen,
        response_bytes: call.response_body.seen,
        trace_id: call.trace.map(|trace| trace.trace.to_string()).unwrap_or_default(),
        span_id: call.trace.map(|trace| trace.caller_span.to_string()).unwrap_or_default(),
        replay_of: call.replay_of().map_or(0, |original| original.0),
        age_micros: micros(call.age(now)),
        grpc_status: call.grpc_status(),
        tries: call.delays.tries(),
        turn: call.delays.turn().map(|turn| proto::Turn {
            limit: turn.limit,
            began: micros(turn.began),
            came: turn.came.map(micros),
            waited_micros: micros(call.waited_for_turn(call.age(now))),
        }),
        findings: Vec::new(),
    }
}

/// A call with everything that was captured of it, and its trace.
pub(crate) fn whole(call: &Call, anchor: Anchor, now: Stamp, trace: &TraceTree) -> proto::GetCallResponse {
    let start = trace.spans.iter().map(|(_, span)| span.start).min().unwrap_or_default();
    let spans = trace.spans.iter().take(SPANS);
    proto::GetCallResponse {
        summary: Some(summary(call, anchor, now)),
        target: call.request.target.clone(),
        request_headers: headers(&call.request.headers),
        request_body: Some(body(&call.request_body)),
        response_headers: call.response.as_ref().map(|head| headers(&head.headers)).unwrap_or_default(),
        response_body: Some(body(&call.response_body)),
        response_trailers: call
            .response
            .as_ref()
            .and_then(|head| head.trailers.as_deref())
            .map(headers)
            .unwrap_or_default(),
        failed_tries: call.delays.failed_tries().iter().map(failed_try).collect(),
        trace: spans.map(|(depth, span)| trace_span(*depth, span, start)).collect(),
        trace_spans_left_out: trace.spans.len().saturating_sub(SPANS) as u64,
        findings: Vec::new(),
        messages: None,
        grpc_status: None,
    }
}

/// Something that is wrong with a call.
pub(crate) fn finding(finding: Finding) -> proto::Finding {
    proto::Finding {
        title: finding.kind.title().to_owned(),
        text: finding.text,
        advice: finding.advice,
        suspicion: finding.kind.weight() == Weight::Suspicion,
        see: finding.see.map_or(0, |call| call.0),
    }
}

fn headers(head: &Head) -> Vec<proto::Header> {
    head.lines().map(|(name, value)| proto::Header { name: name.to_owned(), value: value.to_vec().into() }).collect()
}

fn body(body: &CapturedBody) -> proto::Body {
    let end = match body.end {
        BodyEnd::Open => proto::BodyEnd::Open,
        BodyEnd::Complete => proto::BodyEnd::Complete,
        BodyEnd::Broken => proto::BodyEnd::Broken,
        BodyEnd::Abandoned => proto::BodyEnd::Abandoned,
    };
    proto::Body { kept: body.kept.clone(), seen: body.seen, end: end.into(), evicted: body.evicted }
}

fn failed_try(failed: &FailedTry) -> proto::FailedTry {
    proto::FailedTry {
        number: failed.number,
        failed: micros(failed.failed),
        again: failed.again.map(micros),
        why: failed.why.to_string(),
    }
}

fn timing(phases: &Phases) -> proto::Timing {
    let at = |phase| phases.offset(phase).map(micros);
    proto::Timing {
        started: at(Phase::Started),
        resolved: at(Phase::Resolved),
        connected: at(Phase::Connected),
        sent: at(Phase::Sent),
        first_byte: at(Phase::FirstByte),
        ended: at(Phase::Ended),
    }
}

fn trace_span(depth: usize, span: &Span, start: Stamp) -> proto::TraceSpan {
    proto::TraceSpan {
        depth: u32::try_from(depth).unwrap_or(u32::MAX),
        name: span.name.to_string(),
        app: span.app.to_string(),
        server: span.kind == SpanKind::Server,
        start_micros: micros(span.start.since(start)),
        duration_micros: span.end.map(|end| micros(end.since(span.start))),
        call: span.call.0,
        status: span.status.unwrap_or_default().into(),
        grpc_status: span.grpc_status,
        span_id: span.id.to_string(),
        parent_id: span.parent.map(|parent| parent.to_string()).unwrap_or_default(),
    }
}

fn leg(leg: Leg) -> proto::Leg {
    match leg {
        Leg::Own => proto::Leg::Own,
        Leg::InProcess => proto::Leg::InProcess,
        Leg::ToProcess => proto::Leg::ToProcess,
        Leg::FromProcess => proto::Leg::FromProcess,
        Leg::External => proto::Leg::External,
        Leg::Unresolved => proto::Leg::Unresolved,
    }
}

fn protocol(protocol: Protocol) -> proto::Protocol {
    match protocol {
        Protocol::Http1 => proto::Protocol::Http1,
        Protocol::Http2 => proto::Protocol::Http2,
        Protocol::Grpc => proto::Protocol::Grpc,
    }
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
