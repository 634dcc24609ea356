//! How a sidecar ends: the block phase, the end of running calls, a signal that comes in between. (Shutdown)

use std::time::Duration;

use daptop_mesh::{Readiness, Sidecar};

use super::log::Log;
use super::wishes::{Signals, Wish};

/// How long the answer to a forced shutdown has to reach its caller.
const LAST_ANSWER: Duration = Duration::from_millis(100);

/// What there is no limit for still ends some day: a timer needs a number.
const NO_LIMIT: Duration = Duration::from_hours(365 * 24);

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    /// In good order.
    Graceful,
    /// In good order, to start again.
    Restart,
    /// Not in good order: exit code 1.
    Forced,
}

/// What is given to a sidecar that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long it goes on as before, unless its app becomes unhealthy.
    pub(super) block: Option<Duration>,
    /// How long running calls may take; `None` for as long as they like.
    pub(super) grace: Option<Duration>,
}

/// Ends the sidecar as wished. A further signal ends everything at once.
pub(super) async fn end(sidecar: Sidecar, wish: Wish, patience: Patience, signals: &mut Signals, log: &Log) -> Ending {
    let mut ending = match wish {
        Wish::End => Ending::Graceful,
        Wish::Restart => Ending::Restart,
        Wish::Force => {
            tokio::time::sleep(LAST_ANSWER).await;
            return Ending::Forced;
        }
    };
    let mut closing = std::pin::pin!(close(sidecar, patience));
    loop {
        tokio::select! {
            in_time = &mut closing => {
                if !in_time {
                    log.fatal("dapr.runtime", "Graceful shutdown timeout exceeded, forcing shutdown");
                    return Ending::Forced;
                }
                return ending;
            }
            signal = signals.end() => {
                if ending != Ending::Restart {
                    let message = format!("Received signal '{signal}' during shutdown; exiting immediately");
                    log.fatal("dapr.signals", &message);
                    return Ending::Forced;
                }
                tracing::info!(scope = "dapr.signals", "Received signal '{signal}'; beginning shutdown");
                ending = Ending::Graceful;
            }
        }
    }
}

/// Tells whether every running call ended in time.
async fn close(sidecar: Sidecar, patience: Patience) -> bool {
    if let Some(duration) = patience.block {
        block(&sidecar, duration).await;
    }
    let limit = patience.grace.unwrap_or(NO_LIMIT);
    // The sidecar's own limit must not come first: it cuts calls without a word of failure.
    tokio::time::timeout(limit, sidecar.close(limit.saturating_mul(2))).await.is_ok()
}

/// Serves on for a while.
async fn block(sidecar: &Sidecar, duration: Duration) {
    let app_id = sidecar.id().as_str();
    let text = go_duration(duration);
    tracing::info!(app_id, "Blocking graceful shutdown for {text} or until app reports unhealthy...");
    let mut readiness = sidecar.readiness();
    tokio::select! {
        () = tokio::time::sleep(duration) => {
            tracing::info!(app_id, "Block shutdown period expired, entering shutdown...");
        }
        Ok(_) = readiness.wait_for(|readiness| *readiness == Readiness::Unhealthy) => {
            tracing::info!(app_id, "App reported unhealthy, entering shutdown...");
        }
    }
}

/// A duration as Go writes it: `3m0s`, `1.5s`, `100ms`.
fn go_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds == 0 && !duration.is_zero() {
        return format!("{}ms", duration.as_secs_f64() * 1000.0);
    }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = format!("{}s", Duration::new(seconds % 60, duration.subsec_nanos()).as_secs_f64());
    match (hours, minutes) {
        (0, 0) => rest,
        (0, minutes) => format!("{minutes}m{rest}"),
        (hours, minutes) => format!("{hours}h{minutes}m{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (millis, text) in
            [(0, "0s"), (100, "100ms"), (1_500, "1.5s"), (180_000, "3m0s"), (61_000, "1m1s"), (3_600_000, "1h0m0s")]
        {
            assert_eq!(go_duration(Duration::from_millis(millis)), text);
        }
    }
}
