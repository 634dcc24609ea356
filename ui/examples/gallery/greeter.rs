//! gRPC calls: what they carry message by message, and what an app tells of its messages.

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use daptop_model::{
    BodyEnd, BodyPiece, CallEnd, CallId, CallProgress, CallStart, CapturedBody, Delays, Event, HeadBuilder, Leg,
    Message, Messages, Outcome, Phase, Phases, Protocol, RequestHead, ResponseHead, Schema, SchemaFailure, SchemaPlace,
    SchemaSource, Side, Stamp, TraceRef,
};
use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};

use crate::session::Session;

/// The path of a unary call.
pub(crate) const HELLO: &str = "/helloworld.Greeter/SayHello";
/// The path of a bidirectional stream.
pub(crate) const STREAM: &str = "/helloworld.Greeter/SayHelloStream";

/// A made-up gRPC call from greeter-client to greeter-server.
pub(crate) struct Rpc {
    pub(crate) path: &'static str,
    /// What passes: which way, how many microseconds after the beginning, the bytes, and whether they are compressed.
    pub(crate) messages: Vec<(Side, u64, Bytes, bool)>,
    /// The status, its message and its details; none where it stays open.
    pub(crate) status: Option<(u32, &'static str, &'static str)>,
    /// The call that it repeats.
    pub(crate) replay_of: Option<u64>,
}

/// A message with a text as its first field.
pub(crate) fn text(text: &str) -> Bytes {
    let mut bytes = BytesMut::from(&b"\x0a"[..]);
    bytes.put_u8(u8::try_from(text.len()).unwrap_or(127));
    bytes.put_slice(text.as_bytes());
    bytes.freeze()
}

/// A unary call, answered.
pub(crate) fn hello(name: &str) -> Rpc {
    let answer = text(&format!("Hello {name}"));
    let messages = vec![(Side::Request, 0, text(name), false), (Side::Response, 4_200, answer, false)];
    Rpc { path: HELLO, messages, status: Some((0, "", "")), replay_of: None }
}

/// A stream that goes both ways, so many messages each, a tenth of a second apart, and stays open.
pub(crate) fn stream(messages: u64) -> Rpc {
    let both = (0..messages).flat_map(|number| {
        let name = text(&format!("Ada {number}"));
        let answer = text(&format!("Hello Ada {number}"));
        let at = number * 100_000;
        [(Side::Request, at, name, false), (Side::Response, at + 3_000, answer, false)]
    });
    Rpc { path: STREAM, messages: both.collect(), status: None, replay_of: None }
}

impl Session {
    /// Two apps that speak gRPC.
    pub(crate) fn greeters(&mut self) {
        self.app("greeter-client", 0, daptop_model::AppState::Ready);
        self.app("greeter-server", 50_051, daptop_model::AppState::Ready);
    }

    /// What greeter-server tells of its messages by reflection.
    pub(crate) fn reflection(&mut self) {
        let schema = greeter();
        self.store.apply(Event::SchemaFound(Box::new(schema)));
    }

    /// Nobody tells what the messages of a service of greeter-server are.
    pub(crate) fn no_reflection(&mut self, service: &str) {
        let failure = |source, reason: &str| SchemaFailure { source, reason: reason.into() };
        let failures = vec![
            failure(SchemaSource::Reflection, "the app has no reflection"),
            failure(SchemaSource::Files, "no proto file is named"),
        ];
        let schema = Schema::unknown("greeter-server".into(), service, failures);
        self.store.apply(Event::SchemaFound(Box::new(schema)));
    }

    /// A gRPC call, from its start to its end where it has one.
    pub(crate) fn rpc(&mut self, rpc: &Rpc) -> CallId {
        self.calls += 1;
        let id = CallId(self.calls);
        let trace = TraceRef {
            trace: self.trace(),
            parent: None,
            caller_span: self.span(),
            callee_span: Some(self.span()),
            sampled: true,
        };
        let begin = self.now;
        let start = CallStart {
            id,
            at: begin,
            from: "greeter-client".into(),
            to: "greeter-server".into(),
            leg: Leg::InProcess,
            protocol: Protocol::Grpc,
            request: request(rpc.path),
            trace: Some(trace),
            replay_of: rpc.replay_of.map(CallId),
        };
        self.store.apply(Event::CallStarted(Box::new(start)));
        self.more(id, begin, [0; 2], rpc);
        let Some((code, text, details)) = rpc.status else { return id };
        let mut phases = Phases::new(begin);
        let last = rpc.messages.last().map_or(0, |(_, at, _, _)| *at) + 300;
        for (phase, at) in [(Phase::Resolved, 40), (Phase::Connected, 120), (Phase::Sent, 200), (Phase::Ended, last)] {
            phases.mark(phase, begin.plus(Duration::from_micros(at)));
        }
        let mut messages = Messages::default();
        for message in framed(rpc, begin, [0; 2]).1 {
            messages.push(message);
        }
        let bodies = framed(rpc, begin, [0; 2]).0;
        let [request_body, response_body] = bodies.map(|bytes| CapturedBody {
            seen: bytes.len() as u64,
            kept: bytes,
            end: BodyEnd::Complete,
            evicted: false,
        });
        let end = CallEnd {
            id,
            leg: Leg::InProcess,
            phases,
            delays: Delays::default(),
            request_body,
            response: Some(response(Some((code, text, details)))),
            response_body,
            messages,
            outcome: Outcome::Answered,
            trace: Some(trace),
        };
        self.store.apply(Event::CallEnded(Box::new(end)));
        id
    }

    /// More messages of a call that is open, which began at `begin`; `before` is how many bytes have passed each way.
    pub(crate) fn more(&mut self, id: CallId, begin: Stamp, before: [u64; 2], rpc: &Rpc) {
        let ([request, answer], messages) = framed(rpc, begin, before);
        let progress = CallProgress {
            id,
            leg: Leg::InProcess,
            phases: Phases::new(begin),
            delays: Delays::default(),
            waiting: false,
            response: Some(response(None)),
            request_seen: before[0] + request.len() as u64,
            request_end: BodyEnd::Open,
            response_seen: before[1] + answer.len() as u64,
            request_more: BodyPiece { at: before[0], bytes: request },
            response_more: BodyPiece { at: before[1], bytes: answer },
            messages,
            // No stream here has more than are kept.
            messages_seen: [0; 2],
        };
        self.store.apply(Event::CallProgressed(Box::new(progress)));
    }
}

/// The bytes of both directions, and where in them the messages are.
fn framed(rpc: &Rpc, begin: Stamp, before: [u64; 2]) -> ([Bytes; 2], Vec<Message>) {
    let mut bodies = [BytesMut::new(), BytesMut::new()];
    let mut messages = Vec::new();
    for (side, at, bytes, compressed) in &rpc.messages {
        let body = &mut bodies[*side as usize];
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        body.put_u8(u8::from(*compressed));
        body.put_u32(length);
        let start = before[*side as usize] + body.len() as u64;
        body.put_slice(bytes);
        let at = begin.plus(Duration::from_micros(*at));
        messages.push(Message { side: *side, at, start, length, compressed: *compressed });
    }
    (bodies.map(BytesMut::freeze), messages)
}

fn request(path: &'static str) -> RequestHead {
    let mut headers = HeadBuilder::default();
    for (name, value) in [
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("grpc-encoding", "gzip"),
        ("dapr-app-id", "greeter-server"),
        ("x-tenant", "blue"),
        ("authorization", "Bearer secret"),
        ("user-agent", "grpc-python/1.80.0"),
    ] {
        headers.line(name, value.as_bytes());
    }
    let path = Bytes::from_static(path.as_bytes());
    RequestHead { verb: Bytes::from_static(b"POST"), target: path.clone(), path, headers: headers.finish() }
}

fn response(status: Option<(u32, &str, &str)>) -> ResponseHead {
    let [mut headers, mut trailers] = [HeadBuilder::default(), HeadBuilder::default()];
    headers.line("content-type", b"application/grpc");
    headers.line("grpc-encoding", b"gzip");
    if let Some((code, message, details)) = status {
        trailers.line("grpc-status", code.to_string().as_bytes());
        for (name, value) in [("grpc-message", message), ("grpc-status-details-bin", details)] {
            if !value.is_empty() {
                trailers.line(name, value.as_bytes());
            }
        }
    }
    let trailers = status.is_some().then(|| Box::new(trailers.finish()));
    ResponseHead { status: 200, headers: headers.finish(), trailers }
}

/// `service Greeter { rpc SayHello (HelloRequest) returns (HelloReply); rpc SayHelloStream … }`, each message with one
/// text.
pub(crate) fn greeter() -> Schema {
    let message = |name: &str, field: &str| DescriptorProto {
        name: Some(name.to_owned()),
        field: vec![FieldDescriptorProto {
            name: Some(field.to_owned()),
            number: Some(1),
            label: Some(Label::Optional.into()),
            r#type: Some(Type::String.into()),
            ..FieldDescriptorProto::default()
        }],
        ..DescriptorProto::default()
    };
    let method = |name: &str, streams: bool| MethodDescriptorProto {
        name: Some(name.to_owned()),
        input_type: Some(".helloworld.HelloRequest".to_owned()),
        output_type: Some(".helloworld.HelloReply".to_owned()),
        client_streaming: Some(streams),
        server_streaming: Some(streams),
        ..MethodDescriptorProto::default()
    };
    let file = FileDescriptorProto {
        name: Some("helloworld.proto".to_owned()),
        package: Some("helloworld".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![message("HelloRequest", "name"), message("HelloReply", "message")],
        service: vec![ServiceDescriptorProto {
            name: Some("Greeter".to_owned()),
            method: vec![method("SayHello", false), method("SayHelloStream", true)],
            ..ServiceDescriptorProto::default()
        }],
        ..FileDescriptorProto::default()
    };
    let mut pool = DescriptorPool::new();
    // A file that is wrong makes a schema that explains nothing, which every test would notice.
    drop(pool.add_file_descriptor_proto(file));
    let mut schema = Schema::new("greeter-server".into(), "helloworld.Greeter", SchemaSource::Reflection, pool);
    schema.place = Some(SchemaPlace::Server { address: "127.0.0.1:50051".into(), secure: false });
    schema
}

/// A call of each kind: read by a schema, guessed, failed with details, compressed, cut short, and a stream that is open.
pub(crate) fn tell(session: &mut Session) {
    session.greeters();
    session.no_reflection("stock.Stock");
    session.rpc(&hello("Ada"));
    session.pass(Duration::from_millis(40));
    let take = Bytes::from_static(b"\x0a\x03tea\x10\x02\x1a\x05\x0a\x03pot");
    let taken = Bytes::from_static(b"\x08\x01\x1d\x00\x00\xc0\x3f");
    let messages = vec![(Side::Request, 0, take, false), (Side::Response, 2_100, taken, false)];
    session.rpc(&Rpc { path: "/stock.Stock/Take", messages, ..hello("") });
    session.pass(Duration::from_millis(40));
    session.rpc(&failed());
    session.pass(Duration::from_millis(40));
    session.rpc(&compressed());
    session.pass(Duration::from_millis(40));
    session.rpc(&stream(30));
    session.pass(Duration::from_secs(4));
}

/// A name of 37 letters as gzip makes it.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xe3RuLIT\xf0\xc9/K\xcdILN\xd5Q\xc8\xcfKNU\xc8\xcd/J\xb5R@\x96\x00\x00G\xc5\xcb\xd8'\x00\x00\x00";

/// A call whose request is compressed.
pub(crate) fn compressed() -> Rpc {
    let answer = text("Hello");
    let messages = vec![(Side::Request, 0, Bytes::from_static(GZIP), true), (Side::Response, 3_100, answer, false)];
    Rpc { messages, ..hello("") }
}

/// A call that was answered with an error, and with what is wrong with the request.
pub(crate) fn failed() -> Rpc {
    // google.rpc.Status { code: 3, details: [BadRequest { field_violations: [{ field: "name", description: "empty" }] }] }
    let details = "CAMaPwopdHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLkJhZFJlcXVlc3QSEgoQCgRuYW1lEghpcyBlbXB0eQ";
    let status = Some((3, "a name is needed", details));
    Rpc { messages: vec![(Side::Request, 0, Bytes::new(), false)], status, ..hello("") }
}
