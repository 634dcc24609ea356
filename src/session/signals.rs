//! The signals that end a run.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use crate::supervise::{Stop, StopReason};

/// Ctrl-C that comes again so soon was not pressed again: wrappers pass on what the terminal has sent already.
const SAME_PRESS: Duration = Duration::from_millis(200);

/// Obeys the signals from now on: each asks the run to stop, and Ctrl-C forces it where it was asked before.
pub(crate) fn obey(stop: Stop) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // A run that was started with nohup is to outlive its terminal.
    let mut hangup = if is_ignored(SignalKind::hangup()) { None } else { Some(signal(SignalKind::hangup())?) };
    tokio::spawn(async move {
        let mut pressed: Option<Instant> = None;
        loop {
            let hung_up = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(()) = interrupt.recv() => {
                    if pressed.is_none_or(|pressed| pressed.elapsed() > SAME_PRESS) {
                        stop.ask_or_force();
                    }
                    pressed = Some(Instant::now());
                }
                Some(()) = terminate.recv() => stop.ask(StopReason::Asked),
                Some(()) = hung_up => stop.ask(StopReason::Asked),
                else => return,
            }
        }
    });
    Ok(())
}

/// Whether whoever started this process had it ignore a signal.
fn is_ignored(kind: SignalKind) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let bit = u32::try_from(kind.as_raw_value() - 1).unwrap_or(u32::MAX);
    mask.checked_shr(bit).is_some_and(|mask| mask & 1 == 1)
}
