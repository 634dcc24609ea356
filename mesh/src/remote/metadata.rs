//! Headers as they travel between sidecars: a map whose keys' case means something (Metadata map rules).

use std::collections::HashMap;

use daptop_model::FailureKind;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::proto::internals::v1::ListStringValue;
use crate::error::InvokeError;
use crate::headers::{CALLEE_APP_ID, CALLER_APP_ID, CALLER_NAMESPACE};

/// The key that names the target to the callee's sidecar; no app sees it.
const DESTINATION: &str = "destination-app-id";

/// A header's name in Go's canonical form: `Content-Type`.
pub(super) fn canonical(name: &str) -> String {
    let mut upper = true;
    name.chars()
        .map(|letter| {
            let now = if upper { letter.to_ascii_uppercase() } else { letter };
            upper = letter == '-';
            now
        })
        .collect()
}

/// The map of a request. The three headers that this sidecar added keep their lower-case keys, which no header of an HTTP
/// client can have.
pub(super) fn of_request(headers: &HeaderMap, target: &str) -> Result<HashMap<String, ListStringValue>, InvokeError> {
    let mut map = of_headers(headers)?;
    for name in [CALLER_APP_ID, CALLEE_APP_ID, CALLER_NAMESPACE] {
        let key = canonical(name.as_str());
        let Some(list) = map.get_mut(&key) else { continue };
        if let Some(own) = list.values.pop() {
            map.insert(name.as_str().to_owned(), ListStringValue { values: vec![own] });
        }
        if map.get(&key).is_some_and(|list| list.values.is_empty()) {
            map.remove(&key);
        }
    }
    map.insert(DESTINATION.to_owned(), ListStringValue { values: vec![target.to_owned()] });
    Ok(map)
}

/// The map of an answer.
pub(super) fn of_headers(headers: &HeaderMap) -> Result<HashMap<String, ListStringValue>, InvokeError> {
    let mut map: HashMap<String, ListStringValue> = HashMap::with_capacity(headers.len());
    for (name, value) in headers {
        let value = std::str::from_utf8(value.as_bytes()).map_err(|_| {
            let text = "error sending message: rpc error: code = Internal desc = grpc: error while marshaling: string field contains invalid UTF-8";
            InvokeError::new(FailureKind::BadRequest, text)
        })?;
        map.entry(canonical(name.as_str())).or_default().values.push(value.to_owned());
    }
    Ok(map)
}

/// The map of a request that was asked for over gRPC: its keys stay as they are, and the type of gRPC tells that it was.
pub(super) fn of_call(headers: &HeaderMap, target: &str) -> Result<HashMap<String, ListStringValue>, InvokeError> {
    let mut map = of_grpc(headers)?;
    // As the key of HTTP/2 that it was.
    if let Some(authority) = map.remove("dapr-authority") {
        map.insert(":authority".to_owned(), authority);
    }
    for key in ["x-forwarded-for", "x-forwarded-host", "forwarded"] {
        if let Some(list) = map.remove(key) {
            map.insert(canonical(key), list);
        }
    }
    map.insert(DESTINATION.to_owned(), ListStringValue { values: vec![target.to_owned()] });
    Ok(map)
}

/// The map of metadata: with the type of gRPC in place of what the message is.
pub(super) fn of_grpc(metadata: &HeaderMap) -> Result<HashMap<String, ListStringValue>, InvokeError> {
    let mut map = lower_case(metadata)?;
    map.insert("content-type".to_owned(), ListStringValue { values: vec!["application/grpc".to_owned()] });
    Ok(map)
}

/// The map of trailers, without the status.
pub(super) fn of_trailers(trailers: &HeaderMap) -> Result<HashMap<String, ListStringValue>, InvokeError> {
    let mut map = lower_case(trailers)?;
    map.retain(|key, _| !matches!(key.as_str(), "grpc-status" | "grpc-message" | "content-type"));
    Ok(map)
}

fn lower_case(headers: &HeaderMap) -> Result<HashMap<String, ListStringValue>, InvokeError> {
    let canonical = of_headers(headers)?;
    Ok(canonical.into_iter().map(|(key, list)| (key.to_ascii_lowercase(), list)).collect())
}

/// The headers of a map. Those of HTTP/2 that came from a gRPC client are renamed; what is no header is left out.
pub(super) fn to_headers(map: &HashMap<String, ListStringValue>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(map.len());
    // Canonical keys first: what a client sent goes before what its sidecar added.
    let mut keys: Vec<_> = map.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, list) in keys {
        let renamed = key.strip_prefix(':').map(|rest| format!("dapr-{rest}"));
        let Ok(name) = HeaderName::try_from(renamed.as_deref().unwrap_or(key)) else { continue };
        for value in &list.values {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.append(name.clone(), value);
            }
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_http_headers_are_canonical_and_the_sidecars_own_are_lower_case() {
        let mut headers = HeaderMap::new();
        headers.append("content-type", HeaderValue::from_static("text/plain"));
        headers.append("x-many", HeaderValue::from_static("1"));
        headers.append("x-many", HeaderValue::from_static("2"));
        headers.append(CALLER_APP_ID, HeaderValue::from_static("evil"));
        headers.append(CALLER_APP_ID, HeaderValue::from_static("checkout"));
        let map = of_request(&headers, "orders").unwrap();
        let values = |key: &str| map.get(key).map(|list| list.values.clone()).unwrap_or_default();
        assert_eq!(values("Content-Type"), ["text/plain"]);
        assert_eq!(values("X-Many"), ["1", "2"]);
        assert_eq!(values("Dapr-Caller-App-Id"), ["evil"]);
        assert_eq!(values("dapr-caller-app-id"), ["checkout"]);
        assert_eq!(values("destination-app-id"), ["orders"]);
        let back = to_headers(&map);
        assert_eq!(back.get_all(CALLER_APP_ID).iter().collect::<Vec<_>>(), ["evil", "checkout"]);
    }

    #[test]
    fn a_value_that_is_not_text_cannot_travel() {
        let mut headers = HeaderMap::new();
        headers.append("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        assert!(of_request(&headers, "orders").unwrap_err().text.ends_with("string field contains invalid UTF-8"));
    }
}
