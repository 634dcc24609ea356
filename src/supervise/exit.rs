//! How processes end, in the words of people and of the Dapr CLI.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;

use daptop_model::ExitReason;

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// With an exit code.
    Code(i32),
    /// By a signal, by its number.
    Signal(i32),
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, signal) => Exit::Signal(signal.unwrap_or_default()),
        }
    }
}

impl Exit {
    /// Whether it ended well.
    pub(crate) fn is_success(self) -> bool {
        self == Exit::Code(0)
    }

    /// The model's word for a process that ended by itself.
    pub(crate) fn reason(self) -> ExitReason {
        match self {
            Exit::Code(code) => ExitReason::Code(code),
            Exit::Signal(signal) => ExitReason::Signal(signal_name(signal)),
        }
    }

    /// For people: `exit code 3`, `SIGKILL (killed)`.
    pub(crate) fn describe(self) -> String {
        match self {
            Exit::Code(code) => format!("exit code {code}"),
            Exit::Signal(signal) => format!("{} ({})", signal_name(signal), signal_text(signal)),
        }
    }

    /// The Dapr CLI's text for multi-app runs: `exit status 3`, `signal: terminated`.
    pub(crate) fn status_text(self) -> String {
        match self {
            Exit::Code(code) => format!("exit status {code}"),
            Exit::Signal(signal) => format!("signal: {}", signal_text(signal)),
        }
    }
}

/// Number, name, and the text that the Dapr CLI prints, of the signals that have the same number on every Unix.
const SIGNALS: [(i32, &str, &str); 11] = [
    (1, "SIGHUP", "hangup"),
    (2, "SIGINT", "interrupt"),
    (3, "SIGQUIT", "quit"),
    (4, "SIGILL", "illegal instruction"),
    (5, "SIGTRAP", "trace/breakpoint trap"),
    (6, "SIGABRT", "aborted"),
    (8, "SIGFPE", "floating point exception"),
    (9, "SIGKILL", "killed"),
    (11, "SIGSEGV", "segmentation fault"),
    (13, "SIGPIPE", "broken pipe"),
    (15, "SIGTERM", "terminated"),
];

/// A signal's name, as `SIGTERM`.
fn signal_name(signal: i32) -> Arc<str> {
    SIGNALS
        .iter()
        .find(|(number, ..)| *number == signal)
        .map_or_else(|| format!("signal {signal}").into(), |(_, name, _)| Arc::from(*name))
}

/// A signal in the Dapr CLI's words, as `terminated`.
pub(crate) fn signal_text(signal: i32) -> String {
    SIGNALS
        .iter()
        .find(|(number, ..)| *number == signal)
        .map_or_else(|| format!("signal {signal}"), |(.., text)| (*text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_everybodys_words() {
        let table = [
            (Exit::Code(0), "exit code 0", "exit status 0"),
            (Exit::Code(127), "exit code 127", "exit status 127"),
            (Exit::Signal(15), "SIGTERM (terminated)", "signal: terminated"),
            (Exit::Signal(9), "SIGKILL (killed)", "signal: killed"),
            (Exit::Signal(40), "signal 40 (signal 40)", "signal: signal 40"),
        ];
        for (exit, described, status) in table {
            assert_eq!((exit.describe().as_str(), exit.status_text().as_str()), (described, status));
        }
    }
}
