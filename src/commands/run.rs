//! `daptop run`: runs apps with their sidecars.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use daptop_ui::ThemeName;

use crate::cli::{DashboardArgs, Globals, Program, RunArgs};
use crate::headless::{Status, Style};
use crate::planning::{self, Planned};
use crate::session::{self, Options};

/// Carries the command out.
pub(crate) async fn run(args: RunArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    let Planned { plan, warnings } = match planning::plan(&args, &globals) {
        Ok(planned) => planned,
        Err(refusal) => return Ok(refusal.styled(globals.log_as_json).print()),
    };
    let options = options(&globals, args.dashboard);
    let lines: String = warnings.iter().map(|text| options.style.with_sign(Status::Warning, text)).collect();
    std::io::stdout().lock().write_all(lines.as_bytes())?;
    session::run(plan, options).await
}

/// How a run is shown: on the dashboard, unless it is not wanted, or is no use because nobody sits at a terminal.
pub(crate) fn options(globals: &Globals, args: DashboardArgs) -> Options {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let terminal = std::io::stdout().is_terminal();
    let wanted = !args.no_tui && globals.program == Program::Daptop;
    let no_color = set("NO_COLOR");
    let dashboard = (wanted && terminal && std::io::stdin().is_terminal() && !dumb).then(|| daptop_ui::Options {
        theme: if no_color { ThemeName::Mono } else { args.theme() },
        ascii: args.ascii || set("DAPTOP_ASCII"),
        no_mouse: args.no_mouse,
        tmux: set("TMUX"),
        replay_at_once: args.replay_at_once || set("DAPTOP_REPLAY_AT_ONCE"),
        ..daptop_ui::Options::default()
    });
    Options { dashboard, style: Style { json: globals.log_as_json, colour: terminal && !dumb && !no_color } }
}
