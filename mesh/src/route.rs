//! Which app a request names, and which of its methods (How a request becomes (target id, method)).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::method;

/// The header that names the target.
pub(crate) const APP_ID_HEADER: &str = "dapr-app-id";

/// A target and a method, decoded but not yet checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The app id, app id with namespace, or external URL.
    pub(crate) id: String,
    /// The method, without a leading slash.
    pub(crate) method: Vec<u8>,
}

/// Reads the target of a request from its percent-decoded path and its headers: the header `dapr-app-id` goes before basic
/// authentication with the user `dapr-app-id`, which goes before the path. `None` where none of them names an app.
pub(crate) fn target(path: &[u8], headers: &HeaderMap) -> Option<Target> {
    if let Some(id) = app_id_header(headers).or_else(|| basic_auth_id(headers)) {
        return Some(Target { id, method: method::clean(path).into_owned() });
    }
    let rest = after_invoke(path)?;
    let marker = b"/method/";
    let at = rest.windows(marker.len()).position(|window| window == marker).filter(|at| *at > 0)?;
    let id = rest.get(..at)?;
    let method = rest.get(at + marker.len()..)?;
    let id = method::query_unescape(id).filter(|id| !id.is_empty()).unwrap_or(Cow::Borrowed(id));
    Some(Target { id: String::from_utf8_lossy(&id).into_owned(), method: method.to_vec() })
}

fn app_id_header(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(APP_ID_HEADER)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned()).filter(|id| !id.is_empty())
}

fn basic_auth_id(headers: &HeaderMap) -> Option<String> {
    let encoded = headers.get(AUTHORIZATION)?.as_bytes().strip_prefix(b"Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let mut parts = decoded.split(':');
    let (user, id, more) = (parts.next()?, parts.next()?, parts.next());
    (more.is_none() && user.eq_ignore_ascii_case(APP_ID_HEADER) && !id.is_empty()).then(|| id.to_owned())
}

/// What follows `/v1.0/invoke/`, with any number of slashes at each place.
fn after_invoke(path: &[u8]) -> Option<&[u8]> {
    let slashes = |text: &'_ [u8]| text.iter().take_while(|byte| **byte == b'/').count();
    let mut rest = path;
    for part in [&b"v1.0"[..], b"invoke"] {
        rest = rest.get(slashes(rest)..)?.strip_prefix(part)?;
        if slashes(rest) == 0 {
            return None;
        }
    }
    rest.get(slashes(rest)..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, headers: &[(&'static str, &str)], expect: Option<(&str, &str)>) {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect();
        let expect = expect.map(|(id, method)| Target { id: id.into(), method: method.into() });
        assert_eq!(target(path.as_bytes(), &headers), expect, "{path} {headers:?}");
    }

    #[test]
    fn the_path_names_app_and_method() {
        for (path, expect) in [
            ("/v1.0/invoke/app/method/orders", Some(("app", "orders"))),
            ("/v1.0////invoke///app/method/orders", Some(("app", "orders"))),
            ("//v1.0/invoke/app/method/orders", Some(("app", "orders"))),
            ("/v1.0/invoke/app/method/", Some(("app", ""))),
            ("/v1.0/invoke/app/method/method/x", Some(("app", "method/x"))),
            ("/v1.0/invoke/app.ns/method/x", Some(("app.ns", "x"))),
            ("/v1.0/invoke/http://h:1/method/x", Some(("http://h:1", "x"))),
            ("/v1.0/invoke/http%3A%2F%2Fh:1/method/x", Some(("http://h:1", "x"))),
            ("/v1.0/invoke/a+b/method/x", Some(("a b", "x"))),
            ("/v1.0/invoke/a%zz/method/x", Some(("a%zz", "x"))),
            ("/v1.0/invoke/app/method", None),
            ("/v1.0/invoke/app", None),
            ("/v1.0/invoke//method/orders", None),
            ("/v1.0/invoke", None),
            ("/V1.0/invoke/app/method/x", None),
            ("/v1.0invoke/app/method/x", None),
            ("/orders", None),
            ("/", None),
        ] {
            check(path, &[], expect);
        }
    }

    #[test]
    fn the_header_goes_before_basic_auth_and_that_before_the_path() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let path = "/v1.0/invoke/app/method/x";
        check("/a/../b", &[("dapr-app-id", "one")], Some(("one", "b")));
        check(path, &[("dapr-app-id", "one")], Some(("one", "v1.0/invoke/app/method/x")));
        check(path, &[("dapr-app-id", "")], Some(("app", "x")));
        check("/x", &[("authorization", &basic("dapr-app-id:two"))], Some(("two", "x")));
        check("/x", &[("authorization", &basic("Dapr-App-ID:two"))], Some(("two", "x")));
        check("/x", &[("authorization", &basic("dapr-app-id:two:more"))], None);
        check("/x", &[("authorization", &basic("user:two"))], None);
        check("/x", &[("authorization", "basic eA==")], None);
        check(path, &[("authorization", &basic("dapr-app-id:two"))], Some(("two", "v1.0/invoke/app/method/x")));
        check("/x", &[("dapr-app-id", "one"), ("authorization", &basic("dapr-app-id:two"))], Some(("one", "x")));
    }
}
