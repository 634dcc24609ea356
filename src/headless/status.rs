//! daptop's own lines, in the form of the Dapr CLI's.

use serde::Serialize;

/// What a line tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// How things stand.
    Info,
    /// Something went well.
    Success,
    /// Something is not as it should be.
    Warning,
    /// Something went wrong.
    Failure,
}

impl Status {
    const ALL: [Self; 4] = [Self::Info, Self::Success, Self::Warning, Self::Failure];

    fn sign(self) -> &'static str {
        match self {
            Self::Info => "ℹ️",
            Self::Success => "✅",
            Self::Warning => "⚠",
            Self::Failure => "❌",
        }
    }

    /// What a line with a sign tells, and its text.
    pub(crate) fn of_line(line: &str) -> Option<(Self, &str)> {
        let told = |status: Self| Some((status, line.strip_prefix(status.sign())?.strip_prefix("  ")?));
        Self::ALL.into_iter().find_map(told)
    }
}

/// How lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Style {
    /// As JSON objects (`--log-as-json`).
    pub(crate) json: bool,
    /// In colour.
    pub(crate) colour: bool,
}

#[derive(Serialize)]
struct JsonLine<'a> {
    time: String,
    status: Status,
    msg: &'a str,
}

impl Style {
    /// A line for a stream of this process: with its sign. (Emoji rule)
    pub(crate) fn with_sign(self, status: Status, text: &str) -> String {
        self.json(status, text).unwrap_or_else(|| format!("{}  {text}\n", status.sign()))
    }

    /// A line for a file, or for a file and a stream at once: without a sign.
    pub(crate) fn plain(self, status: Status, text: &str) -> String {
        self.json(status, text).unwrap_or_else(|| format!("{text}\n"))
    }

    fn json(self, status: Status, msg: &str) -> Option<String> {
        let time = jiff::Timestamp::now().to_string();
        self.json.then(|| serde_json::to_string(&JsonLine { time, status, msg }).ok()).flatten().map(|line| line + "\n")
    }

    /// Text in bright blue, where colour is wanted. (Colour)
    pub(crate) fn blue(self, text: &[u8]) -> Vec<u8> {
        if self.colour { [b"\x1b[94;1m", text, b"\x1b[0;22m"].concat() } else { text.to_vec() }
    }

    /// Text in bold white, where colour is wanted. (Colour)
    pub(crate) fn bold(self, text: &str) -> String {
        if self.colour { format!("\u{1b}[37;1m{text}\u{1b}[0;22m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_sign_and_two_spaces() {
        let table = [
            (Status::Info, "ℹ️  text\n"),
            (Status::Success, "✅  text\n"),
            (Status::Warning, "⚠  text\n"),
            (Status::Failure, "❌  text\n"),
        ];
        for (status, line) in table {
            assert_eq!(Style::default().with_sign(status, "text"), line);
            assert_eq!(Style::default().plain(status, "text"), "text\n");
        }
    }

    #[test]
    fn a_json_line_has_time_status_and_message_in_this_order() {
        let line = Style { json: true, colour: false }.with_sign(Status::Failure, "a \"b\"\nc");
        let (time, rest) = line.strip_prefix(r#"{"time":""#).unwrap().split_once('"').unwrap();
        assert!(time.ends_with('Z') && time.contains('T'), "{time}");
        assert_eq!(rest, ",\"status\":\"failure\",\"msg\":\"a \\\"b\\\"\\nc\"}\n");
    }
}
