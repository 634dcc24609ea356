//! The recorded cases: every request that Dapr's sidecar was given, with what the app saw, what the caller got and which
//! spans were exported, repeated against the sidecars of this crate.
//!
//! A case runs on two legs: `local` asks the sidecar of the app itself, `remote` asks another one. In one process the
//! remote leg is a function call; between two meshes that know each other through a folder it crosses the wire.

mod case;
mod compare;
pub(crate) mod normal;

use std::fmt::Write as _;
use std::time::Duration;

use case::Case;
use daptop_mesh::{MeshSettings, Sampling, SidecarSettings, TracingSettings};
use normal::{Names, normalize};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::support::{
    App, Ask, Bed, Collector, Node, Script, TOLD_ADDRESS, ask_over, closed_port, settings, wait_until,
};

const CALLEE: &str = "order-processor";
const CALLER: &str = "checkout";

/// The sidecars that the cases were recorded with.
struct Recorded {
    app: App,
    collector: Collector,
    processor: Node,
    checkout: Node,
    names: Names,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_one_process_every_recorded_case_passes() {
    let bed = Bed::new();
    check_all(&bed, &bed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_two_processes_every_recorded_case_passes() {
    let folder = tempfile::tempdir().unwrap();
    let bed = || Bed::with(MeshSettings { directory: Some(folder.path().to_owned()), ..MeshSettings::default() });
    check_all(&bed(), &bed()).await;
}

async fn check_all(one: &Bed, other: &Bed) {
    let (app, collector) = (App::start(Script::default()).await, Collector::start().await);
    let (closed, _kept_closed) = closed_port();
    let sidecar = |id, port: Option<u16>| SidecarSettings {
        max_body_size: Some(1 << 20),
        read_buffer_size: 16 << 10,
        tracing: TracingSettings { sampling: Sampling::Rate(1.0), zipkin: Some(collector.endpoint()), stdout: false },
        ..settings(id, port)
    };
    let processor = one.start_ready(sidecar(CALLEE, Some(app.port))).await;
    let checkout = other.start_ready(sidecar(CALLER, None)).await;
    let _dead = one.start(sidecar("dead-app", Some(closed)));
    let names = Names {
        ports: vec![
            ("app-port", app.port),
            ("callee-http-port", processor.http),
            ("caller-http-port", checkout.http),
            ("closed-port", closed),
        ],
        address: TOLD_ADDRESS,
    };
    let recorded = Recorded { app, collector, processor, checkout, names };
    let mut outcomes = Vec::new();
    for case in Case::all() {
        for leg in case.legs() {
            let number = outcomes.len() + 1;
            outcomes.push(recorded.run(&case, leg, number).await);
        }
    }
    wait_until("every recorded span is exported", async || {
        outcomes.iter().all(|outcome| outcome.spans(&recorded).len() >= outcome.wanted_spans())
    })
    .await;
    one.mesh.flush_spans().await;
    other.mesh.flush_spans().await;
    report(&recorded, outcomes);
}

/// What happened in a case on a leg.
struct Outcome {
    case: Case,
    leg: String,
    trace: String,
    got: Value,
}

impl Outcome {
    fn spans(&self, recorded: &Recorded) -> Vec<Value> {
        if self.case.has_spans { recorded.collector.of_trace(&self.trace) } else { Vec::new() }
    }

    fn wanted_spans(&self) -> usize {
        self.case.wanted(&self.leg)["spans"].as_array().map_or(0, Vec::len)
    }

    fn differences(&self, recorded: &Recorded) -> Vec<String> {
        let mut got = self.got.clone();
        if self.case.has_spans {
            let spans = normal::spans(&self.spans(recorded));
            got["spans"] = normalize(spans, &self.trace, &recorded.names);
        }
        compare::differences(&self.case, self.case.wanted(&self.leg), &got)
    }
}

impl Recorded {
    async fn run(&self, case: &Case, leg: &str, number: usize) -> Outcome {
        let trace = format!("{number:08x}{:024x}", 0xdab_70b_u64 + number as u64);
        self.app.take_seen();
        self.app.set(case.script());
        let asked: Ask = case.request(&trace, &self.names);
        let port = if leg == "local" { self.processor.http } else { self.checkout.http };
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let answer = ask_over(stream, &asked).await;
        let saw = self.saw(case.wanted(leg)["app_saw"].is_null()).await;
        let got = json!({ "client_got": normal::answer(answer), "app_saw": saw });
        let got = normalize(got, &trace, &self.names);
        Outcome { case: case.clone(), leg: leg.to_owned(), trace, got }
    }

    /// What reached the app first. Where nothing should, a moment passes before that is believed.
    async fn saw(&self, nothing_expected: bool) -> Value {
        if nothing_expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.app.take_seen().first().map_or(Value::Null, normal::request)
    }
}

fn report(recorded: &Recorded, outcomes: Vec<Outcome>) {
    let (all, mut failed, mut failures) = (outcomes.len(), 0, String::new());
    for outcome in outcomes {
        let differences = outcome.differences(recorded);
        let Outcome { case, leg, .. } = outcome;
        match (&case.quirk, differences.is_empty()) {
            (_, true) => {}
            (Some(quirk), false) => println!("quirk: {} ({leg}): {quirk}", case.name),
            (None, false) => {
                failed += 1;
                writeln!(failures, "{} ({leg})", case.name).unwrap();
                for difference in differences {
                    writeln!(failures, "    {difference}").unwrap();
                }
            }
        }
    }
    assert!(failed == 0, "{failed} of {all} recorded exchanges differ:\n{failures}");
    assert!(all >= 346, "only {all} recorded exchanges ran");
}
