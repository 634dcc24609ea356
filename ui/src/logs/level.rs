//! How grave a log line is, read from the formats that apps commonly write. What is not recognised has no level.

/// How grave a line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    /// Every step.
    Trace,
    /// For whoever looks into the app.
    Debug,
    /// The ordinary course.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// Its name.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}

/// No more of a line than this is looked at.
const HEAD: usize = 400;

/// How far into a line a word in capitals still says how grave it is: after a time, a process and a thread.
const WORDS: usize = 8;

/// The level of a line, without its colours.
pub(crate) fn of(line: &str) -> Option<Level> {
    let head = line.char_indices().nth(HEAD).map_or(line, |(end, _)| &line[..end]);
    if head.trim_start().starts_with('{') {
        return of_json(head);
    }
    of_pair(head).or_else(|| of_beginning(head)).or_else(|| of_words(head))
}

/// Whether a line without a level goes on with what the line before it said: the frames of a stack, its causes.
pub(crate) fn goes_on(line: &str) -> bool {
    line.starts_with([' ', '\t']) || line.starts_with("Caused by") || line.starts_with("goroutine ")
}

/// `"level":"warn"`, under the names that loggers have for it; numbers are those of pino and bunyan.
fn of_json(line: &str) -> Option<Level> {
    const KEYS: [&str; 8] = ["level", "severity", "lvl", "levelname", "log.level", "@l", "LogLevel", "loglevel"];
    KEYS.iter().find_map(|key| {
        let (_, rest) = line.split_once(&format!("\"{key}\""))?;
        let value = rest.trim_start().strip_prefix(':')?.trim_start();
        if let Some(text) = value.strip_prefix('"') {
            return named(text.split('"').next()?);
        }
        match value.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()? {
            0..20 => Some(Level::Trace),
            20..30 => Some(Level::Debug),
            30..40 => Some(Level::Info),
            40..50 => Some(Level::Warn),
            50..=60_u32 => Some(Level::Error),
            _ => None,
        }
    })
}

/// `level=warning`, as in logfmt and in Dapr's own lines.
fn of_pair(line: &str) -> Option<Level> {
    ["level=", "lvl=", "severity="].iter().find_map(|key| {
        let at = line.find(key)?;
        let is_whole = line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let value = line[at + key.len()..].trim_start_matches('"');
        named(value.split(|c: char| !c.is_alphanumeric()).next()?).filter(|_| is_whole)
    })
}

/// What a line begins with: `info: Microsoft.Hosting`, `E0102 15:04:05`, `Traceback`, `panic: `.
fn of_beginning(line: &str) -> Option<Level> {
    const FAILURES: [&str; 8] = [
        "Traceback (most",
        "panic: ",
        "fatal error: ",
        "Unhandled ",
        "Exception in ",
        "thread '",
        "Error: ",
        "fatal: ",
    ];
    if FAILURES.iter().any(|beginning| line.starts_with(beginning))
        && (!line.starts_with("thread '") || line.contains(" panicked at "))
    {
        return Some(Level::Error);
    }
    if let Some((word, _)) = line.split_once(':')
        && word.chars().all(|c| c.is_ascii_lowercase())
        && let Some(level) = named(word)
    {
        return Some(level);
    }
    let (letter, rest) = (line.chars().next()?, line.get(1..)?);
    let is_klog = rest.len() > 6 && rest.as_bytes()[..4].iter().all(u8::is_ascii_digit) && rest.as_bytes()[4] == b' ';
    match letter {
        'I' if is_klog => Some(Level::Info),
        'W' if is_klog => Some(Level::Warn),
        'E' | 'F' if is_klog => Some(Level::Error),
        _ => None,
    }
}

/// A word in capitals near the beginning: `INFO:     127.0.0.1`, `2026-01-01 WARN 1 --- [main]`, `[ERROR]`.
fn of_words(line: &str) -> Option<Level> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with(char::is_alphabetic));
    let capitals = |word: &&str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase());
    words.take(WORDS).filter(capitals).find_map(named)
}

fn named(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "trace" | "trce" | "verbose" | "finest" | "finer" => Level::Trace,
        "debug" | "dbug" | "dbg" | "fine" => Level::Debug,
        "info" | "information" | "notice" | "inf" => Level::Info,
        "warn" | "warning" | "wrn" => Level::Warn,
        "error" | "err" | "fail" | "fatal" | "critical" | "crit" | "panic" | "severe" | "alert" | "emerg" => {
            Level::Error
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_read_from_the_formats_that_apps_write() {
        let table = [
            ("time=\"2026-01-01T00:00:00Z\" level=warning msg=\"slow\" app_id=checkout", Some(Level::Warn)),
            ("ts=1 lvl=dbug msg=x", Some(Level::Debug)),
            ("{\"level\":\"error\",\"msg\":\"closed\"}", Some(Level::Error)),
            ("{\"time\": 1, \"level\": 30, \"msg\": \"pino\"}", Some(Level::Info)),
            ("{\"severity\":\"WARNING\"}", Some(Level::Warn)),
            ("{\"@t\":\"2026\",\"@l\":\"Fatal\"}", Some(Level::Error)),
            ("{\"orderId\": 41}", None),
            ("INFO:     127.0.0.1:5000 - \"POST /orders HTTP/1.1\" 200 OK", Some(Level::Info)),
            ("ERROR:root:it went wrong", Some(Level::Error)),
            ("2026-01-01 10:00:00,123 - app - WARNING - low", Some(Level::Warn)),
            ("2026-01-01T10:00:00.1Z  WARN 1 --- [main] c.e.App : slow", Some(Level::Warn)),
            ("2026-01-01T10:00:00.1Z DEBUG my_app::orders: passed", Some(Level::Debug)),
            ("[ERROR] no such order", Some(Level::Error)),
            ("fail: Microsoft.AspNetCore.Server.Kestrel[13]", Some(Level::Error)),
            ("info: Microsoft.Hosting.Lifetime[14]", Some(Level::Info)),
            ("E0102 15:04:05.000000 1 main.go:3] closed", Some(Level::Error)),
            ("Traceback (most recent call last):", Some(Level::Error)),
            ("thread 'main' panicked at src/main.rs:3:5:", Some(Level::Error)),
            ("thread 'main' has started", None),
            ("Order passed: {\"orderId\":41}", None),
            ("no level=up here", None),
            ("the sublevel=info of it", None),
            ("an ordinary line about an error", None),
            ("", None),
        ];
        for (line, level) in table {
            assert_eq!(of(line), level, "{line}");
        }
    }

    #[test]
    fn frames_of_a_stack_go_on_with_what_was_said() {
        assert!(goes_on("  File \"app.py\", line 3") && goes_on("\tat com.example.App") && goes_on("Caused by: x"));
        assert!(!goes_on("Order passed"));
    }
}
