//! From the messages of the control protocol back to the model, as far as two calls are compared.

use bytes::Bytes;
use daptop_model::diff::Compared;
use daptop_model::{
    AppId, BodyEnd, Call, CallId, CallStart, CapturedBody, Failure, FailureKind, Head, HeadBuilder, Leg, Message,
    Messages, Outcome, Phase, Protocol, RequestHead, ResponseHead, Side, Stamp,
};

use super::proto;

/// A call as a process told it. Its times count from when it was received; its trace is not restored.
fn call(told: &proto::GetCallResponse) -> Call {
    let unknown = proto::CallSummary::default();
    let summary = told.summary.as_ref().unwrap_or(&unknown);
    let mut call = Call::new(CallStart {
        id: CallId(summary.id),
        at: Stamp::default(),
        from: AppId::new(&summary.from),
        to: AppId::new(&summary.to),
        leg: leg(summary.leg()),
        protocol: protocol(summary.protocol()),
        request: RequestHead {
            verb: Bytes::copy_from_slice(summary.verb.as_bytes()),
            target: told.target.clone(),
            path: Bytes::copy_from_slice(summary.path.as_bytes()),
            headers: head(&told.request_headers),
        },
        trace: None,
        replay_of: (summary.replay_of != 0).then_some(CallId(summary.replay_of)),
    });
    call.request_body = body(told.request_body.as_ref());
    call.response_body = body(told.response_body.as_ref());
    if let Some(told) = &told.messages {
        call.messages = messages(told, &call);
    }
    call.response = u16::try_from(summary.status).ok().filter(|status| *status != 0).map(|status| ResponseHead {
        status,
        headers: head(&told.response_headers),
        trailers: (!told.response_trailers.is_empty()).then(|| Box::new(head(&told.response_trailers))),
    });
    call.outcome = match summary.outcome() {
        proto::Outcome::Answered => Outcome::Answered,
        proto::Outcome::Failed => Outcome::Failed(Box::new(Failure {
            kind: FailureKind::Other,
            text: summary.failure_text.as_str().into(),
            fact: None,
        })),
        proto::Outcome::Cancelled => Outcome::Cancelled,
        proto::Outcome::Pending | proto::Outcome::Unspecified => Outcome::Pending,
    };
    if !call.is_open() {
        call.phases.mark(Phase::Ended, Stamp(summary.age_micros));
    }
    call
}

fn head(headers: &[proto::Header]) -> Head {
    let mut head = HeadBuilder::default();
    for header in headers {
        head.line(&header.name, &header.value);
    }
    head.finish()
}

fn body(body: Option<&proto::Body>) -> CapturedBody {
    let Some(body) = body else { return CapturedBody::default() };
    let end = match body.end() {
        proto::BodyEnd::Complete => BodyEnd::Complete,
        proto::BodyEnd::Broken => BodyEnd::Broken,
        proto::BodyEnd::Abandoned => BodyEnd::Abandoned,
        proto::BodyEnd::Open | proto::BodyEnd::Unspecified => BodyEnd::Open,
    };
    CapturedBody { kept: body.kept.clone(), seen: body.seen, end, evicted: body.evicted }
}

/// The messages of a call: each begins where the one before it in its direction ends, behind its own prefix.
fn messages(told: &proto::Messages, call: &Call) -> Messages {
    const PREFIX: u64 = 5;
    let mut messages = Messages::default();
    let mut ends = [0, 0];
    for message in &told.kept {
        let side = side(message.response);
        let end = &mut ends[side as usize];
        let start = *end + PREFIX;
        let flag = usize::try_from(*end).ok().and_then(|at| call.body(side).kept.get(at));
        *end = start + u64::from(message.length);
        messages.push(Message {
            side,
            at: Stamp(message.at_micros),
            start,
            length: message.length,
            compressed: flag.is_some_and(|flag| *flag != 0),
        });
    }
    messages.saw(Side::Request, told.requests);
    messages.saw(Side::Response, told.responses);
    messages
}

fn side(response: bool) -> Side {
    if response { Side::Response } else { Side::Request }
}

/// A call to be compared; its messages say what the process told, which knows what they are.
pub(crate) fn compared(told: &proto::GetCallResponse) -> Compared {
    let kept = told.messages.as_ref().map(|messages| messages.kept.as_slice()).unwrap_or_default();
    let [requests, responses] = [false, true].map(|response| {
        kept.iter().filter(|message| message.response == response).map(|message| &*message.json).collect::<Vec<_>>()
    });
    Compared::read(&call(told), &|message, number| {
        let all = if message.side == Side::Request { &requests } else { &responses };
        all.get(number).copied().unwrap_or_default().to_owned()
    })
}

fn leg(leg: proto::Leg) -> Leg {
    match leg {
        proto::Leg::Own => Leg::Own,
        proto::Leg::InProcess => Leg::InProcess,
        proto::Leg::ToProcess => Leg::ToProcess,
        proto::Leg::FromProcess => Leg::FromProcess,
        proto::Leg::External => Leg::External,
        proto::Leg::Unresolved | proto::Leg::Unspecified => Leg::Unresolved,
    }
}

fn protocol(protocol: proto::Protocol) -> Protocol {
    match protocol {
        proto::Protocol::Grpc => Protocol::Grpc,
        proto::Protocol::Http2 => Protocol::Http2,
        proto::Protocol::Http1 | proto::Protocol::Unspecified => Protocol::Http1,
    }
}
