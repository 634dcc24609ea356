//! Reads flags as the Dapr CLI does: flags may stand anywhere before `--`, also after the words of an app's command; a
//! flag that needs a value takes the next word whatever it is; the last of several wins.
//!
//! clap reads a few of these differently, so the words are sorted first: every flag as `--name=value`, then `--`, then
//! the other words.

use std::collections::BTreeSet;

use clap::{Arg, ArgAction, Command};

use super::values;

/// The long names of the flags that stand on a command line.
pub(crate) type Given = BTreeSet<String>;

/// A command line in an order that leaves no question.
#[derive(Debug)]
pub(super) struct Sorted {
    /// `--name=value`s, `--`, other words.
    pub(super) line: Vec<String>,
    /// Which flags stand there.
    pub(super) given: Given,
    /// How many other words there are.
    pub(super) positionals: usize,
}

/// Why a flag cannot be read, in pflag's words.
#[derive(PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum FlagError {
    #[error("unknown flag: --{0}")]
    UnknownLong(String),
    #[error("unknown shorthand flag: {0:?} in -{1}")]
    UnknownShort(char, String),
    #[error("flag needs an argument: --{0}")]
    NoValueLong(String),
    #[error("flag needs an argument: {0:?} in -{1}")]
    NoValueShort(char, String),
    #[error("bad flag syntax: {0}")]
    Syntax(String),
    #[error("invalid argument \"{value}\" for \"{flag}\" flag: {reason}")]
    Value { flag: String, value: String, reason: String },
}

/// Splits at the first word that is not a flag or a flag's value: the command's name.
pub(super) fn split_at_command<'a>(
    definition: &Command,
    words: &'a [String],
) -> Result<(&'a [String], &'a [String]), FlagError> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return Ok((&words[..at], &words[at + 1..]));
        }
        if !is_flag(word) {
            break;
        }
        at += read_flag(definition, &words[at..])?.1;
    }
    Ok(words.split_at(at.min(words.len())))
}

/// Gives `-app-id` a second dash, as the runtime does.
pub(super) fn double_dashes(words: &[String]) -> Vec<String> {
    words
        .iter()
        .map(|word| match word.strip_prefix('-') {
            Some(name)
                if name.len() > 1 && !name.starts_with('-') && !name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                format!("-{word}")
            }
            _ => word.clone(),
        })
        .collect()
}

/// Sorts the words of a command.
pub(super) fn sort(command: &Command, words: &[String]) -> Result<Sorted, FlagError> {
    let mut flags: Vec<(String, Option<String>)> = Vec::new();
    let mut others = Vec::new();
    let mut given = Given::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            others.extend_from_slice(&words[at + 1..]);
            break;
        }
        if !is_flag(word) {
            others.push(word.clone());
            at += 1;
            continue;
        }
        let (found, taken) = read_flag(command, &words[at..])?;
        at += taken;
        for (arg, value) in found {
            let name = arg.get_long().unwrap_or_default().to_owned();
            given.insert(name.clone());
            push(&mut flags, arg, name, value)?;
        }
    }
    let positionals = others.len();
    let line = flags
        .into_iter()
        .map(|(name, value)| value.map_or_else(|| format!("--{name}"), |value| format!("--{name}={value}")))
        .chain(std::iter::once("--".to_owned()))
        .chain(others)
        .collect();
    Ok(Sorted { line, given, positionals })
}

/// How a flag is written in pflag's errors: `-p, --app-port`.
pub(super) fn display(arg: &Arg) -> String {
    let long = arg.get_long().unwrap_or_default();
    arg.get_short().map_or_else(|| format!("--{long}"), |short| format!("-{short}, --{long}"))
}

fn push(
    flags: &mut Vec<(String, Option<String>)>,
    arg: &Arg,
    name: String,
    value: Option<String>,
) -> Result<(), FlagError> {
    if !is_switch(arg) {
        flags.push((name, value));
        return Ok(());
    }
    let text = value.as_deref().unwrap_or("true");
    let on = values::boolean(text).map_err(|reason| FlagError::Value {
        flag: display(arg),
        value: text.to_owned(),
        reason,
    })?;
    if takes_value(arg) {
        flags.push((name, Some(on.to_string())));
    } else {
        flags.retain(|(other, _)| *other != name);
        flags.extend(on.then_some((name, None)));
    }
    Ok(())
}

fn is_flag(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// Whether the flag can stand alone: `--flag`, `--flag=false`.
fn is_switch(arg: &Arg) -> bool {
    !takes_value(arg) || arg.get_num_args().is_some_and(|count| count.min_values() == 0)
}

fn find(command: &Command, matches: impl Fn(&Arg) -> bool) -> Option<&Arg> {
    command.get_arguments().find(|arg| !arg.is_positional() && matches(arg))
}

type Found<'a> = Vec<(&'a Arg, Option<String>)>;

/// Reads the flags of the first word, and how many words that took.
fn read_flag<'a>(command: &'a Command, words: &[String]) -> Result<(Found<'a>, usize), FlagError> {
    let word = words.first().map_or("", String::as_str);
    match word.strip_prefix("--") {
        Some(long) => read_long(command, word, long, words.get(1)),
        None => read_shorts(command, &word[1..], words.get(1)),
    }
}

fn read_long<'a>(
    command: &'a Command,
    word: &str,
    long: &str,
    next: Option<&String>,
) -> Result<(Found<'a>, usize), FlagError> {
    if long.starts_with(['-', '=']) {
        return Err(FlagError::Syntax(word.to_owned()));
    }
    let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
    let arg = find(command, |arg| {
        arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
    })
    .ok_or_else(|| FlagError::UnknownLong(name.to_owned()))?;
    match (value, next) {
        (Some(value), _) => Ok((vec![(arg, Some(value))], 1)),
        (None, _) if is_switch(arg) => Ok((vec![(arg, None)], 1)),
        (None, Some(next)) => Ok((vec![(arg, Some(next.clone()))], 2)),
        (None, None) => Err(FlagError::NoValueLong(name.to_owned())),
    }
}

fn read_shorts<'a>(
    command: &'a Command,
    mut letters: &str,
    next: Option<&String>,
) -> Result<(Found<'a>, usize), FlagError> {
    let mut found = Vec::new();
    while let Some(letter) = letters.chars().next() {
        let arg = find(command, |arg| arg.get_short() == Some(letter))
            .ok_or_else(|| FlagError::UnknownShort(letter, letters.to_owned()))?;
        let rest = &letters[letter.len_utf8()..];
        if let Some(value) = rest.strip_prefix('=').filter(|value| !value.is_empty()) {
            found.push((arg, Some(value.to_owned())));
            return Ok((found, 1));
        }
        if is_switch(arg) {
            found.push((arg, None));
            letters = rest;
            continue;
        }
        let (value, taken) = match (rest, next) {
            ("", None) => return Err(FlagError::NoValueShort(letter, letters.to_owned())),
            ("", Some(next)) => (next.clone(), 2),
            (rest, _) => (rest.to_owned(), 1),
        };
        found.push((arg, Some(value)));
        return Ok((found, taken));
    }
    Ok((found, 1))
}
