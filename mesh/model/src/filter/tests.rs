use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::expression::Expression;
use super::term::{Comparison, Field, Flag, Number, Term, TextRelation};
use super::*;
use crate::{
    Anchor, AppId, CallEnd, CallId, CallStart, CapturedBody, Event, Failure, FailureKind, Head, HeadBuilder, Leg,
    Limits, Outcome, Phase, Phases, Protocol, RequestHead, ResponseHead, SpanId, Store, TraceId, TraceRef,
};

fn head(lines: &[(&str, &str)]) -> Head {
    let mut builder = HeadBuilder::default();
    for (name, value) in lines {
        builder.line(name, value.as_bytes());
    }
    builder.finish()
}

fn body(text: &'static str) -> CapturedBody {
    CapturedBody { kept: Bytes::from_static(text.as_bytes()), seen: text.len() as u64, ..CapturedBody::default() }
}

/// checkout's order, answered with 503 after 300 ms.
fn order() -> Call {
    let mut call = Call::new(CallStart {
        id: CallId(12),
        at: Stamp(1_000),
        from: AppId::new("checkout"),
        to: AppId::new("order-processor"),
        leg: Leg::InProcess,
        protocol: Protocol::Grpc,
        request: RequestHead {
            verb: Bytes::from_static(b"POST"),
            target: Bytes::from_static(b"/v1.0/invoke/order-processor/method/orders?x=1"),
            path: Bytes::from_static(b"/orders?x=1"),
            headers: head(&[("Content-Type", "application/json"), ("traceparent", "00-4bf9")]),
        },
        trace: TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").map(|trace| TraceRef {
            trace,
            parent: None,
            caller_span: SpanId([1; 8]),
            callee_span: None,
            sampled: true,
        }),
        replay_of: None,
    });
    call.request_body = body("{\"orderId\": 1}");
    call.response_body = body("no stock");
    call.response = Some(ResponseHead {
        status: 503,
        headers: head(&[("Via", "dapr")]),
        trailers: Some(Box::new(head(&[("grpc-status", "14")]))),
    });
    call.phases.mark(Phase::Ended, Stamp(1_000).plus(Duration::from_millis(300)));
    call.outcome = Outcome::Answered;
    call
}

/// Filters, and the numbers of the calls that they take: 12 is the order, 13 is open, 14 failed.
const WORDS: &[(&str, &[u64])] = &[
    ("", &[12, 13, 14]),
    ("m:post", &[12, 14]),
    ("m~OS", &[12, 14]),
    ("path:/ord", &[12, 13, 14]),
    ("path:/orders?x=2", &[]),
    ("path~X=1", &[12, 13, 14]),
    ("path:rders", &[]),
    ("status:5xx", &[12]),
    ("status:4xx", &[]),
    ("status=503", &[12]),
    ("status>=400", &[12]),
    ("status<503", &[]),
    ("not status<=503", &[13, 14]),
    ("app:checkout", &[12, 14]),
    ("app:check", &[]),
    ("app~check", &[12, 14]),
    ("from:KIOSK", &[13]),
    ("to:kiosk", &[]),
    ("app:order-processor", &[12, 13, 14]),
    ("dur>250ms", &[12, 13, 14]),
    ("dur>0.3s", &[13]),
    ("dur<=300000us", &[12, 14]),
    ("body~\"ORDERID\\\": 1\"", &[12, 13, 14]),
    ("body~stock", &[12, 13, 14]),
    ("body:stocks", &[]),
    ("hdr:TRACEPARENT", &[12, 13, 14]),
    ("hdr:via", &[12]),
    ("hdr:content-type~JSON", &[12, 13, 14]),
    ("hdr:content-type~xml", &[]),
    ("failed", &[14]),
    ("error", &[12, 14]),
    ("replay", &[13]),
    ("waiting", &[13]),
    ("open", &[13]),
    ("PENDING", &[13]),
    ("cancelled", &[]),
    ("trace:4BF9", &[12, 14]),
    ("trace:5", &[]),
    ("grpc:unavailable", &[12]),
    ("grpc:14", &[12]),
    ("grpc:ok", &[]),
    ("size>21b", &[12, 13, 14]),
    ("size>1kb", &[]),
    ("id:12", &[12]),
    ("id:#13", &[13]),
    ("id>12", &[13, 14]),
    ("stock", &[12, 13, 14]),
    ("kio", &[13]),
    ("/orders", &[12, 13, 14]),
    ("\"failed\"", &[]),
    ("failed or open", &[13, 14]),
    ("failed or open m:get", &[13, 14]),
    ("(failed or open) m:get", &[13]),
    ("(failed OR open) AND NOT m:get", &[14]),
    ("not (failed or open)", &[12]),
    ("not not failed", &[14]),
];

#[test]
fn each_word_takes_the_calls_that_it_says() {
    let mut open = order();
    (open.outcome, open.response, open.phases) = (Outcome::Pending, None, Phases::new(Stamp(0)));
    (open.id, open.waiting, open.trace, open.repeats) = (CallId(13), true, None, 12);
    (open.from, open.request.verb) = (AppId::new("kiosk"), Bytes::from_static(b"GET"));
    let mut queued = Call { waiting: false, ..open.clone() };
    queued.delays.turn_begins(std::time::Duration::ZERO, 1);
    assert!(Filter::parse("waiting").unwrap().matches(&queued, Stamp(0)), "for its turn");
    let mut failed = order();
    failed.outcome =
        Outcome::Failed(Box::new(Failure { kind: FailureKind::UnknownApp, text: "no such app".into(), fact: None }));
    (failed.id, failed.response, failed.protocol) = (CallId(14), None, Protocol::Http1);
    let calls = [order(), open, failed];
    for (text, expected) in WORDS {
        let filter = Filter::parse(text).unwrap();
        let taken = calls.iter().filter(|call| filter.matches(call, Stamp(2_000_000)));
        assert_eq!(taken.map(|call| call.id.0).collect::<Vec<_>>(), *expected, "{text}");
    }
}

#[test]
fn compressed_bodies_are_searched_for_what_they_say() {
    let mut call = order();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, b"{\"coupon\": \"SUMMER\"}").unwrap();
    call.response_body.kept = encoder.finish().unwrap().into();
    for (headers, found) in [(head(&[("Content-Encoding", "gzip")]), true), (head(&[]), false)] {
        call.response = Some(ResponseHead::new(200, headers));
        for text in ["body~summer", "summer"] {
            assert_eq!(Filter::parse(text).unwrap().matches(&call, Stamp(0)), found, "{text}");
        }
    }
}

#[test]
fn compressed_messages_of_grpc_are_searched_for_what_they_say() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, b"\x0a\x03Ada").unwrap();
    let packed = packed.finish().unwrap();
    let (mut call, message) = crate::schema::tests::call(&packed, packed.len(), Some("gzip"));
    let ada = Filter::parse("body~ada").unwrap();
    assert!(!ada.matches(&call, Stamp(0)));
    call.messages.push(crate::Message { compressed: true, ..message });
    assert!(ada.matches(&call, Stamp(0)));
}

#[test]
fn a_test_that_looks_into_bodies_costs_as_much_as_they_are_long() {
    let mut call = order();
    call.request_body.kept = Bytes::from(vec![0; 100_000]);
    for (text, dear) in [("m:post", false), ("not (status:5xx or body~x)", true), ("word", true), ("failed", false)] {
        assert_eq!(Filter::parse(text).unwrap().cost(&call) > 100_000, dear, "{text}");
    }
}

/// Texts that are not filters.
const MISTAKES: [&str; 23] = [
    "m:POST status:",
    "status:abc",
    "status:99",
    "status~5",
    "dur>250",
    "dur:1s",
    "size>1parsec",
    "trace:xyz",
    "grpc:gone",
    "hdr:",
    "hdr:a~",
    "foo:bar",
    "http://x",
    "status!=404",
    "body~\"open",
    "\"\"",
    "(failed",
    "failed )",
    "failed and",
    "or failed",
    "not",
    "é ü app:",
    "id:x",
];

#[test]
fn an_error_names_the_column_and_what_could_stand_there() {
    let shown = |text: &str| format!("{text}\n  {}\n", Filter::parse(text).unwrap_err());
    insta::assert_snapshot!(MISTAKES.map(shown).concat(), @r#"
    m:POST status:
      column 15: expected a status such as 404 or 5xx, found the end
    status:abc
      column 8: expected a status such as 404 or 5xx, found `abc`
    status:99
      column 8: expected a status such as 404 or 5xx, found `99`
    status~5
      column 7: expected `:` or `=` or `>=` or `<=` or `>` or `<`, found `~5`
    dur>250
      column 5: expected a time such as 250ms or 1.5s, found `250`
    dur:1s
      column 4: expected `>=` or `<=` or `>` or `<`, found `:1s`
    size>1parsec
      column 6: expected a size such as 512b, 1kb or 2mib, found `1parsec`
    trace:xyz
      column 7: expected the first hexadecimal digits of a trace id, found `xyz`
    grpc:gone
      column 6: expected a gRPC status such as unavailable or 14, found `gone`
    hdr:
      column 5: expected the name of a header, found the end
    hdr:a~
      column 7: expected text to look for in the header, found the end
    foo:bar
      column 1: expected one of m, path, app, from, to, status, grpc, dur, size, body, hdr, trace, id before the sign (to look for the text itself, quote it), found `foo:bar`
    http://x
      column 1: expected one of m, path, app, from, to, status, grpc, dur, size, body, hdr, trace, id before the sign (to look for the text itself, quote it), found `http://x`
    status!=404
      column 7: expected another sign (write `not` before the key), found `!=404`
    body~"open
      column 11: expected a closing quote, found the end
    ""
      column 1: expected text, found `""`
    (failed
      column 8: expected a word or `)`, found the end
    failed )
      column 8: expected a word, or nothing more, found `)`
    failed and
      column 11: expected a word, found the end
    or failed
      column 1: expected a word, found `or`
    not
      column 4: expected a word, found the end
    é ü app:
      column 9: expected an app id, found the end
    id:x
      column 4: expected a call's number such as 12, found `x`
    "#);
}

#[test]
fn what_nests_too_deep_is_an_error_and_no_crash() {
    for text in ["(".repeat(100_000), "not ".repeat(100_000), "(not ".repeat(100_000)] {
        let error = Filter::parse(&text).unwrap_err();
        assert!(error.expected.contains("no more than 32"), "{error}");
    }
}

#[test]
fn completions_are_keys_and_flags_then_values_of_what_is_there() {
    let mut store = Store::new(Limits::default(), Anchor::default());
    let call = order();
    store.apply(Event::CallStarted(Box::new(CallStart {
        id: call.id,
        at: call.phases.received,
        from: call.from.clone(),
        to: call.to.clone(),
        leg: call.leg,
        protocol: call.protocol,
        request: call.request.clone(),
        trace: call.trace,
        replay_of: None,
    })));
    store.apply(Event::CallEnded(Box::new(CallEnd {
        id: call.id,
        leg: call.leg,
        phases: call.phases,
        delays: crate::Delays::default(),
        request_body: call.request_body,
        response: call.response,
        messages: crate::Messages::default(),
        response_body: call.response_body,
        outcome: call.outcome,
        trace: call.trace,
    })));
    let snapshot = store.snapshot(Stamp(2_000_000));
    let table: &[(&str, usize, &[&str])] = &[
        ("fa", 0, &["failed"]),
        ("f", 0, &["from:", "failed"]),
        ("failed a", 7, &["app:", "and"]),
        ("(ap", 1, &["app:"]),
        ("zz", 0, &[]),
        ("body~\"a", 6, &[]),
        ("body~\"\\\"\" a", 10, &["app:", "and"]),
        ("m:p", 0, &["m:PATCH", "m:POST", "m:PUT"]),
        ("path:", 0, &["path:/orders"]),
        ("status:5", 0, &["status:5xx", "status:503"]),
        ("hdr:t", 0, &["hdr:traceparent"]),
        ("hdr:v", 0, &["hdr:via"]),
        ("trace:", 0, &["trace:4bf92f35"]),
        ("to:", 0, &["to:order-processor"]),
        ("from:", 0, &["from:checkout"]),
        ("app:", 0, &["app:checkout", "app:order-processor"]),
        ("grpc:una", 0, &["grpc:unavailable", "grpc:unauthenticated"]),
    ];
    for (text, start, words) in table {
        let found = Filter::completions(text, text.len(), &snapshot);
        assert_eq!((found.start, found.words), (*start, words.iter().map(|&word| word.to_owned()).collect()), "{text}");
    }
    assert_eq!(Filter::completions("ap m:post", 2, &snapshot).words, ["app:"]);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z/\"\\\\ ()~:<>=!?éß\n-]{1,8}",
        Just("and".to_owned()),
        Just("NOT".to_owned()),
        Just("failed".to_owned()),
        Just("m:x".to_owned()),
    ]
}

fn any_term() -> impl Strategy<Value = Term> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let field = prop::sample::select(vec![Field::Method, Field::Path, Field::App, Field::From, Field::To]);
    let relation = prop::sample::select(vec![TextRelation::Is, TextRelation::Contains]);
    let either = || prop::sample::select(vec![Equal, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let unequal = || prop::sample::select(vec![Less, LessOrEqual, Greater, GreaterOrEqual]);
    let flag = prop::sample::select(Flag::WORDS.map(|(_, flag)| flag).to_vec());
    prop_oneof![
        any_text().prop_map(Term::Text),
        (field, relation, any_text()).prop_map(|(field, relation, text)| Term::Field(field, relation, text)),
        (1_u16..=9).prop_map(Term::StatusClass),
        (either(), any::<u64>()).prop_map(|(sign, id)| Term::Number(Number::Id, sign, id)),
        (either(), 100_u64..=999).prop_map(|(sign, status)| Term::Number(Number::Status, sign, status)),
        (unequal(), any::<u64>()).prop_map(|(sign, micros)| Term::Number(Number::Duration, sign, micros)),
        (unequal(), any::<u64>()).prop_map(|(sign, bytes)| Term::Number(Number::Size, sign, bytes)),
        any_text().prop_map(Term::Body),
        ("[a-z][a-z0-9-]{0,9}", prop::option::of(any_text())).prop_map(|(name, text)| Term::Header(name, text)),
        "[0-9a-f]{1,32}".prop_map(Term::Trace),
        (0_u32..17).prop_map(Term::Grpc),
        flag.prop_map(Term::Flag),
    ]
}

fn any_expression() -> impl Strategy<Value = Expression> {
    any_term().prop_map(Expression::Term).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::Any),
            inner.prop_map(|inner| Expression::Not(Box::new(inner))),
        ]
    })
}

proptest! {
    #[test]
    fn a_printed_filter_reads_as_itself(root in any_expression()) {
        let filter = Filter { root: Some(root) };
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(text in "\\PC{0,40}|[a-z:~<>=!\"() 0-9]{0,30}") {
        match Filter::parse(&text) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column)),
        }
    }

    #[test]
    fn completions_fit_where_they_are_offered(text in "[a-zé:~ \"(]{0,20}", cursor in 0_usize..30) {
        let snapshot = Store::new(Limits::default(), Anchor::default()).snapshot(Stamp(0));
        let found = Filter::completions(&text, cursor, &snapshot);
        prop_assert!(text.is_char_boundary(found.start) && found.start <= text.len());
    }
}
