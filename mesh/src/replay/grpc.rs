//! The requests of gRPC calls that are sent again.

use bytes::Bytes;
use daptop_model::{INVOKE_SERVICE, ReplayRequest, framed};
use http::header::{CONTENT_TYPE, TE};
use http::{HeaderValue, Method, Request, Uri};
use prost::Message as _;

use super::{Body, ReplayError, body, headers, wrong};
use crate::core::Core;
use crate::grpc::InvokeServiceRequest;
use crate::remote::proto::common::v1::http_extension::Verb;
use crate::remote::proto::common::v1::{HttpExtension, InvokeRequest};

/// The request as the app sent it: a call of a method, or, as its target says, an invocation by `Dapr.InvokeService`.
pub(super) fn request(core: &Core, replayed: &ReplayRequest) -> Result<Request<Body>, ReplayError> {
    let mut sent = headers(core, replayed)?;
    let (path, bytes) = match replayed.target.strip_prefix("/v1.0/invoke/") {
        None => (replayed.target.as_str(), replayed.body.clone()),
        Some(target) => {
            let kind = sent.remove(CONTENT_TYPE);
            let kind = kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            (INVOKE_SERVICE, invocation(target, kind, replayed)?)
        }
    };
    sent.insert(TE, HeaderValue::from_static("trailers"));
    sent.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/grpc"));
    let uri = Uri::builder().scheme("http").authority("localhost").path_and_query(path).build();
    // In pieces: an app would take an announced length for metadata of the caller.
    let mut request = Request::new(body(&bytes, true));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.map_err(|error| wrong(&error))?;
    *request.headers_mut() = sent;
    Ok(request)
}

/// The message of an invocation whose target is `APP/method/METHOD?QUERY`.
fn invocation(target: &str, content_type: &str, replayed: &ReplayRequest) -> Result<Bytes, ReplayError> {
    let no_method = || ReplayError::NoRequest(format!("{} names no method", replayed.target));
    let (id, method) = target.split_once("/method/").ok_or_else(no_method)?;
    let (method, query) = method.split_once('?').unwrap_or((method, ""));
    // An invocation that says nothing of HTTP is shown with a verb that no other has.
    let verb = Verb::from_str_name(&replayed.verb).filter(|verb| *verb != Verb::Connect);
    let extension = |verb: Verb| HttpExtension { verb: verb.into(), querystring: query.to_owned() };
    let message = InvokeRequest {
        method: method.to_owned(),
        data: Some(prost_types::Any { type_url: String::new(), value: replayed.body.to_vec() }),
        content_type: content_type.to_owned(),
        http_extension: verb.map(extension),
    };
    let request = InvokeServiceRequest { id: id.to_owned(), message: Some(message) };
    Ok(framed(&request.encode_to_vec()))
}
