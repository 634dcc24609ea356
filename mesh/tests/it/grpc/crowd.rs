//! Very many streams at once.

use bytes::Bytes;
use daptop_model::{Event, Outcome};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{PLACE, caller, echo, pair};
use crate::support::{soon, wait_until};

/// How many there are.
const STREAMS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_streams_opens_and_closes_and_leaves_nothing_behind() {
    let mut pair = pair().await;
    pair.app.set(echo());
    let (asking, before) = (caller(&pair.checkout), pair.app.connections());
    let open = |number: usize| {
        let asking = asking.clone();
        async move {
            let (sender, messages) = mpsc::channel(1);
            sender.send(Bytes::from(number.to_string())).await.unwrap();
            let mut answer = asking.open(PLACE, ReceiverStream::new(messages)).await.unwrap().into_inner();
            assert_eq!(answer.next().await.unwrap().unwrap(), number.to_string().as_bytes());
            (sender, answer)
        }
    };
    let opened = tokio::time::timeout(std::time::Duration::from_mins(2), join_all((0..STREAMS).map(open))).await;
    let opened = opened.unwrap();
    assert_eq!((pair.app.open_calls(), pair.app.connections()), (STREAMS, before + 1));
    for (number, (sender, mut answer)) in opened.into_iter().enumerate() {
        // Every other one is taken back, the rest end in good order.
        drop(sender);
        if number % 2 == 0 {
            assert!(soon("an end", answer.next()).await.is_none());
        }
    }
    wait_until("no call is open at the app", async || pair.app.open_calls() == 0).await;
    let (mut events, mut ended, mut cancelled) = (Vec::new(), 0, 0);
    while ended + usize::try_from(pair.bed.events.lost().0).unwrap() < STREAMS {
        soon("an end", pair.bed.events.receive_many(&mut events, 1000)).await;
        for event in events.drain(..) {
            if let Event::CallEnded(end) = event {
                ended += 1;
                cancelled += usize::from(end.outcome == Outcome::Cancelled);
            }
        }
    }
    assert!(cancelled <= STREAMS / 2, "{cancelled} of {STREAMS} were taken back");
    assert_eq!(pair.app.connections(), before + 1);
}
