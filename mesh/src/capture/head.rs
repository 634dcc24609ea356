//! Heads as compact text.

use bytes::Bytes;
use daptop_model::{Head, HeadBuilder, Protocol, RequestHead};
use http::{HeaderMap, Version, request};

/// The head of a request, as compact text.
pub(crate) fn request_head(parts: &request::Parts, path: Bytes) -> RequestHead {
    let target = parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    RequestHead {
        verb: Bytes::copy_from_slice(parts.method.as_str().as_bytes()),
        target: Bytes::copy_from_slice(target.as_bytes()),
        path,
        headers: head(&parts.headers),
    }
}

/// Header lines as compact text.
pub(crate) fn head(headers: &HeaderMap) -> Head {
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 3).sum();
    let mut builder = HeadBuilder::with_capacity(size);
    for (name, value) in headers {
        builder.line(name.as_str(), value.as_bytes());
    }
    builder.finish()
}

/// What a request's version says of its protocol.
pub(crate) fn protocol(version: Version) -> Protocol {
    if version == Version::HTTP_2 { Protocol::Http2 } else { Protocol::Http1 }
}
