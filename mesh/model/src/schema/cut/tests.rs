use proptest::prelude::*;
use prost_reflect::DescriptorPool;
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, SerializeOptions};

use super::*;
use crate::Side;
use crate::schema::tests::{PATH, greeter};

/// A file with each kind of field that is cut in a way of its own.
const ORDER: &str = "syntax = \"proto3\";\nimport \"google/protobuf/timestamp.proto\";\n\
    message Item { string name = 1; bytes data = 2; }\n\
    message Order { string id = 1; repeated Item items = 2; repeated uint32 sizes = 3; repeated fixed32 marks = 4;\n\
    map<string, Item> named = 5; google.protobuf.Timestamp at = 6; bytes data = 7; int64 count = 8; double price = 9; }\n";

fn order() -> MessageDescriptor {
    let file = protox::file::File::from_source("order.proto", ORDER).unwrap();
    let mut pool = DescriptorPool::global();
    pool.add_file_descriptor_proto(file.file_descriptor_proto().clone()).unwrap();
    pool.get_message_by_name("Order").unwrap()
}

/// A message of the type, from its JSON.
fn bytes(of: &MessageDescriptor, json: &str) -> Vec<u8> {
    DynamicMessage::deserialize(of.clone(), &mut serde_json::Deserializer::from_str(json)).unwrap().encode_to_vec()
}

/// What is left of the first bytes of a message: its JSON, on one line, and where it was cut.
fn left(whole: &[u8], kept: usize, of: &MessageDescriptor) -> (String, String) {
    let cut = trim(&whole[..kept], Some(u32::try_from(whole.len()).unwrap()), Some(of)).unwrap();
    let message = DynamicMessage::decode(of.clone(), &cut.bytes[..]).unwrap();
    let mut text = Vec::new();
    let options = SerializeOptions::new();
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut text), &options).unwrap();
    (String::from_utf8(text).unwrap(), cut.place)
}

#[test]
fn the_fields_that_are_whole_are_there_and_the_place_of_the_cut_is_told() {
    let of = order();
    let named = r#"{"named":{"a":{"name":"Ada"}}}"#;
    for (json, kept, expected, place) in [
        (r#"{"id":"seven","count":"3"}"#, 0, "{}", "cut before its first field"),
        (r#"{"id":"seven","count":"3"}"#, 1, "{}", "cut within id"),
        (r#"{"id":"seven","count":"3"}"#, 5, r#"{"id":"sev…"}"#, "cut within id, of which 3 of 5 bytes are here"),
        (r#"{"id":"sévé","count":"3"}"#, 4, r#"{"id":"s…"}"#, "cut within id, of which 2 of 6 bytes are here"),
        (r#"{"id":"seven","count":"3"}"#, 7, r#"{"id":"seven"}"#, "cut behind id"),
        (r#"{"id":"seven","count":"3"}"#, 8, r#"{"id":"seven"}"#, "cut within count"),
        (r#"{"id":"x","price":1.5}"#, 9, r#"{"id":"x"}"#, "cut within price"),
        (
            r#"{"items":[{"name":"a"},{"name":"bcd","data":"AAAA"}]}"#,
            10,
            r#"{"items":[{"name":"a"},{"name":"b…"}]}"#,
            "cut within items[1].name, of which 1 of 3 bytes are here",
        ),
        (
            r#"{"items":[{"name":"a"},{"name":"bcd","data":"AAAA"}]}"#,
            15,
            r#"{"items":[{"name":"a"},{"name":"bcd"}]}"#,
            "cut within items[1].data, of which 1 of 3 bytes are here and not shown",
        ),
        (r#"{"sizes":[1,300,2]}"#, 4, r#"{"sizes":[1]}"#, "cut within sizes, of which 2 of 4 bytes are here"),
        (r#"{"marks":[1,2,3]}"#, 11, r#"{"marks":[1,2]}"#, "cut within marks, of which 9 of 12 bytes are here"),
        (named, 4, "{}", "cut within named, of which 2 of 10 bytes are here and not shown"),
        (named, 10, r#"{"named":{"a":{"name":"A…"}}}"#, "cut within named.value.name, of which 1 of 3 bytes are here"),
        (
            r#"{"id":"x","at":"2026-01-01T00:00:00.5Z"}"#,
            12,
            r#"{"id":"x"}"#,
            "cut within at, of which 7 of 12 bytes are here and not shown",
        ),
        (
            r#"{"id":"x","data":"AAAA"}"#,
            6,
            r#"{"id":"x"}"#,
            "cut within data, of which 1 of 3 bytes are here and not shown",
        ),
    ] {
        assert_eq!(left(&bytes(&of, json), kept, &of), (expected.to_owned(), place.to_owned()), "{kept} of {json}");
    }
}

#[test]
fn without_a_type_the_fields_that_are_whole_are_there_by_number() {
    // 1: a message of 1: "Ada" and 2: 3; 2: a text.
    let whole = b"\x0a\x07\x0a\x03Ada\x10\x03\x12\x05seven";
    for (kept, expected, place) in [
        (2, None, "cut within field 1, of which 0 of 7 bytes are here and not shown"),
        (7, Some("{\n  \"1\": {\n    \"1\": \"Ada\"\n  }\n}"), "cut behind field 1.1"),
        (8, Some("{\n  \"1\": {\n    \"1\": \"Ada\"\n  }\n}"), "cut within field 1.2"),
        (13, Some("\"2\": \"se…\""), "cut within field 2, of which 2 of 5 bytes are here"),
    ] {
        let cut = trim(&whole[..kept], Some(16), None).unwrap();
        let json = super::super::fields::json(&cut.bytes).unwrap();
        match expected {
            Some(expected) => assert!(json.contains(expected), "{kept}: {json}"),
            None => assert_eq!(json, "{}"),
        }
        assert_eq!(cut.place, place, "{kept}");
    }
}

#[test]
fn what_no_message_begins_with_has_no_fields() {
    for (bytes, announced) in [
        (&b"\x07"[..], 9),
        (b"\x00\x01", 9),
        (b"\x0c", 9),
        // A field that is longer than what is left of the message.
        (b"\x0a\x30Ada", 9),
        // The end of another group.
        (b"\x0b\x14", 9),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 20),
    ] {
        assert!(trim(bytes, Some(announced), None).is_none(), "{bytes:x?}");
    }
    assert!(trim(b"\x0a\x30Ada", None, None).is_some(), "how long a compressed message is nobody knows");
    let group = trim(b"\x08\x01\x13\x08\x01\x14\x1b\x08", Some(20), None).unwrap();
    assert_eq!((group.bytes.as_slice(), &*group.place), (&b"\x08\x01\x13\x08\x01\x14"[..], "cut within field 3"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_over_and_what_is_left_can_be_decoded(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let of = greeter().message(PATH, Side::Request).unwrap();
        for of in [None, Some(&of)] {
            if let Some(cut) = trim(&bytes, None, of) {
                prop_assert!(super::super::fields::json(&cut.bytes).is_some());
            }
        }
    }
}

#[test]
fn wherever_a_message_is_cut_the_rest_is_one() {
    let of = order();
    let json = r#"{"id":"seven","items":[{"name":"a"},{"data":"AAAA"}],"sizes":[1,300],"named":{"a":{"name":"Ada"}}}"#;
    let whole = bytes(&of, json);
    for kept in 0..whole.len() {
        left(&whole, kept, &of);
    }
}
