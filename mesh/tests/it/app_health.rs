//! App health checks (app health).

use std::time::Duration;

use daptop_mesh::{HealthSettings, MeshSettings, Readiness, SidecarSettings};

use crate::support::{App, Ask, Bed, DEADLINE, Message, Script, settings, wait_until};

const ORDERS: &str = "/v1.0/invoke/order-processor/method/orders";
const REFUSED: &str = "rpc error: code = Internal desc = app is not in a healthy state";

fn checked(port: u16) -> SidecarSettings {
    let health = HealthSettings { interval: Duration::from_millis(30), timeout: DEADLINE, ..HealthSettings::default() };
    SidecarSettings { health: Some(health), ..settings("order-processor", port) }
}

fn is_refused(answer: &Message) -> bool {
    answer.status() == 500 && answer.error().ends_with(REFUSED)
}

#[tokio::test]
async fn an_app_is_unhealthy_until_its_first_success() {
    let app = App::start(Script::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let bed = || Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    let (bed, other_bed) = (bed(), bed());
    let processor = bed.start(checked(app.port));
    let checkout = bed.start(settings("checkout", None));
    let far = other_bed.start(settings("checkout", None));
    wait_until("the sidecar is up", async || processor.ask(Ask::get("/v1.0/healthz")).await.status() == 204).await;
    let remote = format!("rpc error: code = Internal desc = error invoking app channel: {REFUSED}");
    for (leg, node, error) in
        [("local", &processor, REFUSED), ("remote", &checkout, &remote), ("remote process", &far, &remote)]
    {
        let answer = node.ask(Ask::get(ORDERS)).await;
        assert_eq!(answer.error(), format!("failed to invoke, id: order-processor, err: {error}"), "{leg}");
        assert_eq!(answer.status(), 500, "{leg}");
    }
    assert!(app.take_seen().is_empty());
    app.set_health(200);
    processor.wait_for(Readiness::Ready).await;
    for node in [&processor, &checkout, &far] {
        assert_eq!(node.ask(Ask::get(ORDERS)).await.status(), 200);
    }
}

#[tokio::test]
async fn as_many_failures_as_the_threshold_make_an_app_unhealthy_and_one_success_restores_it() {
    let app = App::start(Script::default()).await;
    app.set_health(204);
    let bed = Bed::new();
    let node = bed.start_ready(checked(app.port)).await;
    for status in [500, 302, 404] {
        let probes = || app.own_requests().iter().filter(|request| request.target() == "/healthz").count();
        let before = probes();
        app.set_health(status);
        node.wait_for(Readiness::Unhealthy).await;
        let failures = probes() - before;
        assert!(failures >= 3, "{status}: {failures} probes are below the threshold");
        assert!(is_refused(&node.ask(Ask::get(ORDERS)).await), "{status}");
        app.set_health(299);
        node.wait_for(Readiness::Ready).await;
        assert_eq!(node.ask(Ask::get(ORDERS)).await.status(), 200, "{status}");
    }
    let probe = app.own_requests().into_iter().find(|request| request.target() == "/healthz").unwrap();
    assert_eq!((probe.method(), probe.body.len()), ("GET", 0));
}

#[tokio::test]
async fn an_app_that_stops_listening_becomes_unhealthy() {
    let app = App::start(Script::default()).await;
    app.set_health(200);
    let bed = Bed::new();
    let node = bed.start_ready(checked(app.port)).await;
    drop(app);
    node.wait_for(Readiness::Unhealthy).await;
    assert!(is_refused(&node.ask(Ask::get(ORDERS)).await));
}
