//! The command line: what daptop can be asked, and the words of the answers to what it cannot.
//!
//! Flags are read as the Dapr CLI reads them (see [`flags`]), then handed to clap, which knows their meanings.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches};

use crate::refusal::Refusal;

mod control;
mod dashboard;
mod demo;
mod errors;
mod flags;
mod protos;
mod replay;
mod run;
mod sidecar;
#[cfg(test)]
pub(crate) mod tests;
mod values;

pub(crate) use control::{
    CallsArgs, CompletionsArgs, InvokeArgs, ListArgs, RestartArgs, ShowArgs, StopArgs, VersionArgs,
};
pub(crate) use dashboard::DashboardArgs;
pub(crate) use demo::{DemoApp, DemoAppArgs, DemoArgs};
pub(crate) use protos::ProtoArgs;
pub(crate) use replay::ReplayArgs;
pub(crate) use run::RunArgs;
pub(crate) use sidecar::SidecarArgs;
pub(crate) use values::integer;

/// Run the apps of a dapr.yaml with embedded Dapr sidecars and watch who calls whom.
#[derive(clap::Parser, Debug)]
#[command(name = "daptop", args_override_self = true, disable_version_flag = true)]
struct Cli {
    #[command(flatten)]
    persistent: Persistent,
    /// Print the version and end
    #[arg(short = 'v', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags of every command.
#[derive(clap::Args, Debug)]
struct Persistent {
    /// Print daptop's own lines as JSON
    #[arg(long, global = true)]
    log_as_json: bool,
    /// The folder that holds the `.dapr` folder of defaults, instead of the home folder
    #[arg(long, global = true, value_name = "PATH")]
    runtime_path: Option<PathBuf>,
}

/// The commands.
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    /// Run apps, each with its sidecar
    Run(Box<RunArgs>),
    /// Run one sidecar as a process of its own
    Sidecar(Box<SidecarArgs>),
    /// Stop apps, or all apps of a run file
    Stop(StopArgs),
    /// List the running apps
    List(ListArgs),
    /// Call a method of a running app
    Invoke(InvokeArgs),
    /// Print the version
    Version(VersionArgs),
    /// Print a completion script for a shell
    #[command(alias = "completion")]
    Completions(CompletionsArgs),
    /// List the captured calls of the running daptops
    Calls(CallsArgs),
    /// Print one captured call whole: timing, heads, bodies and its trace
    Show(ShowArgs),
    /// Send a captured call again, as it was or changed, and tell what differs
    Replay(Box<ReplayArgs>),
    /// Restart one app of a run: same ports, same sidecar
    Restart(RestartArgs),
    /// Run two built-in apps that call each other
    Demo(DemoArgs),
    /// Be one of the demo's apps
    #[command(hide = true)]
    DemoApp(DemoAppArgs),
}

/// The name that the process was called by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Program {
    /// `daptop`, or any other name.
    Daptop,
    /// A link named `dapr`: the same commands, never the dashboard.
    Dapr,
    /// A link named `daprd`: `daptop sidecar`.
    Daprd,
}

impl Program {
    /// From the first argument of the process.
    fn of(argument: &Path) -> Self {
        match argument.file_stem().and_then(|name| name.to_str()) {
            Some("dapr") => Self::Dapr,
            Some("daprd") => Self::Daprd,
            _ => Self::Daptop,
        }
    }

    /// The name, for usage lines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Daptop => "daptop",
            Self::Dapr => "dapr",
            Self::Daprd => "daprd",
        }
    }
}

/// What every command is told.
#[derive(Clone, Debug)]
pub(crate) struct Globals {
    /// The name that the process was called by.
    pub(crate) program: Program,
    /// `--log-as-json`.
    pub(crate) log_as_json: bool,
    /// `--runtime-path`.
    pub(crate) runtime_path: Option<PathBuf>,
}

/// One wish, understood.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// What every command is told.
    pub(crate) globals: Globals,
    /// Which command.
    pub(crate) command: Command,
}

/// Reads a command line; the first argument is the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Invocation, Refusal> {
    let mut args = args.into_iter();
    let program = Program::of(Path::new(&args.next().unwrap_or_default()));
    let mut words = Vec::new();
    for arg in args {
        words.push(arg.into_string().map_err(|arg| errors::not_text(&arg))?);
    }
    let mut definition = Cli::command();
    if program == Program::Dapr {
        definition = definition.name("dapr");
    }
    definition.build();
    if program == Program::Daprd {
        words.insert(0, "sidecar".to_owned());
    }
    understand(program, &mut definition, &words)
}

/// The full definition of the command line, for completion scripts.
pub(crate) fn definition() -> clap::Command {
    Cli::command()
}

fn understand(program: Program, definition: &mut clap::Command, words: &[String]) -> Result<Invocation, Refusal> {
    let (before, rest) =
        flags::split_at_command(definition, words).map_err(|error| errors::flag(definition, &error))?;
    let Some((name, after)) = rest.split_first() else {
        return without_command(program, definition, before);
    };
    if name == "help" {
        return Err(errors::help(definition, after));
    }
    let Some(command) = definition.find_subcommand(name) else {
        return Err(errors::unknown_command(definition, name));
    };
    let mut command = command.clone();
    let after = if command.get_name() == "sidecar" { flags::double_dashes(after) } else { after.to_vec() };
    let words = [before, &after].concat();
    let sorted = flags::sort(&command, &words).map_err(|error| errors::command_flag(program, &mut command, &error))?;
    if sorted.given.contains("help") {
        return Err(errors::answer(command.render_long_help().to_string()));
    }
    let mut line = vec![program.name().to_owned(), command.get_name().to_owned()];
    line.extend(sorted.line);
    let cli = definition
        .try_get_matches_from_mut(line)
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| errors::from_clap(program, &mut command, &error, sorted.positionals))?;
    finish(program, cli, sorted.given)
}

/// Reads what stands without a command: `--version`, `--help`, nothing.
fn without_command(program: Program, definition: &mut clap::Command, words: &[String]) -> Result<Invocation, Refusal> {
    let sorted = flags::sort(definition, words).map_err(|error| errors::flag(definition, &error))?;
    if !sorted.given.contains("version") || sorted.given.contains("help") {
        return Err(errors::answer(definition.render_long_help().to_string()));
    }
    let cli = Cli {
        persistent: Persistent { log_as_json: false, runtime_path: None },
        version: true,
        command: Some(Command::Version(VersionArgs::default())),
    };
    finish(program, cli, sorted.given)
}

fn finish(program: Program, cli: Cli, given: flags::Given) -> Result<Invocation, Refusal> {
    let Persistent { log_as_json, runtime_path } = cli.persistent;
    let globals = Globals { program, log_as_json, runtime_path };
    let mut command = cli.command.ok_or_else(|| Refusal::failure("no command was given"))?;
    match &mut command {
        Command::Run(args) => args.given = given,
        Command::Sidecar(args) => args.given = given,
        _ => {}
    }
    Ok(Invocation { globals, command })
}
