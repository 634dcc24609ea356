//! HTTP/2 that a request of HTTP/1.1 asks for: `Upgrade: h2c` (Listener: protocols). Java's own client asks so.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;

use super::Tasks;
use super::resumed::{Resumed, frames_of};
use crate::body::AnswerBody;
use crate::respond::empty;

const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");
const H2C: HeaderValue = HeaderValue::from_static("h2c");
/// The longest body of a request that goes over to HTTP/2: what its window lets pass before anything is agreed on. Requests
/// with a longer one, and those that do not tell its length, are answered in HTTP/1.1, as a server may.
const LONGEST_BODY: u32 = 65_535;

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// To go on in HTTP/2.
    Http2,
    /// That too, with settings that cannot be read.
    Malformed,
}

/// Whether a request asks to go on in HTTP/2.
pub(super) fn wanted<B>(request: &Request<B>) -> Option<Wanted> {
    let headers = request.headers();
    // Most requests end here.
    let upgrade = headers.contains_key(UPGRADE) && request.version() == Version::HTTP_11;
    if !upgrade || !has_token(headers, &UPGRADE, "h2c") || !has_token(headers, &CONNECTION, "http2-settings") {
        return None;
    }
    let mut settings = headers.get_all(HTTP2_SETTINGS).iter();
    let (Some(encoded), None) = (settings.next(), settings.next()) else { return Some(Wanted::Malformed) };
    if URL_SAFE_NO_PAD.decode(encoded.as_bytes()).is_err() {
        return Some(Wanted::Malformed);
    }
    let length = headers.get(CONTENT_LENGTH).map(|length| length.to_str().ok()?.parse::<u32>().ok());
    let fits = length.is_none_or(|length| length.is_some_and(|length| length <= LONGEST_BODY));
    (fits && !headers.contains_key(TRANSFER_ENCODING)).then_some(Wanted::Http2)
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|word| word.trim().eq_ignore_ascii_case(token))
}

/// Agrees, and answers the request as the first of a connection that speaks HTTP/2.
pub(super) async fn answer<H, F>(
    wanted: Wanted,
    mut request: Request<Incoming>,
    tasks: &Tasks,
    handler: Arc<H>,
) -> Response<AnswerBody>
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    if wanted == Wanted::Malformed {
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let upgrading = hyper::upgrade::on(&mut request);
    let (head, body) = request.into_parts();
    // The caller went away: nobody reads what is answered.
    let Ok(body) = body.collect().await else { return empty(StatusCode::BAD_REQUEST) };
    let frames = frames_of(&head, &body.to_bytes());
    let serving = tasks.clone();
    tasks.running.spawn(async move {
        match upgrading.await {
            Ok(stream) => serve(stream, frames, &serving, handler).await,
            Err(error) => tracing::debug!("a connection did not go on in HTTP/2: {error}"),
        }
    });
    let mut agreed = empty(StatusCode::SWITCHING_PROTOCOLS);
    agreed.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    agreed.headers_mut().insert(UPGRADE, H2C);
    agreed
}

async fn serve<H, F>(stream: Upgraded, request: Bytes, tasks: &Tasks, handler: Arc<H>)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let builder = Builder::new(TokioExecutor::new()).http2_only();
    let stream = TokioIo::new(Resumed::new(TokioIo::new(stream), request));
    tasks.drive(builder.serve_connection(stream, service)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_2_is_wanted_where_all_three_headers_say_so_and_the_body_is_known() {
        let both = "HTTP2-Settings, Upgrade";
        for (upgrade, connection, settings, more, expect) in [
            ("h2c", both, "AAMAAABkAAQAoAAAAAIAAAAA", None, Some(Wanted::Http2)),
            ("websocket, H2C", both, "", None, Some(Wanted::Http2)),
            ("websocket", both, "", None, None),
            ("h2c", "Upgrade", "", None, None),
            ("h2c", both, "!", None, Some(Wanted::Malformed)),
            ("h2c", both, "", Some(("http2-settings", "")), Some(Wanted::Malformed)),
            ("h2c", both, "", Some(("content-length", "65535")), Some(Wanted::Http2)),
            ("h2c", both, "", Some(("content-length", "65536")), None),
            ("h2c", both, "", Some(("transfer-encoding", "chunked")), None),
        ] {
            let request = Request::get("/").header("upgrade", upgrade).header("connection", connection);
            let mut request = request.header("http2-settings", settings).body(()).unwrap();
            if let Some((name, value)) = more {
                request.headers_mut().append(name, HeaderValue::from_static(value));
            }
            assert_eq!(wanted(&request), expect, "{upgrade} {connection} {settings} {more:?}");
        }
    }
}
