use super::sketch::{exit, failed};
use super::*;
use crate::FailureKind::{
    BadRequest, BrokenAnswer, ConnectionRefused, Denied, NoAppId, NoAppPort, Other, SidecarUnreachable, StillStarting,
    TooLarge, Unhealthy, UnknownApp,
};
use crate::{App, AppState, ExitReason, FailureFact, FailureKind, Leg, Phase, Protocol, Spoken, Stamp};

/// A call that failed, to an app `bank` with port 7003.
fn bank(kind: FailureKind, fact: Option<FailureFact>, state: AppState, edit: impl FnOnce(&mut App)) -> Sketch {
    let mut sketch = Sketch::shop();
    sketch.app("bank", 7003, state, edit);
    sketch.call(|call| {
        call.to = "bank";
        call.outcome = failed(kind, "Post \"http://127.0.0.1:7003/orders\": EOF", fact);
        call.status = Some(500);
        call.phases = vec![Phase::Resolved];
    });
    sketch
}

const REFUSED: Option<FailureFact> = Some(FailureFact::Refused(7003));

#[test]
fn nothing_listens_and_why_not() {
    let ended = |app: &mut App| app.times.ended = Some(Stamp(500_000));
    for (state, edit, text, advice) in [
        (
            exit(3),
            Box::new(ended) as Box<dyn FnOnce(&mut App)>,
            "bank has crashed with exit code 3, so nothing listens on :7003.",
            "Read the last lines of bank, mend what they say, and restart it.",
        ),
        (
            exit(0),
            Box::new(ended),
            "bank has ended with exit code 0, so nothing listens on :7003.",
            "Let bank run for as long as it is called, or do not call it; restart it to try again.",
        ),
        (
            AppState::Ended(ExitReason::Signal("SIGKILL".into())),
            Box::new(ended),
            "bank was ended by SIGKILL, so nothing listens on :7003.",
            "Read the last lines of bank; the system or somebody else has ended it. Restart it to try again.",
        ),
        (
            AppState::Ended(ExitReason::Asked),
            Box::new(ended),
            "bank was stopped, so nothing listens on :7003.",
            "Start bank again, then send the call again.",
        ),
        (
            AppState::NotStarted("no such file: python4".into()),
            Box::new(|_| {}),
            "bank could not be started, so nothing listens on :7003: no such file: python4.",
            "Mend the command or the folder of bank, then restart it.",
        ),
        (
            AppState::Starting,
            Box::new(|app| app.listens_on = Some([5000].into())),
            "Nothing listens on :7003: bank listens on :5000 instead.",
            "Set appPort of bank to 5000, or let bank listen on the port that APP_PORT tells it.",
        ),
        (
            AppState::Starting,
            Box::new(|_| {}),
            "bank runs, but nothing listens on :7003 yet.",
            "Wait until bank is ready; if it never is, it listens on another port than its appPort says.",
        ),
        (
            AppState::Ready,
            Box::new(|app| app.times.port_open = Some(Stamp(500_000))),
            "Nothing listened on :7003 when the call came, though bank runs and had listened there before.",
            "Look into the log of bank: a server that reloads or has lost a worker looks like this.",
        ),
        (
            AppState::Ready,
            Box::new(|app| app.times.spawned = Some(Stamp(5_000_000))),
            "Nothing listened on :7003 when the call came; bank has been started since.",
            "Send the call again.",
        ),
    ] {
        says(&mut bank(ConnectionRefused, REFUSED, state, edit), FindingKind::NothingListens, text, advice);
    }
}

#[test]
fn a_crash_after_the_call_is_not_its_reason() {
    let crashed_later = |app: &mut App| {
        app.times.port_open = Some(Stamp(1_000));
        app.times.ended = Some(Stamp(9_000_000));
    };
    let found = found(&mut bank(ConnectionRefused, REFUSED, exit(3), crashed_later));
    assert!(found[0].text.starts_with("Nothing listened on :7003 when the call came, though"), "{found:?}");
}

#[test]
fn what_is_not_of_this_run_is_not_accused_of_a_crash() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| {
        (call.to, call.leg) = ("http://localhost:9999", Leg::External);
        call.outcome = failed(ConnectionRefused, "dial tcp", Some(FailureFact::Refused(9999)));
    });
    let text = "Nothing listens at http://localhost:9999.";
    says(&mut sketch, FindingKind::NothingListens, text, "Start what should answer there, or mend the URL.");
    sketch.call(|call| {
        (call.to, call.leg) = ("https://nowhere.example", Leg::External);
        call.outcome = failed(ConnectionRefused, "no such host", None);
    });
    let text = "https://nowhere.example could not be reached: no such host.";
    let advice = "Check the host name and the network, then send it again.";
    says(&mut sketch, FindingKind::Unreachable, text, advice);
}

#[test]
fn failures_that_the_app_has_no_part_in() {
    for (kind, fact, finding, text, advice) in [
        (
            SidecarUnreachable,
            None,
            FindingKind::Unreachable,
            "The sidecar of bank, in another process, could not be reached.",
            "See with \"daptop list\" whether the process of bank still runs.",
        ),
        (
            NoAppId,
            None,
            FindingKind::NoAppId,
            "The request names no app: neither its path nor a dapr-app-id header does.",
            "Ask for /v1.0/invoke/APP/method/PATH, or add the header dapr-app-id: APP.",
        ),
        (
            NoAppPort,
            None,
            FindingKind::NoAppPort,
            "bank has no app port, so its sidecar cannot pass anything on to it.",
            "Set appPort of bank in the run file (--app-port on the command line).",
        ),
        (
            Unhealthy,
            None,
            FindingKind::Unhealthy,
            "bank fails its health checks, so its sidecar passes no call on to it.",
            "See what bank answers on its health path, and its log; calls go through once it is well.",
        ),
        (
            Denied,
            None,
            FindingKind::Denied,
            "The access control of bank does not let checkout ask for POST /orders.",
            "Allow it under accessControl in the Configuration of bank, or do not call it.",
        ),
        (
            BadRequest,
            None,
            FindingKind::Refused,
            "The sidecar could not pass the request on: Post \"http://127.0.0.1:7003/orders\": EOF.",
            "Mend the verb or the path of the request.",
        ),
        (
            TooLarge,
            Some(FailureFact::HeadLimit(4096)),
            FindingKind::TooLarge,
            "The header lines of bank's answer are over the limit of 4 KiB.",
            "Let bank send shorter header lines, or raise its readBufferSize (--read-buffer-size).",
        ),
        (
            Other,
            None,
            FindingKind::Unexplained,
            "The call failed: Post \"http://127.0.0.1:7003/orders\": EOF.",
            "The text is what the caller got; the sidecar's log may say more.",
        ),
    ] {
        says(&mut bank(kind, fact, AppState::Ready, |_| {}), finding, text, advice);
    }
}

#[test]
fn an_answer_that_cannot_be_read_may_be_one_in_another_protocol() {
    for (kind, fact, finding, text, advice) in [
        (
            BrokenAnswer,
            None,
            FindingKind::BrokenAnswer,
            "bank took the request but gave no answer that can be read: EOF.",
            "Look into the log of bank at that time: a worker that crashed looks like this.",
        ),
        (
            BrokenAnswer,
            Some(FailureFact::Speaks(Spoken::Http1)),
            FindingKind::BrokenAnswer,
            "bank took the request but gave no answer that can be read: EOF.",
            "Look into the log of bank at that time: a worker that crashed looks like this.",
        ),
        (
            BrokenAnswer,
            Some(FailureFact::Speaks(Spoken::Tls)),
            FindingKind::WrongProtocol,
            "What came from bank on :7003 looks like TLS: no answer could be read.",
            "Set appProtocol of bank to https, or let it serve without TLS.",
        ),
        (
            BrokenAnswer,
            Some(FailureFact::Speaks(Spoken::Http2)),
            FindingKind::WrongProtocol,
            "What came from bank on :7003 looks like HTTP/2, as gRPC does: no answer could be read.",
            "Set appProtocol of bank to grpc (or h2c), or call another port.",
        ),
    ] {
        says(&mut bank(kind, fact, AppState::Ready, |_| {}), finding, text, advice);
    }
}

#[test]
fn an_app_that_nobody_knows_may_have_a_namesake() {
    for (asked, text, advice) in [
        (
            "order-procesor",
            "No app is called order-procesor. The nearest name is order-processor: perhaps that one is meant.",
            "Ask for order-processor, or give an app the id order-procesor.",
        ),
        (
            "mailer",
            "No app is called mailer. Those of this run: checkout and order-processor.",
            "Ask for one of them, or start the app mailer.",
        ),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| (call.to, call.outcome) = (asked, failed(UnknownApp, "no such app", None)));
        says(&mut sketch, FindingKind::UnknownApp, text, advice);
    }
}

#[test]
fn an_app_that_did_not_start_in_time_may_listen_elsewhere() {
    let late = |listens: Option<u16>| {
        let mut sketch = Sketch::shop();
        sketch.app("bank", 7003, AppState::Starting, |app| app.listens_on = listens.map(|port| [port].into()));
        sketch.call(|call| {
            (call.to, call.held, call.took) = ("bank", Some(30_000), Some(30_001));
            call.outcome = failed(StillStarting, "refused", REFUSED);
        });
        sketch
    };
    let text = "bank was still starting: the call waited 30 s for it, and nothing answered on :7003.";
    says(&mut late(None), FindingKind::StillStarting, text, "See in the log of bank what takes so long.");
    let text = "The call waited 30 s in vain. Nothing listens on :7003: bank listens on :8080 instead.";
    let advice = "Set appPort of bank to 8080, or let bank listen on the port that APP_PORT tells it.";
    says(&mut late(Some(8080)), FindingKind::StillStarting, text, advice);
}

#[test]
fn a_body_over_its_limit_is_told_with_both_figures() {
    for (headers, text) in [
        (vec![("content-length", "5242880")], "The request's body is over the limit of 4 MiB: it has 5 MiB."),
        (vec![], "The request's body is over the limit of 4 MiB: more than 2 bytes had come."),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| {
            call.request = headers;
            call.outcome = failed(TooLarge, "stream too large", Some(FailureFact::BodyLimit(4 << 20)));
        });
        let advice = "Send less, or raise maxBodySize of checkout in the run file (--max-body-size).";
        says(&mut sketch, FindingKind::TooLarge, text, advice);
    }
}

#[test]
fn a_message_over_the_limit_is_told_as_such() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| {
        call.protocol = crate::Protocol::Grpc;
        call.outcome = failed(TooLarge, "grpc: received message", Some(FailureFact::BodyLimit(4 << 20)));
    });
    let text = "A message of the request is over the limit of 4 MiB.";
    let advice = "Send less, or raise maxBodySize of checkout in the run file (--max-body-size).";
    says(&mut sketch, FindingKind::TooLarge, text, advice);
}

#[test]
fn a_call_that_went_well_has_no_finding() {
    let mut sketch = Sketch::shop();
    sketch.call(|_| {});
    says_nothing(&mut sketch);
}

#[test]
fn a_stream_that_broke_off_says_after_how_many_messages() {
    for (answers, count) in [(1, "1 message"), (20, "20 messages")] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| {
            (call.protocol, call.status, call.answers) = (Protocol::Grpc, Some(200), answers);
            call.outcome = failed(BrokenAnswer, "error reading from server: EOF", None);
        });
        let text = format!("The answer of order-processor broke off after {count}: error reading from server: EOF.");
        let advice = "Look into the log of order-processor at that time: it, or a worker of it, may have ended.";
        says(&mut sketch, FindingKind::BrokenAnswer, &text, advice);
    }
}
