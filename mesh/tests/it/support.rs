//! What the tests share: an app that does as it is told, a caller that sends bytes, sidecars, a collector of spans.

mod app;
mod ask;
mod bed;
mod by_hand;
mod collector;
mod grpc;
mod log;
mod pair;
mod shown;
mod tls;
mod told;
mod wire;

use std::time::Duration;

pub(crate) use app::{Act, App, Framing, Script};
pub(crate) use ask::{Ask, ask, ask_over};
pub(crate) use bed::{Bed, Node, TOLD_ADDRESS, closed_port, settings};
pub(crate) use by_hand::ByHand;
pub(crate) use collector::Collector;
pub(crate) use grpc::{Any, Caller, Got, GrpcApp, GrpcScript, RichStatus, Seen};
pub(crate) use log::Log;
pub(crate) use pair::Pair;
pub(crate) use shown::Shown;
pub(crate) use tls::{Authority, Identity, TlsFront};
pub(crate) use told::Told;
pub(crate) use wire::{Message, Wire};

/// How long anything here may take; far more than it does, also on a machine that is busy with other things.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Waits until a condition holds.
pub(crate) async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let polled = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, polled).await.is_ok(), "not within {DEADLINE:?}: {what}");
}

/// Waits for a future to end.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    let Ok(output) = tokio::time::timeout(DEADLINE, future).await else { panic!("not within {DEADLINE:?}: {what}") };
    output
}

impl Log {
    /// How many lines have all of these texts.
    pub(crate) fn count(&self, parts: &[&str]) -> usize {
        self.text().lines().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    }
}
