//! The messages of a call: each is told, while the call is open too.

use bytes::Bytes;
use daptop_model::{BodyEnd, Call, Messages, Side};
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::{PLACE, caller, echo, pair, saying};
use crate::support::{Shown, soon};

/// Each message of a direction, as far as its bytes are kept.
fn texts(call: &Call, side: Side) -> Vec<&str> {
    call.messages.of(side).map(|message| std::str::from_utf8(message.kept(call.body(side))).unwrap()).collect()
}

#[tokio::test]
async fn each_message_is_told_with_its_direction_its_place_and_its_size() {
    let mut pair = pair().await;
    pair.app.set(saying(&["1", "", "three"]));
    for port in [pair.processor.grpc, pair.checkout.grpc, pair.far.grpc] {
        let asking = crate::support::Caller::to(port).with("dapr-app-id", "order-processor");
        assert_eq!(asking.call(PLACE, &[b"one", b"more"]).await.code, Code::Ok);
        let call = pair.bed.shown().call("the end", |call| !call.is_open()).await;
        assert_eq!(texts(&call, Side::Request), ["one", "more"]);
        assert_eq!(texts(&call, Side::Response), ["1", "", "three"]);
        let places: Vec<_> = call.messages.of(Side::Response).map(|message| (message.start, message.length)).collect();
        assert_eq!(places, [(5, 1), (11, 0), (16, 5)]);
        assert!(call.messages.kept().iter().all(|message| !message.compressed && message.at >= call.phases.received));
    }
    assert_eq!(caller(&pair.checkout).compressed().ask(PLACE, &[b'x'; 2000]).await.code, Code::Ok);
    let call = pair.bed.shown().call("the end", |call| !call.is_open()).await;
    assert!(call.messages.of(Side::Request).all(|message| message.compressed && message.length < 2000));
}

#[tokio::test]
async fn of_ten_thousand_messages_the_first_are_kept_and_all_are_counted() {
    let mut pair = pair().await;
    pair.app.set(echo());
    let asking = caller(&pair.checkout);
    let sending = tokio::spawn(async move {
        let messages = stream::iter((0..10_000).map(|_| Bytes::from_static(b"x")));
        let mut answer = asking.open(PLACE, messages).await.unwrap().into_inner();
        while answer.next().await.is_some() {}
    });
    let call = pair.bed.shown().call("the end", |call| !call.is_open()).await;
    soon("the caller", sending).await.unwrap();
    for side in [Side::Request, Side::Response] {
        assert_eq!((call.messages.seen(side), call.messages.of(side).count() as u64), (10_000, Messages::MOST));
        assert_eq!(call.messages.missing(side), 10_000 - Messages::MOST);
        assert_eq!(call.body(side).seen, 60_000);
    }
}

/// A call that is open, and what a viewer sees of it.
struct Open<'a> {
    sender: mpsc::Sender<Bytes>,
    answer: tonic::Streaming<Bytes>,
    shown: Shown<'a>,
}

impl Open<'_> {
    /// Says something, and waits until it has come back.
    async fn say(&mut self, message: &'static str) {
        self.sender.send(Bytes::from_static(message.as_bytes())).await.unwrap();
        assert_eq!(soon("an echo", self.answer.next()).await.unwrap().unwrap(), message);
    }
}

#[tokio::test]
async fn a_stream_is_seen_message_by_message_while_it_is_open() {
    let mut pair = pair().await;
    pair.app.set(echo());
    let (sender, messages) = mpsc::channel(1);
    let asking = caller(&pair.checkout);
    sender.send(Bytes::from_static(b"first")).await.unwrap();
    let answer = soon("the head", asking.open(PLACE, ReceiverStream::new(messages))).await.unwrap().into_inner();
    let mut open = Open { sender, answer, shown: pair.bed.shown() };
    assert_eq!(soon("an echo", open.answer.next()).await.unwrap().unwrap(), "first");
    let both = |wanted: &'static [&'static str]| {
        move |call: &Call| [Side::Request, Side::Response].iter().all(|side| texts(call, *side) == wanted)
    };
    let call = open.shown.call("the first message", both(&["first"])).await;
    assert!(call.is_open() && call.response.is_some());
    open.say("second").await;
    open.say("third").await;
    let call = open.shown.call("the last of a burst, before a silence", both(&["first", "second", "third"])).await;
    assert!(call.is_open());
    open.say("fourth").await;
    open.shown.call("one after a silence", both(&["first", "second", "third", "fourth"])).await;
    drop(open.sender);
    let call = open.shown.call("the end", |call| !call.is_open()).await;
    assert!(both(&["first", "second", "third", "fourth"])(&call));
    assert_eq!(call.request_body.end, BodyEnd::Complete);
}

#[tokio::test]
async fn a_busy_stream_is_told_ten_times_a_second_at_most() {
    let mut pair = pair().await;
    pair.app.set(echo());
    let (sender, messages) = mpsc::channel(1);
    let asking = caller(&pair.checkout);
    let (began, enough) = (std::time::Instant::now(), CancellationToken::new());
    let sending = tokio::spawn(async move {
        let mut answer = asking.open(PLACE, ReceiverStream::new(messages)).await.unwrap().into_inner();
        while answer.next().await.is_some() {}
    });
    let is_over = enough.clone();
    let talking = tokio::spawn(async move {
        while !is_over.is_cancelled() {
            sender.send(Bytes::from_static(b"x")).await.unwrap();
        }
    });
    let mut shown = pair.bed.shown();
    while shown.progresses < 6 {
        shown.call("what is new", |_| true).await;
    }
    enough.cancel();
    shown.call("the end", |call| !call.is_open()).await;
    let rounds = began.elapsed().as_millis() / 100 + 1;
    assert!(shown.progresses as u128 <= rounds, "{} in {rounds} rounds", shown.progresses);
    soon("the talk", talking).await.unwrap();
    soon("the caller", sending).await.unwrap();
}
