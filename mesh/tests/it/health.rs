//! `GET /v1.0/healthz` and its relatives, and what the sidecar asks its app at the start (health; start-up and app
//! readiness).

use daptop_mesh::{AppProtocol, Readiness, SidecarSettings};

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::support::{App, Ask, Bed, Script, ask, closed_port, settings, soon, wait_until};

#[tokio::test]
async fn healthz_turns_204_once_the_apps_port_answers_and_outbound_before() {
    let (port, kept) = closed_port();
    let bed = Bed::new();
    let node = bed.start(settings("order-processor", port));
    for api in [node.http, node.public] {
        let early = ask(api, &Ask::get("/v1.0/healthz")).await;
        assert_eq!((early.status(), early.json()["errorCode"].as_str()), (500, Some("ERR_HEALTH_NOT_READY")));
        assert!(early.error().starts_with("dapr is not ready: ["), "{}", early.error());
        assert_eq!(ask(api, &Ask::get("/v1.0/healthz/outbound")).await.status(), 204);
    }
    let _app = App::on(kept.listen(128).unwrap(), None, Script::default());
    wait_until("healthz is 204", async || node.ask(Ask::get("/v1.0/healthz")).await.status() == 204).await;
    assert!(node.ask(Ask::get("/v1.0/healthz")).await.body.is_empty());
}

#[tokio::test]
async fn healthz_may_be_asked_for_an_app_id() {
    let bed = Bed::new();
    let node = bed.start_ready(settings("client", None)).await;
    assert_eq!(node.ask(Ask::get("/v1.0/healthz?appid=client")).await.status(), 204);
    let other = node.ask(Ask::get("/v1.0/healthz?appid=other")).await;
    assert_eq!((other.status(), other.json()["errorCode"].as_str()), (500, Some("ERR_HEALTH_APPID_NOT_MATCH")));
    assert_eq!(other.error(), "dapr app-id does not match");
}

#[tokio::test]
async fn health_is_not_traced() {
    let bed = Bed::new();
    let node = bed.start_ready(settings("client", None)).await;
    assert_eq!(node.ask(Ask::get("/v1.0/healthz")).await.header("traceparent"), None);
    assert!(node.ask(Ask::get("/v1.0/metadata")).await.header("traceparent").is_some());
}

#[tokio::test]
async fn the_app_is_asked_for_its_configuration_once_unless_told_not_to() {
    let bed = Bed::new();
    for (skip, protocol, calls) in
        [(false, AppProtocol::Http, 1), (true, AppProtocol::Http, 0), (false, AppProtocol::Grpc, 0)]
    {
        let app = App::start(Script::default()).await;
        let settings =
            SidecarSettings { skip_app_config: skip, app_protocol: protocol, ..settings("order-processor", app.port) };
        let node = bed.start_ready(settings).await;
        let own = app.own_requests();
        let name = format!("skipped {skip}, {protocol:?}");
        assert_eq!(own.len(), calls, "{name}");
        if let [config] = own.as_slice() {
            assert_eq!((config.method(), config.target()), ("GET", "/dapr/config"), "{name}");
            assert_eq!(config.header("dapr-app-id"), Some("order-processor"), "{name}");
        }
        node.close().await;
    }
}

#[tokio::test]
async fn a_sidecar_without_an_app_is_ready_at_once() {
    let node = Bed::new().start(settings("client", None));
    node.wait_for(Readiness::Ready).await;
    assert_eq!(node.ask(Ask::get("/v1.0/healthz")).await.status(), 204);
}

#[tokio::test]
async fn an_app_of_https_is_up_once_it_speaks_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let node =
        Bed::new().start(SidecarSettings { app_protocol: AppProtocol::Https, ..settings("order-processor", port) });
    for _ in 0..2 {
        let (mut stream, _) = soon("a knock", listener.accept()).await.unwrap();
        assert_eq!(soon("the first byte", stream.read_u8()).await.unwrap(), 22, "a handshake begins with its type");
    }
    assert_eq!(node.ask(Ask::get("/v1.0/healthz")).await.status(), 500);
}
