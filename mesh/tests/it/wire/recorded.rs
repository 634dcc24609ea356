//! The recorded calls: what each sidecar says in each of them, its head, its messages and its end, against what Dapr's say.

use daptop_mesh::{AppProtocol, MeshSettings, Sampling, SidecarSettings, TracingSettings};
use http::HeaderMap;
use serde_json::Value;

use super::fields::{count, entry, field, fields, sorted, text};
use super::peer::{Listed, Sent, call};
use super::{STREAM, TRACEPARENT, Web, invoke};
use crate::support::{Act, Ask, Bed, Caller, GrpcApp, GrpcScript, Node, Script, settings};

/// A recorded call.
pub(super) struct Recording(Value);

/// The names and values of a head, in order.
type Head = Vec<(String, String)>;

impl Recording {
    pub(super) fn of(name: &str) -> Self {
        Self(Self::all().into_iter().find(|call| call["name"] == name).unwrap())
    }

    fn all() -> Vec<Value> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/wire.jsonl");
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn frames(&self, side: &str) -> impl Iterator<Item = &Value> {
        self.0["frames"].as_array().unwrap().iter().filter(move |frame| frame["from"] == side)
    }

    /// The messages of a side, as far as they are recorded: a long one is cut.
    fn begun(&self, side: &str) -> Vec<(Vec<u8>, bool)> {
        let texts = self.frames(side).filter_map(|frame| frame["message"]["hex"].as_str());
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes = |text: &str| text.as_bytes().chunks(2).map(byte).collect();
        texts.map(|text| (bytes(text.trim_end_matches('\u{2026}')), text.is_ascii())).collect()
    }

    /// The messages of a side that are recorded whole.
    pub(super) fn messages(&self, side: &str) -> Vec<Vec<u8>> {
        self.begun(side).into_iter().filter(|(_, whole)| *whole).map(|(message, _)| message).collect()
    }

    /// The heads of a side: that of the call, and that of its end where there is one.
    fn heads(&self, side: &str) -> Vec<Head> {
        let lists = self.frames(side).filter_map(|frame| frame["headers"].as_array());
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        lists.map(|list| steady(list.iter().map(|pair| (word(&pair[0]), word(&pair[1]))).collect())).collect()
    }
}

/// A head without what differs from call to call: addresses, the sidecar's own spans, how much time is left.
fn steady(mut head: Head) -> Head {
    head.retain(|(name, _)| !matches!(&**name, ":authority" | "date"));
    for (name, value) in &mut head {
        match &**name {
            // What a client's library says of itself.
            "user-agent" if value.starts_with("tonic/") => *value = "grpc-go/1.82.1".to_owned(),
            "grpc-accept-encoding" if value == "gzip,identity" => *value = "gzip".to_owned(),
            "grpc-trace-bin" => *value = "<binary>".to_owned(),
            "grpc-timeout" => *value = value.trim_start_matches(|letter: char| letter.is_ascii_digit()).to_owned(),
            "traceparent" if value != TRACEPARENT => value.replace_range(36..52, "<sidecar's span >"),
            _ => {}
        }
    }
    head.sort();
    head
}

/// The lead frame of a request or of an answer with the entries of its map in order. What was said of the machine that
/// Dapr was recorded on is said of this one.
fn lead(frame: &[u8], here: bool) -> Vec<u8> {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let rename = |raw: Vec<u8>| {
        let pair = &fields(&raw)[0].1;
        let key = String::from_utf8(field(pair, 1).unwrap()).unwrap();
        let list = field(pair, 2).unwrap();
        let values: Vec<_> = fields(&list).into_iter().map(|(_, value)| String::from_utf8(value).unwrap()).collect();
        let values = values.iter().map(|value| match &*key {
            ":authority" => "<address>".to_owned(),
            "X-Forwarded-Host" if here => host.clone(),
            "Forwarded" if here => value.replace("host=vm", &format!("host={host}")),
            _ => value.clone(),
        });
        let values: Vec<_> = values.collect();
        text(2, entry(&key, &values.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let whole = fields(frame);
    let (number, request) = &whole[0];
    assert_eq!(*number, 1, "the head goes first");
    let rest = &frame[text(1, request).len()..];
    [text(1, sorted(request, 2, rename)), rest.to_vec()].concat()
}

/// A caller of gRPC as Dapr was recorded with.
fn python(port: u16) -> Caller {
    let agent = "grpc-python/1.85.1 grpc-c/58.0.0 (linux; chttp2)";
    [
        ("user-agent", agent),
        ("grpc-accept-encoding", "identity, deflate, gzip"),
        ("grpc-timeout", "15S"),
        ("traceparent", TRACEPARENT),
    ]
    .into_iter()
    .fold(Caller::to(port), |caller, (key, value)| caller.with(key, value))
}

/// What `client` says to the other sidecar when it is asked for a recorded call.
async fn said_in(name: &str) -> Sent {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    let told = SidecarSettings {
        host_address: Some("192.0.2.2".to_owned()),
        tracing: TracingSettings { sampling: Sampling::Rate(1.0), zipkin: None, stdout: false },
        ..settings("client", None)
    };
    let client = bed.start_ready(told).await;
    let of_greeter = matches!(name, "http-to-grpc-app" | "proxy-unary" | "proxy-code-9");
    let other = Listed::start(folder.path(), if of_greeter { "greeter" } else { "web" }).await;
    // Whatever it is answered.
    let answer = Recording::of(if name == "proxy-unary" { name } else { "http-post" }).messages("callee");
    let (said, ()) = tokio::join!(other.answer(&answer[..1]), ask(name, &client));
    said
}

async fn ask(name: &str, client: &Node) {
    let order = |ask: Ask| Ask { body: r#"{"orderId":1}"#.into(), ..ask }.header("Content-Type", "application/json");
    let place = || python(client.grpc).with("dapr-app-id", "greeter");
    let http = match name {
        "http-post" => order(invoke("POST", "orders?a=1&b=2", "")).header("X-One", "1"),
        "http-get-404" => invoke("GET", "none", ""),
        "http-big" => invoke("POST", "big", &"x".repeat(40_000)),
        "app-refuses" => invoke("POST", "x", "1"),
        "http-to-grpc-app" => {
            let ask = Ask::new("POST", "/v1.0/invoke/greeter/method/orders").header("Traceparent", TRACEPARENT);
            order(ask).header("X-One", "1")
        }
        "invoke-web" => {
            let message =
                [text(1, "orders"), text(2, text(2, "{}")), text(3, "application/json"), text(4, count(1, 3))];
            let request = [text(1, "web"), text(3, message.concat())].concat();
            return drop(python(client.grpc).ask("/dapr.proto.runtime.v1.Dapr/InvokeService", &request).await);
        }
        "proxy-unary" => return drop(place().with("x-one", "1").ask("/shop.Orders/Place", b"hello").await),
        "proxy-code-9" => return drop(place().ask("/shop.Orders/Place", b"hello").await),
        other => panic!("{other} is recorded, and nobody asks for it here"),
    };
    drop(client.ask(http).await);
}

#[tokio::test]
async fn what_the_callers_sidecar_says_is_what_daprs_says() {
    for recording in Recording::all() {
        let name = recording["name"].as_str().unwrap().to_owned();
        let recording = Recording(recording);
        let said = said_in(&name).await;
        let mut recorded = recording.heads("caller");
        if name.starts_with("proxy") {
            // Dapr's client decompresses messages itself, and says so first. Here they pass as they are.
            recorded[0].retain(|(key, value)| key != "grpc-accept-encoding" || value != "gzip");
        }
        assert_eq!(vec![steady(said.headers)], recorded, "{name}");
        let recorded = recording.begun("caller");
        let (first, whole) = &recorded[0];
        if name.starts_with("proxy") {
            assert_eq!(said.messages, recording.messages("caller"), "{name}");
        } else if *whole {
            let said: Vec<_> = said.messages.iter().map(|frame| lead(frame, false)).collect();
            assert_eq!(said, [lead(first, true)], "{name}");
        } else {
            // The entries of its map have no order, and not all are there.
            assert!(said.messages.len() > 1, "{name}");
        }
    }
}

/// What the sidecar of `web` or `greeter` answers to Dapr's own frames.
async fn answered_in(name: &str) -> Sent {
    let frames = Recording::of(name).messages("caller");
    let big = || Script::default().body("y".repeat(40_000));
    let web = match name {
        "http-post" => Script::default(),
        "http-get-404" => Script { status: 404, ..Script::default().body("no") },
        "invoke-web" => big(),
        "http-big" => {
            let web = Web::start(big()).await;
            // Of the request's frames none is recorded whole; it could as well have been another.
            return call(web.node.internal, STREAM, &[], &Recording::of("http-post").messages("caller")).await;
        }
        "app-refuses" => Script { act: Act::Close, ..Script::default() },
        _ => return answered_by_greeter(name, &frames).await,
    };
    let web = Web::start(web).await;
    call(web.node.internal, STREAM, &[("traceparent", TRACEPARENT)], &frames).await
}

async fn answered_by_greeter(name: &str, frames: &[Vec<u8>]) -> Sent {
    let (app, bed) = (GrpcApp::start().await, Bed::new());
    let greeter = SidecarSettings { app_protocol: AppProtocol::Grpc, ..settings("greeter", app.port) };
    let greeter = bed.start_ready(greeter).await;
    let accepted = || vec![("grpc-accept-encoding".to_owned(), b"identity, deflate, gzip".to_vec())];
    app.set(match name {
        "http-to-grpc-app" => GrpcScript {
            initial: accepted(),
            messages: vec![[text(1, text(2, "ok")), text(2, "text/plain")].concat().into()],
            ..GrpcScript::default()
        },
        "proxy-unary" => GrpcScript { initial: accepted(), ..GrpcScript::default() },
        "proxy-code-9" => GrpcScript {
            messages: Vec::new(),
            code: tonic::Code::FailedPrecondition,
            words: "the app says no".to_owned(),
            ..GrpcScript::default()
        },
        other => panic!("{other} is recorded, and nobody answers it here"),
    });
    let path = if name.starts_with("proxy") { "/shop.Orders/Place" } else { STREAM };
    let kind = if name.starts_with("proxy") { "application/grpc+proto" } else { "application/grpc" };
    let headers = [("content-type", kind), ("dapr-callee-app-id", "greeter"), ("traceparent", TRACEPARENT)];
    call(greeter.internal, path, &headers, frames).await
}

/// Heads without the port of the app that was recorded.
fn plain(heads: &[Head]) -> String {
    let text = format!("{heads:?}");
    let mut parts = text.split("http://127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}<app>{}", part.trim_start_matches(|c: char| c.is_ascii_digit())))
}

fn lines(headers: &HeaderMap) -> Head {
    steady(headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect())
}

#[tokio::test]
async fn what_the_callees_sidecar_answers_is_what_daprs_answers() {
    for recording in Recording::all() {
        let name = recording["name"].as_str().unwrap().to_owned();
        let recording = Recording(recording);
        let answer = answered_in(&name).await;
        let mut heads = vec![steady(answer.headers)];
        if !answer.messages.is_empty() || recording.heads("callee").len() > 1 {
            heads.push(lines(&answer.trailers));
        }
        assert_eq!(plain(&heads), plain(&recording.heads("callee")), "{name}");
        let recorded = recording.begun("callee");
        assert_eq!(recorded.len() > 1, answer.messages.len() > 1, "{name}");
        for ((recorded, whole), frame) in recorded.iter().zip(&answer.messages) {
            let is_lead = !name.starts_with("proxy") && frame.first() == Some(&0x0a);
            match (whole, is_lead) {
                (true, true) => assert_eq!(lead(frame, false), lead(recorded, false), "{name}"),
                (true, false) => assert_eq!(frame, recorded, "{name}"),
                (false, true) => assert!(frame.starts_with(recorded), "{name}"),
                // How much of a body is read at a time is up to the moment, with Dapr too.
                (false, false) => {}
            }
        }
    }
}
