//! A made-up session answers what is sent again, as it was answered before.

use daptop_model::{CallEnd, CallId, CallStart, Delays, Event, Phase, Phases, Replay, TraceRef};

use crate::session::Session;

/// Carries a replay out. A call that is open stays open.
pub(crate) fn again(session: &mut Session, replay: &Replay) {
    let Some(original) = session.snapshot().calls.find(replay.original).cloned() else { return };
    session.calls += 1;
    let id = CallId(session.calls);
    let trace = TraceRef {
        trace: session.trace(),
        parent: None,
        caller_span: session.span(),
        callee_span: Some(session.span()),
        sampled: true,
    };
    session.store.apply(Event::CallStarted(Box::new(CallStart {
        id,
        at: session.now,
        from: original.from.clone(),
        to: original.to.clone(),
        leg: original.leg,
        protocol: original.protocol,
        request: original.request.clone(),
        trace: Some(trace),
        replay_of: Some(original.id),
    })));
    if original.is_open() {
        return;
    }
    let mut phases = Phases::new(session.now);
    phases.mark(Phase::Ended, session.now.plus(std::time::Duration::from_millis(4)));
    session.store.apply(Event::CallEnded(Box::new(CallEnd {
        id,
        leg: original.leg,
        phases,
        delays: Delays::default(),
        request_body: original.request_body.clone(),
        response: original.response.clone(),
        messages: original.messages.clone(),
        response_body: original.response_body.clone(),
        outcome: original.outcome.clone(),
        trace: Some(trace),
    })));
}
