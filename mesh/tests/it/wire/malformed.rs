//! Frames that no sidecar sends: they are refused in Dapr's words, and harm no other call.

use daptop_mesh::MeshSettings;
use proptest::prelude::*;

use super::fields::{count, entry, text};
use super::peer::{Listed, call};
use super::{STREAM, UNARY, Web};
use crate::support::{Ask, Bed, Script, settings};

fn head(metadata: &[u8], message: &[u8]) -> Vec<u8> {
    text(1, [count(1, 1), metadata.to_vec(), message.to_vec()].concat())
}

fn payload(data: &str, sequence: u64) -> Vec<u8> {
    text(2, [text(1, data), count(2, sequence)].concat())
}

#[tokio::test]
async fn a_request_that_is_not_whole_is_refused_in_daprs_words() {
    let metadata = text(2, entry("destination-app-id", &["web"]));
    let extension = text(4, count(1, 3));
    let message = |parts: &[Vec<u8>]| text(3, parts.concat());
    let good = message(&[text(1, "orders"), extension.clone()]);
    let incomplete =
        "parsing InternalInvokeRequest error: request does not contain the required fields in the leading chunk";
    let inside = "error invoking app channel: rpc error: code =";
    let rows = [
        ("3", incomplete.to_owned(), vec![vec![]]),
        ("3", incomplete.to_owned(), vec![head(b"", &good)]),
        ("3", incomplete.to_owned(), vec![head(&metadata, b"")]),
        ("3", incomplete.to_owned(), vec![payload("x", 0)]),
        (
            "13",
            format!("{inside} InvalidArgument desc = missing HTTP extension field"),
            vec![head(&metadata, &message(&[text(1, "orders")]))],
        ),
        (
            "13",
            format!("{inside} InvalidArgument desc = invalid HTTP verb"),
            vec![head(&metadata, &message(&[text(1, "orders"), text(4, "")]))],
        ),
        (
            "13",
            format!("{inside} Unimplemented desc = Unsupported spec version: 7"),
            vec![text(1, [count(1, 7), metadata.clone(), good.clone()].concat())],
        ),
        (
            "3",
            "invalid method: method contains forbidden character: \"a#b\"".to_owned(),
            vec![head(&metadata, &message(&[text(1, "a#b"), extension.clone()]))],
        ),
        (
            "13",
            "invalid sequence number received: 2 (expected: 1)".to_owned(),
            vec![[head(&metadata, &good), payload("x", 0)].concat(), payload("y", 2)],
        ),
        (
            "13",
            "request metadata found in non-leading chunk".to_owned(),
            vec![
                [head(&metadata, &good), payload("x", 0)].concat(),
                [head(&metadata, &good), payload("y", 1)].concat(),
            ],
        ),
    ];
    let web = Web::start(Script::default()).await;
    for (code, words, messages) in rows {
        let answer = call(web.node.internal, STREAM, &[], &messages).await;
        let said = answer.trailers.get("grpc-message").map(|text| unescaped(text.to_str().unwrap()));
        assert_eq!(answer.trailers["grpc-status"], code, "{words}: {said:?}");
        assert!(said.as_deref().unwrap_or_default().ends_with(&words), "{words}: {said:?}");
    }
    let answer = call(web.node.internal, UNARY, &[], &[count(1, 1)]).await;
    assert_eq!(answer.trailers["grpc-status"], "3");
}

#[tokio::test]
async fn a_peers_status_that_cannot_be_read_ends_the_call_in_gos_words() {
    let rows: [(&[_], _); 2] = [
        (
            &[("grpc-status", "13"), ("grpc-status-details-bin", "not base64")],
            "code = Internal desc = transport: malformed grpc-status-details-bin: illegal base64 data at input byte 3",
        ),
        (
            &[("grpc-status", "many")],
            "code = Unknown desc = transport: malformed grpc-status: strconv.ParseInt: parsing \"many\": invalid syntax",
        ),
    ];
    for (trailers, words) in rows {
        let folder = tempfile::tempdir().unwrap();
        let bed = Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
        let client = bed.start_ready(settings("client", None)).await;
        let web = Listed::start(folder.path(), "web").await;
        let ask = Ask::get("/v1.0/invoke/web/method/orders");
        let (_, answered) = tokio::join!(web.answer_ending(&[], trailers), client.ask(ask));
        assert_eq!(answered.status(), 500);
        assert!(answered.error().contains(words), "{}", answered.error());
    }
}

/// Percent escapes undone.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// Messages that are nearly right, or not at all.
fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..64);
    let nested = prop::collection::vec((1_u64..6, bytes.clone()), 0..5)
        .prop_map(|parts| parts.into_iter().flat_map(|(number, value)| text(number, value)).collect::<Vec<_>>());
    let head = nested.clone().prop_map(|inside| text(1, inside));
    prop::collection::vec(prop_oneof![bytes, nested, head], 0..4)
}

#[test]
fn no_message_harms_the_sidecar() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let web = runtime.block_on(Web::start(Script::default()));
    proptest!(ProptestConfig::with_cases(64), |(sent in messages())| {
        for path in [STREAM, UNARY] {
            let answer = runtime.block_on(call(web.node.internal, path, &[], &sent));
            let code = answer.trailers.get("grpc-status").and_then(|code| code.to_str().ok());
            prop_assert!(code.is_some_and(|code| code != "0"), "{path}: {code:?}");
        }
    });
    let answer = runtime.block_on(web.node.ask(Ask::get("/v1.0/invoke/web/method/orders")));
    assert_eq!(answer.status(), 200);
}
