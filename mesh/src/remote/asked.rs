//! The head of a request from another sidecar, read and checked in the order in which Dapr does.

use std::collections::HashMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use tonic::Status;

use super::metadata;
use super::proto::common::v1::http_extension::Verb;
use super::proto::common::v1::{HttpExtension, InvokeRequest};
use super::proto::internals::v1::{ApiVersion, InternalInvokeRequest, ListStringValue};
use crate::grpc::callback::FromGrpc;
use crate::method;

/// A request without its body.
pub(super) struct Asked {
    /// The verb.
    pub(super) verb: Method,
    /// The normalized method.
    pub(super) method: Vec<u8>,
    /// The raw query; empty for none.
    pub(super) query: String,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// Server-sent events are asked for. Only the key that comes from an HTTP header counts.
    pub(super) events: bool,
    /// What was said besides, where the other sidecar was asked over gRPC.
    pub(super) grpc: Option<Box<FromGrpc>>,
}

impl Asked {
    /// The head in the lead frame of a stream.
    pub(super) fn in_lead(request: Option<InternalInvokeRequest>, is_http: bool) -> Result<Self, Status> {
        let request = request.ok_or_else(incomplete)?;
        // What is empty cannot be told from what is not there.
        if request.metadata.is_empty() {
            return Err(incomplete());
        }
        let message = request.message.ok_or_else(incomplete)?;
        Self::read(&request.metadata, message, request.ver, is_http)
    }

    /// The head of a request in one message.
    pub(super) fn whole(
        metadata: &HashMap<String, ListStringValue>,
        message: Option<InvokeRequest>,
        version: i32,
        is_http: bool,
    ) -> Result<Self, Status> {
        let message = message.ok_or_else(|| unread("Message field is nil"))?;
        Self::read(metadata, message, version, is_http)
    }

    fn read(
        metadata: &HashMap<String, ListStringValue>,
        message: InvokeRequest,
        version: i32,
        is_http: bool,
    ) -> Result<Self, Status> {
        let InvokeRequest { method, content_type, http_extension, data } = message;
        let method =
            method::normalize_rooted(method.as_bytes()).map_err(|error| Status::invalid_argument(error.to_string()))?;
        if is_http && http_extension.is_none() {
            return Err(channel_error("rpc error: code = InvalidArgument desc = missing HTTP extension field"));
        }
        let has_verb = http_extension.is_some();
        let HttpExtension { verb, querystring } = http_extension.unwrap_or_default();
        let verb = match Verb::try_from(verb) {
            Ok(Verb::None | Verb::Connect) | Err(_) if is_http => None,
            Ok(verb) if verb != Verb::None => Method::from_bytes(verb.as_str_name().as_bytes()).ok(),
            // An app that speaks gRPC never sees it.
            _ => Some(Method::POST),
        };
        let verb = verb.ok_or_else(|| channel_error("rpc error: code = InvalidArgument desc = invalid HTTP verb"))?;
        if version != i32::from(ApiVersion::V1) {
            let text = format!("rpc error: code = Unimplemented desc = Unsupported spec version: {version}");
            return Err(channel_error(&text));
        }
        let events = metadata.get("Accept").and_then(|list| list.values.first());
        let events = events.is_some_and(|accept| accept.trim().eq_ignore_ascii_case("text/event-stream"));
        let from_grpc = metadata.get("content-type").and_then(|list| list.values.first());
        let from_grpc = from_grpc.is_some_and(|kind| kind.starts_with("application/grpc"));
        let type_url = data.map(|data| data.type_url);
        let grpc = from_grpc.then(|| Box::new(FromGrpc { type_url, verb: has_verb, deadline: None }));
        let mut headers = metadata::to_headers(metadata);
        headers.remove(CONTENT_TYPE);
        if let Ok(value) = HeaderValue::from_str(&content_type)
            && !content_type.is_empty()
        {
            headers.insert(CONTENT_TYPE, value);
        }
        Ok(Self { verb, method, query: querystring, headers, events, grpc })
    }

    /// Path and query as the app sees them.
    pub(super) fn path(&self) -> Bytes {
        let mut path = [b"/", self.method.strip_prefix(b"/").unwrap_or(&self.method)].concat();
        if !self.query.is_empty() {
            path.push(b'?');
            path.extend_from_slice(self.query.as_bytes());
        }
        path.into()
    }
}

/// The lead frame is missing, or half of it.
pub(super) fn incomplete() -> Status {
    unread("request does not contain the required fields in the leading chunk")
}

fn unread(why: &str) -> Status {
    Status::invalid_argument(format!("parsing InternalInvokeRequest error: {why}"))
}

/// The app could not be called; codes of the inside are flattened to text.
pub(super) fn channel_error(text: &str) -> Status {
    Status::internal(format!("error invoking app channel: {text}"))
}
