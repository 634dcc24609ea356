use super::sketch::failed;
use super::*;
use crate::{BodyEnd, FailureKind, Outcome, Protocol};

#[test]
fn a_path_that_is_not_there_names_those_that_worked() {
    for (worked, asked, text, advice) in [
        (
            vec![("POST", "/orders?x=1"), ("GET", "/health")],
            ("POST", "/order"),
            "order-processor answered 404 to POST /order. What worked there: POST /orders and GET /health.",
            "Perhaps POST /orders is meant.",
        ),
        (
            vec![("POST", "/orders")],
            ("GET", "/orders"),
            "order-processor answered 404 to GET /orders. What worked there: POST /orders.",
            "Send POST instead of GET: that worked on this path.",
        ),
        (
            vec![("POST", "/orders")],
            ("GET", "/reports/monthly"),
            "order-processor answered 404 to GET /reports/monthly. What worked there: POST /orders.",
            "Use one of those, or compare the path with the routes of order-processor.",
        ),
        (
            vec![],
            ("GET", "/"),
            "order-processor answered 404 to GET /. Nothing else has been asked of it with success lately.",
            "Compare the path with the routes of order-processor.",
        ),
    ] {
        let mut sketch = Sketch::shop();
        for (verb, path) in worked {
            sketch.call(|call| (call.verb, call.path) = (verb, path.to_owned()));
        }
        sketch.call(|call| (call.verb, call.path, call.status) = (asked.0, asked.1.to_owned(), Some(404)));
        says(&mut sketch, FindingKind::NoSuchPath, text, advice);
    }
}

#[test]
fn a_thing_that_is_not_there_is_not_called_a_wrong_path() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| (call.verb, call.path) = ("GET", "/orders/40".to_owned()));
    sketch.call(|call| (call.verb, call.path, call.status) = ("GET", "/orders/41".to_owned(), Some(404)));
    let text = "order-processor answered 404 to GET /orders/41. GET /orders/40 worked, so the path may be right and the \
        thing asked for may not exist.";
    says(&mut sketch, FindingKind::NoSuchPath, text, "Check the id in the path.");
    sketch.call(|call| (call.verb, call.path, call.status) = ("GET", "/orders/40".to_owned(), Some(404)));
    let text = "order-processor answered 404 to GET /orders/40. The same has worked before, so the path is right: the \
        thing asked for may be gone.";
    let advice = "See in the answer, or in the log of order-processor, what it did not find.";
    says(&mut sketch, FindingKind::NoSuchPath, text, advice);
}

#[test]
fn what_another_app_answered_is_not_offered() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| (call.to, call.path) = ("bank", "/order".to_owned()));
    sketch.call(|call| call.status = Some(404));
    assert!(found(&mut sketch)[0].text.ends_with("Nothing else has been asked of it with success lately."));
}

#[test]
fn an_error_says_who_really_failed() {
    let mut sketch = Sketch::shop();
    let top = sketch.call(|call| (call.status, call.took) = (Some(500), Some(300)));
    let middle = sketch.call(|call| {
        (call.from, call.to, call.parent, call.status) = ("order-processor", "bank", Some(top), Some(502));
        (call.at, call.took) = (1_010, Some(200));
    });
    let alone = sketch.snapshot();
    let call = alone.calls.find(top).unwrap();
    assert_eq!(Finding::of(call, &alone, alone.taken)[0].see, Some(middle), "the bank itself");
    sketch.call(|call| {
        (call.from, call.to, call.parent) = ("bank", "vault", Some(middle));
        (call.at, call.took) = (1_020, Some(100));
        call.outcome = failed(FailureKind::UnknownApp, "no such app", None);
    });
    let snapshot = sketch.snapshot();
    let of = |id| Finding::of(snapshot.calls.find(id).unwrap(), &snapshot, snapshot.taken).remove(0);
    assert_eq!(
        of(top).text,
        "order-processor answered 500 (internal error), but it began below: bank asking vault (#3) got no answer."
    );
    assert_eq!((of(top).advice.as_str(), of(top).see), ("Open #3: that is where it failed.", Some(CallId(3))));
    assert!(of(middle).text.starts_with("bank answered 502 (bad gateway), but it began below: bank asking vault (#3)"));
}

#[test]
fn an_error_below_a_call_that_went_well_is_not_the_reason() {
    let mut sketch = Sketch::shop();
    let top = sketch.call(|call| (call.status, call.took) = (Some(500), Some(300)));
    let well = sketch.call(|call| {
        (call.from, call.to, call.parent, call.at) = ("order-processor", "bank", Some(top), 1_010);
    });
    sketch.call(|call| {
        (call.from, call.to, call.parent, call.at) = ("bank", "vault", Some(well), 1_011);
        call.status = Some(503);
    });
    let snapshot = sketch.snapshot();
    let found = Finding::of(snapshot.calls.find(top).unwrap(), &snapshot, snapshot.taken);
    assert_eq!(
        found[0].text,
        "order-processor itself answered 500 (internal error): no call below this one failed, as far as daptop saw."
    );
    assert_eq!(found[0].advice, "Read the answer's body, and the log of order-processor at that time.");
}

#[test]
fn a_request_that_was_turned_down() {
    for (status, text, advice) in [
        (422, "422 (cannot be processed)", "Read the answer's body: it should say what is wrong with the request."),
        (
            401,
            "401 (unauthorized)",
            "See which credentials order-processor expects; the sidecar passes the caller's headers on.",
        ),
        (429, "429 (too many requests)", "Send slower, or let order-processor take more at once."),
        (415, "415 (unsupported content type)", "Compare the Content-Type of the request with what the app takes."),
        (418, "418", "Read the answer's body: it should say what is wrong with the request."),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| call.status = Some(status));
        let text = format!("order-processor turned the request down with {text}.");
        says(&mut sketch, FindingKind::ClientError, &text, advice);
    }
}

#[test]
fn a_grpc_status_is_told_by_its_name() {
    for (code, kind, text) in [
        ("12", FindingKind::NoSuchPath, "order-processor answered UNIMPLEMENTED to gRPC /orders. Nothing else"),
        ("13", FindingKind::ServerError, "order-processor itself answered gRPC INTERNAL:"),
        ("3", FindingKind::ClientError, "order-processor turned the request down with gRPC INVALID_ARGUMENT."),
    ] {
        let mut sketch = Sketch::shop();
        sketch.call(|call| (call.protocol, call.trailers) = (Protocol::Grpc, vec![("grpc-status", code)]));
        let found = found(&mut sketch);
        assert_eq!((found.len(), found[0].kind), (1, kind));
        assert!(found[0].text.starts_with(text), "{found:?}");
    }
    let mut sketch = Sketch::shop();
    sketch.call(|call| (call.protocol, call.trailers) = (Protocol::Grpc, vec![("grpc-status", "0")]));
    says_nothing(&mut sketch);
}

#[test]
fn an_answer_that_broke_off_is_told_with_its_length() {
    let mut sketch = Sketch::shop();
    sketch.call(|call| (call.response_end, call.response) = (BodyEnd::Broken, vec![("content-length", "61")]));
    let text = "The answer of order-processor broke off after 2 bytes of 61 bytes.";
    let advice = "Look into the log of order-processor at that time: it closed the connection in the middle.";
    says(&mut sketch, FindingKind::BrokenAnswer, text, advice);
    sketch.call(|call| (call.response_end, call.outcome) = (BodyEnd::Open, Outcome::Answered));
    says_nothing(&mut sketch);
}
