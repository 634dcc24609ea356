//! What a listener keeps about its calls: how many are open on a connection, and a line of the API log for each.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use daptop_model::Stamp;
use http::header::USER_AGENT;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use super::reply::Reply;
use super::status;
use crate::core::Core;

/// How long a connection may rest (Servers, clients, pools: `MaxConnectionIdle`).
const MOST_REST: Duration = Duration::from_mins(3);
/// From one look at a connection to the next.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// The calls of one connection.
#[derive(Debug, Default)]
pub(super) struct Activity {
    open: AtomicUsize,
    begun: AtomicUsize,
}

impl Activity {
    fn begin(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    /// Waits until the connection has rested for too long, then lets it end.
    pub(super) async fn watch(&self, stop: CancellationToken) {
        let (mut begun, mut since) = (0, Instant::now());
        while since.elapsed() < MOST_REST {
            sleep(LOOK_INTERVAL).await;
            let now = self.begun.load(Ordering::Relaxed);
            if now != begun || self.open.load(Ordering::Relaxed) > 0 {
                (begun, since) = (now, Instant::now());
            }
        }
        stop.cancel();
        // The connection ends by itself now.
        std::future::pending::<()>().await;
    }
}

#[derive(Debug)]
struct Open(Arc<Activity>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer's body that is accounted for until it has gone.
#[derive(Debug)]
pub(super) struct Served {
    reply: Reply,
    line: Option<Box<Line>>,
    _open: Open,
}

/// A line of the API log that is being written: dropping it writes it.
#[derive(Debug)]
struct Line {
    core: Arc<Core>,
    at: Stamp,
    method: String,
    user_agent: Option<String>,
    code: i32,
}

/// A call that has begun.
#[derive(Debug)]
pub(super) struct Call {
    open: Open,
    line: Option<Box<Line>>,
}

impl Call {
    /// A call on a connection; with a line of the API log where that is asked for.
    pub(super) fn begin<B>(activity: &Arc<Activity>, core: &Arc<Core>, logged: bool, request: &Request<B>) -> Self {
        let line = logged.then(|| {
            let agent = request.headers().get(USER_AGENT);
            Box::new(Line {
                core: Arc::clone(core),
                at: core.shared.events.now(),
                method: request.uri().path().to_owned(),
                user_agent: agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()),
                // Until there is another: the caller took the call back.
                code: Code::Cancelled as i32,
            })
        });
        Self { open: activity.begin(), line }
    }

    /// Keeps the account until the answer has gone.
    pub(super) fn answered(self, response: Response<Reply>) -> Response<Served> {
        let Self { open, mut line } = self;
        if let (Some(line), Some(code)) = (&mut line, status::code(response.headers())) {
            line.code = code;
        }
        response.map(|reply| Served { reply, line, _open: open })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let duration = self.core.shared.events.now().since(self.at).as_millis();
        tracing::info!(
            app_id = self.core.id(),
            scope = "dapr.runtime.grpc.api-info",
            method = self.method,
            useragent = self.user_agent.as_deref(),
            code = u64::try_from(self.code).unwrap_or_default(),
            duration = u64::try_from(duration).unwrap_or(u64::MAX),
            "gRPC API Called"
        );
    }
}

impl Body for Served {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.reply).poll_frame(context));
        if let Some(line) = &mut self.line
            && let Some(Ok(frame)) = &frame
            && let Some(code) = frame.trailers_ref().and_then(status::code)
        {
            line.code = code;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.reply.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.reply.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_ends_once_it_has_rested_for_three_minutes_and_not_while_a_call_is_open() {
        let (activity, stop) = (Arc::new(Activity::default()), CancellationToken::new());
        let watched = Arc::clone(&activity);
        let watching = stop.clone();
        let watch = tokio::spawn(async move { watched.watch(watching).await });
        let open = activity.begin();
        sleep(MOST_REST * 2).await;
        assert!(!stop.is_cancelled());
        drop(open);
        sleep(MOST_REST / 4 * 3).await;
        drop(activity.begin());
        sleep(MOST_REST / 2).await;
        assert!(!stop.is_cancelled(), "a call began meanwhile");
        sleep(MOST_REST).await;
        assert!(stop.is_cancelled());
        watch.abort();
    }
}
