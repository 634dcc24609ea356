use std::sync::Arc;

use super::*;
use crate::{
    App, AppPorts, AppState, AppTimes, BodyEnd, CallStart, CapturedBody, Failure, FailureKind, HeadBuilder, InstanceId,
    Leg, Message, Outcome, RequestHead, ResponseHead, Side, Stamp,
};

pub(super) fn call(headers: &[(&str, &[u8])], body: &str) -> Call {
    let mut head = HeadBuilder::default();
    for (name, value) in headers {
        head.line(name, value);
    }
    let mut call = Call::new(CallStart {
        id: CallId(12),
        at: Stamp(0),
        from: "checkout".into(),
        to: "order-processor".into(),
        leg: Leg::InProcess,
        protocol: Protocol::Http1,
        request: RequestHead {
            verb: Bytes::from_static(b"POST"),
            target: Bytes::from_static(b"/v1.0/invoke/order-processor/method/orders?x=1"),
            path: Bytes::from_static(b"/orders?x=1"),
            headers: head.finish(),
        },
        trace: None,
        replay_of: None,
    });
    call.request_body = CapturedBody {
        kept: Bytes::copy_from_slice(body.as_bytes()),
        seen: body.len() as u64,
        end: BodyEnd::Complete,
        evicted: false,
    };
    call.response = Some(ResponseHead::new(200, HeadBuilder::default().finish()));
    call.response_body.end = BodyEnd::Complete;
    call.outcome = Outcome::Answered;
    call
}

pub(super) fn apps() -> Vec<Arc<App>> {
    vec![Arc::new(App {
        instance: InstanceId(0),
        id: "checkout".into(),
        state: AppState::Ready,
        ports: AppPorts::default(),
        pid: None,
        command: "".into(),
        folder: "".into(),
        log_file: None,
        env: Arc::from([]),
        restarts: 0,
        times: AppTimes::default(),
        cpu_percent: None,
        memory: None,
        listens_on: None,
    })]
}

#[test]
fn a_replay_has_everything_but_what_belongs_to_the_connection_and_the_trace() {
    let call = call(
        &[
            ("host", b"localhost:3500"),
            ("Content-Type", b"application/json"),
            ("content-length", b"2"),
            ("connection", b"keep-alive, X-Hop"),
            ("x-hop", b"1"),
            ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ("TraceState", b"a=1"),
            ("baggage", b"user=7"),
            ("x-tenant", b"blue"),
            ("x-tenant", b"red"),
        ],
        "{}",
    );
    let ReplayRequest { verb, target, headers, body, chunked } = ReplayRequest::of(&call);
    assert_eq!((verb.as_str(), target.as_str()), ("POST", "/v1.0/invoke/order-processor/method/orders?x=1"));
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "Content-Type", "baggage", "x-tenant", "x-tenant"]);
    assert_eq!((&body[..], chunked), (&b"{}"[..], false));
}

#[test]
fn another_path_takes_the_place_of_what_the_called_app_sees() {
    let mut by_header = ReplayRequest::of(&call(&[("dapr-app-id", b"order-processor")], ""));
    by_header.target = "/orders".to_owned();
    let by_path = ReplayRequest::of(&call(&[], ""));
    let external = ReplayRequest { target: "/v1.0/invoke/http://h:1/method/a/method/b".to_owned(), ..by_path.clone() };
    for (request, path, target) in [
        (&by_path, "/orders/7?y=2", "/v1.0/invoke/order-processor/method/orders/7?y=2"),
        (&by_path, "orders/7", "/v1.0/invoke/order-processor/method/orders/7"),
        (&by_path, "/v1.0/invoke/bank/method/charge", "/v1.0/invoke/bank/method/charge"),
        (&by_header, "/orders/7", "/orders/7"),
        (&external, "/c", "/v1.0/invoke/http://h:1/method/c"),
    ] {
        let mut request = request.clone();
        request.set_path(path);
        assert_eq!(request.target, target, "{path}");
    }
}

#[test]
fn a_header_that_is_set_takes_the_place_of_all_of_its_name() {
    let mut request = ReplayRequest::of(&call(&[("a", b"1"), ("X-Tenant", b"2"), ("b", b"3"), ("x-tenant", b"4")], ""));
    request.set_header("x-tenant", Bytes::from_static(b"5"));
    request.set_header("new", Bytes::from_static(b"6"));
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
    assert_eq!(headers, [("a", &b"1"[..]), ("x-tenant", b"5"), ("b", b"3"), ("new", b"6")]);
}

/// What is changed in a call, and the beginning of the sentence that says why it cannot be repeated; empty where it can.
type Change = fn(&mut Call);

#[test]
fn what_cannot_be_repeated_says_why() {
    let rows: [(&str, Change); 23] = [
        ("", |_| {}),
        ("", |call| call.outcome = failed()),
        ("", |call| call.outcome = Outcome::Cancelled),
        ("", |call| call.to = "gone".into()),
        ("", |call| of_messages(call, 1)),
        ("it sent 3 messages; only calls of one are repeated", |call| of_messages(call, 3)),
        ("it sent no message; ", |call| of_messages(call, 0)),
        // Whatever is written in its place: it is another call.
        ("it sent 3 messages; only calls of one are repeated", |call| {
            of_messages(call, 3);
            (call.request_body.end, call.outcome) = (BodyEnd::Open, Outcome::Pending);
        }),
        ("only the first 2 of 9 bytes of its body were kept", |call| {
            of_messages(call, 1);
            call.request_body.seen = 9;
        }),
        ("its body is known once the call has ended", |call| {
            of_messages(call, 1);
            (call.request_body.end, call.outcome) = (BodyEnd::Open, Outcome::Pending);
        }),
        // An invocation over gRPC has data, and no messages.
        ("", |call| {
            of_messages(call, 0);
            call.request.target = Bytes::from_static(crate::INVOKE_SERVICE.as_bytes());
        }),
        ("it turned its connection over to websocket", |call| call.request.headers = head(&[("upgrade", "websocket")])),
        ("it turned its connection over to echo", |call| {
            call.request.headers = head(&[("upgrade", "echo")]);
            call.response.as_mut().unwrap().status = 101;
        }),
        ("", |call| call.request.headers = head(&[("upgrade", "h2c")])),
        ("the sidecar of checkout is in another process", |call| call.leg = Leg::FromProcess),
        ("nobody has no sidecar in this run", |call| call.from = "nobody".into()),
        ("only the first 2 of 9 bytes of its body were kept", |call| call.request_body.seen = 9),
        ("its body (9 bytes) was given up", |call| {
            call.request_body = CapturedBody { kept: Bytes::new(), seen: 9, evicted: true, end: BodyEnd::Complete };
        }),
        ("nobody read its body to the end, so only 0 of 9 bytes are here", |call| {
            call.request.headers = head(&[("content-length", "9")]);
            call.request_body = CapturedBody { end: BodyEnd::Abandoned, ..CapturedBody::default() };
        }),
        ("nobody read its body to the end, so only 2 of its bytes are here", |call| {
            call.request.headers = head(&[("transfer-encoding", "chunked")]);
            call.request_body.end = BodyEnd::Broken;
        }),
        ("its body is known once the call has ended", |call| {
            call.request.headers = head(&[("content-length", "9")]);
            (call.request_body, call.outcome) = (CapturedBody::default(), Outcome::Pending);
        }),
        ("its body is known once the call has ended", |call| {
            call.request.headers = head(&[("content-length", "9")]);
            call.request_body = CapturedBody { seen: 9, ..CapturedBody::default() };
            call.outcome = Outcome::Pending;
        }),
        // It never said that it has one.
        ("", |call| (call.request_body, call.outcome) = (CapturedBody::default(), Outcome::Pending)),
    ];
    for (index, (why, change)) in rows.into_iter().enumerate() {
        let mut call = call(&[], "{}");
        change(&mut call);
        let told = obstacle(&call, &apps()).map(|obstacle| obstacle.to_string()).unwrap_or_default();
        assert!(told.starts_with(why) && told.is_empty() == why.is_empty(), "row {index}: {told:?}");
        let of_body = obstacle(&call, &apps()).is_some_and(|obstacle| obstacle.is_of_body());
        assert_eq!(of_body, why.contains("its body"), "another body helps where the body is at fault: {why}");
    }
}

/// A call of gRPC whose request has so many messages.
fn of_messages(call: &mut Call, count: u64) {
    call.protocol = Protocol::Grpc;
    for start in 0..count {
        call.messages.push(Message { side: Side::Request, at: Stamp(0), start, length: 0, compressed: false });
    }
}

#[test]
fn whole_messages_are_repeated_where_the_answer_came_before_the_end_of_the_request() {
    let obstacle = |seen: u64| {
        let mut call = call(&[], "");
        call.protocol = Protocol::Grpc;
        call.messages.push(Message { side: Side::Request, at: Stamp(0), start: 5, length: 2, compressed: false });
        let kept = Bytes::from(vec![0; usize::try_from(seen).unwrap()]);
        call.request_body = CapturedBody { kept, seen, end: BodyEnd::Abandoned, evicted: false };
        obstacle(&call, &apps())
    };
    assert_eq!(obstacle(7), None);
    for seen in [6, 9] {
        assert_eq!(obstacle(seen), Some(Obstacle::BodyUnread { kept: seen, announced: None }), "{seen}");
    }
}

#[test]
fn an_invocation_over_grpc_is_repeated_as_what_it_asks_for() {
    let mut call = call(&[("content-type", b"text/plain")], "data");
    of_messages(&mut call, 0);
    call.request.target = Bytes::from_static(crate::INVOKE_SERVICE.as_bytes());
    let mut request = ReplayRequest::of(&call);
    assert_eq!(request.target, "/v1.0/invoke/order-processor/method/orders?x=1");
    assert_eq!((request.header("content-type"), &request.body[..]), (Some(&b"text/plain"[..]), &b"data"[..]));
    request.set_path("/other");
    assert_eq!(request.target, "/v1.0/invoke/order-processor/method/other");
}

fn failed() -> Outcome {
    Outcome::Failed(Box::new(Failure { kind: FailureKind::ConnectionRefused, text: "refused".into(), fact: None }))
}

fn head(lines: &[(&str, &str)]) -> crate::Head {
    let mut head = HeadBuilder::default();
    for (name, value) in lines {
        head.line(name, value.as_bytes());
    }
    head.finish()
}

#[test]
fn what_of_a_call_cannot_be_compared_is_said() {
    let rows: [(&[&str], Change); 9] = [
        (&[], |_| {}),
        (&["nobody read the body of #12 to its end: what was sent is not compared"], |call| {
            call.request.headers = head(&[("content-length", "14")]);
            call.request_body = CapturedBody { end: BodyEnd::Abandoned, ..CapturedBody::default() };
        }),
        (&["#12 has no answer yet"], |call| call.outcome = Outcome::Pending),
        (&["no app answered #12: what the sidecar said is compared"], |call| call.outcome = failed()),
        (&["#12 was never answered whole: its caller went away"], |call| call.outcome = Outcome::Cancelled),
        (&["the answer of #12 broke off after 0 bytes"], |call| call.response_body.end = BodyEnd::Broken),
        (&["of the answer's body of #12 only the first 0 of 7 bytes are kept"], |call| call.response_body.seen = 7),
        (&["the answer of #12 is a stream: when each piece came is not compared"], |call| {
            call.response.as_mut().unwrap().headers = head(&[("content-type", "text/event-stream; charset=utf-8")]);
        }),
        (&["the body of #12 came in pieces; a replay sends it in one go"], |call| {
            call.request.headers = head(&[("transfer-encoding", "chunked")]);
        }),
    ];
    for (expected, change) in rows {
        let mut call = call(&[], "{}");
        change(&mut call);
        assert_eq!(caveats(&call), expected);
    }
}

fn request(headers: &[(&str, &[u8])], body: &[u8]) -> ReplayRequest {
    let mut request = ReplayRequest::of(&call(headers, ""));
    request.body = Bytes::copy_from_slice(body);
    request
}

#[test]
fn a_request_that_is_written_and_read_is_the_same() {
    let binary: &[u8] = b"\xff\x00";
    for (headers, body) in [
        (&[][..], &b""[..]),
        (&[("a", &b"1"[..]), ("a", b""), ("x-latin", b"caf\xe9"), ("x-tab", b"a\tb")], b"{\n  \"a\": 1\n}\n\n"),
        (&[("x-nasty", b"a\x1bb")], b"\n"),
        (&[], binary),
        (&[], b"\r\n\r\nline\r\n"),
        (&[], b"GET / HTTP/1.1\nhost: x\n\nbody"),
    ] {
        for chunked in [false, true] {
            let request = ReplayRequest { chunked, ..request(headers, body) };
            let text = write_document(&request, None);
            assert_eq!(read_document(&text, &request, None), Ok(request.clone()), "{}", String::from_utf8_lossy(&text));
            let no_end = text.strip_suffix(b"\n").unwrap();
            assert_eq!(
                read_document(no_end, &request, None).unwrap().verb,
                "POST",
                "an editor may leave the last line open"
            );
        }
    }
}

#[test]
fn an_edited_text_is_what_is_sent() {
    let original = request(&[("a", b"1")], b"{}");
    let text =
        b"PUT /v1.0/invoke/x/method/y HTTP/1.1\r\nContent-Type:application/json\r\nb:  2 \r\n\r\n{\"id\": 7}\nmore\n";
    let edited = read_document(text, &original, None).unwrap();
    assert_eq!((edited.verb.as_str(), edited.target.as_str()), ("PUT", "/v1.0/invoke/x/method/y"));
    let headers: Vec<_> = edited.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
    assert_eq!(headers, [("Content-Type", &b"application/json"[..]), ("b", b"2")]);
    assert_eq!(edited.body, "{\"id\": 7}\nmore");
    let none = read_document(b"GET /x\n", &original, None).unwrap();
    assert_eq!((none.headers.len(), none.body.len()), (0, 0));
}

#[test]
fn a_text_that_is_no_request_says_where() {
    for (text, told) in [
        (&b""[..], "line 1: the request line is missing, as in: GET /path"),
        (b"\n{}", "line 1: the request line is missing, as in: GET /path"),
        (b"GET", "line 1: the path is missing behind \"GET\", as in: GET /path"),
        (b"GET /a b", "line 1: a verb and a path are needed, as in: GET /path (a space in a path is written %20)"),
        (b"G@T /", "line 1: \"G@T\" is not a verb, such as GET or POST"),
        (b"GET orders", "line 1: the path \"orders\" must begin with /"),
        ("GET /caf\u{e9}".as_bytes(), "line 1: 'é' cannot stand in a path: write it as %C3%A9"),
        (b"GET /#top", "line 1: '#' cannot stand in a path: write it as %23"),
        (
            b"GET /\na: 1\n{\"id\": 7}",
            "line 3: \"{\\\"id\\\"\" is not the name of a header; an empty line ends the headers",
        ),
        (b"GET /\na: 1\nbody", "line 3: a header is written as name: value; an empty line ends the headers"),
        (b"GET /\na: \x1b[2J", "line 2: the value has a control character"),
        (b"GET /\na: 1\nb: \xff\n", "line 3: this is not UTF-8 text"),
    ] {
        let original = request(&[], b"");
        let error = read_document(text, &original, None).unwrap_err();
        assert_eq!(error.to_string(), told, "{}", String::from_utf8_lossy(text));
    }
}
