//! Following redirects, by the rules of Go's client (External URL vs `HTTPEndpoint` resource).

mod reference;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use daptop_model::FailureKind;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, HOST,
    LOCATION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};

use crate::base_url::BaseUrl;
use crate::body::{AnswerSource, RequestBody};
use crate::error::{InvokeError, go_verb, request_failed};
use crate::upstream::{Origin, Security};

/// Opens an origin for a URL; the security is for those with `https`.
type Open = fn(&BaseUrl, &Security) -> Origin;

/// The most requests of one call.
const REQUESTS: usize = 10;
/// The most other hosts whose connections are kept.
const ORIGINS: usize = 64;

/// What is not told to another host.
const SENSITIVE: [HeaderName; 6] = [
    AUTHORIZATION,
    WWW_AUTHENTICATE,
    COOKIE,
    HeaderName::from_static("cookie2"),
    PROXY_AUTHORIZATION,
    PROXY_AUTHENTICATE,
];

/// What goes with a body, and is left out with it.
const OF_BODY: [HeaderName; 6] =
    [CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING];

/// A request that was sent: what a further one is made from.
pub(crate) struct Sent {
    verb: Method,
    url: String,
    headers: HeaderMap,
}

impl Sent {
    /// A request, and its URL as text.
    pub(crate) fn new(request: &Request<RequestBody>, url: &str) -> Self {
        Self { verb: request.method().clone(), url: url.to_owned(), headers: request.headers().clone() }
    }
}

/// A client that follows redirects.
#[derive(Debug)]
pub(crate) struct Redirects {
    open: Open,
    security: Security,
    origins: Mutex<HashMap<String, Arc<Origin>>>,
}

impl Redirects {
    /// A client that opens connections to other hosts with `open`; `security` is for those with `https`.
    pub(crate) fn new(open: Open, security: Security) -> Self {
        Self { open, security, origins: Mutex::default() }
    }

    /// Follows the redirects that begin with an answer, to the answer that is none.
    pub(crate) async fn follow(
        &self,
        first: Sent,
        mut answer: Response<AnswerSource>,
    ) -> Result<Response<AnswerSource>, InvokeError> {
        let Sent { verb: first_verb, url: first_url, mut headers } = first;
        let (mut verb, mut url, mut sent) = (first_verb.clone(), first_url.clone(), 1);
        let own_referer = headers.contains_key(REFERER);
        loop {
            let Some((next_verb, location)) = next(&answer, &verb) else { return Ok(answer) };
            let failed = |url: &str, why: &str| {
                InvokeError::new(FailureKind::BrokenAnswer, format!("{} \"{url}\": {why}", go_verb(&first_verb)))
            };
            let next_url = reference::resolve(&url, &location);
            let Ok(target) = BaseUrl::parse(&next_url) else {
                let scheme = next_url.split(':').next().unwrap_or_default();
                return Err(failed(&next_url, &format!("unsupported protocol scheme \"{scheme}\"")));
            };
            if sent == REQUESTS {
                return Err(failed(&location, &format!("stopped after {REQUESTS} redirects")));
            }
            remove(&mut headers, &OF_BODY);
            if !reference::is_same_site(&first_url, &target.host) {
                remove(&mut headers, &SENSITIVE);
            }
            if !own_referer {
                set_referer(&mut headers, &url, target.secure);
            }
            (verb, url, sent) = (next_verb, next_url, sent + 1);
            let origin = self.origin(&target);
            let request = request(&verb, &target, &headers, &origin).map_err(|error| failed(&url, &error))?;
            // What comes with a redirect is not read: its connection is given up.
            answer = origin.send(request, None).await.map_err(|error| request_failed(&first_verb, &url, &error))?;
        }
    }

    fn origin(&self, url: &BaseUrl) -> Arc<Origin> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= ORIGINS {
            origins.clear();
        }
        let key = format!("{} {}", url.secure, url.authority);
        Arc::clone(origins.entry(key).or_insert_with(|| Arc::new((self.open)(url, &self.security))))
    }

    /// Closes connections that have rested for too long.
    pub(crate) fn tidy(&self) {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, origin| {
            origin.close_rested();
            origin.has_rested() || Arc::strong_count(origin) > 1
        });
    }
}

/// The verb and the reference of the next request; `None` where an answer is not followed. 307 and 308 would need the
/// body once more, which is not kept: Go's client hands them on, and so they are never followed.
fn next<B>(answer: &Response<B>, verb: &Method) -> Option<(Method, String)> {
    let followed = [StatusCode::MOVED_PERMANENTLY, StatusCode::FOUND, StatusCode::SEE_OTHER];
    let location = answer.headers().get(LOCATION).filter(|location| !location.is_empty())?;
    let next = if *verb == Method::HEAD { Method::HEAD } else { Method::GET };
    followed.contains(&answer.status()).then(|| (next, String::from_utf8_lossy(location.as_bytes()).into_owned()))
}

fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        headers.remove(name);
    }
}

/// Where a request comes from is told, but never of a secure page to one that is not.
fn set_referer(headers: &mut HeaderMap, from: &str, to_secure: bool) {
    headers.remove(REFERER);
    if from.starts_with("https:") && !to_secure {
        return;
    }
    if let Ok(value) = HeaderValue::try_from(reference::without_user(from)) {
        headers.insert(REFERER, value);
    }
}

fn request(
    verb: &Method,
    target: &BaseUrl,
    headers: &HeaderMap,
    origin: &Origin,
) -> Result<Request<RequestBody>, String> {
    let (path, query) = target.with_method(Vec::new(), String::new());
    let mut path = crate::method::outgoing(&path).map_err(|broken| format!("invalid URL escape \"{broken}\""))?;
    if !query.is_empty() {
        path.push(b'?');
        path.extend(reference::escaped_query(&query));
    }
    let uri = Uri::from_maybe_shared(bytes::Bytes::from(path)).map_err(|error| error.to_string())?;
    let mut request = Request::new(RequestBody::none());
    *request.method_mut() = verb.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers.clone();
    request.headers_mut().insert(HOST, origin.authority.clone());
    Ok(request)
}
