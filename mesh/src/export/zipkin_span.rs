//! The Zipkin JSON that the crate writes, brought to what Dapr's exporter writes.
//!
//! The crate leaves out the service's name and the remote endpoint, names the scope by its older tag, and gives the
//! first span of a trace a parent of zeros. Dapr's names are in lower case.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::span_data::SERVICE_NAME;

/// A span as the crate writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    trace_id: &'a str,
    id: &'a str,
    parent_id: Option<&'a str>,
    kind: Option<&'a str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    timestamp: u64,
    duration: u64,
    #[serde(borrow, default)]
    tags: BTreeMap<Text<'a>, Text<'a>>,
}

/// A span as Dapr's exporter writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ZipkinSpan<'a> {
    trace_id: &'a str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    timestamp: u64,
    #[serde(skip_serializing_if = "is_zero")]
    duration: u64,
    local_endpoint: Endpoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_endpoint: Option<Endpoint>,
    tags: BTreeMap<Text<'a>, Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    service_name: String,
}

/// A text that is borrowed where it has no escapes.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_zero(duration: &u64) -> bool {
    *duration == 0
}

/// The spans of a body that the crate wrote.
pub(super) fn spans_of(body: &[u8]) -> serde_json::Result<Vec<ZipkinSpan<'_>>> {
    let spans: Vec<Written<'_>> = serde_json::from_slice(body)?;
    Ok(spans.into_iter().map(ZipkinSpan::from).collect())
}

impl<'a> From<Written<'a>> for ZipkinSpan<'a> {
    fn from(span: Written<'a>) -> Self {
        let mut tags = span.tags;
        if let Some(scope) = tags.remove("otel.library.name") {
            tags.insert(Text(Cow::Borrowed("otel.scope.name")), scope);
        }
        let endpoint = |tag: &str| tags.get(tag).map(|name| Endpoint { service_name: name.0.to_lowercase() });
        let local_endpoint = endpoint(SERVICE_NAME).unwrap_or(Endpoint { service_name: String::new() });
        let is_client = span.kind == Some("CLIENT");
        let remote_endpoint =
            is_client.then(|| endpoint("server.address").or_else(|| endpoint("net.peer.name"))).flatten();
        Self {
            trace_id: span.trace_id,
            id: span.id,
            parent_id: span.parent_id.filter(|parent| parent.bytes().any(|digit| digit != b'0')),
            name: span.name.to_lowercase(),
            kind: span.kind,
            timestamp: span.timestamp,
            duration: span.duration,
            local_endpoint,
            remote_endpoint,
            tags,
        }
    }
}

impl std::borrow::Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}
