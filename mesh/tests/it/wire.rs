//! What two sidecars say to each other, byte for byte, against what two of Dapr's own are recorded to say (What real
//! sidecars send each other). The entries of a map have no order; all else does.

mod answers;
mod fields;
mod malformed;
mod peer;
mod recorded;

use daptop_mesh::{MeshSettings, SidecarSettings};
use fields::{count, entry, field, text};
use peer::{Listed, Sent, call};
use recorded::Recording;

use crate::support::{App, Ask, Bed, Node, Script, settings, wait_until};

const STREAM: &str = "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream";
const UNARY: &str = "/dapr.proto.internals.v1.ServiceInvocation/CallLocal";
/// The span of the client that Dapr was asked by.
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// `client`, and what it says when `ask` asks it to call `web`.
async fn said_by_the_caller(ask: Ask) -> Sent {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    let told = SidecarSettings { host_address: Some("192.0.2.2".to_owned()), ..settings("client", None) };
    let client = bed.start_ready(told).await;
    let web = Listed::start(folder.path(), "web").await;
    let answer = [Recording::of("http-post").messages("callee")[0].clone()];
    let (asked, answered) = tokio::join!(web.answer(&answer), client.ask(ask));
    assert_eq!((answered.status(), &*answered.text()), (200, r#"{"ok":true}"#));
    assert_eq!(answered.header("content-type"), Some("application/json"));
    asked
}

fn invoke(verb: &str, method: &str, body: &str) -> Ask {
    let ask = Ask { body: body.into(), ..Ask::new(verb, &format!("/v1.0/invoke/web/method/{method}")) };
    ask.header("Traceparent", TRACEPARENT)
}

/// Whether frames are payloads of at most 2048 bytes, counted from a number on, and nothing else; returns the body.
fn payloads<'a>(frames: impl IntoIterator<Item = &'a Vec<u8>>, first: u64) -> Vec<u8> {
    let mut body = Vec::new();
    for (sequence, frame) in (first..).zip(frames) {
        let payload = field(frame, 2).expect("a payload");
        let data = field(&payload, 1).expect("data");
        assert!((1..=2048).contains(&data.len()), "frame {sequence} has {} bytes", data.len());
        assert_eq!(*frame, text(2, [text(1, &data), count(2, sequence)].concat()), "frame {sequence}");
        body.extend(data);
    }
    body
}

#[tokio::test]
async fn the_frames_that_follow_are_numbered_payloads_in_both_directions() {
    let body = "x".repeat(50_000);
    let said = said_by_the_caller(invoke("POST", "big", &body)).await;
    let head = field(&said.messages[0], 1).unwrap();
    let first = said.messages[0][text(1, head).len()..].to_vec();
    assert_eq!(payloads([&first], 0).len() + payloads(&said.messages[1..], 1).len(), 50_000);
    let web = Web::start(Script::default().body("y".repeat(40_000))).await;
    let answer = call(web.node.internal, STREAM, &[], &Recording::of("http-get-404").messages("caller")).await;
    let head = field(&answer.messages[0], 1).unwrap();
    let first = answer.messages[0][text(1, head).len()..].to_vec();
    let got = [payloads([&first], 0), payloads(&answer.messages[1..], 1)].concat();
    assert_eq!((got.len(), got.iter().all(|byte| *byte == b'y')), (40_000, true));
}

/// The callee of the recordings.
struct Web {
    app: App,
    node: Node,
    _bed: Bed,
}

impl Web {
    async fn start(script: Script) -> Self {
        let (app, bed) = (App::start(script).await, Bed::new());
        let node = bed.start_ready(settings("web", app.port)).await;
        Self { app, node, _bed: bed }
    }
}

#[tokio::test]
async fn what_a_grpc_client_of_dapr_says_of_itself_reaches_an_http_app_under_names_of_its_own() {
    let web = Web::start(Script::default()).await;
    let answer = call(web.node.internal, STREAM, &[], &Recording::of("invoke-web").messages("caller")).await;
    assert_eq!(answer.trailers["grpc-status"], "0");
    let seen = web.app.seen().await;
    assert_eq!((seen.method(), seen.target(), &*seen.text()), ("POST", "/orders", "{}"));
    for (name, value) in [
        ("content-type", "application/json"),
        ("dapr-authority", "127.0.0.1:53173"),
        ("dapr-grpc-accept-encoding", "identity, deflate, gzip"),
        ("dapr-caller-app-id", "client"),
        ("dapr-callee-app-id", "web"),
        ("dapr-caller-namespace", "default"),
        ("transfer-encoding", "chunked"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_sidecar_that_does_not_stream_is_answered_in_one_message() {
    let web = Web::start(Script { status: 201, ..Script::default() }).await;
    // Data 1 is an Any, whose value is 2; the verb POST is 3.
    let message = [
        text(1, "orders"),
        text(2, text(2, r#"{"orderId":1}"#)),
        text(3, "application/json"),
        text(4, [count(1, 3), text(2, "a=1")].concat()),
    ];
    let head = [count(1, 1), text(2, entry("dapr-caller-app-id", &["old"])), text(3, message.concat())].concat();
    let answer = call(web.node.internal, UNARY, &[("traceparent", TRACEPARENT)], &[head]).await;
    assert_eq!(answer.trailers["grpc-status"], "0");
    let seen = web.app.seen().await;
    assert_eq!((seen.method(), seen.target(), &*seen.text()), ("POST", "/orders?a=1", r#"{"orderId":1}"#));
    assert_eq!(seen.header("dapr-caller-app-id"), Some("old"));
    assert!(seen.header("traceparent").unwrap().contains("0af7651916cd43dd8448eb211c80319c"));
    let want = [
        text(1, count(1, 201)),
        text(2, entry("Content-Type", &["application/json"])),
        text(4, [text(1, text(2, r#"{"ok":true}"#)), text(2, "application/json")].concat()),
    ];
    assert_eq!(answer.messages, [want.concat()]);
}

#[tokio::test]
async fn a_connection_that_was_lost_meanwhile_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let bed = || Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    let (near, far) = (bed(), bed());
    let app = App::start(Script::default()).await;
    let checkout = near.start_ready(settings("checkout", None)).await;
    let first = far.start_ready(settings("web", app.port)).await;
    assert_eq!(checkout.ask(invoke("POST", "orders", "1")).await.status(), 200);
    let port = first.internal;
    first.close().await;
    let mut listener = None;
    wait_until("the port is free again", async || {
        listener = std::net::TcpListener::bind(("127.0.0.1", port)).ok();
        listener.is_some()
    })
    .await;
    let listener = listener.unwrap();
    let _again = far.start_with(settings("web", app.port), |listeners| listeners.internal_grpc = vec![listener]);
    let answer = checkout.ask(invoke("POST", "orders", "2")).await;
    assert_eq!((answer.status(), answer.text()), (200, r#"{"ok":true}"#.to_owned()));
}
