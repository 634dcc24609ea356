//! The control service of this process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use daptop_mesh::Clock;
use daptop_model::{
    AppId, Call, CallId, Command, Filter, Finding, InstanceId, Protocol, Schema, SchemaSource, Snapshot, grpc_method,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::{Request, Response, Status};

use super::follow::Cursor;
use super::proto::control_server::{Control, ControlServer as Service};
use super::proto::{
    DescribeRunRequest, DescribeServiceRequest, DescribeServiceResponse, GetCallRequest, GetCallResponse,
    ListCallsRequest, ListCallsResponse, ReplayCallRequest, ReplayCallResponse, RestartAppRequest, RestartAppResponse,
    Run, StopAppRequest, StopAppResponse, StopRunRequest, StopRunResponse,
};
use super::socket::{SocketError, SocketFile, bind};
use super::{Directory, convert, describe, messages, replay};
use crate::plan::RunSource;
use crate::replay::Replayer;

/// How long a wish may wait for the supervisor to take it.
const HAND_OVER: Duration = Duration::from_secs(1);
/// How long an event may be on its way to the store.
const ON_THE_WAY: Duration = Duration::from_millis(6);
/// How long the store may take to publish what it was told.
const PUBLISHED: Duration = Duration::from_millis(60);
/// Answers of a list that wait for their client.
const LIST_QUEUE: usize = 4;

/// What the snapshots do not tell of a run.
#[derive(Clone, Debug)]
pub(crate) struct RunFacts {
    /// Where the plan came from.
    pub(crate) source: RunSource,
    /// The run file's `name`.
    pub(crate) name: Option<String>,
    /// The process is one sidecar, started without an app.
    pub(crate) bare_sidecar: bool,
    /// The log files of the sidecars that have one.
    pub(crate) sidecar_logs: BTreeMap<InstanceId, PathBuf>,
    /// The clock of the session.
    pub(crate) clock: Clock,
}

/// The control socket of this process while it serves. Dropping it ends the service and removes the socket.
///
/// Drop it last: a client that asked for the end of the run takes the end of the process for the end of its apps.
#[derive(Debug)]
pub(crate) struct ControlServer {
    task: JoinHandle<()>,
    _file: SocketFile,
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves this process's control socket in `directory`: when this returns, `daptop list` finds the process.
///
/// Must be called within a tokio runtime. Where it fails the run can go on: only the commands do not find it.
pub(crate) fn serve(
    directory: &Directory,
    facts: RunFacts,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
    replayer: Replayer,
) -> Result<ControlServer, SocketError> {
    serve_as(directory, std::process::id(), facts, snapshots, (commands, replayer))
}

/// [`serve`] under the number of another process.
pub(super) fn serve_as(
    directory: &Directory,
    pid: u32,
    facts: RunFacts,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    (commands, replayer): (mpsc::Sender<Command>, Replayer),
) -> Result<ControlServer, SocketError> {
    let (listener, file) = bind(directory, pid)?;
    let session = Session { pid, facts, snapshots, commands, replayer };
    let task = tokio::spawn(async move {
        let incoming = UnixListenerStream::new(listener);
        let served = tonic::transport::Server::builder().add_service(Service::new(session));
        if let Err(error) = served.serve_with_incoming(incoming).await {
            tracing::error!("the control socket is no longer served: {error}");
        }
    });
    Ok(ControlServer { task, _file: file })
}

/// What the service answers from.
struct Session {
    pid: u32,
    facts: RunFacts,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
    replayer: Replayer,
}

impl Session {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// The id as the supervisor knows it.
    fn known(&self, app_id: &str) -> Result<AppId, Status> {
        let snapshot = self.snapshot();
        let app = snapshot.apps.iter().find(|app| app.id.as_str() == app_id);
        app.map(|app| app.id.clone()).ok_or_else(|| Status::not_found(format!("couldn't find app id {app_id}")))
    }

    /// What is known of the messages of a call, whose method this path names. Who did not know it before is asked again.
    async fn schema(&self, call: &Call, path: &str, snapshot: &Snapshot) -> Option<Arc<Schema>> {
        let (service, _) = grpc_method(path).filter(|_| call.protocol == Protocol::Grpc && !call.is_invocation())?;
        let known = snapshot.schemas.of(&call.to, service).filter(|schema| schema.source != SchemaSource::Guess);
        match known {
            Some(known) => Some(Arc::clone(known)),
            None => self.replayer.description(call.to.clone(), service).await.map(Arc::new),
        }
    }

    /// The state with everything that was told before now: whoever called an app, and then asks for the call, sees its end.
    async fn settled(&self) -> Arc<Snapshot> {
        let told = self.facts.clock.now().plus(ON_THE_WAY);
        let mut snapshots = self.snapshots.clone();
        // Where nothing has changed nothing is published, and what is there is all there is.
        drop(tokio::time::timeout(PUBLISHED, snapshots.wait_for(|snapshot| snapshot.taken >= told)).await);
        self.snapshot()
    }

    async fn wish(&self, command: Command) -> Result<(), Status> {
        self.commands.send_timeout(command, HAND_OVER).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => {
                Status::unavailable("daptop is busy with earlier commands; try again")
            }
            mpsc::error::SendTimeoutError::Closed(_) => Status::unavailable("the run is ending"),
        })
    }
}

#[tonic::async_trait]
impl Control for Session {
    async fn describe_run(&self, _: Request<DescribeRunRequest>) -> Result<Response<Run>, Status> {
        let snapshot = self.snapshot();
        let log = |instance| self.facts.sidecar_logs.get(&instance).map(|path| path.display().to_string());
        Ok(Response::new(Run {
            pid: self.pid,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_file: match &self.facts.source {
                RunSource::File(path) => path.display().to_string(),
                RunSource::Flags => String::new(),
            },
            run_name: self.facts.name.clone().unwrap_or_default(),
            started_unix_micros: self.facts.clock.anchor().unix_micros,
            apps: snapshot.apps.iter().map(|app| convert::app(app, log(app.instance))).collect(),
            calls: snapshot.calls.len() as u64,
            bare_sidecar: self.facts.bare_sidecar,
        }))
    }

    async fn stop_run(&self, _: Request<StopRunRequest>) -> Result<Response<StopRunResponse>, Status> {
        self.wish(Command::Quit).await?;
        Ok(Response::new(StopRunResponse {}))
    }

    async fn stop_app(&self, request: Request<StopAppRequest>) -> Result<Response<StopAppResponse>, Status> {
        let app = self.known(&request.into_inner().app_id)?;
        let run_ends = self.snapshot().apps.len() == 1;
        self.wish(if run_ends { Command::Quit } else { Command::Stop(app) }).await?;
        Ok(Response::new(StopAppResponse { run_ends }))
    }

    async fn restart_app(&self, request: Request<RestartAppRequest>) -> Result<Response<RestartAppResponse>, Status> {
        let app = self.known(&request.into_inner().app_id)?;
        self.wish(Command::Restart(app)).await?;
        Ok(Response::new(RestartAppResponse {}))
    }

    type ListCallsStream = ReceiverStream<Result<ListCallsResponse, Status>>;

    async fn list_calls(&self, request: Request<ListCallsRequest>) -> Result<Response<Self::ListCallsStream>, Status> {
        let ListCallsRequest { filter, follow, findings } = request.into_inner();
        let filter = Filter::parse(&filter).map_err(|error| Status::invalid_argument(format!("filter: {error}")))?;
        let (sender, receiver) = mpsc::channel(LIST_QUEUE);
        self.settled().await;
        tokio::spawn(Cursor::new(self.facts.clock, filter, findings).send(self.snapshots.clone(), follow, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn get_call(&self, request: Request<GetCallRequest>) -> Result<Response<GetCallResponse>, Status> {
        let id = CallId(request.into_inner().id);
        let snapshot = self.settled().await;
        let Some(call) = snapshot.calls.find(id) else {
            return Err(Status::not_found(unknown_call(id, &snapshot)));
        };
        let trace = call.trace.map(|place| snapshot.trace(place.trace)).unwrap_or_default();
        let whole = convert::whole(call, snapshot.anchor, self.facts.clock.now(), &trace);
        let findings = Finding::of(call, &snapshot, self.facts.clock.now()).into_iter().map(convert::finding).collect();
        let schema = self.schema(call, &call.request.path(), &snapshot).await;
        Ok(Response::new(GetCallResponse {
            findings,
            messages: messages::of(call, schema.as_deref()),
            grpc_status: messages::status(call, schema.as_deref()),
            ..whole
        }))
    }

    type ReplayCallStream = ReceiverStream<Result<ReplayCallResponse, Status>>;

    async fn replay_call(
        &self,
        request: Request<ReplayCallRequest>,
    ) -> Result<Response<Self::ReplayCallStream>, Status> {
        let request = request.into_inner();
        let (id, snapshot) = (CallId(request.id), self.settled().await);
        let call = snapshot.calls.find(id).ok_or_else(|| Status::not_found(unknown_call(id, &snapshot)))?;
        let schema = match &request.body {
            Some(_) => self.schema(call, request.path.as_deref().unwrap_or(&call.request.path()), &snapshot).await,
            None => None,
        };
        let replay = replay::read(request, call, &snapshot.apps, schema.as_deref())?;
        let (sender, receiver) = mpsc::channel(LIST_QUEUE);
        replay::carry_out(&self.replayer, replay, self.snapshots.clone(), sender);
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn describe_service(
        &self,
        request: Request<DescribeServiceRequest>,
    ) -> Result<Response<DescribeServiceResponse>, Status> {
        let DescribeServiceRequest { app_id, service } = request.into_inner();
        let app = self.known(&app_id)?;
        let snapshot = self.snapshot();
        let known = snapshot.schemas.of(&app, &service).filter(|schema| schema.source != SchemaSource::Guess);
        if let Some(known) = known {
            return Ok(Response::new(describe::told(known)));
        }
        let late = || Status::deadline_exceeded(format!("{app_id} did not tell in time"));
        let schema = self.replayer.own_description(app, &service).await.ok_or_else(late)?;
        Ok(Response::new(describe::told(&schema)))
    }
}

fn unknown_call(id: CallId, snapshot: &Snapshot) -> String {
    match (snapshot.calls.get(0), snapshot.calls.iter().next_back()) {
        (Some(oldest), Some(newest)) if id < oldest.id => {
            let newest = newest.id;
            format!("call {id} was given up to stay within the limits of memory; {} to {newest} are here", oldest.id)
        }
        (Some(oldest), Some(newest)) => format!("no call {id} is here; {} to {} are", oldest.id, newest.id),
        _ => format!("no call {id} is here: nothing was captured yet"),
    }
}
