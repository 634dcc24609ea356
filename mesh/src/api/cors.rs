//! CORS, where `--allowed-origins` asks for it (Tokens, allowlist, logging, CORS).

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, request};

use crate::body::AnswerBody;
use crate::respond::empty;

const METHODS: [&str; 6] = ["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"];

/// The value that allows the origin of a request; `None` where CORS is off or the origin is not allowed.
pub(super) fn allowed(origins: &str, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let mut allowed = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    allowed.find_map(|allowed| match allowed {
        "*" => Some(HeaderValue::from_static("*")),
        _ => allowed.as_bytes().eq_ignore_ascii_case(origin.as_bytes()).then(|| origin.clone()),
    })
}

/// Allows an answer to be read.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
}

/// The answer to a browser's question before a request; `None` for every other request.
pub(super) fn preflight(origins: &str, parts: &request::Parts) -> Option<Response<AnswerBody>> {
    if origins.is_empty() || parts.method != Method::OPTIONS {
        return None;
    }
    let wanted = parts.headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
    let mut response = empty(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(
        VARY,
        HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    );
    let known = METHODS.iter().any(|method| method.as_bytes().eq_ignore_ascii_case(wanted.as_bytes()));
    if let Some(origin) = allowed(origins, &parts.headers).filter(|_| known) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, wanted.clone());
        if let Some(asked) = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))])
    }

    #[test]
    fn an_origin_is_allowed_by_name_or_by_a_star() {
        for (origins, origin, expect) in [
            ("", "http://a", None),
            ("*", "http://a", Some("*")),
            ("http://b, http://a", "http://a", Some("http://a")),
            ("http://b", "http://a", None),
        ] {
            assert_eq!(allowed(origins, &from(origin)), expect.map(HeaderValue::from_static), "{origins}");
        }
        assert_eq!(allowed("*", &HeaderMap::new()), None);
    }

    #[test]
    fn without_allowed_origins_a_preflight_is_a_request_like_any_other() {
        let request =
            http::Request::options("/x").header(ORIGIN, "http://a").header(ACCESS_CONTROL_REQUEST_METHOD, "POST");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        assert!(preflight("", &parts).is_none());
        let answer = preflight("*", &parts).unwrap();
        assert_eq!(answer.headers().get(ACCESS_CONTROL_ALLOW_METHODS).unwrap(), "POST");
    }
}
