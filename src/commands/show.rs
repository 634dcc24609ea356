//! `daptop show`: prints one captured call whole.

use std::process::ExitCode;

use anyhow::Context;

use super::streams::{self, Streams};
use crate::cli::{Globals, ShowArgs};
use crate::control::{Directory, PATIENCE, Wanted, choose, survey};

mod body;
mod head;
mod messages;
mod page;
mod trace;

/// Carries the command out.
pub(crate) async fn run(args: ShowArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    streams::on_process(&globals, async |streams| show(&Directory::open()?, &args, streams).await).await
}

/// Prints everything that was captured of a call.
async fn show(directory: &Directory, args: &ShowArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let number = call_number(&args.call)?;
    let survey = survey(directory, PATIENCE).await?;
    streams.problems(&survey.problems)?;
    let (mut process, _) = choose(survey, &Wanted { app_id: args.app_id.clone(), pid: args.pid })?;
    let call = process.call(number).await?;
    streams.out.write_all(page::page(&call, args.no_redact).as_bytes())?;
    Ok(0)
}

/// Reads the number of a call, with or without `#`.
pub(super) fn call_number(call: &str) -> anyhow::Result<u64> {
    let number = call.strip_prefix('#').unwrap_or(call).parse().ok();
    number.with_context(|| format!("{call:?} is not the number of a call; `daptop calls` lists them"))
}

#[cfg(test)]
mod tests;
