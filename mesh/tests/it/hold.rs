//! A call to an app that is still starting is held. Dapr has no such thing: it is what makes the first order of a
//! quickstart succeed.

use std::time::Duration;

use daptop_mesh::{AppPresence, MeshSettings, SidecarSettings};
use daptop_model::{Event, FailureKind, Leg, Outcome, Phase};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::support::{App, Ask, Bed, Message, Node, Script, Told, ask, closed_port, settings};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";

fn supervised(id: &str, port: u16) -> SidecarSettings {
    SidecarSettings { supervised: true, ..settings(id, port) }
}

fn call(node: &Node) -> JoinHandle<Message> {
    let port = node.http;
    tokio::spawn(async move { ask(port, &Ask::get(ORDERS)).await })
}

/// Two processes that hold calls for so long.
fn beds(hold: Duration) -> (Bed, Bed, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let bed = || Bed::with(MeshSettings { hold, directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    (bed(), bed(), folder)
}

/// Waits until a mesh tells that a call waits for its app.
async fn told_waiting(bed: &mut Bed) {
    loop {
        if let Event::CallProgressed(progress) = bed.next_event().await {
            assert!(progress.waiting);
            return;
        }
    }
}

async fn told_end(bed: &mut Bed) -> daptop_model::CallEnd {
    loop {
        if let Event::CallEnded(end) = bed.next_event().await {
            return *end;
        }
    }
}

#[tokio::test]
async fn a_call_to_a_starting_app_is_told_as_waiting_and_answered_once_the_app_listens() {
    for leg in [Leg::Own, Leg::InProcess, Leg::FromProcess] {
        let (mut bed, other, _folder) = beds(Duration::from_secs(30));
        let (port, kept) = closed_port();
        let processor = bed.start(supervised("order-processor", port));
        let caller = match leg {
            Leg::Own => None,
            Leg::InProcess => Some(bed.start(settings("checkout", None))),
            _ => Some(other.start(settings("checkout", None))),
        };
        let answer = call(caller.as_ref().unwrap_or(&processor));
        told_waiting(&mut bed).await;
        processor.sidecar.set_presence(AppPresence::Running);
        assert!(!answer.is_finished(), "{leg:?}: the process runs, its port is closed");
        let app = App::on(kept.listen(128).unwrap(), None, Script::default());
        assert_eq!(answer.await.unwrap().status(), 200, "{leg:?}");
        assert_eq!(app.take_seen().len(), 1, "{leg:?}");
        let end = told_end(&mut bed).await;
        assert_eq!((end.leg, &end.outcome), (leg, &Outcome::Answered));
        let (started, connected) = (end.phases.at(Phase::Started).unwrap(), end.phases.at(Phase::Connected).unwrap());
        assert!(started <= connected, "{leg:?}: {:?}", end.phases);
        assert!(end.phases.waited() > Duration::ZERO && Some(end.phases.waited()) < end.phases.duration(), "{leg:?}");
    }
}

#[tokio::test]
async fn a_call_to_a_ready_app_does_not_wait() {
    let app = App::start(Script::default()).await;
    let mut bed = Bed::new();
    let processor = bed.start(supervised("order-processor", app.port));
    processor.sidecar.set_presence(AppPresence::Running);
    processor.wait_for(daptop_mesh::Readiness::Ready).await;
    assert_eq!(processor.ask(Ask::get(ORDERS)).await.status(), 200);
    let Told { progress, end, .. } = bed.next_call().await;
    assert!(progress.is_empty());
    assert_eq!((end.phases.at(Phase::Started), end.phases.waited()), (None, Duration::ZERO));
}

#[tokio::test]
async fn a_call_that_waited_in_vain_fails_as_to_an_app_that_does_not_listen() {
    let (mut bed, _, _folder) = beds(Duration::from_millis(100));
    let (port, _kept) = closed_port();
    let processor = bed.start(supervised("order-processor", port));
    processor.sidecar.set_presence(AppPresence::Running);
    let answer = processor.ask(Ask::get(ORDERS)).await;
    let refused =
        format!(r#"Get "http://127.0.0.1:{port}/orders": dial tcp 127.0.0.1:{port}: connect: connection refused"#);
    assert_eq!(answer.error(), format!("failed to invoke, id: order-processor, err: {refused}"));
    let Told { progress, end, .. } = bed.next_call().await;
    assert_eq!(progress.len(), 1);
    let Outcome::Failed(failure) = end.outcome else { panic!("{:?}", end.outcome) };
    assert_eq!(failure.kind, FailureKind::StillStarting);
    assert!(end.phases.waited() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_call_to_an_app_that_ended_fails_at_once_and_one_that_waits_fails_when_it_ends() {
    let (mut bed, _, _folder) = beds(Duration::from_secs(30));
    let (port, _kept) = closed_port();
    let processor = bed.start(supervised("order-processor", port));
    let waiting = call(&processor);
    told_waiting(&mut bed).await;
    processor.sidecar.set_presence(AppPresence::Gone);
    assert_eq!(waiting.await.unwrap().status(), 500, "the app ended while the call waited");
    told_end(&mut bed).await;
    assert_eq!(processor.ask(Ask::get(ORDERS)).await.status(), 500);
    let Told { progress, end, .. } = bed.next_call().await;
    assert!(progress.is_empty(), "nobody waits for an app that ended");
    let Outcome::Failed(failure) = end.outcome else { panic!("{:?}", end.outcome) };
    assert_eq!(failure.kind, FailureKind::ConnectionRefused);
}

#[tokio::test]
async fn an_app_that_is_started_again_is_waited_for_again() {
    let (mut bed, _, _folder) = beds(Duration::from_secs(30));
    let app = App::start(Script::default()).await;
    let port = app.port;
    let processor = bed.start(supervised("order-processor", port));
    processor.sidecar.set_presence(AppPresence::Running);
    processor.wait_for(daptop_mesh::Readiness::Ready).await;
    processor.sidecar.set_presence(AppPresence::Gone);
    drop(app);
    processor.wait_for(daptop_mesh::Readiness::Waiting).await;
    processor.sidecar.set_presence(AppPresence::Expected);
    let answer = call(&processor);
    told_waiting(&mut bed).await;
    processor.sidecar.set_presence(AppPresence::Running);
    let _app = App::start_on(port, Script::default()).await;
    assert_eq!(answer.await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_app_without_a_port_is_never_waited_for() {
    let bed = Bed::new();
    let client = bed.start(SidecarSettings { supervised: true, ..settings("order-processor", None) });
    assert!(client.ask(Ask::get(ORDERS)).await.error().ends_with("app channel not initialized"));
}
