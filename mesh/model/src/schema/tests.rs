use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use proptest::prelude::*;
use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};

use super::*;
use crate::{
    BodyEnd, Call, CallId, CallStart, CapturedBody, Head, HeadBuilder, Leg, Message, Protocol, RequestHead, Stamp,
    code_name, code_title,
};

pub(crate) const PATH: &str = "/helloworld.Greeter/SayHello";

/// `message HelloRequest { string name = 1; int64 count = 2; repeated HelloRequest inner = 3; }`, which is the answer too.
pub(crate) fn greeter() -> Schema {
    let field = |name: &str, number, label: Label, kind: Type, of: Option<&str>| FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(label.into()),
        r#type: Some(kind.into()),
        type_name: of.map(str::to_owned),
        ..FieldDescriptorProto::default()
    };
    let request = ".helloworld.HelloRequest";
    let file = FileDescriptorProto {
        name: Some("helloworld.proto".to_owned()),
        package: Some("helloworld".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![DescriptorProto {
            name: Some("HelloRequest".to_owned()),
            field: vec![
                field("name", 1, Label::Optional, Type::String, None),
                field("count", 2, Label::Optional, Type::Int64, None),
                field("inner", 3, Label::Repeated, Type::Message, Some(request)),
            ],
            ..DescriptorProto::default()
        }],
        service: vec![ServiceDescriptorProto {
            name: Some("Greeter".to_owned()),
            method: vec![MethodDescriptorProto {
                name: Some("SayHello".to_owned()),
                input_type: Some(request.to_owned()),
                output_type: Some(request.to_owned()),
                server_streaming: Some(true),
                ..MethodDescriptorProto::default()
            }],
            ..ServiceDescriptorProto::default()
        }],
        ..FileDescriptorProto::default()
    };
    let mut pool = DescriptorPool::global();
    pool.add_file_descriptor_proto(file).unwrap();
    let mut schema = Schema::new("server".into(), "helloworld.Greeter", SchemaSource::Reflection, pool);
    schema.place = Some(SchemaPlace::Server { address: "127.0.0.1:50051".into(), secure: false });
    schema
}

/// A call whose request has one message, of which `kept` bytes are kept.
pub(crate) fn call(bytes: &[u8], kept: usize, encoding: Option<&str>) -> (Call, Message) {
    let mut headers = HeadBuilder::default();
    if let Some(encoding) = encoding {
        headers.line("grpc-encoding", encoding.as_bytes());
    }
    let path = Bytes::from_static(PATH.as_bytes());
    let mut call = Call::new(CallStart {
        id: CallId(1),
        at: Stamp(0),
        from: "client".into(),
        to: "server".into(),
        leg: Leg::InProcess,
        protocol: Protocol::Grpc,
        request: RequestHead {
            verb: Bytes::from_static(b"POST"),
            target: path.clone(),
            path,
            headers: headers.finish(),
        },
        trace: None,
        replay_of: None,
    });
    let framed = [&[0; 5][..], bytes].concat();
    call.request_body = CapturedBody {
        kept: Bytes::copy_from_slice(&framed[..5 + kept]),
        seen: framed.len() as u64,
        end: BodyEnd::Complete,
        evicted: false,
    };
    let length = bytes.len() as u32;
    let compressed = encoding.is_some();
    (call, Message { side: Side::Request, at: Stamp(0), start: 5, length, compressed })
}

/// `{name: "Ada", count: 3}`.
const ADA: &[u8] = b"\x0a\x03Ada\x10\x03";

#[test]
fn a_message_is_read_by_its_schema_and_what_is_read_can_be_written() {
    let schema = greeter();
    let (call, message) = call(ADA, ADA.len(), None);
    let reading = read_message(&call, &message, Some(&schema));
    assert_eq!(reading.json, "{\n  \"name\": \"Ada\",\n  \"count\": \"3\"\n}");
    assert_eq!((reading.name.as_deref(), reading.source), (Some("helloworld.HelloRequest"), SchemaSource::Reflection));
    assert_eq!(reading.notes, Vec::<String>::new());
    assert_eq!(schema.encode(PATH, Side::Request, &reading.json).unwrap(), ADA);
    let editable = schema.editable(PATH, Side::Request, b"").unwrap();
    assert_eq!(editable, "{\n  \"name\": \"\",\n  \"count\": \"0\",\n  \"inner\": []\n}");
    assert_eq!(schema.encode(PATH, Side::Request, &editable).unwrap(), b"");
    assert_eq!(
        (schema.is_stream(PATH, Side::Request), schema.is_stream(PATH, Side::Response)),
        (Some(false), Some(true))
    );
}

#[test]
fn what_a_schema_does_not_explain_is_said_and_never_hidden() {
    let schema = greeter();
    let unknown = [ADA, b"\x38\x01\x4a\x01x"].concat();
    for (bytes, kept, encoding, json, note) in [
        (
            &unknown[..],
            unknown.len(),
            None,
            "{\n  \"name\": \"Ada\",\n  \"count\": \"3\"\n}",
            "fields 7, 9 are not in its schema, and not shown",
        ),
        (&b"\x08\x03"[..], 2, None, "{\n  \"1\": 3\n}", "these bytes are no helloworld.HelloRequest: "),
        (ADA, 0, None, "", "0 of 7 bytes are here: the rest passed, and was not kept"),
        (ADA, 5, None, "{\n  \"name\": \"Ada\"\n}", "5 of 7 bytes are here: the rest passed, and was not kept"),
        (ADA, 4, None, "{\n  \"name\": \"Ad\u{2026}\"\n}", "cut within name, of which 2 of 3 bytes are here"),
        (&b"\xff\xff"[..], 2, None, "", "these bytes are no message of Protocol Buffers"),
        (&b"\x01\x02"[..], 2, Some("snappy"), "", "is compressed with \"snappy\", which daptop cannot undo"),
    ] {
        let (call, message) = call(bytes, kept, encoding);
        let reading = read_message(&call, &message, Some(&schema));
        assert_eq!(reading.json, json, "{bytes:x?}");
        assert!(reading.notes.iter().any(|other| other.starts_with(note)), "{note}: {:?}", reading.notes);
    }
}

#[test]
fn without_a_schema_fields_have_numbers_and_the_types_that_their_bytes_suggest() {
    let text = |bytes: &[u8]| fields::json(bytes);
    for (bytes, expected) in [
        (&b""[..], Some("{}")),
        (b"\x0a\x03Ada\x10\x03", Some("{\n  \"1\": \"Ada\",\n  \"2\": 3\n}")),
        (b"\x1a\x05\x0a\x03Ada", Some("{\n  \"3\": {\n    \"1\": \"Ada\"\n  }\n}")),
        (b"\x08\x01\x08\x02", Some("{\n  \"1\": [\n    1,\n    2\n  ]\n}")),
        (b"\x0a\x02\xff\xfe", Some("{\n  \"1\": \"<2 bytes: ff fe>\"\n}")),
        (b"\x0a\x09two\nlines", Some("{\n  \"1\": \"two\\nlines\"\n}")),
        (b"\x0d\x00\x00\xc0\x3f\x11\0\0\0\0\0\0\xf8\x3f", Some("{\n  \"1\": 1.5,\n  \"2\": 1.5\n}")),
        (b"\x0d\x07\x00\x00\x00", Some("{\n  \"1\": 7\n}")),
        (b"\x0b\x08\x01\x0c", Some("{\n  \"1\": {\n    \"1\": 1\n  }\n}")),
        (b"\x0a\x05Ada", None),
        (b"\x00", None),
        (b"\x0c", None),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", None),
    ] {
        assert_eq!(text(bytes).as_deref(), expected, "{bytes:x?}");
    }
}

#[test]
fn a_text_that_is_no_message_says_what_is_wrong_with_it() {
    let schema = greeter();
    for (text, problem) in [
        ("{\n\"nme\": \"Ada\"}", "unrecognized field name 'nme' at line 2 column 5"),
        ("{\"count\": \"many\"}", "invalid"),
        ("{", "EOF"),
        ("{} x", "trailing characters"),
    ] {
        let error = schema.encode(PATH, Side::Request, text).unwrap_err().to_string();
        assert!(error.starts_with("this is not a helloworld.HelloRequest: "), "{error}");
        assert!(error.contains(problem), "{error}");
    }
    let unknown = Schema::unknown("server".into(), "helloworld.Greeter", Vec::new());
    let error = unknown.encode(PATH, Side::Request, "{}").unwrap_err().to_string();
    assert!(error.contains("--proto") && error.contains(PATH), "{error}");
}

#[test]
fn a_status_is_told_by_name_with_its_details() {
    // google.rpc.Status { code: 3, details: [BadRequest { field_violations: [{ field: "name", description: "empty",
    // reason: "NO" }] }] }, and a field that is not in the protocol.
    let violation = b"\x0a\x04name\x12\x05empty\x1a\x02NO\x48\x01";
    let bad_request = [&[0x0a, violation.len() as u8], &violation[..]].concat();
    let url = b"type.googleapis.com/google.rpc.BadRequest";
    let any = [&[0x0a, url.len() as u8][..], url, &[0x12, bad_request.len() as u8], &bad_request].concat();
    let status = [&[0x08, 3, 0x1a, any.len() as u8][..], &any].concat();
    let head = |details: &str| {
        let mut head = HeadBuilder::default();
        head.line("grpc-status", b"3");
        head.line("grpc-message", b"caf%C3%A9 100%");
        head.line("grpc-status-details-bin", details.as_bytes());
        head.finish()
    };
    let read = GrpcStatus::read(&head(&STANDARD_NO_PAD.encode(&status)), None).unwrap();
    assert_eq!((read.code, code_name(read.code), &*read.message), (3, Some("INVALID_ARGUMENT"), "café 100%"));
    let unknown =
        "google.rpc.BadRequest: field 9 of google.rpc.BadRequest.FieldViolation is not in its schema, and not shown";
    assert_eq!(read.problem.as_deref(), Some(unknown));
    let (name, json) = &read.details[0];
    assert_eq!(name, "google.rpc.BadRequest");
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"fieldViolations": [{"field": "name", "description": "empty", "reason": "NO"}]})
    );
    let read = GrpcStatus::read(&head("!"), None).unwrap();
    assert!(read.problem.unwrap().contains("not base64"));
    assert_eq!((GrpcStatus::read(&Head::default(), None), code_name(17)), (None, None));
    assert_eq!([0, 5, 4, 17].map(code_title), ["OK", "NotFound", "DeadlineExceeded", "17"]);
}

#[test]
fn where_a_service_is_known_but_not_its_method_the_bytes_are_all_there_is() {
    let mut schema = greeter();
    schema.failures.push(SchemaFailure { source: SchemaSource::Reflection, reason: "no".into() });
    let told = schema.told_of("/helloworld.Greeter/SayHello");
    assert_eq!(told, ("the app's reflection".into(), vec!["no".to_owned()]));
    schema.through = Some(7);
    assert_eq!(schema.told_of("/helloworld.Greeter/SayHello").0, "the app's reflection, through process 7");
    let told = schema.told_of("/helloworld.Greeter/Nope");
    let reason = "the app's reflection has no method Nope";
    assert_eq!(told, ("the bytes alone".into(), vec![reason.to_owned()]));
}

#[test]
fn what_is_known_of_a_service_is_replaced_and_forgotten_with_its_app() {
    let mut schemas = Schemas::default();
    schemas.learn(Schema::unknown("server".into(), "helloworld.Greeter", Vec::new()));
    schemas.learn(greeter());
    let known = |schemas: &Schemas| schemas.of(&"server".into(), "helloworld.Greeter").map(|schema| schema.source);
    assert_eq!(known(&schemas), Some(SchemaSource::Reflection));
    schemas.learn(Schema::unknown("server".into(), "helloworld.Greeter", Vec::new()));
    assert_eq!(known(&schemas), Some(SchemaSource::Reflection), "it told once");
    assert_eq!(schemas.of(&"server".into(), "other.Service"), None);
    schemas.forget(&"server".into());
    assert_eq!(known(&schemas), None);
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_they_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (call, message) = call(&bytes, bytes.len(), None);
        for schema in [None, Some(greeter())] {
            let reading = read_message(&call, &message, schema.as_ref());
            prop_assert!(!reading.json.is_empty() || !reading.notes.is_empty());
            if !reading.json.is_empty() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&reading.json).is_ok(), "{}", reading.json);
            }
        }
    }
}
