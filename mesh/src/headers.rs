//! Which headers pass, in which form (Request to an HTTP app; Response back to the caller).

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::route::APP_ID_HEADER;
use crate::trace_context::BAGGAGE;

/// What a caller's sidecar says of itself to the apps that it calls on the remote leg: written once, shared by all calls.
#[derive(Debug)]
pub(crate) struct Introduction {
    forwarding: Vec<(HeaderName, HeaderValue)>,
    names: Vec<(HeaderName, HeaderValue)>,
}

impl Introduction {
    /// `address` is empty where it is not known. What cannot stand in a header is left out.
    pub(crate) fn new(address: &str, hostname: &str, namespace: &str, caller: &str) -> Self {
        let forwarded = forwarded(address, hostname);
        let said = |lines: &[(HeaderName, &str)]| {
            let said = lines.iter().filter(|(_, value)| !value.is_empty());
            said.filter_map(|(name, value)| Some((name.clone(), HeaderValue::from_str(value).ok()?))).collect()
        };
        Self {
            forwarding: said(&[(X_FORWARDED_FOR, address), (X_FORWARDED_HOST, hostname), (FORWARDED, &forwarded)]),
            names: said(&[(CALLER_NAMESPACE, namespace), (CALLER_APP_ID, caller)]),
        }
    }
}

/// Names the caller to the app, and to the callee's sidecar.
pub(crate) const CALLER_APP_ID: HeaderName = HeaderName::from_static("dapr-caller-app-id");
/// Names the caller's namespace.
pub(crate) const CALLER_NAMESPACE: HeaderName = HeaderName::from_static("dapr-caller-namespace");
/// Names the callee.
pub(crate) const CALLEE_APP_ID: HeaderName = HeaderName::from_static("dapr-callee-app-id");
/// The token of either API.
pub(crate) const API_TOKEN: HeaderName = HeaderName::from_static("dapr-api-token");
const FORWARDED: HeaderName = http::header::FORWARDED;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What the caller's sidecar takes away before anything travels.
pub(crate) fn leave_caller(headers: &mut HeaderMap) {
    headers.remove(APP_ID_HEADER);
    headers.remove(HOST);
}

/// What the caller's sidecar adds on the remote leg. Values are appended to what the caller sent.
pub(crate) fn introduce(headers: &mut HeaderMap, who: &Introduction, callee: HeaderValue) {
    forward(headers, who);
    append(headers, &who.names);
    headers.append(CALLEE_APP_ID, callee);
}

/// What the caller's sidecar adds each time that it tries the remote leg.
pub(crate) fn forward(headers: &mut HeaderMap, who: &Introduction) {
    append(headers, &who.forwarding);
}

fn append(headers: &mut HeaderMap, lines: &[(HeaderName, HeaderValue)]) {
    for (name, value) in lines {
        headers.append(name, value.clone());
    }
}

fn forwarded(address: &str, hostname: &str) -> String {
    if address.is_empty() {
        format!("host={hostname}")
    } else if address.contains(':') {
        format!("for=\"[{address}]\";by=\"[{address}]\";host={hostname}")
    } else {
        format!("for={address};by={address};host={hostname}")
    }
}

/// The headers of a request as they go to an HTTP app. `Content-Length` is kept: the body's framing follows from it.
pub(crate) fn enter_app(headers: &mut HeaderMap, authority: &HeaderValue, app_token: Option<&HeaderValue>) {
    filter(headers);
    if let Some(baggage) = headers.get(&BAGGAGE).cloned() {
        headers.insert(BAGGAGE, baggage);
    }
    if headers.get(CONTENT_TYPE).is_some_and(HeaderValue::is_empty) {
        headers.remove(CONTENT_TYPE);
    }
    headers.insert(HOST, authority.clone());
    if !headers.contains_key(USER_AGENT) {
        headers.insert(USER_AGENT, HeaderValue::from_static("Go-http-client/1.1"));
    }
    if let Some(token) = app_token {
        headers.insert(API_TOKEN, token.clone());
    }
}

/// The headers of an app's answer as they go back. The length is announced anew.
pub(crate) fn leave_app(headers: &mut HeaderMap) {
    filter(headers);
    headers.remove(CONTENT_LENGTH);
}

/// The rules of both directions: hop-by-hop headers and binary ones are dropped, gRPC's own are renamed. Most messages
/// have none of them, and are only looked through.
fn filter(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        for name in named_by_connection(headers) {
            headers.remove(name);
        }
    }
    let special = |name: &&HeaderName| is_dropped(name.as_str()) || name.as_str().starts_with("grpc-");
    if headers.keys().any(|name| special(&name)) {
        let special: Vec<HeaderName> = headers.keys().filter(special).cloned().collect();
        for name in special {
            rename_or_drop(headers, &name);
        }
    }
}

/// What concerns one connection only, what is binary, and what is never shown to an app.
fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
            | "te"
            | "trailer"
            | "proxy-authorization"
            | "proxy-authenticate"
            | "destination-app-id"
    ) || name.ends_with("-bin")
}

fn rename_or_drop(headers: &mut HeaderMap, name: &HeaderName) {
    let values: Vec<HeaderValue> = headers.get_all(name).iter().cloned().collect();
    headers.remove(name);
    if is_dropped(name.as_str()) {
        return;
    }
    if let Ok(renamed) = HeaderName::try_from(format!("dapr-{name}")) {
        for value in values {
            headers.append(renamed.clone(), value);
        }
    }
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|token| HeaderName::try_from(token.trim()).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(pair).collect()
    }

    fn sorted(headers: &HeaderMap) -> Vec<(String, String)> {
        let mut lines: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn each_header_is_treated_as_dapr_treats_it() {
        let dropped = [
            ("connection", "x-hop, keep-alive"),
            ("x-hop", "1"),
            ("keep-alive", "5"),
            ("te", "gzip"),
            ("trailer", "X"),
            ("upgrade", "websocket"),
            ("http2-settings", "A"),
            ("proxy-authorization", "x"),
            ("proxy-authenticate", "x"),
            ("proxy-connection", "x"),
            ("transfer-encoding", "chunked"),
            ("grpc-trace-bin", "AAAA"),
            ("x-data-bin", "AA"),
            ("destination-app-id", "x"),
            ("content-type", ""),
            ("host", "shop.example"),
        ];
        let kept = [
            ("x-many", "1"),
            ("x-many", "2"),
            ("x-empty", ""),
            ("cookie", "a=1; b=2"),
            ("accept-encoding", "br"),
            ("user-agent", "curl/8"),
            ("forwarded", "for=1.2.3.4"),
            ("dapr-stream", "true"),
            ("content-length", "3"),
            ("dapr-caller-app-id", "spoofed"),
        ];
        let mut headers = map(&[&dropped[..], &kept[..], &[("grpc-timeout", "1S")]].concat());
        enter_app(&mut headers, &HeaderValue::from_static("127.0.0.1:80"), None);
        let expect = map(&[&kept[..], &[("dapr-grpc-timeout", "1S"), ("host", "127.0.0.1:80")]].concat());
        assert_eq!(sorted(&headers), sorted(&expect));
    }

    #[test]
    fn the_callers_sidecar_appends_to_what_the_caller_sent() {
        let mut headers = map(&[("forwarded", "for=1.2.3.4"), ("dapr-caller-app-id", "evil")]);
        let who = Introduction::new("10.0.0.1", "h", "default", "checkout");
        introduce(&mut headers, &who, HeaderValue::from_static("orders"));
        let expect = map(&[
            ("forwarded", "for=1.2.3.4"),
            ("forwarded", "for=10.0.0.1;by=10.0.0.1;host=h"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-host", "h"),
            ("dapr-caller-app-id", "evil"),
            ("dapr-caller-app-id", "checkout"),
            ("dapr-callee-app-id", "orders"),
            ("dapr-caller-namespace", "default"),
        ]);
        assert_eq!(sorted(&headers), sorted(&expect));
        assert_eq!(forwarded("::1", "h"), "for=\"[::1]\";by=\"[::1]\";host=h");
    }

    #[test]
    fn the_apps_token_replaces_the_callers() {
        let mut headers = map(&[("dapr-api-token", "callers")]);
        enter_app(&mut headers, &HeaderValue::from_static("h"), Some(&HeaderValue::from_static("apps")));
        assert_eq!(headers.get(API_TOKEN).unwrap(), "apps");
        assert_eq!(headers.get(USER_AGENT).unwrap(), "Go-http-client/1.1");
    }

    #[test]
    fn the_length_of_an_answer_is_announced_anew() {
        let mut headers = map(&[("content-length", "5"), ("x-stay", "1"), ("connection", "X-Hop"), ("x-hop", "1")]);
        leave_app(&mut headers);
        assert_eq!(sorted(&headers), sorted(&map(&[("x-stay", "1")])));
    }
}
