//! A page about one thing, over all panes.

use daptop_model::{App, InstanceId, LogLine, MASK, Snapshot};

use crate::copy::Clip;

/// What a page is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    /// An app.
    App(InstanceId),
    /// The export of spans.
    Export,
}

/// A page, and how far it is scrolled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sheet {
    /// What it is about.
    pub(crate) subject: Subject,
    /// The first visible line.
    pub(crate) scroll: usize,
}

impl Sheet {
    /// A page at its beginning.
    pub(crate) fn of(subject: Subject) -> Self {
        Self { subject, scroll: 0 }
    }
}

/// How many lines are looked through for those of one app.
const LOOK_BACK: usize = 5_000;

/// The last lines that an app wrote, oldest first; at most `most`.
pub(crate) fn last_lines<'a>(app: &App, snapshot: &'a Snapshot, most: usize) -> Vec<&'a LogLine> {
    let own = snapshot.logs.iter().rev().take(LOOK_BACK).filter(|line| line.instance == app.instance);
    let mut lines: Vec<&LogLine> = own.take(most).map(AsRef::as_ref).collect();
    lines.reverse();
    lines
}

/// The environment that daptop gave an app, as commands of a shell. Secrets are masked, and the words say how many.
pub(crate) fn exports(app: &App) -> Clip {
    let secrets = app.env.iter().filter(|(name, _)| is_secret(name)).count();
    let line = |(name, value): &(String, String)| {
        let value = if is_secret(name) { MASK } else { value };
        format!("export {name}={}\n", quoted(value))
    };
    let masked = match secrets {
        0 => String::new(),
        count => format!(", {} masked", crate::format::plural(count, "secret")),
    };
    Clip { text: app.env.iter().map(line).collect(), what: format!("the environment of {}{masked}", app.id) }
}

/// Whether the value of a variable is a secret, by its name.
pub(crate) fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 11] = [
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "CREDENTIAL",
        "PRIVATE",
        "APIKEY",
        "API_KEY",
        "ACCESS_KEY",
        "CONNECTION_STRING",
    ];
    let name = name.to_ascii_uppercase();
    PARTS.iter().any(|part| name.contains(part))
}

/// A value as one word of a POSIX shell.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+=".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_out_of_a_shell_as_it_went_in() {
        for value in ["", "plain", "a b", "it's", "$HOME `id` \\ \"x\"", "line\nbreak", "ünï", "*?[a]~"] {
            let script = format!("x={}; printf %s \"$x\"", quoted(value));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), value, "{script}");
        }
    }

    #[test]
    fn names_tell_which_values_are_secrets() {
        for (name, secret) in [
            ("DAPR_API_TOKEN", true),
            ("db_password", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("APP_PORT", false),
            ("KEYBOARD", false),
            ("DAPR_HTTP_PORT", false),
        ] {
            assert_eq!(is_secret(name), secret, "{name}");
        }
    }
}
