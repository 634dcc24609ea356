//! A slow reader slows its writer, whoever reads: what is on its way stays small however long the stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::{PLACE, caller, pair, saying};
use crate::support::{GrpcScript, soon};

const MESSAGE: usize = 64 << 10;
/// More than all windows and buffers between a writer and a reader have room for, and far less than would be written
/// without them.
const MOST: usize = (24 << 20) / MESSAGE;

/// Waits until a count stands still.
async fn settled(mut count: impl FnMut() -> usize) -> usize {
    soon("a writer that stands still", async {
        loop {
            let before = count();
            tokio::time::sleep(Duration::from_millis(300)).await;
            if count() == before && before > 0 {
                return before;
            }
            assert!(before <= MOST, "{before} messages are on their way");
        }
    })
    .await
}

#[tokio::test]
async fn an_app_writes_no_faster_than_its_caller_reads() {
    let pair = pair().await;
    for (leg, node) in pair.legs() {
        pair.app.set(GrpcScript { endless: Some(Bytes::from(vec![b'x'; MESSAGE])), ..saying(&[]) });
        let before = pair.app.said();
        let sent = stream::iter([Bytes::from_static(b"one")]);
        let mut answer = soon("the head", caller(node).open(PLACE, sent)).await.unwrap().into_inner();
        let stands = settled(|| pair.app.said() - before).await;
        assert!(stands <= MOST, "{leg}: {stands} messages are on their way");
        for _ in 0..stands + MOST {
            assert_eq!(soon("a message", answer.next()).await.unwrap().unwrap().len(), MESSAGE, "{leg}");
        }
        let read = before + stands + MOST;
        assert!(settled(|| pair.app.said().saturating_sub(read)).await <= MOST, "{leg}: as at first");
    }
}

#[tokio::test]
async fn a_caller_writes_no_faster_than_its_app_reads_and_other_calls_go_on_meanwhile() {
    let pair = pair().await;
    for (leg, node) in pair.legs() {
        pair.app.set(GrpcScript { deaf: true, hangs: true, ..saying(&["1"]) });
        let written = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&written);
        let endless = stream::repeat(Bytes::from(vec![b'x'; MESSAGE])).inspect(move |_| {
            counting.fetch_add(1, Ordering::Relaxed);
        });
        let asking = caller(node);
        let mut answer = soon("the head", asking.open(PLACE, endless)).await.unwrap().into_inner();
        assert_eq!(soon("a message", answer.next()).await.unwrap().unwrap(), "1", "{leg}");
        let stands = settled(|| written.load(Ordering::Relaxed)).await;
        assert!(stands <= MOST, "{leg}: {stands} messages are on their way");
        pair.app.set(saying(&["reply"]));
        let got = soon("another call on the same connections", asking.ask(PLACE, b"one")).await;
        assert_eq!(got.messages, ["reply"], "{leg}");
    }
}
