//! From the messages of the control protocol back to the model, as far as two calls are compared.

use bytes::Bytes;
use daptop_model::{
    AppId, BodyEnd, Call, CallId, CallStart, CapturedBody, Failure, FailureKind, Head, HeadBuilder, Leg, Outcome,
    Phase, Protocol, RequestHead, ResponseHead, Stamp,
};

use super::proto;

/// A call as a process told it. Its times count from when it was received; its trace is not restored.
pub(crate) fn call(told: &proto::GetCallResponse) -> Call {
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
    call.request_body = read(told, false).unwrap_or_else(|| body(told.request_body.as_ref()));
    call.response_body = read(told, true).unwrap_or_else(|| body(told.response_body.as_ref()));
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

/// In place of a body the messages that it consists of, as JSON: a list where there are several. `None` where one of them
/// cannot be read.
fn read(told: &proto::GetCallResponse, response: bool) -> Option<CapturedBody> {
    let all = told.messages.as_ref()?;
    let seen = if response { all.responses } else { all.requests };
    let messages: Vec<&str> =
        all.kept.iter().filter(|message| message.response == response).map(|message| message.json.as_str()).collect();
    if messages.len() as u64 != seen || messages.is_empty() || messages.contains(&"") {
        return None;
    }
    let json = match messages[..] {
        [only] => only.to_owned(),
        _ => format!("[{}]", messages.join(",")),
    };
    let end = body(if response { told.response_body.as_ref() } else { told.request_body.as_ref() }).end;
    Some(CapturedBody { seen: json.len() as u64, kept: json.into(), end, evicted: false })
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
