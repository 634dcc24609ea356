//! The service and the client against each other, over real sockets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use daptop_mesh::{Clock, Events, Mesh, MeshSettings};
use daptop_model::{
    App, AppId, AppPorts, AppState, AppTimes, BodyEnd, CallEnd, CallId, CallStart, CapturedBody, Command, Event,
    ExitReason, Failure, FailureFact, FailureKind, HeadBuilder, InstanceId, Leg, Limits, Outcome, Phase, Phases,
    Protocol, RequestHead, ResponseHead, Snapshot, SpanId, Stamp, Store, TraceId, TraceRef,
};
use tokio::sync::{mpsc, watch};

use super::choose::ChooseError;
use super::proto;
use super::server::serve_as;
use super::*;
use crate::plan::RunSource;
use crate::replay::Replayer;

/// A session that is served as the process of number `pid`.
pub(crate) struct Served {
    pub(crate) store: Store,
    clock: Clock,
    snapshots: watch::Sender<Arc<Snapshot>>,
    pub(crate) commands: mpsc::Receiver<Command>,
    _server: ControlServer,
}

impl Served {
    pub(crate) fn new(directory: &Directory, pid: u32, source: RunSource, apps: &[&str]) -> Self {
        let clock = Clock::start();
        let mut store = Store::new(Limits::default(), clock.anchor());
        for (instance, id) in (0..).zip(apps) {
            store.apply(Event::AppChanged(Box::new(app(instance, id))));
        }
        let (snapshots, watched) = watch::channel(store.snapshot(clock.now()));
        let (wishes, commands) = mpsc::channel(4);
        let sidecar_logs = BTreeMap::from([(InstanceId(0), PathBuf::from("/shop/daprd.log"))]);
        let facts = RunFacts { source, name: Some("shop".to_owned()), bare_sidecar: false, sidecar_logs, clock };
        let (events, _) = Events::channel(16, clock);
        let replayer = Replayer::new(Mesh::new(events, MeshSettings::default()), None);
        let server = serve_as(directory, pid, facts, watched, (wishes, replayer)).unwrap();
        Self { store, clock, snapshots, commands, _server: server }
    }

    pub(crate) fn publish(&mut self) {
        self.snapshots.send_replace(self.store.snapshot(self.clock.now()));
    }

    /// How many clients follow the calls.
    pub(crate) fn followers(&self) -> usize {
        // One receiver is the service's own.
        self.snapshots.receiver_count() - 1
    }

    /// Changes an app of the run.
    fn change(&mut self, instance: usize, change: impl FnOnce(&mut App)) {
        let mut app = App::clone(&self.store.snapshot(self.clock.now()).apps[instance]);
        change(&mut app);
        self.store.apply(Event::AppChanged(Box::new(app)));
        self.publish();
    }

    pub(crate) fn set_pid(&mut self, instance: usize, pid: u32) {
        self.change(instance, |app| app.pid = Some(pid));
    }

    pub(crate) fn set_stopped(&mut self, instance: usize) {
        self.change(instance, |app| (app.pid, app.state) = (None, AppState::Ended(ExitReason::Asked)));
    }

    pub(crate) fn set_http_port(&mut self, instance: usize, port: u16) {
        self.change(instance, |app| app.ports.http = port);
    }

    pub(crate) fn start_call(&mut self, id: u64) {
        let at = self.clock.now();
        self.store.apply(Event::CallStarted(Box::new(start(id, at))));
        self.publish();
    }

    pub(crate) fn end_call(&mut self, id: u64) {
        let at = self.store.snapshot(self.clock.now()).calls.find(CallId(id)).unwrap().phases.received;
        self.store.apply(Event::CallEnded(Box::new(end(id, at))));
        self.publish();
    }

    /// Ends a call as one that nobody took.
    pub(crate) fn refuse_call(&mut self, id: u64) {
        let at = self.store.snapshot(self.clock.now()).calls.find(CallId(id)).unwrap().phases.received;
        let (kind, fact) = (FailureKind::ConnectionRefused, Some(FailureFact::Refused(8001)));
        let outcome = Outcome::Failed(Box::new(Failure { kind, text: "connection refused".into(), fact }));
        self.store.apply(Event::CallEnded(Box::new(CallEnd { outcome, ..end(id, at) })));
        self.publish();
    }
}

fn app(instance: u32, id: &str) -> App {
    App {
        instance: InstanceId(instance),
        id: AppId::new(id),
        state: AppState::Ready,
        ports: AppPorts { app: 8001, http: 3500, grpc: 50_001, internal_grpc: 0, metrics: 9090 },
        pid: Some(4_000_001 + instance),
        command: "python3 app.py".into(),
        folder: "/shop".into(),
        log_file: Some("/shop/app.log".into()),
        env: Arc::from([]),
        restarts: 0,
        times: AppTimes::default(),
        cpu_percent: None,
        memory: None,
        listens_on: None,
    }
}

fn start(id: u64, at: Stamp) -> CallStart {
    let mut headers = HeadBuilder::default();
    headers.line("content-type", b"application/json");
    headers.line("authorization", b"Bearer secret");
    CallStart {
        id: CallId(id),
        at,
        from: "checkout".into(),
        to: "order-processor".into(),
        leg: Leg::InProcess,
        protocol: Protocol::Http1,
        request: RequestHead {
            verb: Bytes::from_static(b"POST"),
            target: Bytes::from_static(b"/v1.0/invoke/order-processor/method/orders"),
            path: Bytes::from_static(b"/orders"),
            headers: headers.finish(),
        },
        trace: Some(TraceRef {
            trace: TraceId([7; 16]),
            parent: None,
            caller_span: SpanId([id as u8; 8]),
            callee_span: Some(SpanId([id as u8 + 100; 8])),
            sampled: true,
        }),
        replay_of: None,
    }
}

fn end(id: u64, at: Stamp) -> CallEnd {
    let mut phases = Phases::new(at);
    phases.mark(Phase::Sent, at.plus(Duration::from_micros(250)));
    phases.mark(Phase::Ended, at.plus(Duration::from_micros(4_210)));
    CallEnd {
        id: CallId(id),
        leg: Leg::InProcess,
        phases,
        delays: daptop_model::Delays::default(),
        request_body: body(r#"{"orderId": 1}"#),
        response: Some(ResponseHead::new(200, HeadBuilder::default().finish())),
        messages: daptop_model::Messages::default(),
        response_body: body(r#"{"success": true, "padding": "-"}"#),
        outcome: Outcome::Answered,
        trace: start(id, at).trace,
    }
}

fn body(text: &'static str) -> CapturedBody {
    CapturedBody { kept: Bytes::from(text), seen: text.len() as u64, end: BodyEnd::Complete, evicted: false }
}

pub(crate) fn directory() -> (tempfile::TempDir, Directory) {
    let place = tempfile::tempdir().unwrap();
    let directory = Directory::open_at(place.path().join("daptop")).unwrap();
    (place, directory)
}

pub(crate) fn run_file() -> RunSource {
    RunSource::File("/shop/dapr.yaml".into())
}

#[tokio::test]
async fn a_survey_finds_every_process_and_what_it_runs() {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    let _bank = Served::new(&directory, 70, RunSource::Flags, &["bank"]);
    shop.start_call(1);
    let survey = survey(&directory, PATIENCE).await.unwrap();
    assert!(survey.problems.is_empty(), "{:?}", survey.problems);
    let runs: Vec<_> = survey.runs.iter().map(|(_, run)| (run.pid, run.run_file.as_str(), run.calls)).collect();
    assert_eq!(runs, [(71, "/shop/dapr.yaml", 1), (70, "", 0)], "the oldest first");
    let run = &survey.runs[0].1;
    assert_eq!((run.run_name.as_str(), run.version.as_str()), ("shop", env!("CARGO_PKG_VERSION")));
    let app = &run.apps[0];
    assert_eq!((app.id.as_str(), app.http_port, app.state()), ("order-processor", 3500, proto::AppState::Ready));
    assert_eq!((app.app_log_file.as_str(), app.sidecar_log_file.as_str()), ("/shop/app.log", "/shop/daprd.log"));
    assert_eq!(run.apps[1].sidecar_log_file, "");
}

#[tokio::test]
async fn a_socket_that_nobody_listens_on_is_removed() {
    let (_place, directory) = directory();
    drop(std::os::unix::net::UnixListener::bind(directory.socket(71)).unwrap());
    let survey = survey(&directory, PATIENCE).await.unwrap();
    assert!(survey.runs.is_empty() && survey.problems.is_empty());
    assert!(!directory.socket(71).exists());
}

#[tokio::test]
async fn a_process_that_hangs_is_told_and_holds_nobody_up() {
    let (_place, directory) = directory();
    let _shop = Served::new(&directory, 71, run_file(), &["checkout"]);
    // They accept connections, and never answer.
    let _hanging: Vec<_> =
        [72, 73, 74].map(|pid| std::os::unix::net::UnixListener::bind(directory.socket(pid)).unwrap()).into();
    // Long enough for the one that answers, also on a busy machine.
    let patience = Duration::from_secs(2);
    let asked = Instant::now();
    let survey = survey(&directory, patience).await.unwrap();
    assert!(asked.elapsed() < 3 * patience, "all are asked at once, not one after the other");
    assert_eq!(survey.runs.len(), 1);
    let problems: Vec<String> = survey.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 3);
    assert!(problems[0].starts_with("the daptop process 72 does not answer"), "{problems:?}");
    assert!(directory.socket(72).exists(), "it is not gone");
}

#[tokio::test]
async fn to_stop_the_only_app_is_to_end_the_run() {
    let (_place, directory) = directory();
    let mut one = Served::new(&directory, 71, RunSource::Flags, &["one"]);
    let mut shop = Served::new(&directory, 72, run_file(), &["order-processor", "checkout"]);
    let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
    assert!(process.stop_app("one").await.unwrap());
    assert_eq!(one.commands.recv().await, Some(Command::Quit));
    let mut process = Process::connect(&directory, 72, PATIENCE).await.unwrap();
    assert!(!process.stop_app("checkout").await.unwrap());
    process.restart_app("checkout").await.unwrap();
    process.stop_run().await.unwrap();
    assert_eq!(shop.commands.recv().await, Some(Command::Stop("checkout".into())));
    assert_eq!(shop.commands.recv().await, Some(Command::Restart("checkout".into())));
    assert_eq!(shop.commands.recv().await, Some(Command::Quit));
}

#[tokio::test]
async fn an_app_that_is_not_there_is_refused_by_name() {
    let (_place, directory) = directory();
    let _one = Served::new(&directory, 71, RunSource::Flags, &["one"]);
    let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
    for refused in [process.stop_app("two").await.map(drop), process.restart_app("two").await] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ControlError::Refused { absent: true, .. }));
        assert_eq!(error.to_string(), "couldn't find app id two");
    }
}

#[tokio::test]
async fn a_supervisor_that_takes_no_commands_is_told_as_such() {
    let (_place, directory) = directory();
    let mut one = Served::new(&directory, 71, RunSource::Flags, &["one"]);
    one.commands.close();
    let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
    assert_eq!(process.stop_run().await.unwrap_err().to_string(), "the run is ending");
}

#[tokio::test]
async fn a_list_tells_every_call_and_a_follower_each_as_it_ends() {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    shop.start_call(1);
    shop.end_call(1);
    shop.start_call(2);
    let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
    let mut listed = process.calls("", false, false).await.unwrap();
    let calls = listed.next().await.unwrap().unwrap().calls;
    let seen: Vec<_> = calls.iter().map(|call| (call.id, call.outcome())).collect();
    assert_eq!(seen, [(1, proto::Outcome::Answered), (2, proto::Outcome::Pending)]);
    assert_eq!((calls[0].path.as_str(), calls[0].status, calls[0].age_micros), ("/orders", 200, 4_210));
    assert!(listed.next().await.unwrap().is_none());
    let mut open = process.calls("open", false, false).await.unwrap();
    assert_eq!(next_call(&mut open).await, (2, proto::Outcome::Pending));
    let error = process.calls("nonsense:", false, false).await.unwrap_err().to_string();
    assert!(error.starts_with("filter: column "), "{error}");

    let mut followed = process.calls("", true, false).await.unwrap();
    assert_eq!(next_call(&mut followed).await, (1, proto::Outcome::Answered));
    shop.start_call(3);
    shop.end_call(3);
    assert_eq!(next_call(&mut followed).await, (3, proto::Outcome::Answered));
    assert_eq!(next_call(&mut followed).await, (2, proto::Outcome::Pending), "open for a second");
    shop.end_call(2);
    assert_eq!(next_call(&mut followed).await, (2, proto::Outcome::Answered));
}

async fn next_call(stream: &mut client::CallStream) -> (u64, proto::Outcome) {
    let within = Duration::from_secs(10);
    loop {
        let answer = tokio::time::timeout(within, stream.next()).await.unwrap().unwrap().unwrap();
        if let Some(call) = answer.calls.first() {
            assert_eq!(answer.calls.len(), 1);
            return (call.id, call.outcome());
        }
    }
}

#[tokio::test]
async fn a_follower_is_told_when_the_process_ends() {
    let (_place, directory) = directory();
    let shop = Served::new(&directory, 71, run_file(), &["checkout"]);
    let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
    let mut followed = process.calls("", true, false).await.unwrap();
    drop(shop);
    let end = tokio::time::timeout(Duration::from_secs(10), async { while let Ok(Some(_)) = followed.next().await {} });
    end.await.unwrap();
    assert!(!directory.socket(71).exists());
}

#[tokio::test]
async fn a_call_is_shown_whole_with_its_trace() {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
    assert_eq!(process.call(1).await.unwrap_err().to_string(), "no call #1 is here: nothing was captured yet");
    shop.start_call(5);
    shop.end_call(5);
    let call = process.call(5).await.unwrap();
    assert_eq!(call.target, "/v1.0/invoke/order-processor/method/orders");
    assert_eq!(call.request_headers[1].value, "Bearer secret");
    let spans: Vec<_> = call.trace.iter().map(|span| (span.depth, span.app.as_str(), span.duration_micros)).collect();
    assert_eq!(spans, [(0, "checkout", Some(4_210)), (1, "order-processor", Some(4_210))]);
    assert_eq!(process.call(6).await.unwrap_err().to_string(), "no call #6 is here; #5 to #5 are");
    let evicted = "call #4 was given up to stay within the limits of memory; #5 to #5 are here";
    assert_eq!(process.call(4).await.unwrap_err().to_string(), evicted);
}

#[tokio::test]
async fn what_is_published_within_a_moment_of_a_question_is_in_the_answer() {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    // On a machine that is busy enough a moment may be over before this has gone on.
    for id in 1..=20 {
        shop.start_call(id);
        let mut process = Process::connect(&directory, 71, PATIENCE).await.unwrap();
        let asked = tokio::spawn(async move { process.call(id).await });
        while shop.followers() == 0 && !asked.is_finished() {
            tokio::task::yield_now().await;
        }
        shop.end_call(id);
        if asked.await.unwrap().unwrap().summary.unwrap().outcome() == proto::Outcome::Answered {
            return;
        }
    }
    panic!("the answers tell what was so before the questions");
}

#[tokio::test]
async fn of_several_processes_the_only_one_with_calls_is_chosen_or_the_one_that_is_named() {
    let (_place, directory) = directory();
    let chosen =
        async |wanted: Wanted| choose(survey(&directory, PATIENCE).await.unwrap(), &wanted).map(|(_, run)| run.pid);
    assert_eq!(chosen(Wanted::default()).await, Err(ChooseError::NoneRuns));
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    assert_eq!(chosen(Wanted::default()).await, Ok(71), "the only one, calls or not");
    let mut bank = Served::new(&directory, 72, RunSource::Flags, &["bank"]);
    let running =
        "  pid 71: order-processor, checkout of /shop/dapr.yaml (0 calls)\n  pid 72: bank (0 calls)".to_owned();
    assert_eq!(chosen(Wanted::default()).await, Err(ChooseError::Several { running }));
    bank.start_call(1);
    assert_eq!(chosen(Wanted::default()).await, Ok(72));
    shop.start_call(1);
    assert!(matches!(chosen(Wanted::default()).await, Err(ChooseError::Several { .. })));
    assert_eq!(chosen(Wanted { app_id: Some("checkout".into()), pid: None }).await, Ok(71));
    assert_eq!(chosen(Wanted { app_id: None, pid: Some(72) }).await, Ok(72));
    let error = chosen(Wanted { app_id: Some("nobody".into()), pid: None }).await.unwrap_err();
    assert!(error.to_string().starts_with("no daptop process runs the app nobody; these run:\n  pid 71"), "{error}");
}
