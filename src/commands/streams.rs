//! Where a command writes to: standard output and standard error of the process, or the buffers of a test.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::cli::Globals;
use crate::control::ControlError;
use crate::headless::{Status, Style};

/// The streams of a command.
pub(crate) struct Streams<'a> {
    /// What was asked for.
    pub(crate) out: &'a mut dyn Write,
    /// What went wrong.
    pub(crate) err: &'a mut dyn Write,
    style: Style,
}

impl Streams<'_> {
    /// A line on standard output with the sign of success.
    pub(crate) fn success(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(self.style.with_sign(Status::Success, text).as_bytes())
    }

    /// A line on standard error with the sign of a failure.
    pub(crate) fn failure(&mut self, text: &str) -> io::Result<()> {
        self.err.write_all(self.style.with_sign(Status::Failure, text).as_bytes())
    }

    /// A line on standard error with the sign of a warning.
    pub(crate) fn warning(&mut self, text: &str) -> io::Result<()> {
        self.err.write_all(self.style.with_sign(Status::Warning, text).as_bytes())
    }

    /// A warning for each process that could not be asked.
    pub(crate) fn problems(&mut self, problems: &[ControlError]) -> io::Result<()> {
        problems.iter().try_for_each(|problem| self.warning(&problem.to_string()))
    }
}

/// Runs a command on the streams of the process, and gives its exit code. A reader that has seen enough
/// (`daptop calls | head`) ends it in peace.
pub(crate) async fn on_process(
    globals: &Globals,
    command: impl AsyncFnOnce(&mut Streams<'_>) -> anyhow::Result<u8>,
) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout());
    let mut err = io::stderr();
    let style = Style { json: globals.log_as_json, ..Style::default() };
    let ended = command(&mut Streams { out: &mut out, err: &mut err, style }).await;
    let ended = ended.and_then(|code| Ok(out.flush().map(|()| code)?));
    // What could not be written is not tried again when the buffer goes.
    drop(out.into_parts());
    match ended {
        Ok(code) => Ok(ExitCode::from(code)),
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
impl<'a> Streams<'a> {
    /// On these two, in plain text.
    pub(crate) fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { out, err, style: Style::default() }
    }
}

/// Runs a command on buffers: its exit code, its standard output, its standard error.
#[cfg(test)]
pub(crate) async fn captured(
    command: impl AsyncFnOnce(&mut Streams<'_>) -> anyhow::Result<u8>,
) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = command(&mut Streams::new(&mut out, &mut err)).await.unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}
