//! What is printed instead of doing what was asked.

use std::io::Write;
use std::process::ExitCode;

use crate::headless::{Status, Style};

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

    /// With each of daptop's own lines, those with a sign, as a JSON object where that is wished (`--log-as-json`). What
    /// follows a line without a sign of its own belongs to it.
    pub(crate) fn styled(self, json: bool) -> Self {
        if !json {
            return self;
        }
        Self { stdout: in_json(&self.stdout), stderr: in_json(&self.stderr), code: self.code }
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
    Style::default().with_sign(Status::Failure, text)
}

fn in_json(text: &str) -> String {
    let style = Style { json: true, colour: false };
    let (mut written, mut said): (String, Option<(Status, String)>) = Default::default();
    for line in text.split_inclusive('\n') {
        match (Status::of_line(line), &mut said) {
            (Some((status, text)), _) => {
                written.extend(said.replace((status, text.to_owned())).map(|said| one_in_json(style, &said)));
            }
            (None, Some((_, said))) => said.push_str(line),
            (None, None) => written.push_str(line),
        }
    }
    written.extend(said.map(|said| one_in_json(style, &said)));
    written
}

fn one_in_json(style: Style, (status, text): &(Status, String)) -> String {
    style.with_sign(*status, text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_log_as_json_each_line_with_a_sign_is_an_object() {
        let refusal =
            Refusal {
                stdout: "⚠  one\n❌  two:\n  line 3: four\n".to_owned(), stderr: "Usage:\n".to_owned(), code: 1
            };
        assert_eq!(refusal.clone().styled(false), refusal);
        let styled = refusal.styled(true);
        let lines: Vec<serde_json::Value> =
            styled.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told = |line: &serde_json::Value| (line["status"].clone(), line["msg"].clone());
        assert_eq!(told(&lines[0]), ("warning".into(), "one".into()));
        assert_eq!(told(&lines[1]), ("failure".into(), "two:\n  line 3: four".into()));
        assert_eq!((lines.len(), styled.stderr.as_str(), styled.code), (2, "Usage:\n", 1));
    }
}
