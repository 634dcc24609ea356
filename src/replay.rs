//! Sends captured calls again, and finds out what their messages are: for the dashboard, and for the commands.

use std::sync::Arc;
use std::time::Duration;

use daptop_mesh::{Mesh, ReplayError};
use daptop_model::{AppId, CallId, Replay, Schema};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::control::{self, Directory};

/// How many replays may be open at once: one that is never answered stays open.
const OPEN: usize = 64;
/// Of several, the next is sent when the one before has ended, or after so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a command waits to be told what messages are: apps have three seconds, files are compiled besides.
const DESCRIPTION: Duration = Duration::from_secs(6);

/// Why a call was not sent again, or was sent and not captured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayFailure {
    /// It could not be sent.
    #[error(transparent)]
    NotSent(#[from] ReplayError),
    /// Too many are open.
    #[error("{OPEN} replays are open already: try again once their apps have answered")]
    TooMany,
    /// It was sent.
    #[error(
        "the request was sent, but is not among the calls: its path is no app's, or daptop was too busy to capture it"
    )]
    NotCaptured,
}

/// What is told of a replay while it is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    /// It was sent, as this call.
    Opened(CallId),
    /// Its answer has been read, or will not come.
    Ended(CallId),
}

/// Who wants to know of a replay.
pub(crate) type Answers = mpsc::Sender<Result<Progress, ReplayFailure>>;

/// Sends captured calls again. Clones share what is open.
#[derive(Clone, Debug)]
pub(crate) struct Replayer {
    mesh: Mesh,
    /// Where the other processes of this user are found.
    directory: Option<Directory>,
    open: Arc<Semaphore>,
}

impl Replayer {
    /// Sends through the sidecars of this mesh.
    pub(crate) fn new(mesh: Mesh, directory: Option<Directory>) -> Self {
        Self { mesh, directory, open: Arc::new(Semaphore::new(OPEN)) }
    }

    /// Begins to carry a replay out for somebody who sees the new calls; what goes wrong is told in the log.
    pub(crate) fn start(&self, replay: Replay) {
        let (answers, mut told) = mpsc::channel(4);
        let original = replay.original;
        self.start_for(replay, answers);
        tokio::spawn(async move {
            while let Some(told) = told.recv().await {
                if let Err(failure) = told {
                    tracing::warn!("call {original} was not replayed: {failure}");
                }
            }
        });
    }

    /// Begins to find out what the messages of a gRPC service of an app are; what is found is told to the store.
    pub(crate) fn describe(&self, app: AppId, service: Arc<str>) {
        let replayer = self.clone();
        tokio::spawn(async move { drop(replayer.find(app, &service).await) });
    }

    /// What the messages of a gRPC service of an app are; the answer is told to the store as well. `None` where it takes too
    /// long.
    pub(crate) async fn description(&self, app: AppId, service: &str) -> Option<Schema> {
        tokio::time::timeout(DESCRIPTION, self.find(app, service)).await.ok()
    }

    /// [`Self::description`] for another process, in whose place no third one is asked.
    pub(crate) async fn own_description(&self, app: AppId, service: &str) -> Option<Schema> {
        let nobody = |_| std::future::ready(Err("it has no sidecar for the app any more".to_owned()));
        tokio::time::timeout(DESCRIPTION, self.mesh.describe(app, service, nobody)).await.ok()
    }

    async fn find(&self, app: AppId, service: &str) -> Schema {
        let neighbour = |process| {
            let (directory, app) = (self.directory.as_ref(), app.clone());
            async move {
                let directory = directory.ok_or("this process has no folder of control sockets")?;
                control::describe(directory, process, &app, service).await
            }
        };
        self.mesh.describe(app.clone(), service, neighbour).await
    }

    /// Begins to carry a replay out for somebody who wants to know each step. Nothing more is sent once they are gone, or
    /// once something went wrong.
    pub(crate) fn start_for(&self, replay: Replay, answers: Answers) {
        let replayer = self.clone();
        tokio::spawn(async move {
            let replay = Arc::new(replay);
            for _ in 0..replay.times {
                if let Err(failure) = replayer.once(&replay, &answers).await {
                    answers.send(Err(failure)).await.ok();
                    return;
                }
                if answers.is_closed() {
                    return;
                }
            }
        });
    }

    async fn once(&self, replay: &Arc<Replay>, answers: &Answers) -> Result<(), ReplayFailure> {
        let permit = Arc::clone(&self.open).try_acquire_owned().map_err(|_| ReplayFailure::TooMany)?;
        let (opened, number) = oneshot::channel();
        let (mesh, asked, told) = (self.mesh.clone(), Arc::clone(replay), answers.clone());
        let sent = tokio::spawn(async move {
            let _permit = permit;
            let sending = mesh.replay(&asked, opened);
            let telling = async {
                let number = number.await.ok();
                if let Some(number) = number {
                    told.send(Ok(Progress::Opened(number))).await.ok();
                }
                number
            };
            let (sent, number) = tokio::join!(sending, telling);
            sent?;
            let number = number.ok_or(ReplayFailure::NotCaptured)?;
            told.send(Ok(Progress::Ended(number))).await.ok();
            Ok(())
        });
        match tokio::time::timeout(PATIENCE, sent).await {
            Ok(Ok(ended)) => ended,
            // A task that panicked has been reported; one that takes its time goes on.
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }
}
