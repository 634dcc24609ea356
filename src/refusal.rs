//! What is printed instead of doing what was asked.

use std::io::Write;
use std::process::ExitCode;

/// Text for the two streams and the exit code. Not only errors: the answer to `--help` ends a process in the same way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Refusal {
    /// For standard output, as it is.
    pub(crate) stdout: String,
    /// For standard error, as it is.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: u8,
}

impl Refusal {
    /// An error line on standard error, exit code 1.
    pub(crate) fn failure(text: &str) -> Self {
        Self { stderr: failure_line(text), code: 1, ..Self::default() }
    }

    /// Prints it. Streams that cannot be written to any more are nobody's to complain to.
    pub(crate) fn print(&self) -> ExitCode {
        let mut stdout = std::io::stdout().lock();
        drop(stdout.write_all(self.stdout.as_bytes()).and_then(|()| stdout.flush()));
        drop(std::io::stderr().lock().write_all(self.stderr.as_bytes()));
        ExitCode::from(self.code)
    }
}

/// A line with the sign of a failure.
pub(crate) fn failure_line(text: &str) -> String {
    format!("❌  {text}\n")
}
