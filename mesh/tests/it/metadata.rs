//! `GET` and `PUT /v1.0/metadata` (metadata), and `POST /v1.0/shutdown` (shutdown).

use std::time::Duration;

use daptop_mesh::{AppProtocol, HealthSettings, RUNTIME_VERSION, ShutdownRequest, SidecarSettings};
use serde_json::json;

use crate::support::{App, Ask, Bed, Script, ask, settings, soon};

#[tokio::test]
async fn metadata_tells_the_app_and_how_it_is_reached() {
    let app = App::start(Script::default()).await;
    let bed = Bed::new();
    let told = SidecarSettings {
        app_max_concurrency: Some(7),
        app_protocol: AppProtocol::H2c,
        skip_app_config: true,
        health: Some(HealthSettings { threshold: 2, ..HealthSettings::default() }),
        ..settings("order-processor", app.port)
    };
    let node = bed.start(told);
    for port in [node.http, node.public] {
        let answer = ask(port, &Ask::get("/v1.0/metadata")).await;
        assert_eq!((answer.status(), answer.header("content-type")), (200, Some("application/json")));
        assert!(answer.body.ends_with(b"}\n"));
        let want = json!({
            "id": "order-processor",
            "runtimeVersion": RUNTIME_VERSION,
            "extended": { "daprRuntimeVersion": RUNTIME_VERSION },
            "appConnectionProperties": {
                "port": app.port,
                "protocol": "h2c",
                "channelAddress": "127.0.0.1",
                "maxConcurrency": 7,
                "health": {
                    "healthCheckPath": "/healthz",
                    "healthProbeInterval": "5s",
                    "healthProbeTimeout": "500ms",
                    "healthThreshold": 2,
                },
            },
            "actorRuntime": { "runtimeStatus": "DISABLED", "hostReady": false, "placement": "placement: disconnected" },
            "workflows": {},
        });
        assert_eq!(answer.json(), want);
    }
}

#[tokio::test]
async fn metadata_of_a_sidecar_without_an_app_has_no_connection() {
    let node = Bed::new().start(settings("client", None));
    assert!(node.ask(Ask::get("/v1.0/metadata")).await.json().get("appConnectionProperties").is_none());
}

#[tokio::test]
async fn metadata_can_be_put_and_put_again() {
    let node = Bed::new().start(settings("client", None));
    for (key, body) in [("color", "blue"), ("color", "green"), ("empty", ""), ("appPID", "42")] {
        let answer = node.ask(Ask { body: body.into(), ..Ask::new("PUT", &format!("/v1.0/metadata/{key}")) }).await;
        assert_eq!((answer.status(), answer.body.len()), (204, 0), "{key}={body}");
    }
    node.sidecar.set_metadata("cliPID", "7");
    let extended = node.ask(Ask::get("/v1.0/metadata")).await.json()["extended"].clone();
    let want = json!({
        "appPID": "42", "cliPID": "7", "color": "green", "daprRuntimeVersion": RUNTIME_VERSION, "empty": "",
    });
    assert_eq!(extended, want);
}

#[tokio::test]
async fn a_shutdown_is_asked_for_in_good_order_or_by_force() {
    for (value, want) in [
        (None, ShutdownRequest::Graceful),
        (Some("false"), ShutdownRequest::Graceful),
        (Some("true"), ShutdownRequest::Force),
    ] {
        let node = Bed::new().start(settings("client", None));
        let asked =
            value.iter().fold(Ask::post("/v1.0/shutdown", ""), |ask, value| ask.header("dapr-force-shutdown", value));
        let answer = node.ask(asked).await;
        assert_eq!((answer.status(), answer.body.len()), (204, 0));
        assert_eq!(soon("the wish arrives", node.sidecar.shutdown_requested()).await, want, "{value:?}");
    }
}

#[tokio::test]
async fn nobody_asks_for_a_shutdown_with_another_verb() {
    let node = Bed::new().start(settings("client", None));
    assert_eq!(node.ask(Ask::get("/v1.0/shutdown")).await.status(), 404);
    let asked = tokio::time::timeout(Duration::from_millis(50), node.sidecar.shutdown_requested()).await;
    assert!(asked.is_err(), "a GET is no wish");
}
