//! `ReplayCall`: what a client wants sent again, and what it is told of it.

use std::sync::Arc;
use std::time::Duration;

use daptop_model::{App, Call, CallId, Replay, Schema, Snapshot, obstacle};
use tokio::sync::{mpsc, watch};
use tonic::Status;

use super::proto::{ReplayCallRequest, ReplayCallResponse};
use crate::replay::{Progress, Replayer};

/// Steps of a replay that wait for their client.
const STEPS: usize = 4;
/// How long a call that has ended may take to be in a snapshot.
const SHOWN: Duration = Duration::from_secs(5);

/// Reads a request. `call` is the one that it names, `schema` what is known of its messages, for another one in JSON.
pub(super) fn read(
    request: ReplayCallRequest,
    call: &Call,
    apps: &[Arc<App>],
    schema: Option<&Schema>,
) -> Result<Replay, Status> {
    let obstacle = obstacle(call, apps).filter(|obstacle| request.body.is_none() || !obstacle.is_of_body());
    if let Some(obstacle) = obstacle {
        return Err(Status::failed_precondition(format!("call {} cannot be replayed: {obstacle}", call.id)));
    }
    let mut replay = Replay::of(call);
    replay.times = request.times.max(1);
    if replay.times > Replay::MOST {
        return Err(Status::invalid_argument(format!("a call is replayed {} times at most", Replay::MOST)));
    }
    let is_of_messages = call.is_of_messages();
    if is_of_messages && request.verb.as_ref().is_some_and(|verb| !verb.eq_ignore_ascii_case("POST")) {
        return Err(Status::invalid_argument("a gRPC call has no verb but POST: --path names another method"));
    }
    if let Some(verb) = request.verb {
        replay.request.verb = verb.to_ascii_uppercase();
    }
    if let Some(path) = request.path {
        replay.request.set_path(&path);
    }
    for header in request.set_headers {
        replay.request.set_header(&header.name, header.value);
    }
    if let Some(body) = request.body {
        if is_of_messages {
            let wrong = |error: &dyn std::fmt::Display| Status::invalid_argument(error.to_string());
            let json =
                std::str::from_utf8(&body).map_err(|error| wrong(&format!("the message is no JSON: {error}")))?;
            replay.request.set_message(json, schema).map_err(|error| wrong(&error))?;
        } else {
            replay.request.set_body(body);
        }
    }
    replay.request.check().map_err(Status::invalid_argument)?;
    Ok(replay)
}

/// Begins to carry a replay out, and tells a client of each step.
pub(super) fn carry_out(
    replayer: &Replayer,
    replay: Replay,
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    answers: mpsc::Sender<Result<ReplayCallResponse, Status>>,
) {
    let (told, mut steps) = mpsc::channel(STEPS);
    replayer.start_for(replay, told);
    tokio::spawn(async move {
        while let Some(step) = next(&mut steps, &answers).await {
            let answer = match step {
                Ok(Progress::Opened(call)) => Ok(ReplayCallResponse { call: call.0, ended: false }),
                Ok(Progress::Ended(call)) => {
                    until_shown(call, &mut snapshots).await;
                    Ok(ReplayCallResponse { call: call.0, ended: true })
                }
                Err(failure) => Err(Status::failed_precondition(failure.to_string())),
            };
            if answers.send(answer).await.is_err() {
                return;
            }
        }
    });
}

/// The next step; `None` at the end, and as soon as the client is gone.
async fn next<T, A>(steps: &mut mpsc::Receiver<T>, answers: &mpsc::Sender<A>) -> Option<T> {
    tokio::select! {
        step = steps.recv() => step,
        () = answers.closed() => None,
    }
}

/// Waits until whoever asks for a call that has ended gets it whole.
async fn until_shown(call: CallId, snapshots: &mut watch::Receiver<Arc<Snapshot>>) {
    let over = |snapshot: &Arc<Snapshot>| snapshot.calls.find(call).is_some_and(|call| !call.is_open());
    drop(tokio::time::timeout(SHOWN, snapshots.wait_for(over)).await);
}
