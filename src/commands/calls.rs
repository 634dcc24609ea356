//! `daptop calls`: lists the captured calls of a running daptop.

use std::process::ExitCode;

use daptop_model::grpc_status_name;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::streams::{self, Streams};
use super::text;
use crate::cli::{CallsArgs, Globals};
use crate::control::proto::{CallSummary, Finding, Missing, Outcome, Protocol, Turn};
use crate::control::{ControlError, Directory, PATIENCE, Wanted, choose, survey, words};

/// Carries the command out.
pub(crate) async fn run(args: CallsArgs, globals: Globals) -> anyhow::Result<ExitCode> {
    streams::on_process(&globals, async |streams| calls(&Directory::open()?, &args, streams).await).await
}

/// Prints the calls that the filter takes.
async fn calls(directory: &Directory, args: &CallsArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let json = match args.output.as_str() {
        "json" => true,
        "" | "table" => false,
        _ => {
            streams.failure("An invalid output format was specified.")?;
            return Ok(1);
        }
    };
    let survey = survey(directory, PATIENCE).await?;
    streams.problems(&survey.problems)?;
    let (mut process, _) = choose(survey, &Wanted { app_id: args.app_id.clone(), pid: args.pid })?;
    let mut stream = process.calls(&args.filter.join(" "), args.follow, json).await?;
    let mut table = Table::default();
    let mut missing = Missing::default();
    loop {
        let answer = match stream.next().await {
            Ok(Some(answer)) => answer,
            Ok(None) => break,
            Err(error @ ControlError::Gone { .. }) if args.follow => {
                streams.warning(&error.to_string())?;
                break;
            }
            Err(error) => return Err(error.into()),
        };
        for call in &answer.calls {
            if json {
                writeln!(streams.out, "{}", text::json_line(&JsonCall::new(process.pid(), call, &call.findings))?)?;
            } else {
                table.row(call, streams)?;
            }
        }
        streams.out.flush()?;
        let now_missing = answer.missing.unwrap_or_default();
        if args.follow && now_missing != missing {
            tell_missing(&now_missing, streams)?;
        }
        missing = now_missing;
    }
    if !args.follow {
        tell_missing(&missing, streams)?;
    }
    Ok(0)
}

/// Says what the list cannot show.
fn tell_missing(missing: &Missing, streams: &mut Streams<'_>) -> std::io::Result<()> {
    for (calls, why) in [
        (missing.lost_calls, "never captured, because daptop was too busy"),
        (missing.evicted_calls, "given up to stay within the limits of memory"),
        (missing.skipped_calls, "given up before this list came to them"),
    ] {
        if calls > 0 {
            streams.warning(&format!("calls that are not listed: {calls} were {why}"))?;
        }
    }
    Ok(())
}

/// A call as one line of JSON. The keys are told by `daptop calls --help`, and stay.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonCall<'a> {
    id: u64,
    pid: u32,
    time: String,
    from: &'a str,
    to: &'a str,
    verb: &'a str,
    path: &'a str,
    protocol: &'static str,
    leg: &'static str,
    outcome: &'static str,
    status: Option<u32>,
    grpc_status: Option<u32>,
    failure: Option<&'a str>,
    failure_text: Option<&'a str>,
    age_micros: u64,
    waited_micros: u64,
    tries: u32,
    turn_micros: u64,
    turn_limit: Option<u32>,
    request_bytes: u64,
    response_bytes: u64,
    trace_id: Option<&'a str>,
    span_id: Option<&'a str>,
    replay_of: Option<u64>,
    findings: Vec<JsonFinding<'a>>,
}

/// Something that is wrong with a call, or looks wrong.
#[derive(Serialize)]
struct JsonFinding<'a> {
    title: &'a str,
    text: &'a str,
    advice: &'a str,
    suspicion: bool,
    see: Option<u64>,
}

impl<'a> JsonFinding<'a> {
    fn new(finding: &'a Finding) -> Self {
        let Finding { title, text, advice, suspicion, see } = finding;
        Self { title, text, advice, suspicion: *suspicion, see: (*see != 0).then_some(*see) }
    }
}

impl<'a> JsonCall<'a> {
    /// A call of the process of this number, and what is wrong with it.
    pub(super) fn new(pid: u32, call: &'a CallSummary, findings: &'a [Finding]) -> Self {
        let filled = |text: &'a str| (!text.is_empty()).then_some(text);
        Self {
            id: call.id,
            pid,
            time: text::utc_time(call.received_unix_micros),
            from: &call.from,
            to: &call.to,
            verb: &call.verb,
            path: &call.path,
            protocol: words::protocol(call.protocol()),
            leg: words::leg(call.leg()),
            outcome: words::outcome(call.outcome()),
            status: (call.status != 0).then_some(call.status),
            grpc_status: call.grpc_status,
            failure: filled(&call.failure),
            failure_text: filled(&call.failure_text),
            age_micros: call.age_micros,
            waited_micros: call.timing.unwrap_or_default().started.unwrap_or_default(),
            tries: call.tries,
            turn_micros: call.turn.map_or(0, |turn| turn.waited_micros),
            turn_limit: call.turn.map(|turn| turn.limit),
            request_bytes: call.request_bytes,
            response_bytes: call.response_bytes,
            trace_id: filled(&call.trace_id),
            span_id: filled(&call.span_id),
            replay_of: (call.replay_of != 0).then_some(call.replay_of),
            findings: findings.iter().map(JsonFinding::new).collect(),
        }
    }
}

/// A table whose columns of names grow as they have to: a row is printed before the next one is known.
pub(super) struct Table {
    started: bool,
    from_width: usize,
    to_width: usize,
    status_width: usize,
}

impl Default for Table {
    fn default() -> Self {
        Self { started: false, from_width: 12, to_width: 16, status_width: 10 }
    }
}

impl Table {
    /// Prints a call, under the heads of the columns where it is the first.
    pub(super) fn row(&mut self, call: &CallSummary, streams: &mut Streams<'_>) -> std::io::Result<()> {
        if !self.started {
            self.started = true;
            let time = "TIME";
            self.line(["CALL", time, "FROM", "TO", "STATUS", "TOOK", "REQUEST"], streams)?;
        }
        let (from, to) = (text::line(&call.from), text::line(&call.to));
        self.from_width = self.from_width.max(from.width());
        self.to_width = self.to_width.max(to.width());
        let status = status(call);
        self.status_width = self.status_width.max(status.width());
        let open = if call.outcome() == Outcome::Pending { "+" } else { "" };
        let waited = call.timing.unwrap_or_default().started.filter(|micros| *micros > 0);
        let notes = [
            waited.map(|micros| format!("  (waited {} for {to} to start)", text::duration(micros))),
            call.turn.map(|turn| format!("  ({})", waited_for_turn(call, turn))),
            (call.tries > 1).then(|| format!("  (tried {} times)", call.tries)),
            (!call.failure.is_empty()).then(|| format!("  ({})", text::line(&call.failure))),
            (call.replay_of != 0).then(|| format!("  (replay of #{})", call.replay_of)),
        ];
        let notes: String = notes.into_iter().flatten().collect();
        self.line(
            [
                &format!("#{}", call.id),
                &text::local_time(call.received_unix_micros, "%H:%M:%S%.3f"),
                &from,
                &to,
                &status,
                &format!("{}{open}", text::duration(call.age_micros)),
                &format!("{} {}{notes}", text::line(words::verb(call)), text::line(&call.path)),
            ],
            streams,
        )
    }

    fn line(&self, cells: [&str; 7], streams: &mut Streams<'_>) -> std::io::Result<()> {
        let [call, time, from, to, status, took, request] = cells;
        let from = padded(from, self.from_width);
        let to = padded(to, self.to_width);
        let status = padded(status, self.status_width);
        writeln!(streams.out, "{call:<7} {time:<12}  {from}  {to}  {status} {took:>10}  {request}")
    }
}

/// How long a call waited for its turn, or has waited so far.
pub(super) fn waited_for_turn(call: &CallSummary, turn: Turn) -> String {
    let waits = turn.came.is_none() && call.outcome() == Outcome::Pending;
    format!("{} {} for its turn", if waits { "has waited" } else { "waited" }, text::duration(turn.waited_micros))
}

/// The status that the caller got, of gRPC by name, and how the call ended where that does not say it.
pub(super) fn status(call: &CallSummary) -> String {
    let status = got(call);
    let ending = match call.outcome() {
        Outcome::Pending => Some("open"),
        Outcome::Answered if status.is_some() => None,
        outcome => Some(words::outcome(outcome)),
    };
    status.as_deref().into_iter().chain(ending).collect::<Vec<_>>().join(" ")
}

/// The status that the caller got, of gRPC by name, once there is one.
pub(super) fn got(call: &CallSummary) -> Option<String> {
    match (call.grpc_status, call.status) {
        (Some(code), 200) => Some(grpc_status_name(code)),
        // A stream of gRPC has its status at the end.
        (None, 200) if call.protocol() == Protocol::Grpc => None,
        (_, 0) => None,
        (_, status) => Some(status.to_string()),
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::streams::captured;
    use crate::control::tests::{Served, directory, run_file};
    use crate::control::wait_until;

    async fn listed(directory: &Directory, args: &CallsArgs) -> (u8, String, String) {
        captured(async |streams| calls(directory, args, streams).await).await
    }

    #[tokio::test]
    async fn calls_are_listed_as_a_table_oldest_first() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
        shop.start_call(1);
        shop.end_call(1);
        shop.start_call(2);
        let (code, out, err) = listed(&directory, &CallsArgs::default()).await;
        assert_eq!((code, err.as_str()), (0, ""));
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[0], "CALL    TIME          FROM          TO                STATUS           TOOK  REQUEST");
        assert!(
            lines[1].starts_with("#1      ") && lines[1].len() == lines[0].len() + "POST /orders".len() - 7,
            "{out}"
        );
        assert!(lines[1].ends_with("  checkout      order-processor   200           4.21 ms  POST /orders"), "{out}");
        assert!(lines[2].starts_with("#2 ") && lines[2].contains("  open  "), "{out}");
    }

    #[test]
    fn the_status_of_a_grpc_call_is_told_by_its_name_once_it_has_one() {
        let call = |outcome: Outcome, status, grpc_status| {
            let protocol = Protocol::Grpc.into();
            super::status(&CallSummary {
                protocol,
                outcome: outcome.into(),
                status,
                grpc_status,
                ..CallSummary::default()
            })
        };
        assert_eq!(call(Outcome::Answered, 200, Some(0)), "OK");
        assert_eq!(call(Outcome::Answered, 200, Some(12)), "UNIMPLEMENTED");
        assert_eq!(call(Outcome::Failed, 200, Some(8)), "RESOURCE_EXHAUSTED failed");
        assert_eq!(call(Outcome::Pending, 200, None), "open");
        assert_eq!(call(Outcome::Cancelled, 0, None), "cancelled");
        assert_eq!(call(Outcome::Answered, 200, None), "answered");
        assert_eq!(call(Outcome::Answered, 503, None), "503");
    }

    #[tokio::test]
    async fn json_has_one_object_a_line_with_the_keys_that_help_tells() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
        shop.start_call(1);
        shop.end_call(1);
        let args = CallsArgs { output: "json".into(), ..CallsArgs::default() };
        let (_, out, _) = listed(&directory, &args).await;
        let mut call: serde_json::Value = serde_json::from_str(out.trim_end()).unwrap();
        let time: jiff::Timestamp = call["time"].take().as_str().unwrap().parse().unwrap();
        assert!(jiff::Timestamp::now().duration_since(time).as_secs() < 60);
        let expected = serde_json::json!({
            "id": 1, "pid": 71, "time": null, "from": "checkout", "to": "order-processor", "verb": "POST",
            "path": "/orders", "protocol": "http1", "leg": "in-process", "outcome": "answered", "status": 200,
            "grpcStatus": null, "failure": null, "failureText": null, "ageMicros": 4210, "waitedMicros": 0, "tries": 1, "turnMicros": 0, "turnLimit": null, "requestBytes": 14,
            "responseBytes": 33, "traceId": "07".repeat(16), "spanId": "01".repeat(8), "replayOf": null,
            "findings": [],
        });
        assert_eq!(call, expected);
        let help = crate::cli::definition().find_subcommand_mut("calls").unwrap().render_long_help().to_string();
        for key in expected.as_object().unwrap().keys() {
            assert!(help.split([' ', ',', '.', '\n']).any(|word| word == key), "{key} is not in: {help}");
        }
    }

    #[tokio::test]
    async fn a_row_says_how_long_a_call_has_waited_for_its_turn() {
        let row = |turn: Turn, outcome: Outcome| async move {
            let call = CallSummary { turn: Some(turn), outcome: outcome.into(), ..CallSummary::default() };
            let printed =
                captured(async |streams| Table::default().row(&call, streams).map(|()| 0).map_err(Into::into));
            printed.await.1
        };
        let turn = Turn { limit: 1, waited_micros: 1_200_000, ..Turn::default() };
        let open = row(turn, Outcome::Pending).await;
        assert!(open.ends_with("  (has waited 1.20 s for its turn)\n"), "{open}");
        let came = row(Turn { came: Some(1_200_000), ..turn }, Outcome::Answered).await;
        assert!(came.ends_with("  (waited 1.20 s for its turn)\n"), "{came}");
    }

    #[tokio::test]
    async fn json_says_what_is_wrong_with_each_call_and_what_to_do() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 73, run_file(), &["order-processor", "checkout"]);
        for id in 1..=60 {
            shop.start_call(id);
            shop.refuse_call(id);
        }
        let args = CallsArgs { output: "json".into(), ..CallsArgs::default() };
        let (_, out, _) = listed(&directory, &args).await;
        let calls: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(calls.len(), 60);
        for call in calls {
            let first = &call["findings"][0];
            assert_eq!((&first["title"], &first["suspicion"]), (&"nothing listens".into(), &false.into()), "{call}");
            let text = first["text"].as_str().unwrap();
            assert!(text.starts_with("order-processor runs, but nothing listens on :8001"), "{text}");
            assert!(!first["advice"].as_str().unwrap().is_empty(), "{call}");
        }
    }

    #[tokio::test]
    async fn a_filter_chooses_and_a_wrong_one_is_refused() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
        shop.start_call(1);
        shop.end_call(1);
        shop.start_call(2);
        let filter = |words: &[&str]| CallsArgs {
            filter: words.iter().map(|word| (*word).to_owned()).collect(),
            ..CallsArgs::default()
        };
        let (_, out, _) = listed(&directory, &filter(&["m:post", "open"])).await;
        assert_eq!(out.lines().count(), 2, "{out}");
        let args = filter(&["nonsense:"]);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let refused = calls(&directory, &args, &mut Streams::new(&mut out, &mut err)).await.unwrap_err();
        assert!(refused.to_string().starts_with("filter: column "), "{refused}");
    }

    #[tokio::test]
    async fn what_is_missing_is_said() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 71, run_file(), &["checkout"]);
        shop.store.count_lost(3, 0);
        shop.publish();
        let (_, out, err) = listed(&directory, &CallsArgs::default()).await;
        assert_eq!(out, "");
        assert_eq!(err, "⚠  calls that are not listed: 3 were never captured, because daptop was too busy\n");
    }

    #[tokio::test]
    async fn a_follower_is_told_that_the_process_has_ended() {
        let (_place, directory) = directory();
        let mut shop = Served::new(&directory, 4_000_071, run_file(), &["checkout"]);
        shop.start_call(1);
        shop.end_call(1);
        let args = CallsArgs { follow: true, ..CallsArgs::default() };
        let within = std::time::Duration::from_secs(10);
        let follow = captured(async |streams| calls(&directory, &args, streams).await);
        let end = async {
            assert!(wait_until(within, || shop.followers() > 0).await);
            drop(shop);
        };
        let ((code, out, _), ()) = tokio::time::timeout(within, async { tokio::join!(follow, end) }).await.unwrap();
        assert_eq!((code, out.lines().count()), (0, 2), "{out}");
    }
}
