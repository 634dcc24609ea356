//! Starting the process of an app.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// How the process of an app is started, the first time and each time after.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// The folder that it runs in.
    pub(crate) folder: PathBuf,
    /// What is added to the environment of this process, or replaced in it.
    pub(crate) env: Vec<(String, String)>,
    /// Which of the Dapr CLI's two ways.
    pub(crate) way: LaunchWay,
    /// On a terminal, whether what is typed is for the app: a dashboard has the keys for itself.
    pub(crate) keys: bool,
}

/// The Dapr CLI's two ways to start an app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LaunchWay {
    /// Runs of several apps: a shell executes the command, so that an unknown command is a line of the app and exit code 127;
    /// standard input is empty. (Start sequence)
    Shell,
    /// Single runs: the command itself; standard input is passed on, from a terminal through a pipe.
    Direct,
}

impl Launch {
    /// Starts the process in a group of its own, with pipes for both of its outputs.
    pub(crate) fn spawn(&self) -> io::Result<Child> {
        let mut command = self.program();
        command.current_dir(&self.folder).envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).spawn()
    }

    fn program(&self) -> Command {
        if let (LaunchWay::Direct, Some((program, arguments))) = (self.way, self.command.split_first()) {
            let mut command = Command::new(program);
            let terminal = io::stdin().is_terminal();
            command.args(arguments).stdin(if terminal { Stdio::piped() } else { Stdio::inherit() });
            return command;
        }
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$@""#, "sh"]).args(&self.command).stdin(Stdio::null());
        command
    }

    /// What the environment of this app has and that of no other.
    pub(crate) fn mark(&self) -> Option<String> {
        let port = self.env.iter().rfind(|(name, _)| name == "DAPR_HTTP_PORT");
        port.filter(|(_, port)| *port != "0").map(|(name, port)| format!("{name}={port}"))
    }

    /// Why the process could not be started, in the words of the Dapr CLI. (Exit codes and errors)
    pub(crate) fn explain(&self, error: &io::Error) -> String {
        let program = self.command.first().map_or("", String::as_str);
        if !self.folder.is_dir() {
            return format!("Failed to start {program}: the folder {} does not exist", self.folder.display());
        }
        let reason = match error.kind() {
            io::ErrorKind::NotFound if !program.contains('/') => "executable file not found in $PATH".to_owned(),
            io::ErrorKind::NotFound => format!("stat {program}: no such file or directory"),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        format!("Failed to find command {program}: exec: {program:?}: {reason}")
    }
}
