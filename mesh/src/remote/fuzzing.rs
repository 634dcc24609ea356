//! Frames that nobody has checked, through everything that reads them.

use futures_util::{FutureExt as _, StreamExt as _, stream};
use http_body_util::BodyExt as _;
use prost::Message;

use super::asked::Asked;
use super::proto::internals::v1::{InternalInvokeRequest, InternalInvokeRequestStream, InternalInvokeResponseStream};
use super::{client, frames};

/// Reads frames as those of a request, of an answer, and the first as a whole request.
pub(crate) fn frames(data: &[&[u8]]) {
    for is_http in [true, false] {
        request(data, is_http);
        if let Some(Ok(InternalInvokeRequest { metadata, message, ver, .. })) = data.first().map(|data| decode(data)) {
            drop(Asked::whole(&metadata, message, ver, is_http).map(|asked| asked.path()));
        }
    }
    answer(data);
}

fn decode<T: Message + Default>(data: &[u8]) -> Result<T, prost::DecodeError> {
    T::decode(data)
}

fn request(data: &[&[u8]], is_http: bool) {
    let read: Result<Vec<InternalInvokeRequestStream>, _> = data.iter().map(|data| decode(data)).collect();
    let Some((lead, rest)) = read.ok().and_then(|read| Some((read.first()?.clone(), read.get(1..)?.to_vec()))) else {
        return;
    };
    drop(Asked::in_lead(lead.request, is_http).map(|asked| asked.path()));
    let pieces = frames::of_request(lead.payload, stream::iter(rest.into_iter().map(Ok)));
    drop(pieces.collect::<Vec<_>>().now_or_never());
}

fn answer(data: &[&[u8]]) {
    let read: Result<Vec<InternalInvokeResponseStream>, _> = data.iter().map(|data| decode(data)).collect();
    let mut read = read.unwrap_or_default().into_iter();
    let lead = read.next();
    if let Ok(answer) = client::answer(lead, Box::pin(stream::iter(read.map(Ok)))) {
        drop(answer.into_body().collect().now_or_never());
    }
}
