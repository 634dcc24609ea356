//! A request that nobody has read once its answer is known, as its app was not reached: its beginning is read all the same,
//! as Go's server does before it is done with a request. So what was asked is known, and can be asked again.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use daptop_model::{BodyEnd, Side};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::runtime::Handle;

use crate::capture::Record;

/// As much as Go's server reads, in bytes.
const MOST: u64 = 256 << 10;

/// How long the caller has to send it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Begins to read a body of which nobody has read anything, at most `limit` bytes of it. `each` gets every piece, before the
/// record does.
pub(crate) fn read(
    body: Incoming,
    record: Record,
    limit: Option<u64>,
    mut each: impl FnMut(&Record, &Bytes) + Send + 'static,
) {
    let most = limit.unwrap_or(MOST).min(MOST);
    match Handle::try_current() {
        Ok(runtime) if body.size_hint().lower() <= most => {
            runtime.spawn(async move {
                let all = all(body, most, |data| {
                    each(&record, data);
                    record.passed(Side::Request, data);
                });
                let is_whole = tokio::time::timeout(PATIENCE, all).await.unwrap_or(false);
                record.read_in_vain(if is_whole { BodyEnd::Complete } else { BodyEnd::Abandoned });
            });
        }
        _ => record.read_in_vain(BodyEnd::Abandoned),
    }
}

/// Reads a body of at most so many bytes; `false` where it is longer, or breaks off.
async fn all(mut body: Incoming, most: u64, mut each: impl FnMut(&Bytes)) -> bool {
    let mut left = most;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else { return false };
        let Ok(data) = frame.into_data() else { continue };
        let Some(rest) = left.checked_sub(data.len() as u64) else { return false };
        left = rest;
        each(&data);
        // Once the answer is out, hyper tells the end that a length gives only when the next request comes.
        if body.is_end_stream() {
            break;
        }
    }
    true
}
