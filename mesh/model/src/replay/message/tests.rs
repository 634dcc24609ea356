use bytes::Bytes;

use super::super::{read_document, write_document};
use super::*;
use crate::schema::tests::{PATH, greeter};

/// `HelloRequest { name: "Ada", count: 3 }`.
const ADA: &[u8] = b"\x0a\x03Ada\x10\x03";

fn framed(flag: u8, message: &[u8]) -> Bytes {
    [&[flag, 0, 0, 0, u8::try_from(message.len()).unwrap()], message].concat().into()
}

fn request(body: Bytes) -> ReplayRequest {
    let header = |name: &str, value: &'static str| (name.to_owned(), Bytes::from_static(value.as_bytes()));
    ReplayRequest {
        verb: "POST".to_owned(),
        target: PATH.to_owned(),
        headers: vec![header("content-type", "application/grpc"), header("grpc-encoding", "gzip")],
        body,
        chunked: false,
    }
}

fn written(request: &ReplayRequest, schema: Option<&Schema>) -> String {
    String::from_utf8(write_document(request, schema)).unwrap()
}

#[test]
fn a_grpc_request_is_written_as_its_method_its_metadata_and_its_message() {
    let (schema, original) = (greeter(), request(framed(0, ADA)));
    let text = written(&original, Some(&schema));
    let expected = "gRPC /helloworld.Greeter/SayHello\ncontent-type: application/grpc\ngrpc-encoding: gzip\n\n\
                    {\n  \"name\": \"Ada\",\n  \"count\": \"3\",\n  \"inner\": []\n}\n";
    assert_eq!(text, expected);
    assert_eq!(read_document(text.as_bytes(), &original, Some(&schema)), Ok(original.clone()));
    let edited = text.replace("Ada", "Grace").replace("gzip\n", "gzip\nx-tenant: blue\n").replacen("gRPC", "POST", 1);
    let edited = read_document(edited.as_bytes(), &original, Some(&schema)).unwrap();
    assert_eq!((edited.verb.as_str(), edited.header("x-tenant")), ("POST", Some(&b"blue"[..])));
    assert_eq!(edited.body, framed(0, b"\x0a\x05Grace\x10\x03"));
}

#[test]
fn a_message_that_is_not_changed_is_sent_byte_by_byte_as_it_was() {
    let schema = greeter();
    // Fields in another order, and one that the schema does not have; compressed.
    let odd = b"\x10\x03\x0a\x03Ada\x38\x01";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, odd).unwrap();
    let packed = packed.finish().unwrap();
    for body in [framed(0, odd), framed(1, &packed)] {
        let original = request(body);
        let text = written(&original, Some(&schema));
        assert!(text.contains("\"name\": \"Ada\""), "{text}");
        let read = read_document(text.replace("blue", "red").as_bytes(), &original, Some(&schema)).unwrap();
        assert_eq!(read.body, original.body);
    }
}

#[test]
fn a_mistake_in_a_message_is_told_with_its_line_in_the_whole_text() {
    let (schema, original) = (greeter(), request(framed(0, ADA)));
    let text = written(&original, Some(&schema));
    for (from, to, told) in [
        (
            "\"name\"",
            "\"nme\"",
            "line 6: this is not a helloworld.HelloRequest: unrecognized field name 'nme', at column 7",
        ),
        ("[]", "[", "line 9: this is not a helloworld.HelloRequest: expected value, at column 1"),
        ("gRPC", "GET", "line 1: a gRPC call has no verb but POST: write gRPC /package.Service/Method"),
        ("SayHello", "Say", "line 5: nobody told what the message of /helloworld.Greeter/Say is, so JSON"),
    ] {
        let error = read_document(text.replacen(from, to, 1).as_bytes(), &original, Some(&schema)).unwrap_err();
        assert!(error.to_string().starts_with(told), "{error}");
    }
}

#[test]
fn where_a_message_cannot_be_edited_its_metadata_can_and_it_is_said_why() {
    let schema = greeter();
    for (body, schema, why) in [
        (framed(0, ADA), None, "nobody told what the message of /helloworld.Greeter/SayHello is"),
        (framed(0, b"\x08\x03"), Some(&schema), "its bytes are no helloworld.HelloRequest"),
        (framed(1, b"no gzip"), Some(&schema), "it cannot be decompressed whole"),
        ([framed(0, ADA), framed(0, ADA)].concat().into(), Some(&schema), "what is here is not one whole message"),
        (framed(0, ADA).slice(..8), Some(&schema), "what is here is not one whole message"),
        (Bytes::new(), Some(&schema), "there is no message"),
    ] {
        let original = request(body);
        assert!(original.message(schema).unwrap_err().starts_with(why), "{:?}", original.message(schema));
        let text = written(&original, schema).replace("gzip\n", "gzip\nx-tenant: blue\n");
        let read = read_document(text.as_bytes(), &original, schema).unwrap();
        assert_eq!((read.header("x-tenant"), &read.body), (Some(&b"blue"[..]), &original.body), "{text}");
    }
    // Another message in its place is one that can be sent.
    let original = request(framed(0, ADA).slice(..8));
    let text = "gRPC /helloworld.Greeter/SayHello\n\n{\"name\": \"Ada\", \"count\": 3}\n";
    assert_eq!(read_document(text.as_bytes(), &original, Some(&schema)).unwrap().body, framed(0, ADA));
}
