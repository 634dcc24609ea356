//! The words for what cannot be understood: those of the Dapr CLI, whose errors end with exit code 255, print
//! `Error: …` and the usage on standard error, and the bare text on standard output.

use std::error::Error;
use std::ffi::OsStr;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Program;
use super::flags::{self, FlagError};
use crate::refusal::Refusal;

/// The exit code of a command line that cannot be understood.
const MISUSE: u8 = 255;
/// The same of the runtime (`daprd`).
const RUNTIME_MISUSE: u8 = 2;

/// Text that was asked for.
pub(super) fn answer(stdout: String) -> Refusal {
    Refusal { stdout, ..Refusal::default() }
}

/// An argument that is not UTF-8.
pub(super) fn not_text(argument: &OsStr) -> Refusal {
    misuse(&format!("the argument {} is not valid UTF-8", argument.display()), "")
}

/// `help`, `help COMMAND`.
pub(super) fn help(definition: &mut Command, words: &[String]) -> Refusal {
    let Some(name) = words.first() else { return answer(definition.render_long_help().to_string()) };
    match definition.find_subcommand_mut(name) {
        Some(command) => answer(command.render_long_help().to_string()),
        None => unknown_command(definition, name),
    }
}

/// A command that does not exist, with those that it may have been meant for.
pub(super) fn unknown_command(definition: &Command, name: &str) -> Refusal {
    let program = definition.get_name();
    let mut text = format!("unknown command {name:?} for {program:?}");
    let near: Vec<String> = definition
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(Command::get_name)
        .filter(|known| strsim::levenshtein(known, name) <= 2 || (!name.is_empty() && known.starts_with(name)))
        .map(|known| format!("\t{known}\n"))
        .collect();
    if !near.is_empty() {
        text.push_str("\n\nDid you mean this?\n");
        text.push_str(&near.concat());
    }
    Refusal {
        stderr: format!("Error: {text}\nRun '{program} --help' for usage.\n"),
        stdout: format!("{text}\n"),
        code: MISUSE,
    }
}

/// A flag before the command that cannot be read.
pub(super) fn flag(definition: &mut Command, error: &FlagError) -> Refusal {
    misuse(&error.to_string(), &definition.render_usage().to_string())
}

/// A flag of a command that cannot be read.
pub(super) fn command_flag(program: Program, command: &mut Command, error: &FlagError) -> Refusal {
    of_command(program, command, &error.to_string())
}

/// What clap found wrong, in the Dapr CLI's words.
pub(super) fn from_clap(program: Program, command: &mut Command, error: &clap::Error, positionals: usize) -> Refusal {
    let text = match error.kind() {
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => invalid_value(command, error),
        ErrorKind::MissingRequiredArgument => missing(error, positionals),
        ErrorKind::UnknownArgument => {
            let word = context(error, ContextKind::InvalidArg).pop().unwrap_or_default();
            format!("unknown command {word:?} for \"{} {}\"", program.name(), command.get_name())
        }
        _ => error.to_string().trim_start_matches("error: ").lines().next().unwrap_or_default().to_owned(),
    };
    of_command(program, command, &text)
}

fn of_command(program: Program, command: &mut Command, text: &str) -> Refusal {
    let usage = command.render_usage().to_string();
    if program == Program::Daprd {
        return Refusal { stderr: format!("{text}\n{usage}\n"), code: RUNTIME_MISUSE, ..Refusal::default() };
    }
    misuse(text, &usage)
}

fn misuse(text: &str, usage: &str) -> Refusal {
    let usage = if usage.is_empty() { String::new() } else { format!("{usage}\n") };
    Refusal { stdout: format!("{text}\n"), stderr: format!("Error: {text}\n{usage}\n"), code: MISUSE }
}

fn invalid_value(command: &Command, error: &clap::Error) -> String {
    let shown = context(error, ContextKind::InvalidArg).pop().unwrap_or_default();
    let value = context(error, ContextKind::InvalidValue).pop().unwrap_or_default();
    let flag = command
        .get_arguments()
        .find(|arg| !arg.is_positional() && arg.to_string() == shown)
        .map_or_else(|| shown.clone(), flags::display);
    let allowed = context(error, ContextKind::ValidValue);
    let reason = match error.source() {
        Some(source) => source.to_string(),
        None => format!("must be one of {}", allowed.join(", ")),
    };
    format!("invalid argument {value:?} for {flag:?} flag: {reason}")
}

fn missing(error: &clap::Error, positionals: usize) -> String {
    let (flags, words): (Vec<String>, Vec<String>) =
        context(error, ContextKind::InvalidArg).into_iter().partition(|shown| shown.starts_with("--"));
    if flags.is_empty() {
        return format!("accepts {} arg(s), received {positionals}", words.len() + positionals);
    }
    let names: Vec<String> = flags
        .iter()
        .map(|shown| format!("{:?}", shown.trim_start_matches("--").split([' ', '=']).next().unwrap_or_default()))
        .collect();
    format!("required flag(s) {} not set", names.join(", "))
}

fn context(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
