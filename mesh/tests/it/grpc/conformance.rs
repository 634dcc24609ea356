//! The recorded calls: each that Dapr's sidecar was given over gRPC, with what the app saw and what the caller got,
//! repeated within one process and between two.

mod case;

use std::fmt::Write as _;

use case::Case;
use daptop_mesh::{AppProtocol, MeshSettings, Sampling, SidecarSettings, TracingSettings};
use serde_json::{Value, json};

use crate::conformance::normal::{self, Names};
use crate::support::{App, Bed, Caller, Got, GrpcApp, Node, Script, Seen, TOLD_ADDRESS, closed_port, settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_one_process_every_recorded_call_passes() {
    let bed = Bed::new();
    check_all(&bed, &bed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_processes_every_recorded_call_passes() {
    let folder = tempfile::tempdir().unwrap();
    let bed = || Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    check_all(&bed(), &bed()).await;
}

/// The sidecars that the calls were recorded with.
struct Recorded {
    greeter: GrpcApp,
    web: App,
    greeter_node: Node,
    web_node: Node,
    client: Node,
    names: Names,
}

async fn check_all(one: &Bed, other: &Bed) {
    let (greeter, web) = (GrpcApp::start().await, App::start(Script::default()).await);
    let (closed, _kept_closed) = closed_port();
    let sidecar = |id, port: Option<u16>, app_protocol| SidecarSettings {
        app_protocol,
        max_body_size: Some(1 << 20),
        read_buffer_size: 16 << 10,
        tracing: TracingSettings { sampling: Sampling::Rate(1.0), zipkin: None, stdout: false },
        ..settings(id, port)
    };
    let names = Names {
        ports: vec![("app-port", greeter.port), ("web-port", web.port), ("closed-port", closed)],
        address: TOLD_ADDRESS,
    };
    let greeter_node = one.start_ready(sidecar("greeter", Some(greeter.port), AppProtocol::Grpc)).await;
    let web_node = one.start_ready(sidecar("web", Some(web.port), AppProtocol::Http)).await;
    let client = other.start_ready(sidecar("client", None, AppProtocol::Http)).await;
    let _dead = one.start(sidecar("dead-app", Some(closed), AppProtocol::Grpc));
    let recorded = Recorded { greeter, web, greeter_node, web_node, client, names };
    let (mut all, mut failed, mut failures) = (0, 0, String::new());
    for case in Case::all() {
        for leg in case.legs() {
            all += 1;
            let differences = recorded.run(&case, leg, all).await;
            if !differences.is_empty() {
                failed += 1;
                writeln!(failures, "{} ({leg})\n    {}", case.name, differences.join("\n    ")).unwrap();
            }
        }
    }
    assert!(failed == 0, "{failed} of {all} recorded calls differ:\n{failures}");
    assert_eq!(all, 159);
}

impl Recorded {
    async fn run(&self, case: &Case, leg: &str, number: usize) -> Vec<String> {
        let trace = format!("{number:08x}{:024x}", 0xdab_70b_u64 + number as u64);
        self.greeter.take_seen();
        self.web.take_seen();
        self.greeter.set(case.app());
        self.web.set(case.web());
        let (node, local) = match (leg, case.asks_web()) {
            ("remote", _) => (&self.client, false),
            (_, true) => (&self.web_node, true),
            (_, false) => (&self.greeter_node, true),
        };
        assert_eq!(local, leg == "local");
        let mut caller = Caller::to(node.grpc).with("grpc-accept-encoding", "identity, deflate, gzip");
        for (key, value) in case.metadata(&trace) {
            caller = caller.with(&key, value);
        }
        let messages = case.messages();
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let got = caller.call(&case.method(), &messages).await;
        let saw = if case.asks_web() {
            self.web.take_seen().first().map_or(Value::Null, normal::request)
        } else {
            self.greeter.take_seen().first().map_or(Value::Null, Self::seen)
        };
        let happened = json!({ "client_got": client_got(case, &got), "app_saw": saw });
        let happened = steady(normal::normalize(happened, &trace, &self.names));
        differences(&steady(case.wanted(leg).clone()), &happened)
    }

    fn seen(seen: &Seen) -> Value {
        let mut metadata: Vec<_> = seen.metadata.iter().map(text_pair).collect();
        // The app that was recorded sees the last of two.
        if let Some(last) = metadata.iter().rposition(|(key, _)| key == "traceparent") {
            let kept = metadata[last].clone();
            metadata.retain(|(key, _)| key != "traceparent");
            metadata.push(kept);
        }
        let is_callback = seen.method.ends_with("OnInvoke");
        let message = |message: &bytes::Bytes| {
            if is_callback { case::invoke_request(message) } else { normal::body(message) }
        };
        json!({
            "method": seen.method,
            "metadata": metadata,
            "messages": seen.messages.iter().map(message).collect::<Vec<_>>(),
        })
    }
}

fn text_pair((key, value): &(String, Vec<u8>)) -> (String, String) {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let text = || String::from_utf8_lossy(value).into_owned();
    (key.clone(), if key.ends_with("-bin") { format!("base64:{}", engine.encode(value)) } else { text() })
}

fn client_got(case: &Case, got: &Got) -> Value {
    let name = format!("{:?}", got.code);
    let mut code = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            code.push('_');
        }
        code.push(letter.to_ascii_uppercase());
    }
    let mut trailing: Vec<_> = got.trailing.iter().map(text_pair).collect();
    if !got.details.is_empty() {
        trailing.push(("grpc-status-details-bin".to_owned(), case::status_details(&got.details)));
    }
    let message = |message: &bytes::Bytes| {
        if case.is_invocation() { case::invoke_response(message) } else { normal::body(message) }
    };
    json!({
        "messages": got.messages.iter().map(message).collect::<Vec<_>>(),
        "code": code,
        "words": got.words,
        "initial": got.initial.iter().map(text_pair).collect::<Vec<_>>(),
        "trailing": trailing,
    })
}

/// Takes away what a client or a server says of itself, and names what changes from run to run.
fn steady(mut value: Value) -> Value {
    let own = [
        "user-agent",
        "accept-encoding",
        "grpc-accept-encoding",
        "grpc-trace-bin",
        "grpc-timeout",
        "grpc-status",
        "grpc-message",
        "content-type",
        "te",
        "date",
    ];
    for (part, key) in
        [("client_got", "initial"), ("client_got", "trailing"), ("app_saw", "metadata"), ("app_saw", "headers")]
    {
        let Some(pairs) = value.get_mut(part).and_then(|part| part.get_mut(key)).and_then(Value::as_array_mut) else {
            continue;
        };
        let kept = |pair: &Value| {
            let name = pair[0].as_str().unwrap_or_default();
            !own.contains(&name) || (key == "headers" && name == "content-type")
        };
        pairs.retain(kept);
        for pair in pairs.iter_mut() {
            match pair[0].as_str().unwrap_or_default() {
                "dapr-authority" => pair[1] = "<address>".into(),
                "x-forwarded-host" => pair[1] = "<host>".into(),
                "forwarded" => {
                    let value = pair[1].as_str().unwrap_or_default();
                    let named =
                        value.find("host=").map_or(value.to_owned(), |at| format!("{}host=<host>", &value[..at]));
                    pair[1] = named.into();
                }
                _ => {}
            }
        }
        pairs.sort_by_key(Value::to_string);
    }
    if value["client_got"]["code"] == "DEADLINE_EXCEEDED" {
        value["client_got"]["words"] = "<any>".into();
    }
    value
}

fn differences(want: &Value, got: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    for part in ["client_got", "app_saw"] {
        let (want, got) = (&want[part], &got[part]);
        match (want, got) {
            (Value::Object(wanted), Value::Object(found)) => {
                let keys = wanted.keys().chain(found.keys().filter(|key| !wanted.contains_key(*key)));
                let differ = keys.filter(|key| *key != "framing" && want[*key] != got[*key]);
                differences.extend(differ.map(|key| format!("{part}.{key}: want {}, got {}", want[key], got[key])));
            }
            _ if want == got => {}
            _ => differences.push(format!("{part}: want {want}, got {got}")),
        }
    }
    differences
}
