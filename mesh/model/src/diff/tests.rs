use bytes::Bytes;

use super::*;
use crate::{BodyEnd, HeadBuilder};

/// A body of which so many bytes passed.
fn kept(bytes: &[u8], seen: u64) -> ComparedBody {
    let body = CapturedBody { kept: Bytes::copy_from_slice(bytes), seen, end: BodyEnd::Complete, evicted: false };
    ComparedBody::new(&body, &Head::default())
}

/// Two answers that differ in their bodies.
fn bodies(before: &[u8], after: &[u8]) -> Diff {
    let side = |body: &[u8]| Compared {
        status: "200".to_owned(),
        took: Some(Duration::from_millis(12)),
        body: kept(body, body.len() as u64),
        ..Compared::default()
    };
    Diff::new(&side(before), &side(after))
}

/// The rows of a part as one line each.
fn told(diff: &Diff, part: Part) -> Vec<String> {
    let line = |row: &Row| {
        let text = match &row.change {
            Change::Same(text) => format!("= {text}"),
            Change::Changed(before, after) => format!("{before} -> {after}"),
            Change::Removed(text) => format!("- {text}"),
            Change::Added(text) => format!("+ {text}"),
            Change::Note(text) => format!("({text})"),
        };
        format!("{} {text}", row.name).trim_start().to_owned()
    };
    diff.rows.iter().filter(|row| row.part == part).map(line).collect()
}

#[test]
fn json_is_compared_by_path() {
    for (before, after, expected) in [
        (r#"{"a":1,"b":"x"}"#, r#"{"a":2,"c":null}"#, &["$.a 1 -> 2", r#"$.b - "x""#, "$.c + null"][..]),
        (r#"{"a":[1,2,3]}"#, r#"{"a":[1,5]}"#, &["$.a[0] = 1", "$.a[1] 2 -> 5", "$.a[2] - 3"]),
        (r#"[{"id":1}]"#, r#"[{"id":1},{"id":2}]"#, &["$[0].id = 1", r#"$[1] + {"id":2}"#]),
        (r#"{"a b":{"":1}}"#, r#"{"a b":{"":true}}"#, &[r#"$["a b"][""] 1 -> true"#]),
        (r#"{"a":{}}"#, r#"{"a":[]}"#, &["$.a {} -> []"]),
        (
            r#"{"a":1,"b":2}"#,
            r#"{ "b": 2, "a": 1 }"#,
            &[
                "$.a = 1",
                "$.b = 2",
                "(the same values, written differently: other spaces, another order of keys, or another form of a number)",
            ],
        ),
    ] {
        assert_eq!(told(&bodies(before.as_bytes(), after.as_bytes()), Part::Body), expected, "{before} {after}");
    }
}

#[test]
fn text_is_compared_line_by_line() {
    for (before, after, expected) in [
        ("one\ntwo\nthree\n", "one\n2\nthree\n", &["= 1 line", "line 2 - two", "line 2 + 2", "= 1 line"][..]),
        ("one\n", "one\ntwo\n", &["= 1 line", "line 2 + two"]),
        ("a\nb", "a\nb\n", &["= 1 line", "line 2 - b (the line is not ended)", "line 2 + b"]),
        ("a\r\n", "a\n", &[r"line 1 - a\r", "line 1 + a"]),
        ("hello", "bye", &["line 1 - hello", "line 1 + bye"]),
        // No JSON: a number that breaks off.
        ("{\"a\": ", "{\"a\": 1", &["line 1 - {\"a\": ", "line 1 + {\"a\": 1"]),
    ] {
        assert_eq!(told(&bodies(before.as_bytes(), after.as_bytes()), Part::Body), expected, "{before:?} {after:?}");
    }
}

#[test]
fn bytes_tell_their_length_and_where_they_part() {
    let expected = [
        "3 bytes -> 4 bytes",
        "byte 1 01 -> 02",
        "(the bodies are not text: compared byte by byte, the first difference is shown)",
    ];
    assert_eq!(told(&bodies(b"\xff\x01a", b"\xff\x02ab"), Part::Body), expected);
    assert_eq!(told(&bodies(b"\xff", b"\xff\x02"), Part::Body)[1], "byte 1 the end -> 02");
}

#[test]
fn what_is_the_same_or_not_there_is_said() {
    assert_eq!(told(&bodies(b"{}", b"{}"), Part::Body), ["= 2 bytes, byte for byte"]);
    assert_eq!(told(&bodies(b"", b""), Part::Body), ["= none"]);
    let side = |body| Compared { body, ..Compared::default() };
    let same = Diff::new(&side(kept(b"ab", 9)), &side(kept(b"ab", 9)));
    assert_eq!(told(&same, Part::Body), ["= 9 bytes, byte for byte, as far as they are kept"]);
    let gone = Diff::new(&side(kept(b"ab", 9)), &side(kept(b"", 9)));
    assert_eq!(told(&gone, Part::Body), ["9 bytes -> 9 bytes"]);
}

#[test]
fn headers_tell_what_came_went_and_changed_but_not_what_always_does() {
    let side = |lines: &[(&str, &str)]| Compared {
        headers: lines.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect(),
        ..Compared::default()
    };
    let before = side(&[("Date", "Mon"), ("retry-after", "1"), ("vary", "a"), ("vary", "b"), ("content-length", "1")]);
    let after = side(&[("date", "Tue"), ("vary", "a"), ("vary", "c"), ("content-length", "2"), ("etag", "x")]);
    let diff = Diff::new(&before, &after);
    assert_eq!(told(&diff, Part::Header), ["retry-after - 1", "vary a, b -> a, c", "etag + x"]);
    assert_eq!(diff.noise, ["date"]);
    let gone =
        Diff::new(&before, &side(&[("vary", "a"), ("vary", "b"), ("retry-after", "1"), ("content-length", "1")]));
    assert_eq!(told(&gone, Part::Header), ["date - Mon"], "that it is gone is no noise");
}

#[test]
fn trailers_are_compared_as_what_they_are() {
    let trailer = |code: &str| vec![("grpc-status".to_owned(), code.as_bytes().to_vec())];
    let side = |code| Compared { trailers: trailer(code), ..Compared::default() };
    let diff = Diff::new(&side("0"), &side("5"));
    assert_eq!(told(&diff, Part::Trailer), ["grpc-status 0 -> 5"]);
    assert!(told(&diff, Part::Header).is_empty() && !diff.is_same());
}

#[test]
fn time_alone_is_no_difference() {
    let side = |millis| Compared { took: Some(Duration::from_millis(millis)), ..Compared::default() };
    let diff = Diff::new(&side(412), &side(12));
    assert_eq!(told(&diff, Part::Time), ["412 ms -> 12 ms"]);
    assert!(diff.is_same());
    assert!(!bodies(b"a", b"b").is_same());
    let open = Compared { took: None, ..side(1) };
    assert_eq!(told(&Diff::new(&side(1_234), &open), Part::Time), ["1.23 s -> not over"]);
}

#[test]
fn what_was_asked_is_told_only_where_it_differs() {
    let asked = |line: &str, body: &'static [u8]| Compared {
        request_line: line.to_owned(),
        request_body: kept(body, body.len() as u64),
        ..Compared::default()
    };
    let same = Diff::new(&asked("POST /orders", b"{}"), &asked("POST /orders", b"{}"));
    assert!(same.rows.iter().all(|row| row.part >= Part::Status), "{same:?}");
    let diff = Diff::new(&asked("POST /orders", b"{\"id\":1}"), &asked("PUT /orders", b"{\"id\":2}"));
    assert_eq!(told(&diff, Part::Request), ["POST /orders -> PUT /orders"]);
    assert_eq!(told(&diff, Part::RequestBody), ["$.id 1 -> 2"]);
    let unread = Compared { request_unread: true, ..asked("POST /orders", b"") };
    let diff = Diff::new(&asked("POST /orders", b"{}"), &unread);
    assert_eq!(told(&diff, Part::RequestBody), [""; 0], "nobody knows what was sent");
}

#[test]
fn large_bodies_are_compared_as_far_as_a_person_reads() {
    let numbers =
        |from: usize| format!("[{}]", (from..from + 20_000).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    let diff = bodies(numbers(0).as_bytes(), numbers(1).as_bytes());
    assert_eq!(diff.rows.len(), 2 + MOST_ROWS + 1);
    assert_eq!(told(&diff, Part::Body).last().unwrap(), "(19500 more values are not shown)");
    let lines = |from: usize| (from..from + 20_000).map(|n| n.to_string() + "\n").collect::<String>();
    let diff = bodies(lines(0).as_bytes(), lines(50_000).as_bytes());
    assert_eq!(told(&diff, Part::Body)[0], "20000 lines from line 1 -> 20000 lines from line 1");
    let one_more = bodies(lines(0).as_bytes(), (lines(0) + "end\n").as_bytes());
    assert_eq!(told(&one_more, Part::Body), ["= 20000 lines", "line 20001 + end"]);
}

#[test]
fn a_compressed_body_is_compared_as_what_it_says() {
    use std::io::Write as _;
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let bytes = encoder.finish().unwrap();
        let mut head = HeadBuilder::default();
        head.line("content-encoding", b"gzip");
        let seen = bytes.len() as u64;
        let body = CapturedBody { kept: bytes.into(), seen, end: BodyEnd::Complete, evicted: false };
        Compared { body: ComparedBody::new(&body, &head.finish()), ..Compared::default() }
    };
    let plain = Compared { body: kept(b"{\"id\":1}", 8), ..Compared::default() };
    assert_eq!(told(&Diff::new(&gzip("{\"id\":1}"), &gzip("{\"id\":2}")), Part::Body), ["$.id 1 -> 2"]);
    let same = told(&Diff::new(&gzip("{\"id\":1}"), &plain), Part::Body);
    assert_eq!(same, ["coding gzip -> plain", "= 28 bytes, byte for byte"]);
}

/// The messages of a direction, of which each has a text as its first field; one that ends early is cut.
fn messages(texts: &[&str], seen: u64, kept: usize) -> ComparedMessages {
    let mut call = crate::schema::tests::call(b"", 0, None).0;
    let mut body = Vec::new();
    call.messages = crate::Messages::default();
    for number in 0..seen {
        let text = texts.get(usize::try_from(number).unwrap()).unwrap_or(&"x");
        let message = [b"\x0a", &[u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
        body.extend_from_slice(&[0, 0, 0, 0, u8::try_from(message.len()).unwrap()]);
        let (side, at, length) = (crate::Side::Request, Stamp(number), u32::try_from(message.len()).unwrap());
        call.messages.push(crate::Message { side, at, start: body.len() as u64, length, compressed: false });
        body.extend_from_slice(&message);
    }
    let kept = Bytes::copy_from_slice(&body[..kept.min(body.len())]);
    call.request_body = CapturedBody { kept, seen: body.len() as u64, end: BodyEnd::Complete, evicted: false };
    let [request, _] = Compared::of(&call, Some(&crate::schema::tests::greeter())).messages.unwrap();
    request
}

#[test]
fn the_same_bytes_are_the_same_message_even_where_only_one_of_two_methods_is_known() {
    let (call, message) = crate::schema::tests::call(b"\x0a\x03Ada", 5, None);
    let call = |path: &'static str| {
        let mut call = call.clone();
        call.messages = crate::Messages::default();
        call.messages.push(message);
        (call.request.target, call.request.path) = (path.into(), path.into());
        call
    };
    let greeter = crate::schema::tests::greeter();
    let schemas = [Some(&greeter), Some(&greeter)];
    let diff = Diff::by(&call("/helloworld.Greeter/SayHello"), &call("/helloworld.Greeter/Nope"), schemas);
    assert_eq!(told(&diff, Part::RequestMessage), ["= 5 bytes"]);
}

#[test]
fn messages_are_compared_by_what_they_say_one_by_one() {
    const ALL: usize = 1 << 20;
    let ada = || messages(&["Ada"], 1, ALL);
    for (before, after, expected) in [
        (ada(), ada(), &["$.name = \"Ada\""][..]),
        (ada(), messages(&["Bob"], 1, ALL), &["$.name \"Ada\" -> \"Bob\""]),
        (messages(&[], 0, ALL), messages(&[], 0, ALL), &["= none"]),
        (messages(&[], 0, ALL), ada(), &["0 messages -> 1 message"]),
        (
            messages(&["a", "b"], 2, ALL),
            messages(&["a", "c", "d"], 3, ALL),
            &["2 messages -> 3 messages", "#2 $.name \"b\" -> \"c\"", "= what 1 message says"],
        ),
        (
            messages(&[], 21, ALL),
            messages(&[], 22, ALL),
            &[
                "21 messages -> 22 messages",
                "= what 20 messages say",
                "(the first 20 messages are compared, the others are not)",
            ],
        ),
        (
            ada(),
            messages(&["Ada"], 1, 7),
            &[
                "= 5 bytes",
                "(the message is not here whole: its first 2 bytes are the same, and the rest cannot be compared)",
            ],
        ),
    ] {
        let side = |request: ComparedMessages| Compared {
            messages: Some([ComparedMessages::default(), request]),
            ..Compared::default()
        };
        assert_eq!(told(&Diff::new(&side(before), &side(after)), Part::Message), expected);
    }
}
