//! The client of the control sockets: every request has a timeout, so that a process that hangs, hangs nobody.

use std::io;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use super::proto::control_client::ControlClient;
use super::proto::{
    DescribeRunRequest, DescribeServiceRequest, DescribeServiceResponse, GetCallRequest, GetCallResponse,
    ListCallsRequest, ListCallsResponse, ReplayCallRequest, ReplayCallResponse, RestartAppRequest, Run, StopAppRequest,
    StopRunRequest,
};
use super::{Directory, DirectoryError};

/// How long a process may take to answer, unless something large is asked for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take to answer with the bodies of a call and its trace.
const LONG_PATIENCE: Duration = Duration::from_secs(15);
/// How long it may take to ask one of its apps: that has three seconds.
const APP_PATIENCE: Duration = Duration::from_secs(4);
/// The largest answer, in bytes: two bodies of any sensible cap.
const LARGEST: usize = 1 << 30;

/// Why a daptop process could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// The folder of the sockets cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// It runs and does not answer.
    #[error(
        "the daptop process {pid} does not answer: it is suspended or hangs (`kill -CONT {pid}` wakes a suspended one, `kill -KILL {pid}` ends it, and its apps with it)"
    )]
    Silent {
        /// Its process id.
        pid: u32,
    },
    /// It ended.
    #[error("the daptop process {pid} has ended")]
    Gone {
        /// Its process id.
        pid: u32,
    },
    /// It answered that it cannot.
    #[error("{text}")]
    Refused {
        /// Whether what was asked for is not there.
        absent: bool,
        /// Why.
        text: String,
    },
    /// Its socket cannot be used.
    #[error("the control socket of the daptop process {pid} cannot be used: {source}")]
    Socket {
        /// Its process id.
        pid: u32,
        /// Why.
        source: io::Error,
    },
}

/// A daptop process that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pid: u32,
    client: ControlClient<Channel>,
}

impl Process {
    /// Connects to a process. Its socket is removed where nobody listens on it.
    pub(crate) async fn connect(directory: &Directory, pid: u32, patience: Duration) -> Result<Self, ControlError> {
        let socket = directory.socket(pid);
        let connected = async {
            let stream = match UnixStream::connect(&socket).await {
                Ok(stream) => stream,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ControlError::Gone { pid }),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    // Nobody listens, nor will: a socket gets its name when it listens already.
                    drop(std::fs::remove_file(&socket));
                    return Err(ControlError::Gone { pid });
                }
                // Its queue of connections is full.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(ControlError::Silent { pid }),
                Err(source) => return Err(ControlError::Socket { pid, source }),
            };
            let mut stream = Some(stream);
            let once = tower::service_fn(move |_| {
                let stream = stream.take().map(TokioIo::new).ok_or(io::ErrorKind::NotConnected);
                async move { stream.map_err(io::Error::from) }
            });
            Endpoint::from_static("http://daptop")
                .http2_keep_alive_interval(PATIENCE)
                .keep_alive_timeout(PATIENCE)
                .keep_alive_while_idle(true)
                .connect_with_connector(once)
                .await
                .map_err(|_| ControlError::Gone { pid })
        };
        let channel = tokio::time::timeout(patience, connected).await.map_err(|_| ControlError::Silent { pid })??;
        Ok(Self { pid, client: ControlClient::new(channel).max_decoding_message_size(LARGEST) })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// What it runs.
    pub(crate) async fn describe(&mut self, patience: Duration) -> Result<Run, ControlError> {
        let pid = self.pid;
        within(pid, patience, self.client.describe_run(DescribeRunRequest {})).await
    }

    /// Ends its run. Returns when the wish is taken.
    pub(crate) async fn stop_run(&mut self) -> Result<(), ControlError> {
        let pid = self.pid;
        within(pid, PATIENCE, self.client.stop_run(StopRunRequest {})).await.map(drop)
    }

    /// Stops one of its apps; tells whether the run ends with it. Returns when the wish is taken.
    pub(crate) async fn stop_app(&mut self, app_id: &str) -> Result<bool, ControlError> {
        let pid = self.pid;
        let request = StopAppRequest { app_id: app_id.to_owned() };
        within(pid, PATIENCE, self.client.stop_app(request)).await.map(|answer| answer.run_ends)
    }

    /// Restarts one of its apps. Returns when the wish is taken.
    pub(crate) async fn restart_app(&mut self, app_id: &str) -> Result<(), ControlError> {
        let pid = self.pid;
        within(pid, PATIENCE, self.client.restart_app(RestartAppRequest { app_id: app_id.to_owned() })).await.map(drop)
    }

    /// Everything that it captured of a call.
    pub(crate) async fn call(&mut self, id: u64) -> Result<GetCallResponse, ControlError> {
        let pid = self.pid;
        within(pid, LONG_PATIENCE, self.client.get_call(GetCallRequest { id })).await
    }

    /// What the messages of a gRPC service of one of its apps are.
    pub(super) async fn describe_service(
        &mut self,
        app_id: &str,
        service: &str,
    ) -> Result<DescribeServiceResponse, ControlError> {
        let pid = self.pid;
        let request = DescribeServiceRequest { app_id: app_id.to_owned(), service: service.to_owned() };
        within(pid, APP_PATIENCE, self.client.describe_service(request)).await
    }

    /// Sends a call again.
    pub(crate) async fn replay(&mut self, request: ReplayCallRequest) -> Result<ReplayStream, ControlError> {
        let pid = self.pid;
        let answers = within(pid, PATIENCE, self.client.replay_call(request)).await?;
        Ok(ReplayStream { pid, answers })
    }

    /// Its calls.
    pub(crate) async fn calls(
        &mut self,
        filter: &str,
        follow: bool,
        findings: bool,
    ) -> Result<CallStream, ControlError> {
        let pid = self.pid;
        let request = ListCallsRequest { filter: filter.to_owned(), follow, findings };
        let answers = within(pid, PATIENCE, self.client.list_calls(request)).await?;
        Ok(CallStream { pid, follow, answers })
    }
}

/// The calls of a process, as they come.
#[derive(Debug)]
pub(crate) struct CallStream {
    pid: u32,
    follow: bool,
    answers: Streaming<ListCallsResponse>,
}

impl CallStream {
    /// The next calls; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<ListCallsResponse>, ControlError> {
        let pid = self.pid;
        let next = self.answers.message();
        let answer = if self.follow {
            // It may be quiet for as long as it likes: the keep-alive of the connection tells whether it is there.
            next.await
        } else {
            tokio::time::timeout(PATIENCE, next).await.map_err(|_| ControlError::Silent { pid })?
        };
        match answer {
            Ok(answer) => Ok(answer),
            Err(status) => Err(refusal(pid, &status).await),
        }
    }
}

/// What becomes of a replay, as it comes.
#[derive(Debug)]
pub(crate) struct ReplayStream {
    pid: u32,
    answers: Streaming<ReplayCallResponse>,
}

impl ReplayStream {
    /// The next news; `None` at the end. An app may take its time, so this may too: the keep-alive of the connection tells
    /// whether the process is there.
    pub(crate) async fn next(&mut self) -> Result<Option<ReplayCallResponse>, ControlError> {
        match self.answers.message().await {
            Ok(answer) => Ok(answer),
            Err(status) => Err(refusal(self.pid, &status).await),
        }
    }
}

async fn within<T>(
    pid: u32,
    patience: Duration,
    answer: impl Future<Output = Result<tonic::Response<T>, Status>>,
) -> Result<T, ControlError> {
    match tokio::time::timeout(patience, answer).await {
        Err(_) => Err(ControlError::Silent { pid }),
        Ok(Ok(answer)) => Ok(answer.into_inner()),
        Ok(Err(status)) => Err(refusal(pid, &status).await),
    }
}

/// A status that the process sent is its answer; one that our side made up means that the connection broke: by itself,
/// a moment before the process has ended, or by our keep-alive, where the process does not answer.
async fn refusal(pid: u32, status: &Status) -> ControlError {
    if std::error::Error::source(status).is_some() || status.code() == Code::Unknown {
        let ended = super::wait_until(PATIENCE, || !super::runs(pid)).await;
        return if ended { ControlError::Gone { pid } } else { ControlError::Silent { pid } };
    }
    let text = match status.code() {
        Code::Unimplemented => format!("the daptop process {pid} is of an older version and cannot do this"),
        _ => status.message().to_owned(),
    };
    ControlError::Refused { absent: status.code() == Code::NotFound, text }
}

/// What became of asking every daptop process of this user.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Those that answered, the oldest first, and what they run.
    pub(crate) runs: Vec<(Process, Run)>,
    /// Those that are there and did not answer.
    pub(crate) problems: Vec<ControlError>,
}

/// Asks every daptop process of this user what it runs, all at once.
pub(crate) async fn survey(directory: &Directory, patience: Duration) -> Result<Survey, ControlError> {
    let ask = |pid| async move {
        let mut process = Process::connect(directory, pid, patience).await?;
        let run = process.describe(patience).await?;
        Ok((process, run))
    };
    let mut survey = Survey::default();
    for answer in futures_util::future::join_all(directory.pids()?.into_iter().map(ask)).await {
        match answer {
            Ok(found) => survey.runs.push(found),
            Err(ControlError::Gone { .. }) => {}
            Err(problem) => survey.problems.push(problem),
        }
    }
    survey.runs.sort_by_key(|(_, run)| (run.started_unix_micros, run.pid));
    Ok(survey)
}
