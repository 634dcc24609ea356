//! The ways in and out: Unix sockets, TLS, tokens, reflection.

use std::os::unix::net::UnixListener;

use daptop_mesh::{ApiListener, AppProtocol, SidecarSettings};
use tokio::net::TcpStream;
use tonic::Code;

use super::{PLACE, caller, pair, pair_with};
use crate::support::{Bed, Caller, GrpcApp, Identity, TlsFront, settings, soon};

#[tokio::test]
async fn the_api_may_listen_on_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dapr-order-processor-grpc.socket");
    let app = GrpcApp::start().await;
    let socket = ApiListener::Unix(UnixListener::bind(&path).unwrap(), path.clone());
    let node = Bed::new().start_with(settings("order-processor", app.port), |listeners| listeners.grpc = vec![socket]);
    node.wait_for(daptop_mesh::Readiness::Ready).await;
    let got = Caller::to_socket(path).with("dapr-app-id", "order-processor").ask(PLACE, b"one").await;
    assert_eq!((got.code, got.messages.len()), (Code::Ok, 1), "{}", got.words);
}

#[tokio::test]
async fn an_app_may_speak_tls_with_any_certificate() {
    let app = GrpcApp::start().await;
    let front = TlsFront::start(app.port, &Identity::of_its_own("somebody.else", false), None).await;
    let bed = Bed::new();
    let secured = SidecarSettings { app_protocol: AppProtocol::Grpcs, ..settings("order-processor", front.port) };
    let node = bed.start_ready(secured).await;
    let client = bed.start_ready(settings("client", None)).await;
    for node in [&node, &client] {
        let got = caller(node).call(PLACE, &[b"1", b"2"]).await;
        assert_eq!((got.code, got.messages.len()), (Code::Ok, 1), "{}", got.words);
        assert_eq!(app.seen().await.messages, ["1", "2"]);
    }
}

#[tokio::test]
async fn callers_need_the_token_and_the_app_gets_its_own() {
    let pair = pair_with(|settings| {
        settings.api_token = Some("sidecar".to_owned());
        settings.app_api_token = Some("app".to_owned());
    })
    .await;
    for (leg, node) in pair.legs() {
        for (asked, text) in [
            (caller(node), "missing api token in request metadata"),
            (caller(node).with("dapr-api-token", "wrong"), "authentication error: api token mismatch"),
        ] {
            for path in [PLACE, "/dapr.proto.runtime.v1.Dapr/GetMetadata"] {
                let got = asked.ask(path, b"").await;
                assert_eq!((got.code, got.words.as_str()), (Code::Unauthenticated, "Unauthorized"), "{leg}");
                assert!(String::from_utf8_lossy(&got.details).contains(text), "{leg}: {:?}", got.details);
            }
        }
        let got = caller(node).with("dapr-api-token", "sidecar").ask(PLACE, b"one").await;
        assert_eq!(got.code, Code::Ok, "{leg}: {}", got.words);
        assert_eq!(pair.app.seen().await.values("dapr-api-token"), ["app"], "{leg}");
    }
}

#[tokio::test]
async fn reflection_tells_of_the_sidecar_in_both_versions() {
    let pair = super::pair().await;
    // A request for the list of services.
    let list = [0x3a, 0];
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        for (port, service) in [
            (pair.checkout.grpc, "dapr.proto.runtime.v1.Dapr"),
            (pair.checkout.internal, "dapr.proto.internals.v1.ServiceInvocation"),
        ] {
            let got = Caller::to(port).with("dapr-app-id", "order-processor").ask(&path, &list).await;
            assert_eq!(got.code, Code::Ok, "{version}: {}", got.words);
            let told = String::from_utf8_lossy(&got.messages[0]).into_owned();
            assert!(told.contains(service), "{version}: {told:?}");
        }
    }
    assert!(pair.app.take_seen().is_empty(), "the app is not asked");
}

#[tokio::test]
async fn a_caller_that_pings_too_often_is_told_to_calm_down_and_its_connection_ends() {
    let pair = pair().await;
    for port in [pair.checkout.grpc, pair.checkout.internal] {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (_sender, mut connection) = h2::client::handshake(stream).await.unwrap();
        let mut pings = connection.ping_pong().unwrap();
        let ended = tokio::spawn(connection);
        for _ in 0..3 {
            soon("a pong", pings.ping(h2::Ping::opaque())).await.unwrap();
        }
        let last = soon("the end", pings.ping(h2::Ping::opaque())).await;
        assert!(last.is_err(), "the fourth ping is one too many");
        let error = soon("the end", ended).await.unwrap().unwrap_err();
        assert!(error.is_go_away() && error.is_remote(), "{error:?}");
        assert_eq!(error.reason(), Some(h2::Reason::ENHANCE_YOUR_CALM));
        assert!(format!("{error:?}").contains("too_many_pings"), "{error:?}");
    }
}
