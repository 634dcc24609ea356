//! Each kind of stream, on every way to the app.

use bytes::Bytes;
use tonic::Code;

use super::{PLACE, caller, pair};
use crate::support::GrpcScript;

fn said(messages: &[Bytes]) -> Vec<&str> {
    messages.iter().map(|message| std::str::from_utf8(message).unwrap()).collect()
}

fn texts(messages: &[&'static str]) -> Vec<Bytes> {
    messages.iter().map(|message| Bytes::from_static(message.as_bytes())).collect()
}

#[tokio::test]
async fn every_kind_of_stream_passes_on_every_way() {
    let pair = pair().await;
    let kinds: [(&str, &[&[u8]], &[&'static str], bool); 6] = [
        ("unary", &[b"one"], &["reply"], false),
        ("client", &[b"1", b"2", b"3"], &["reply"], false),
        ("server", &[b"one"], &["1", "2", "3"], false),
        ("both", &[b"1", b"2", b"3"], &["1", "2", "3"], true),
        ("nothing sent", &[], &["reply"], false),
        ("nothing answered", &[b"one"], &[], false),
    ];
    for (leg, node) in pair.legs() {
        for (kind, sent, answered, echo) in kinds {
            pair.app.set(GrpcScript { echo, messages: texts(answered), ..GrpcScript::default() });
            let got = caller(node).call(PLACE, sent).await;
            assert_eq!((got.code, said(&got.messages)), (Code::Ok, answered.to_vec()), "{leg} {kind}: {}", got.words);
            let seen = pair.app.seen().await;
            let heard: Vec<&[u8]> = seen.messages.iter().map(|message| &message[..]).collect();
            assert_eq!((seen.method.as_str(), &heard[..]), (PLACE, sent), "{leg} {kind}");
        }
    }
}
