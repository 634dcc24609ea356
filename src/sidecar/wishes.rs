//! Who can ask a sidecar to end, or to start again.

use std::io;

use daptop_mesh::{ShutdownRequest, Sidecar};
use daptop_model::Command;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::log::Log;
use crate::replay::Replayer;

/// The signals that the runtime obeys. (Shutdown: signal; SIGHUP)
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Receives them from now on.
    pub(super) fn receive() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal that ends the sidecar; its name as Go writes it.
    pub(super) async fn end(&mut self) -> &'static str {
        tokio::select! {
            Some(()) = self.interrupt.recv() => "interrupt",
            Some(()) = self.terminate.recv() => "terminated",
            else => std::future::pending().await,
        }
    }

    /// Waits for any of them: one that ends the sidecar by its name, or `None` for the one that starts it again.
    async fn next(&mut self) -> Option<&'static str> {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Some("interrupt"),
            Some(()) = self.terminate.recv() => Some("terminated"),
            Some(()) = self.hangup.recv() => None,
            else => std::future::pending().await,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    /// End in good order.
    End,
    /// End soon, and not well.
    Force,
    /// End in good order, and start again.
    Restart,
}

/// Everything that asks.
#[derive(Debug)]
pub(super) struct Wishes {
    /// Signals.
    pub(super) signals: Signals,
    /// Commands of `daptop stop` and `daptop restart`.
    pub(super) commands: mpsc::Receiver<Command>,
    /// Sends captured calls again.
    pub(super) replayer: Replayer,
    /// The log, whose reader may go away.
    pub(super) log: Log,
}

impl Wishes {
    /// Waits for a wish, and tells it in the log. While the sidecar starts there is none to ask over its API.
    pub(super) async fn next(&mut self, sidecar: Option<&Sidecar>) -> Wish {
        let app_id = self.log.app_id().to_owned();
        let by_api = async {
            match sidecar {
                Some(sidecar) => sidecar.shutdown_requested().await,
                None => std::future::pending().await,
            }
        };
        let by_command = async {
            loop {
                match self.commands.recv().await {
                    Some(Command::Replay(replay)) => self.replayer.start(*replay),
                    Some(Command::Describe { app, service }) => self.replayer.describe(app, service),
                    Some(Command::Restart(_) | Command::Start(_)) => return Wish::Restart,
                    Some(Command::Quit | Command::Stop(_)) => return Wish::End,
                    None => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            signal = self.signals.next() => if let Some(signal) = signal {
                tracing::info!(app_id, scope = "dapr.signals", "Received signal '{signal}'; beginning shutdown");
                Wish::End
            } else {
                tracing::info!(app_id, scope = "dapr.signals", "Received signal 'hangup'; restarting");
                Wish::Restart
            },
            // Told by whoever took the request.
            request = by_api => match request {
                ShutdownRequest::Graceful => Wish::End,
                ShutdownRequest::Force => Wish::Force,
            },
            wish = by_command => {
                if wish == Wish::Restart {
                    tracing::info!(app_id, "Restart requested by a command of daptop");
                } else {
                    tracing::info!(app_id, "Shutdown requested by a command of daptop; beginning shutdown");
                }
                wish
            },
            () = self.log.closed() => Wish::End,
        }
    }
}
