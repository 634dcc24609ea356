use super::*;
use crate::commands::streams::captured;
use crate::control::proto::{self, Body, BodyEnd, GetCallResponse, Header};
use crate::control::tests::{Served, directory, run_file};

async fn shown(no_redact: bool) -> String {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 71, run_file(), &["order-processor", "checkout"]);
    shop.start_call(1);
    shop.end_call(1);
    let args = ShowArgs { call: "#1".into(), no_redact, ..ShowArgs::default() };
    let (code, out, err) = captured(async |streams| show(&directory, &args, streams).await).await;
    assert_eq!((code, err.as_str()), (0, ""));
    // The only line that differs from run to run.
    out.split_inclusive('\n').filter(|line| !line.starts_with("  received 2")).collect()
}

#[tokio::test]
async fn a_call_is_printed_whole() {
    let expected = r#"Call #1  checkout -> order-processor  POST /orders
  answered 200 in 4.21 ms, within this daptop, http1

Timing
  received                      0.00 ms
  request sent                  0.25 ms  +0.25 ms
  ended                         4.21 ms  +3.96 ms

Request
  POST /v1.0/invoke/order-processor/method/orders
  content-type: application/json
  authorization: ***
  (*** hides a secret; --no-redact shows it)

Request body (14 bytes)
  {"orderId": 1}

Response
  200 OK

Response body (33 bytes)
  {"success": true, "padding": "-"}

Trace 07070707070707070707070707070707
  checkout client CallLocal/order-processor/orders               +0.00 ms     4.21 ms  200  #1  <- this call
  `-- order-processor server CallLocal/order-processor/orders    +0.00 ms     4.21 ms  200  #1
"#;
    assert_eq!(shown(false).await, expected);
}

#[tokio::test]
async fn secrets_are_shown_on_request() {
    let page = shown(true).await;
    assert!(page.contains("  authorization: Bearer secret\n"), "{page}");
    assert!(!page.contains("***"));
}

fn with_body(body: Body, headers: &[(&'static str, &'static [u8])]) -> String {
    let headers = headers.iter().map(|(name, value)| Header { name: (*name).into(), value: (*value).into() }).collect();
    let call = GetCallResponse {
        summary: Some(proto::CallSummary { id: 1, ..proto::CallSummary::default() }),
        request_headers: headers,
        request_body: Some(body),
        ..GetCallResponse::default()
    };
    let page = page::page(&call, false);
    page[page.find("\nRequest\n").unwrap()..page.find("\nNo trace").unwrap()].to_owned()
}

#[test]
fn what_is_wrong_stands_above_the_rest() {
    let finding = |text: &str, suspicion| proto::Finding {
        text: text.into(),
        advice: "Send POST.".into(),
        suspicion,
        ..proto::Finding::default()
    };
    for (findings, section) in [
        (
            vec![finding("bank answered 404 to GET /\u{1b}[2J.", false), finding("It is a storm.", true)],
            "\nWhat is wrong\n  bank answered 404 to GET /\\x1b[2J.\n  Do: Send POST.\n  It is a storm.\n  Do: Send POST.\n\nTiming\n",
        ),
        (vec![finding("It is a storm.", true)], "\nWhat looks wrong\n  It is a storm.\n  Do: Send POST.\n\nTiming\n"),
        (vec![], "\n\nTiming\n"),
    ] {
        let page = page::page(&GetCallResponse { findings, ..GetCallResponse::default() }, false);
        assert!(page.contains(section), "{page}");
    }
}

#[tokio::test]
async fn a_call_that_failed_is_told_with_the_reason_and_what_to_do() {
    let (_place, directory) = directory();
    let mut shop = Served::new(&directory, 72, run_file(), &["order-processor", "checkout"]);
    shop.start_call(1);
    shop.refuse_call(1);
    let args = ShowArgs { call: "1".into(), ..ShowArgs::default() };
    let (code, out, err) = captured(async |streams| show(&directory, &args, streams).await).await;
    assert_eq!((code, err.as_str()), (0, ""));
    let section = "\nWhat is wrong\n  order-processor runs, but nothing listens on :8001 yet.\n  Do: Wait until";
    assert!(out.contains(section), "{out}");
}

fn body(kept: &'static [u8], seen: u64) -> Body {
    Body { kept: kept.into(), seen, end: BodyEnd::Complete.into(), evicted: false }
}

#[test]
fn trailers_stand_below_the_body_and_the_status_of_grpc_in_the_title() {
    let call = GetCallResponse {
        summary: Some(proto::CallSummary {
            id: 1,
            status: 200,
            grpc_status: Some(5),
            outcome: proto::Outcome::Answered.into(),
            trace_id: "07".into(),
            ..proto::CallSummary::default()
        }),
        response_body: Some(body(b"", 0)),
        response_trailers: vec![Header { name: "grpc-status".into(), value: "5".into() }],
        trace: vec![proto::TraceSpan { call: 1, status: 200, grpc_status: Some(5), ..proto::TraceSpan::default() }],
        ..GetCallResponse::default()
    };
    let page = page::page(&call, false);
    assert!(page.contains("  answered NOT_FOUND in 0.00 ms, "), "{page}");
    assert!(page.contains("  NOT_FOUND  #"), "{page}");
    assert!(page.contains("\nResponse body (0 bytes)\n\nResponse trailers\n  grpc-status: 5\n"), "{page}");
}

#[test]
fn a_body_says_what_of_it_is_not_there() {
    for (body, title) in [
        (body(b"a", 1), "Request body (1 byte)"),
        (body(b"caf\xc3", 9), "Request body (9 bytes; cut: only the first 4 were kept)\n  caf\n"),
        (
            Body { evicted: true, ..body(b"", 9) },
            "Request body (9 bytes; given up to stay within the limits of memory)",
        ),
        (Body { end: BodyEnd::Broken.into(), ..body(b"a", 1) }, "Request body (1 byte; broke off)"),
        (Body { end: BodyEnd::Open.into(), ..body(b"a", 1) }, "Request body (1 byte; not read to its end)"),
    ] {
        let page = with_body(body, &[]);
        assert!(page.contains(title), "{title}: {page}");
    }
}

#[test]
fn a_body_that_is_not_text_is_shown_as_bytes() {
    let page = with_body(body(b"\x1f\x8b\x00a", 4), &[("content-encoding", b"gzip")]);
    assert!(page.contains("(4 bytes; encoded: gzip)\n  00000000  1f 8b 00 61 "), "{page}");
    assert!(page.contains("|...a|"), "{page}");
}

#[test]
fn no_control_character_of_a_call_reaches_the_terminal() {
    let page = with_body(body(b"\x1b]0;title\x07", 10), &[("x-evil", b"a\x1b[2Jb\xff"), ("Cookie", b"id=1")]);
    assert!(!page.contains(|letter: char| letter.is_control() && letter != '\n'), "{page:?}");
    assert!(page.contains(r"x-evil: a\x1b[2Jb\xff") && page.contains(r"\x1b]0;title\x07"), "{page}");
    assert!(page.contains("Cookie: ***"), "the name in any case: {page}");
}

#[tokio::test]
async fn what_is_no_number_or_no_call_is_refused() {
    let (_place, directory) = directory();
    let _shop = Served::new(&directory, 71, run_file(), &["checkout"]);
    for (call, told) in [
        ("orders", "\"orders\" is not the number of a call; `daptop calls` lists them"),
        ("7", "no call #7 is here: nothing was captured yet"),
    ] {
        let args = ShowArgs { call: call.into(), ..ShowArgs::default() };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let refused = show(&directory, &args, &mut Streams::new(&mut out, &mut err)).await.unwrap_err();
        assert_eq!(format!("{refused:#}"), told);
    }
}

#[test]
fn messages_are_printed_in_order_up_to_a_bound_and_what_is_not_is_counted() {
    let one = |number, response| proto::Message {
        response,
        number,
        at_micros: 310,
        length: 7,
        r#type: "greet.Hello".into(),
        json: "{\n  \"name\": \"\u{1b}[2J\"\n}".into(),
        notes: vec!["5 of 7 bytes are here".into()],
    };
    let all = proto::Messages {
        kept: vec![one(1, false), one(1, true)],
        requests: 1,
        responses: 3,
        source: "the app's reflection (v1alpha)".into(),
        failures: vec!["the app has no reflection v1".into()],
    };
    let expected = "
Messages (1 sent, 3 answered; read by the app's reflection (v1alpha))
  (the app has no reflection v1)
  -> 1   +0.31 ms  7 bytes  greet.Hello
    {
      \"name\": \"\\x1b[2J\"
    }
    (5 of 7 bytes are here)
  <- 1   +0.31 ms  7 bytes  greet.Hello
    {
      \"name\": \"\\x1b[2J\"
    }
    (5 of 7 bytes are here)
  (2 more passed and were not kept)
";
    assert_eq!(messages::section(&all), expected);
    let many = proto::Messages { kept: (1..=103).map(|number| one(number, false)).collect(), requests: 103, ..all };
    let section = messages::section(&many);
    assert_eq!(section.matches("\n  -> ").count(), 100);
    assert!(
        section.ends_with("\n  (3 more are kept; the dashboard shows them)\n  (3 more passed and were not kept)\n")
    );
}

#[test]
fn a_status_is_printed_by_name_with_its_details() {
    let detail = proto::StatusDetail { r#type: "google.rpc.BadRequest".into(), json: "{\n  \"a\": 1\n}".into() };
    let status = proto::GrpcStatus {
        code: 3,
        name: "INVALID_ARGUMENT".into(),
        message: "no\nname".into(),
        details: vec![detail],
        problem: "its details are not base64".into(),
    };
    let expected = "
Status
  3 INVALID_ARGUMENT: no\\nname
  google.rpc.BadRequest
    {
      \"a\": 1
    }
  (its details are not base64)
";
    assert_eq!(messages::status(&status), expected);
    let odd = proto::GrpcStatus { code: 99, ..proto::GrpcStatus::default() };
    assert_eq!(messages::status(&odd), "\nStatus\n  99 no code of gRPC\n");
}

#[test]
fn the_wait_for_its_turn_is_told_in_the_timing_with_the_limit() {
    let page = |came, outcome: proto::Outcome, waited_micros| {
        let turn = proto::Turn { limit: 2, began: 300, came, waited_micros };
        let summary = proto::CallSummary { turn: Some(turn), outcome: outcome.into(), ..proto::CallSummary::default() };
        page::page(&GetCallResponse { summary: Some(summary), ..GetCallResponse::default() }, false)
    };
    let told = page(None, proto::Outcome::Pending, 1_200_000);
    assert!(
        told.contains("\n  waits for its turn            0.30 ms  +0.30 ms\n  (has waited 1.20 s for its turn: "),
        "{told}"
    );
    let told = page(Some(5_300), proto::Outcome::Answered, 5_000);
    let lines =
        "\n  its turn came                 5.30 ms  +5.00 ms\n  (waited 5.00 ms for its turn: 2 calls at once)\n";
    assert!(told.contains(lines), "{told}");
}

#[test]
fn a_stream_that_broke_off_is_not_said_to_have_had_no_answer() {
    let page = |responses| {
        let summary = proto::CallSummary {
            status: 200,
            grpc_status: Some(14),
            outcome: proto::Outcome::Failed.into(),
            age_micros: 2_000,
            ..proto::CallSummary::default()
        };
        let messages = Some(proto::Messages { responses, ..proto::Messages::default() });
        page::page(&GetCallResponse { summary: Some(summary), messages, ..GetCallResponse::default() }, false)
    };
    for (answers, line) in [
        (0, "\n  no app answered; the caller got UNAVAILABLE after 2.00 ms, "),
        (3, "\n  the answer broke off; the caller got UNAVAILABLE after 2.00 ms, "),
    ] {
        assert!(page(answers).contains(line), "{}", page(answers));
    }
}
