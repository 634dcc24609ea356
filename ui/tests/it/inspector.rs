//! One call in full: its bodies, folded, searched, wrapped and raw.

use std::sync::Arc;

use bytes::Bytes;
use daptop_model::{Limits, Protocol};

use crate::screen::Screen;
use crate::session::{Session, Talk};
use crate::states::bodies;

const SIZE: (u16, u16) = (100, 60);

/// The answer of one path, in a screen of its own.
fn answer(path: &str) -> Screen {
    let mut screen = Screen::new(bodies().snapshot(), SIZE);
    screen.press("4 /").press(&format!("path:{path}")).press("Enter Enter ] ]");
    screen.expect("[Response]");
    screen
}

#[test]
fn each_kind_of_body_is_shown_as_what_it_is() {
    for (path, expected) in [
        ("/order", &["\"name\": \"Zoë\",", "\"tags\": []", "\"price\": 19.90,"][..]),
        ("/broken-json", &["is not valid JSON: expected value at line 1 column 32", "\"items\": ["]),
        ("/json-lines", &["line 1: {", "line 2: {", "\"state\": \"paid\""]),
        ("/events", &["event 1  paid", "data: {", "event 2", "data: bye"]),
        ("/form", &["customer = Zoë", "comment  = ring twice"]),
        (
            "/parts",
            &[
                "part 1  name=\"order\"  application/json  14 B",
                "part 2  name=\"note\" filename=\"note.txt\"",
                "ring twice",
            ],
        ),
        ("/xml", &["<order id=\"41\">", "<item sku=\"pot\"/>"]),
        ("/html", &["(HTML by its bytes)", "<title>502 Bad Gateway</title>"]),
        ("/latin", &["read as windows-1252, which is a guess", "Grüße aus Köln"]),
        ("/image", &["PNG image  640 × 480 pixels", "its bytes  "]),
        ("/binary", &["00000010  72 79 2c", "....DAPR... bina"]),
        ("/gzip", &["gzip, ", "\"state\": \"new and unpaid\""]),
    ] {
        let screen = answer(path);
        for text in expected {
            screen.expect(text);
        }
    }
}

/// Two calls over gRPC, one of which failed at the app.
fn grpc() -> Screen {
    let mut session = Session::new(Limits::default());
    session.shop();
    for status in [200, 503] {
        let answer = Some((status, Bytes::from_static(b"\0\0\0\0\x02\x08\x01")));
        session.call(Talk { protocol: Protocol::Grpc, path: "/stock.Stock/Take", answer, ..Talk::order(1) });
    }
    Screen::new(session.snapshot(), SIZE)
}

#[test]
fn trailers_stand_apart_from_headers_behind_the_body() {
    let mut screen = grpc();
    screen.press("4 Enter ] ]");
    let text = screen.text();
    let [headers, body, trailers, status] =
        ["content-type", "Body  7 B", "Trailers", "grpc-status"].map(|words| text.find(words).expect(words));
    assert!(headers < body && body < trailers && trailers < status, "{text}");
    screen.press("o").expect("trailers, after the body").expect("grpc-status: 14");
}

#[test]
fn a_grpc_status_that_is_an_error_is_seen_in_the_list_and_at_the_call() {
    let mut screen = grpc();
    screen.press("4").expect("Unavailab").expect_not("503");
    screen.press("Enter").expect("Unavailable").expect_not(" 200 ");
    let mut wide = Screen::new(grpc().snapshot, (160, 50));
    wide.press("1").expect("gRPC").expect("Unavailable");
}

#[test]
fn nodes_fold_one_by_one_by_levels_and_all_at_once() {
    let mut screen = answer("/order");
    screen.press("/ customer\" Enter").expect("$.customer ·").expect("\"vip\": true,");
    screen.press("Space").expect_not("\"vip\": true,\n").expect("} 4 lines".trim_start_matches("} "));
    screen.press("Space").expect("\"vip\": true,");
    screen.press("Down Space").expect("$.customer");
    screen.press("Space F").expect_not("\"price\": 19.90,\n").expect("\"total\": 26.90,");
    screen.press("F").expect("\"price\": 19.90,");
    screen.press("-").expect("\"items\": [").expect_not("$.items[0].price");
    screen.press("- -").expect_not("\"total\": 26.90,\n");
    screen.press("+ + +").expect("\"price\": 19.90,");
}

#[test]
fn a_text_is_looked_for_and_gone_to_also_within_folds() {
    let mut screen = answer("/order");
    screen.press("F / SKU Enter").expect("\"SKU\" 1 of 2").expect("$.items[0].sku");
    screen.press("n").expect("2 of 2").expect("$.items[1].sku");
    screen.press("n").expect("1 of 2");
    screen.press("N").expect("2 of 2");
    screen.press("/ nowhere Enter").expect("\"nowhere\" found nowhere");
    screen.press("Esc").expect_not("nowhere").expect("[Response]");
    screen.press("Esc");
    assert_eq!(screen.ui.focus(), daptop_ui::Pane::Calls);
}

#[test]
fn long_lines_are_wrapped_or_gone_along() {
    let mut screen = answer("/order");
    screen.expect("is a teapot in it\"");
    screen.press("w").expect_not("a teapot in it").expect("not wrapped, from column 1");
    screen.press("> > > > > > >").expect("there is a teapot in it\"").expect("from column 57");
    screen.press("< w").expect("\"orderId\": 41");
}

#[test]
fn raw_shows_what_was_on_the_wire_one_way_and_the_other() {
    let mut screen = answer("/latin");
    screen.press("o").expect("[Raw]").expect("HTTP/1.1 200 OK");
    screen.expect("Gr\\xfc\\xdfe aus K\\xf6ln\\n").expect("mit Gru\\xdf\\n");
    screen.press("o").expect("GET /v1.0/invoke/order-processor/method/latin HTTP/1.1").expect("Host: localhost:3500");
}

#[test]
fn a_body_that_grows_leaves_the_cursor_and_the_folds_where_they_are() {
    let mut screen = answer("/order");
    screen.press("/ items Enter Space").expect("$.items");
    let snapshot = Arc::clone(&screen.snapshot);
    screen.show(snapshot);
    screen.expect("$.items").expect_not("$.items[0]");
}

#[test]
fn whatever_the_size_the_cursor_is_seen() {
    let mut session = Session::new(Limits::default());
    session.shop();
    let long: Vec<String> = (0..400).map(|number| format!("\"word {number}\"")).collect();
    let body = format!("[{},\"{}\"]", long.join(","), "x".repeat(5_000));
    session.call(Talk { answer: Some((200, Bytes::from(body))), ..Talk::order(1) });
    let snapshot = session.snapshot();
    for size in [(60, 16), (80, 24), (120, 40), (200, 50)] {
        let mut screen = Screen::new(Arc::clone(&snapshot), size);
        screen.press("4 Enter ] ] PgDn PgDn PgDn");
        for _ in 0..200 {
            screen.press("Down").expect("▌");
        }
        screen.press("G").expect("▌ ").expect("]");
        screen.press("g").expect("▌▾ Response");
    }
}
