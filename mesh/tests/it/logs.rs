//! What a sidecar logs, in the runtime's words (start-up and app readiness; shutdown; API log; app health).

use std::time::Duration;

use daptop_mesh::{HealthSettings, Readiness, SidecarSettings, UnusedResource};

use crate::support::{App, Ask, Bed, Caller, DEADLINE, Log, Script, settings, wait_until};

#[tokio::test]
async fn the_start_is_told_step_by_step() {
    let log = Log::capture();
    let app = App::start(Script::default()).await;
    let bed = Bed::new();
    let _node = bed.start_ready(settings("order-processor", app.port)).await;
    let waiting = format!(
        "application protocol: http. waiting on port {}.  This will block until the app is listening on that port.",
        app.port
    );
    let found = format!("application discovered on port {}", app.port);
    for line in [waiting.as_str(), &found, "dapr initialized. Status: Running. Init Elapsed "] {
        assert_eq!(log.count(&[line, "order-processor"]), 1, "{line}");
    }
    let skipping = SidecarSettings { skip_app_config: true, ..settings("other", app.port) };
    let _other = bed.start_ready(skipping).await;
    assert_eq!(log.count(&["Skipping programmatic dapr configuration loading", "other"]), 1);
}

#[tokio::test]
async fn a_resource_that_is_not_used_is_told_at_the_start() {
    let log = Log::capture();
    let unused = UnusedResource {
        path: "/shop/resources/state.yaml".into(),
        kind: "Component".to_owned(),
        name: "statestore".to_owned(),
        component: Some("state.redis".to_owned()),
    };
    let words = unused.to_string();
    let _node = Bed::new().start(SidecarSettings { unused_resources: vec![unused], ..settings("client", None) });
    assert_eq!(log.count(&["WARN", &words, "client"]), 1);
}

#[tokio::test]
async fn a_shutdown_is_told() {
    let log = Log::capture();
    let node = Bed::new().start(settings("client", None));
    node.ask(Ask::post("/v1.0/shutdown", "")).await;
    assert_eq!(log.count(&["Shutdown requested via API"]), 1);
    node.ask(Ask::post("/v1.0/shutdown", "").header("dapr-force-shutdown", "true")).await;
    let forced = "Force shutdown requested, exiting immediately without graceful shutdown";
    assert_eq!(log.count(&[forced]), 1);
}

#[tokio::test]
async fn each_api_call_is_told_where_that_is_asked_for() {
    let log = Log::capture();
    let bed = Bed::new();
    let _quiet = bed.start(settings("quiet", None)).ask(Ask::get("/v1.0/metadata")).await;
    assert_eq!(log.count(&["HTTP API Called"]), 0);
    let node = bed.start(SidecarSettings { api_logging: true, ..settings("client", None) });
    node.ask(Ask::get("/v1.0/metadata").header("User-Agent", "tester/1")).await;
    node.ask(Ask::get("/v1.0/invoke/nobody/method/orders")).await;
    // The line comes once the answer is through.
    wait_until("both are told", async || log.count(&["HTTP API Called"]) == 2).await;
    assert_eq!(log.count(&["HTTP API Called", "GET /v1.0/metadata", "tester/1", "code=200", "duration="]), 1);
    assert_eq!(log.count(&["HTTP API Called", "GET /v1.0/invoke/nobody/method/orders", "code=500"]), 1);
}

#[tokio::test]
async fn each_call_of_the_grpc_api_is_told_where_that_is_asked_for() {
    let log = Log::capture();
    let bed = Bed::new();
    let node = bed.start(SidecarSettings { api_logging: true, ..settings("client", None) });
    Caller::to(node.grpc).ask("/dapr.proto.runtime.v1.Dapr/GetMetadata", b"").await;
    Caller::to(node.grpc).ask("/shop.Orders/Place", b"").await;
    let metadata = ["gRPC API Called", "/dapr.proto.runtime.v1.Dapr/GetMetadata", "code=0", "duration="];
    wait_until("both are told", async || log.count(&["gRPC API Called"]) == 2).await;
    assert_eq!(log.count(&metadata), 1);
    assert_eq!(log.count(&["gRPC API Called", "/shop.Orders/Place", "code=2"]), 1);
}

#[tokio::test]
async fn an_app_that_changes_its_health_is_told_once() {
    let log = Log::capture();
    let app = App::start(Script::default()).await;
    app.set_health(200);
    let bed = Bed::new();
    let health = HealthSettings {
        interval: Duration::from_millis(10),
        threshold: 2,
        timeout: DEADLINE,
        ..HealthSettings::default()
    };
    let node = bed.start_ready(SidecarSettings { health: Some(health), ..settings("order-processor", app.port) }).await;
    app.set_health(503);
    node.wait_for(Readiness::Unhealthy).await;
    let probes = app.own_requests().len();
    wait_until("more probes fail", async || app.own_requests().len() > probes + 3).await;
    assert_eq!(log.count(&["App entered healthy status"]), 1);
    assert_eq!(log.count(&["App entered un-healthy status: "]), 1);
}
