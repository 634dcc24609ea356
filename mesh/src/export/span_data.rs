//! From a record to the SDK's span, with Dapr's names and attributes (Spans).

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use daptop_model::{Anchor, RequestHead, Stamp};
use http::StatusCode;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::record::{CalleeSpan, MethodSpan, RequestSpan, SpanDetail, SpanRecord};

/// The attribute that names the service.
pub(super) const SERVICE_NAME: &str = "service.name";

/// Makes the SDK's spans.
#[derive(Debug)]
pub(super) struct SpanFormat {
    anchor: Anchor,
    scope: InstrumentationScope,
    attributes: Vec<KeyValue>,
}

impl SpanFormat {
    pub(super) fn new(anchor: Anchor, attributes: &[(String, String)]) -> Self {
        let attributes = attributes.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        Self { anchor, scope: InstrumentationScope::builder("dapr-diagnostics").build(), attributes }
    }

    pub(super) fn span(&self, service: &Arc<str>, record: &SpanRecord) -> SpanData {
        let mut attributes = Vec::with_capacity(16);
        let (name, span_kind, status) = match &record.detail {
            SpanDetail::Request(request) => request.describe(&mut attributes),
            SpanDetail::Callee(callee) => callee.describe(&mut attributes),
            SpanDetail::Method(method) => method.describe(&mut attributes),
        };
        attributes.push(KeyValue::new(SERVICE_NAME, Arc::clone(service)));
        attributes.extend(self.attributes.iter().cloned());
        let id = SpanId::from_bytes(record.span.0);
        let trace = TraceId::from_bytes(record.trace.0);
        SpanData {
            span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
            parent_span_id: record.parent.map_or(SpanId::INVALID, |parent| SpanId::from_bytes(parent.0)),
            parent_span_is_remote: record.parent.is_some(),
            span_kind,
            name,
            start_time: self.time(record.start),
            end_time: self.time(record.end),
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: self.scope.clone(),
        }
    }

    fn time(&self, stamp: Stamp) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(self.anchor.unix_micros(stamp))
    }
}

type Described = (Cow<'static, str>, SpanKind, Status);

impl RequestSpan {
    fn describe(&self, attributes: &mut Vec<KeyValue>) -> Described {
        let target = self.request.target();
        let path = decoded(target.split('?').next().unwrap_or_default());
        let name = match &self.target {
            Some(app) => {
                attributes.push(KeyValue::new("rpc.service", "ServiceInvocation"));
                attributes.push(KeyValue::new("net.peer.name", app.as_str().to_owned()));
                format!("CallLocal/{app}/{}", method_of(&self.request.path()))
            }
            None => path.clone(),
        };
        let verb = self.request.verb();
        attributes.push(KeyValue::new("dapr.api", format!("{verb} {path}")));
        attributes.push(KeyValue::new("dapr.protocol", "http"));
        attributes.push(KeyValue::new("dapr.status_code", self.status.to_string()));
        attributes.push(KeyValue::new("http.request.method", verb.to_owned()));
        attributes.push(KeyValue::new("url.full", target.into_owned()));
        if let Some(client) = self.client {
            attributes.push(KeyValue::new("server.address", host(client)));
            attributes.push(KeyValue::new("server.port", client.port().to_string()));
        }
        add_user_attributes(&self.request, attributes);
        (Cow::Owned(name), SpanKind::Client, status_of(self.status))
    }
}

impl CalleeSpan {
    fn describe(&self, attributes: &mut Vec<KeyValue>) -> Described {
        let path = String::from_utf8_lossy(&self.path);
        let method = method_of(&path);
        attributes.push(KeyValue::new("rpc.service", "ServiceInvocation"));
        attributes.push(KeyValue::new("dapr.invoke_method", method.to_owned()));
        attributes.push(KeyValue::new("dapr.protocol", "grpc"));
        attributes.push(KeyValue::new("dapr.api", "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream"));
        let status = self.error.as_ref().map_or(Status::Unset, |error| Status::error(error.to_string()));
        (Cow::Owned(format!("CallLocal/{}/{method}", self.app)), SpanKind::Server, status)
    }
}

impl MethodSpan {
    /// Its attributes are the `dapr-*` metadata, the one that names the target included.
    fn describe(&self, attributes: &mut Vec<KeyValue>) -> Described {
        for (name, value) in self.request.headers.lines() {
            let is_told = name.starts_with("dapr-") && !name.ends_with("-bin") && name != "dapr-api-token";
            if is_told && !attributes.iter().any(|told| told.key.as_str() == name) {
                attributes.push(KeyValue::new(name.to_owned(), String::from_utf8_lossy(value).into_owned()));
            }
        }
        let path = self.request.path();
        let name = match &self.invoked {
            Some(app) => {
                attributes.push(KeyValue::new("rpc.service", "ServiceInvocation"));
                attributes.push(KeyValue::new("net.peer.name", app.as_str().to_owned()));
                attributes.push(KeyValue::new("dapr.protocol", "grpc"));
                attributes.push(KeyValue::new("dapr.api", "/dapr.proto.runtime.v1.Dapr/InvokeService"));
                format!("CallLocal/{app}/{}", method_of(&path))
            }
            None => path.into_owned(),
        };
        let kind = if self.server { SpanKind::Server } else { SpanKind::Client };
        let status = self.error.as_ref().map_or(Status::Unset, |error| Status::error(error.to_string()));
        (Cow::Owned(name), kind, status)
    }
}

/// The user's `dapr-*` headers, the last of each name. Not the one that names the target, which the sidecar takes for
/// itself, and not the token, which must not leave the machine.
fn add_user_attributes(request: &RequestHead, attributes: &mut Vec<KeyValue>) {
    let first = attributes.len();
    for (name, value) in request.headers.lines() {
        let is_user = name.len() > 5 && name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("dapr-"));
        if !is_user || ["dapr-app-id", "dapr-api-token"].iter().any(|taken| name.eq_ignore_ascii_case(taken)) {
            continue;
        }
        let attribute = KeyValue::new(name.to_ascii_lowercase(), String::from_utf8_lossy(value).into_owned());
        match attributes.iter_mut().skip(first).find(|other| other.key == attribute.key) {
            Some(other) => *other = attribute,
            None => attributes.push(attribute),
        }
    }
}

/// Path and query without the first slash and without the query.
fn method_of(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    path.strip_prefix('/').unwrap_or(path)
}

/// The host as Go prints it before the last colon; an IPv6 address stands in brackets.
fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

/// 400 and above are errors: `Code(404): Not Found`.
fn status_of(status: u16) -> Status {
    if status < 400 {
        return Status::Unset;
    }
    let text = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    Status::error(format!("Code({status}): {}", text.unwrap_or("Unknown")))
}

/// Percent-encoding resolved; what is not well encoded stays.
fn decoded(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
