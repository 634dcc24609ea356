//! What the tests of the parts of the inspector share.

use daptop_model::{
    AppId, Call, CallId, CallStart, HeadBuilder, Leg, Outcome, Protocol, RequestHead, SpanId, Stamp, TraceId, TraceRef,
};

/// A call from shop to bank that took 10 ms, in trace 1.
pub(crate) fn call(outcome: Outcome) -> Call {
    let mut call = Call::new(CallStart {
        id: CallId(1),
        at: Stamp(0),
        from: AppId::new("shop"),
        to: AppId::new("bank"),
        leg: Leg::InProcess,
        protocol: Protocol::Http1,
        request: RequestHead {
            verb: "POST".into(),
            target: "/charge".into(),
            path: "/charge".into(),
            headers: HeadBuilder::default().finish(),
        },
        trace: Some(TraceRef {
            trace: TraceId([1; 16]),
            parent: None,
            caller_span: SpanId([1; 8]),
            callee_span: Some(SpanId([2; 8])),
            sampled: true,
        }),
        replay_of: None,
    });
    if outcome != Outcome::Pending {
        call.phases.mark(daptop_model::Phase::Ended, Stamp(10_000));
    }
    call.outcome = outcome;
    call
}
