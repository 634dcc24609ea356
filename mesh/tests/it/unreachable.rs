//! A sidecar of another process that cannot be reached (error table; built-in retries).

use std::net::TcpListener;
use std::time::{Duration, Instant};

use daptop_mesh::MeshSettings;
use daptop_model::{Event, FailureKind, Leg, Outcome};
use rustix::net::Shutdown;
use tempfile::TempDir;

use crate::support::{App, Ask, Bed, Node, Script, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

struct Parted {
    app: App,
    callers: Bed,
    checkout: Node,
    /// The port that other sidecars are told of, and where none listens.
    port: u16,
    _bed: Bed,
    _processor: Node,
    _folder: TempDir,
}

/// A sidecar that other processes are told of, and whose port for them is shut.
async fn parted() -> Parted {
    let folder = tempfile::tempdir().unwrap();
    let bed = || Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    let (bed, callers) = (bed(), bed());
    let app = App::start(Script::default()).await;
    let mut internal = None;
    let processor = bed.start_with(settings("order-processor", app.port), |listeners| {
        internal = Some(listeners.internal_grpc[0].try_clone().unwrap());
    });
    let checkout = callers.start_ready(settings("checkout", None)).await;
    rustix::net::shutdown(internal.unwrap(), Shutdown::Both).unwrap();
    let port = processor.internal;
    Parted { app, callers, checkout, port, _bed: bed, _processor: processor, _folder: folder }
}

#[tokio::test]
async fn a_call_is_tried_four_times_in_three_seconds_before_it_fails() {
    let mut parted = parted().await;
    let began = Instant::now();
    let answer = parted.checkout.ask(Ask::post(ORDERS, "{}")).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(2_900), "{took:?}");
    assert_eq!((answer.status(), answer.json()["errorCode"].as_str()), (500, Some("ERR_DIRECT_INVOKE")));
    let begins = "failed to invoke, id: order-processor, err: failed to invoke target order-processor after 3 retries. \
                  Error: rpc error: code = Unavailable desc = ";
    assert!(answer.error().starts_with(begins), "{}", answer.error());
    let told = parted.callers.next_call().await;
    let Outcome::Failed(failure) = told.end.outcome else { panic!("{:?}", told.end.outcome) };
    assert_eq!((failure.kind, told.end.leg), (FailureKind::SidecarUnreachable, Leg::ToProcess));
    // Each try is a part of the call, and is told while the call is open.
    assert_eq!(told.end.delays.tries(), 4);
    for failed in told.end.delays.failed_tries() {
        let pause = failed.again.unwrap().saturating_sub(failed.failed);
        assert!(pause >= Duration::from_millis(990), "{failed:?}");
        assert!(failed.why.contains("connection error"), "{failed:?}");
    }
    let tries = told.progress.iter().map(|progress| progress.delays.failed_tries().iter().collect::<Vec<_>>());
    let mut steps: Vec<_> =
        tries.map(|tries| (tries.len(), tries.last().is_some_and(|last| last.again.is_some()))).collect();
    // Bodies are told in between, and before the first one has failed.
    steps.retain(|(tries, _)| *tries > 0);
    steps.dedup();
    let expected = [(1, false), (1, true), (2, false), (2, true), (3, false), (3, true)];
    assert_eq!(steps, expected, "when one has failed, and when the next begins");
}

#[tokio::test]
async fn a_streamed_call_is_tried_once() {
    let mut parted = parted().await;
    let answer = parted.checkout.ask(Ask::post(ORDERS, "{}").chunked()).await;
    assert_eq!(answer.status(), 500);
    let told = parted.callers.next_call().await;
    assert_eq!(told.end.delays.tries(), 1, "{}", answer.error());
}

#[tokio::test]
async fn a_sidecar_that_comes_back_is_called_and_each_try_forwards_once_more() {
    let mut parted = parted().await;
    let port = parted.checkout.http;
    let answer = tokio::spawn(async move { crate::support::ask(port, &Ask::post(ORDERS, "{}")).await });
    let has_failed = |event: &Event| matches!(event, Event::CallProgressed(told) if told.delays.tries() > 0);
    while !has_failed(&parted.callers.next_event().await) {}
    let again = Bed::new();
    let listener = TcpListener::bind(("127.0.0.1", parted.port)).unwrap();
    let settings = settings("order-processor", parted.app.port);
    let _processor = again.start_with(settings, |listeners| listeners.internal_grpc = vec![listener]);
    assert_eq!(answer.await.unwrap().status(), 200);
    let seen = parted.app.seen().await;
    assert_eq!(seen.text(), "{}");
    assert_eq!(seen.all("dapr-caller-app-id"), ["checkout"]);
    let end = loop {
        if let Event::CallEnded(end) = parted.callers.next_event().await {
            break end;
        }
    };
    assert_eq!(end.outcome, Outcome::Answered);
    // Two, unless the machine was too busy to bring the sidecar back within a second.
    assert!(end.delays.tries() > 1);
    assert_eq!(seen.all("x-forwarded-for").join(", "), vec!["192.0.2.7"; end.delays.tries() as usize].join(", "));
}
