//! `daptop replay`: sends a captured call again through its caller's sidecar, and tells what differs.

use std::io::Read as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use daptop_model::ReplayTally;
use daptop_model::diff::Diff;

use super::calls::{JsonCall, Table};
use super::show::call_number;
use super::streams::{self, Streams};
use super::text;
use crate::cli::{Globals, ReplayArgs};
use crate::control::proto::{GetCallResponse, Header, Outcome, ReplayCallRequest};
use crate::control::{Directory, PATIENCE, Process, Wanted, choose, restore, survey};

mod page;
mod set;

/// How long an answer is waited for. The replay goes on without anybody waiting.
const ANSWER: Duration = Duration::from_mins(1);

/// Carries the command out.
pub(crate) async fn run(args: ReplayArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    streams::on_process(&globals, async |streams| replay(&Directory::open()?, &args, streams).await).await
}

/// Sends the call, or the calls, again, and prints each new one once it has ended. The exit code is 0 where an app answered
/// each of them, whatever it said.
async fn replay(directory: &Directory, args: &ReplayArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let json = match args.output.as_str() {
        "json" => true,
        "" | "table" => false,
        _ => {
            streams.failure("An invalid output format was specified.")?;
            return Ok(1);
        }
    };
    let request = request(args)?;
    let survey = survey(directory, PATIENCE).await?;
    streams.problems(&survey.problems)?;
    let (mut process, _) = choose(survey, &Wanted { app_id: args.app_id.clone(), pid: args.pid })?;
    let mut printer = Printer::new(args, json);
    let Some(filter) = &args.filter else {
        return Ok(u8::from(!one(&mut process, request, &mut printer, streams).await?));
    };
    let mut all_answered = true;
    for id in set::taken(&mut process, filter).await? {
        let request = ReplayCallRequest { id, ..request.clone() };
        all_answered &= match one(&mut process, request, &mut printer, streams).await {
            // Of a set it is no surprise that some cannot be repeated.
            Err(error) if error.downcast_ref().is_some_and(set::is_of_the_call) => {
                streams.warning(&error.to_string())?;
                printer.tally.not_sent += 1;
                false
            }
            sent => sent?,
        };
    }
    printer.sum_up(streams)?;
    Ok(u8::from(!all_answered))
}

/// Sends one call again, as often as it is asked for. Whether an app answered each time.
async fn one(
    process: &mut Process,
    request: ReplayCallRequest,
    printer: &mut Printer<'_>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<bool> {
    printer.original = process.call(request.id).await?;
    let mut steps = process.replay(request).await?;
    let (mut last, mut all_answered) = (None, true);
    loop {
        let Ok(step) = tokio::time::timeout(ANSWER, steps.next()).await else {
            streams.failure(&no_answer(last))?;
            printer.tally.unanswered += 1;
            return Ok(false);
        };
        let Some(step) = step? else { break };
        last = Some(step.call);
        if step.ended {
            all_answered &= printer.print(process, step.call, streams).await?;
        }
    }
    Ok(all_answered)
}

fn no_answer(call: Option<u64>) -> String {
    let waited = ANSWER.as_secs();
    match call {
        Some(call) => {
            format!("no answer within {waited} s; the call goes on: daptop show {call} tells what became of it")
        }
        None => format!("the replay was not sent within {waited} s"),
    }
}

/// What is asked of the process.
fn request(args: &ReplayArgs) -> anyhow::Result<ReplayCallRequest> {
    let times = u32::try_from(args.times).ok().filter(|times| *times > 0);
    Ok(ReplayCallRequest {
        id: args.call.as_deref().map_or(Ok(0), call_number)?,
        verb: args.method.clone(),
        path: args.path.clone(),
        set_headers: args.set_header.iter().map(|header| read_header(header)).collect::<anyhow::Result<_>>()?,
        body: args.data.as_deref().map(body).transpose()?,
        times: times.with_context(|| format!("--times {} is not possible: it is 1 or more", args.times))?,
    })
}

fn read_header(header: &str) -> anyhow::Result<Header> {
    let (name, value) = header
        .split_once('=')
        .with_context(|| format!("--set-header {header:?} is not NAME=VALUE, as in: --set-header x-tenant=blue"))?;
    Ok(Header { name: name.trim().to_owned(), value: Bytes::copy_from_slice(value.as_bytes()) })
}

/// The body that `--data` means.
fn body(data: &str) -> anyhow::Result<Bytes> {
    let Some(file) = data.strip_prefix('@') else { return Ok(Bytes::copy_from_slice(data.as_bytes())) };
    if file == "-" {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).context("the body cannot be read from standard input")?;
        return Ok(body.into());
    }
    std::fs::read(file).map(Bytes::from).with_context(|| format!("the body cannot be read from {file:?}"))
}

/// Prints new calls.
struct Printer<'a> {
    args: &'a ReplayArgs,
    json: bool,
    table: Table,
    original: GetCallResponse,
    /// What came of the calls so far.
    tally: ReplayTally,
}

impl<'a> Printer<'a> {
    fn new(args: &'a ReplayArgs, json: bool) -> Self {
        let (table, original) = (Table::default(), GetCallResponse::default());
        Self { args, json, table, original, tally: ReplayTally::default() }
    }

    /// Prints a call that has ended. Whether an app answered it.
    async fn print(&mut self, process: &mut Process, number: u64, streams: &mut Streams<'_>) -> anyhow::Result<bool> {
        let call = process.call(number).await?;
        let summary = call.summary.clone().unwrap_or_default();
        let diff = Diff::new(&restore::compared(&self.original), &restore::compared(&call));
        let is_answered = summary.outcome() == Outcome::Answered;
        if is_answered {
            self.tally.count_answered(&diff);
        } else {
            self.tally.unanswered += 1;
        }
        let diff = Some(diff).filter(|_| self.args.diff);
        if self.json {
            let line = page::JsonReplay {
                call: JsonCall::new(process.pid(), &summary, &call.findings),
                diff: diff.as_ref().map(|diff| page::JsonDiff::new(diff, self.args.no_redact)),
            };
            writeln!(streams.out, "{}", text::json_line(&line)?)?;
        } else {
            self.table.row(&summary, streams)?;
            if let Some(diff) = diff {
                let before = self.original.summary.as_ref().map_or(0, |summary| summary.id);
                streams.out.write_all(page::page(before, number, &diff, self.args.no_redact).as_bytes())?;
            }
        }
        streams.out.flush()?;
        Ok(is_answered)
    }

    /// Prints what came of all calls; beside the objects, where those are what is printed.
    fn sum_up(&self, streams: &mut Streams<'_>) -> std::io::Result<()> {
        let line = format!("{}.\n", self.tally);
        if self.json { streams.err.write_all(line.as_bytes()) } else { streams.out.write_all(line.as_bytes()) }
    }
}

#[cfg(test)]
mod tests;
