//! The messages that usually go with an error of gRPC, which hardly any app tells of: `google/rpc/error_details.proto` and
//! `google.rpc.Status`.

use std::sync::OnceLock;

use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};

/// A field: its name, its number, whether it is repeated, and its type; a name of a message begins with a dot.
type Field = (&'static str, i32, bool, &'static str);

/// Each message of the package `google.rpc`; one in another is written `Outer.Inner`, behind it.
const MESSAGES: [(&str, &[Field]); 16] = [
    ("Status", &[("code", 1, false, "int32"), ("message", 2, false, "string"), ("details", 3, true, ANY)]),
    ("ErrorInfo", &[("reason", 1, false, "string"), ("domain", 2, false, "string"), ("metadata", 3, true, METADATA)]),
    ("ErrorInfo.MetadataEntry", &[("key", 1, false, "string"), ("value", 2, false, "string")]),
    ("RetryInfo", &[("retry_delay", 1, false, ".google.protobuf.Duration")]),
    ("DebugInfo", &[("stack_entries", 1, true, "string"), ("detail", 2, false, "string")]),
    ("QuotaFailure", &[("violations", 1, true, ".google.rpc.QuotaFailure.Violation")]),
    ("QuotaFailure.Violation", &[("subject", 1, false, "string"), ("description", 2, false, "string")]),
    ("PreconditionFailure", &[("violations", 1, true, ".google.rpc.PreconditionFailure.Violation")]),
    (
        "PreconditionFailure.Violation",
        &[("type", 1, false, "string"), ("subject", 2, false, "string"), ("description", 3, false, "string")],
    ),
    ("BadRequest", &[("field_violations", 1, true, ".google.rpc.BadRequest.FieldViolation")]),
    ("BadRequest.FieldViolation", &[("field", 1, false, "string"), ("description", 2, false, "string")]),
    ("RequestInfo", &[("request_id", 1, false, "string"), ("serving_data", 2, false, "string")]),
    (
        "ResourceInfo",
        &[
            ("resource_type", 1, false, "string"),
            ("resource_name", 2, false, "string"),
            ("owner", 3, false, "string"),
            ("description", 4, false, "string"),
        ],
    ),
    ("Help", &[("links", 1, true, ".google.rpc.Help.Link")]),
    ("Help.Link", &[("description", 1, false, "string"), ("url", 2, false, "string")]),
    ("LocalizedMessage", &[("locale", 1, false, "string"), ("message", 2, false, "string")]),
];

const ANY: &str = ".google.protobuf.Any";
const METADATA: &str = ".google.rpc.ErrorInfo.MetadataEntry";

/// These messages; nothing where they cannot be built, which a test rules out.
pub(super) fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let mut pool = DescriptorPool::global();
        // What is in the global pool already stays; the file has a name of its own.
        drop(pool.add_file_descriptor_proto(file()));
        pool
    })
}

fn file() -> FileDescriptorProto {
    let mut messages: Vec<DescriptorProto> = Vec::new();
    for (name, fields) in MESSAGES {
        match name.split_once('.') {
            None => messages.push(message(name, fields)),
            Some((_, inner)) => {
                if let Some(outer) = messages.last_mut() {
                    outer.nested_type.push(message(inner, fields));
                }
            }
        }
    }
    FileDescriptorProto {
        name: Some("google/rpc/error_details.proto".to_owned()),
        package: Some("google.rpc".to_owned()),
        syntax: Some("proto3".to_owned()),
        dependency: vec!["google/protobuf/any.proto".to_owned(), "google/protobuf/duration.proto".to_owned()],
        message_type: messages,
        ..FileDescriptorProto::default()
    }
}

fn message(name: &str, fields: &[Field]) -> DescriptorProto {
    let options = prost_reflect::prost_types::MessageOptions {
        map_entry: Some(true),
        ..prost_reflect::prost_types::MessageOptions::default()
    };
    DescriptorProto {
        name: Some(name.to_owned()),
        field: fields.iter().map(field).collect(),
        options: name.ends_with("Entry").then_some(options),
        ..DescriptorProto::default()
    }
}

fn field(&(name, number, repeated, kind): &Field) -> FieldDescriptorProto {
    let (kind, of) = match kind {
        "int32" => (Type::Int32, None),
        "string" => (Type::String, None),
        message => (Type::Message, Some(message.to_owned())),
    };
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(if repeated { Label::Repeated } else { Label::Optional }.into()),
        r#type: Some(kind.into()),
        type_name: of,
        ..FieldDescriptorProto::default()
    }
}
