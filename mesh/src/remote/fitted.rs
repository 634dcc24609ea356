//! Connections to other sidecars whose answers tonic can read: it panics over a status that is not base64, which is for
//! a peer to send, not for this process to end a call over.

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Frame;
use http_body_util::BodyExt as _;
use http_body_util::combinators::MapFrame;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::util::{MapResponse, ServiceExt as _};

use crate::grpc::status;

type FittedBody = MapFrame<Body, fn(Frame<Bytes>) -> Frame<Bytes>>;

/// A connection that can be handed to a client.
pub(super) type Fitted = MapResponse<Channel, fn(Response<Body>) -> Response<FittedBody>>;

/// The connection, with a status of its own in place of each that cannot be read.
pub(super) fn fitted(channel: Channel) -> Fitted {
    channel.map_response(fit)
}

fn fit(mut answer: Response<Body>) -> Response<FittedBody> {
    fit_metadata(answer.headers_mut());
    answer.map(|body| body.map_frame(fit_frame as fn(Frame<Bytes>) -> Frame<Bytes>))
}

fn fit_frame(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        fit_metadata(trailers);
    }
    frame
}

fn fit_metadata(metadata: &mut HeaderMap) {
    if let Some(status) = status::malformed(metadata) {
        metadata.remove(status::GRPC_STATUS_DETAILS);
        for (name, value) in status::trailers(&status) {
            if let Some(name) = name {
                metadata.insert(name, value);
            }
        }
    }
}
