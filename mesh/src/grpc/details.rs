//! A status as JSON, with its details by their own fields, as Go's `protojson` writes it (HTTP API to a gRPC app).

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage};

use super::callback::AppStatus;
use super::reflection::DESCRIPTORS;

/// The types that Dapr's sidecar knows: the common ones of gRPC, its own, and protobuf's. Those of an app are not among them.
static KNOWN: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let mut known = daptop_model::detail_types().clone();
    // They are compiled with the program; a test reads them.
    drop(known.decode_file_descriptor_set(DESCRIPTORS));
    known
});

/// The status as JSON. The error is that of Dapr's sidecar, which tells the caller nothing else where it cannot read a
/// detail.
pub(super) fn in_json(status: &AppStatus) -> Result<String, String> {
    let mut json = format!("{{\"code\":{}", status.code);
    if !status.message.is_empty() {
        json += ",\"message\":";
        json += &serde_json::Value::from(status.message.as_str()).to_string();
    }
    if !status.details.is_empty() {
        let details: Result<Vec<String>, String> = status.details.iter().map(detail).collect();
        let details = details.map_err(|error| format!("proto: google.protobuf.Any: {error}"))?;
        json.extend([",\"details\":[", &details.join(","), "]"]);
    }
    Ok(json + "}")
}

fn detail(any: &prost_types::Any) -> Result<String, String> {
    let prost_types::Any { type_url, value } = any;
    if type_url.is_empty() {
        return if value.is_empty() { Ok("{}".to_owned()) } else { Err("type_url is not set".to_owned()) };
    }
    let unresolved = || format!("unable to resolve {type_url:?}: not found");
    let (_, name) = type_url.rsplit_once('/').ok_or_else(unresolved)?;
    let known = KNOWN.get_message_by_name(name).ok_or_else(unresolved)?;
    let unread = |error: &dyn std::fmt::Display| format!("unable to unmarshal {type_url:?}: {error}");
    DynamicMessage::decode(known, value.as_slice()).map_err(|error| unread(&error))?;
    let mut whole = DynamicMessage::new(KNOWN.get_message_by_name("google.protobuf.Any").ok_or_else(unresolved)?);
    whole.transcode_from(any).map_err(|error| unread(&error))?;
    serde_json::to_string(&whole).map_err(|error| unread(&error))
}

#[cfg(test)]
mod tests {
    use prost_types::Any;

    use super::*;

    fn told(type_url: &str, value: &[u8]) -> Result<String, String> {
        let details = vec![Any { type_url: type_url.to_owned(), value: value.to_vec() }];
        in_json(&AppStatus { code: 5, message: "no <such> order".to_owned(), details, ..AppStatus::default() })
    }

    #[test]
    fn a_detail_is_told_by_its_fields() {
        let of = |name: &str| format!("type.googleapis.com/{name}");
        let begin = r#"{"code":5,"message":"no <such> order","details":["#;
        let rows: [(&str, &[u8], &str); 4] = [
            (
                "google.rpc.RetryInfo",
                b"\x0a\x02\x08\x05",
                r#"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"5s"}"#,
            ),
            (
                "google.rpc.ErrorInfo",
                b"\x0a\x01R\x12\x01D",
                r#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","domain":"D"}"#,
            ),
            (
                "google.protobuf.StringValue",
                b"\x0a\x01x",
                r#"{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"x"}"#,
            ),
            (
                "google.rpc.QuotaFailure",
                b"\x0a\x02\x38\x07",
                r#"{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaValue":"7"}]}"#,
            ),
        ];
        for (name, value, json) in rows {
            assert_eq!(told(&of(name), value), Ok(format!("{begin}{json}]}}")), "{name}");
        }
        assert_eq!(told("", b""), Ok(format!("{begin}{{}}]}}")));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_in_gos_words() {
        let error = |url: &str, value: &[u8]| told(url, value).unwrap_err();
        let unresolved = "proto: google.protobuf.Any: unable to resolve \"type.googleapis.com/shop.Sold\": not found";
        assert_eq!(error("type.googleapis.com/shop.Sold", b"x"), unresolved);
        assert_eq!(error("", b"x"), "proto: google.protobuf.Any: type_url is not set");
        let begin = "proto: google.protobuf.Any: unable to unmarshal \"type.googleapis.com/google.rpc.Help\": ";
        assert!(error("type.googleapis.com/google.rpc.Help", b"\xff").starts_with(begin));
    }
}
