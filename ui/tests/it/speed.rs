//! The budget of a frame, with slack for machines that do other things and for builds that are not optimized.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use daptop_model::{Limits, Side};
use daptop_ui::Action;
use rustix::time::{ClockId, clock_gettime};

use crate::crowd;
use crate::greeter::{Rpc, hello};
use crate::screen::Screen;
use crate::session::{Session, Talk};

fn orders(count: u64) -> Screen {
    let mut session = Session::new(Limits::default());
    session.shop();
    for number in 0..count {
        session.pass(Duration::from_micros(50));
        session.call(Talk::order(number));
    }
    Screen::new(session.snapshot(), (200, 50))
}

/// Orders, a payment within each: half as many traces as calls. And one trace of very many calls.
fn traces(count: u64) -> Screen {
    let mut session = Session::new(Limits::default());
    session.shop();
    for number in 0..count / 2 {
        session.pass(Duration::from_micros(50));
        let within = session.call(Talk::order(number));
        session.call(Talk { within: Some(within), ..Talk::charge(number) });
    }
    let mut screen = Screen::new(session.snapshot(), (200, 50));
    for _ in 0..=count / 10_000 {
        screen.act(Action::Tick(screen.snapshot.taken));
    }
    screen
}

#[test]
fn the_traces_of_100_000_calls_stay_within_ten_times_the_budget_of_a_frame() {
    let (mut few, mut many) = (traces(100), traces(100_000));
    many.press("3").expect("Traces following").expect_not("still looking");
    for keys in ["3", "3 s", "3 s", "3 s Up PgUp", "3 Enter", "3 Enter + ["] {
        let [few, many] = [&mut few, &mut many].map(|screen| {
            screen.press(keys);
            (0..5).map(|_| worked(|| drop(screen.buffer()))).min().unwrap()
        });
        assert!(many < (3 * few).max(Duration::from_millis(20)), "{keys}: {many:?}, and {few:?} with a hundred calls");
    }
}

#[test]
fn a_frame_with_100_000_calls_stays_within_ten_times_its_budget() {
    let (mut few, mut many) = (orders(100), orders(100_000));
    for keys in ["1", "2", "3", "4", "4 Up PgUp", "5"] {
        let [few, many] = [&mut few, &mut many].map(|screen| {
            screen.press(keys);
            (0..5).map(|_| worked(|| drop(screen.buffer()))).min().unwrap()
        });
        // Where not even a few calls are drawn in time, the machine or the build is slow, not the frame.
        assert!(many < (3 * few).max(Duration::from_millis(20)), "{keys}: {many:?}, and {few:?} with a hundred calls");
    }
}

#[test]
fn a_frame_of_the_graph_with_100_apps_and_1_000_edges_stays_within_ten_times_its_budget() {
    let [mut few, mut many] = [20, 1_000].map(|edges| {
        let mut session = Session::new(Limits::default());
        crowd::crowd(&mut session, edges);
        Screen::new(session.snapshot(), (200, 50))
    });
    for keys in ["2", "2 n n n", "2 +", "2 -", "2 v"] {
        let [few, many] = [&mut few, &mut many].map(|screen| {
            screen.press(keys);
            (0..5).map(|_| worked(|| drop(screen.buffer()))).min().unwrap()
        });
        // What is not optimized is ten to twenty times as slow.
        assert!(many < (4 * few).max(Duration::from_millis(60)), "{keys}: {many:?}, and {few:?} with 20 edges");
    }
}

/// What a key may take, ten times over; a build that is not optimised measured four times as slow.
const KEY: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2_000 } else { 500 });

/// A call whose answer is 1 MiB long.
fn large(content_type: &'static str, body: bytes::Bytes) -> Screen {
    let mut session = Session::new(Limits::default());
    session.shop();
    session.call(Talk { content_type, answer: Some((200, body)), ..Talk::order(1) });
    Screen::new(session.snapshot(), (200, 50))
}

#[test]
fn a_key_on_a_body_of_a_mebibyte_is_answered_at_once() {
    const SIZE: usize = 1 << 20;
    let pair = "{\"orderId\":41,\"state\":[1,2,3]},";
    let json = format!("[{}0]", pair.repeat(SIZE / pair.len()));
    let bytes: Vec<u8> = (0..SIZE).map(|at| (at * 31 % 251) as u8).collect();
    for (content_type, body) in [
        ("application/json", bytes::Bytes::from(json)),
        ("application/json", bytes::Bytes::from("[".repeat(SIZE))),
        ("text/plain", bytes::Bytes::from("é".repeat(SIZE / 2))),
        ("application/octet-stream", bytes::Bytes::from(bytes)),
    ] {
        let mut screen = large(content_type, body);
        for keys in [
            "4", "Enter", "]", "]", "PgDn", "G", "Up", "Space", "F", "F", "-", "+", "w", ">", "w", "/", "4", "Enter",
            "n", "o", "o",
        ] {
            // A key cannot be tried twice, as it changes what is there: where not even a frame is drawn in time, the
            // machine is slow, not the key.
            let taken = worked(|| drop(screen.press(keys).buffer()));
            let again = (0..2).map(|_| worked(|| drop(screen.buffer()))).min().unwrap();
            assert!(taken < KEY || again > KEY / 20, "{keys} on {content_type} took {taken:?}, a frame {again:?}");
        }
    }
}

#[test]
fn a_key_on_a_grpc_call_with_very_much_in_it_is_answered_at_once() {
    const SIZE: usize = 1 << 20;
    let long = |field: u8, bytes: &[u8]| [&[field, 0xff, 0x7f], bytes].concat();
    // 1,000 messages each way of half a kibibyte; a mebibyte of numbers; a text that long; 1,000 small messages that are
    // 8 MiB each once they are decompressed.
    let many = (0..2_000).map(|at| {
        let side = if at % 2 == 0 { Side::Request } else { Side::Response };
        (side, at, Bytes::from([&b"\x0a\xf4\x03"[..], &[b'x'; 500]].concat()), false)
    });
    let numbers = vec![(Side::Request, 0, Bytes::from(b"\x08\x05".repeat(SIZE / 2)), false)];
    let words = vec![(Side::Request, 0, Bytes::from(long(0x0a, &[b'x'; 16_383]).repeat(SIZE / 16_386)), false)];
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0; 8 << 20]).unwrap();
    let packed = Bytes::from(packed.finish().unwrap());
    let bombs = (0..1_000).map(|at| (Side::Request, at, packed.clone(), true));
    for (name, messages) in
        [("many", many.collect()), ("numbers", numbers), ("words", words), ("bombs", bombs.collect::<Vec<_>>())]
    {
        let mut session = Session::new(Limits::default());
        session.greeters();
        session.reflection();
        session.rpc(&Rpc { messages, ..hello("") });
        let mut screen = Screen::new(session.snapshot(), (200, 50));
        for keys in ["4", "Enter", "]", "]", "]", "G", "Up", "Space", "F", "F", "/", "x", "Enter", "n", "]", "["] {
            let taken = worked(|| drop(screen.press(keys).buffer()));
            let again = (0..2).map(|_| worked(|| drop(screen.buffer()))).min().unwrap();
            assert!(taken < KEY || again > KEY / 20, "{keys} on {name} took {taken:?}, a frame {again:?}");
        }
        // What a key left over is read while time passes.
        let slices = (0..40).map(|_| worked(|| screen.wait(Duration::from_millis(1))));
        let longest = slices.max().unwrap();
        assert!(longest < KEY, "{name}: a slice took {longest:?}");
        screen.press("G");
        let frame = (0..5).map(|_| worked(|| drop(screen.buffer()))).min().unwrap();
        assert!(frame < KEY / 20, "{name}: a frame took {frame:?}");
    }
}

#[test]
fn a_filter_over_100_000_calls_is_used_in_slices() {
    let mut screen = orders(100_000);
    screen.press("4 / body~nowhere");
    let mut slices = vec![worked(|| {
        screen.press("Enter");
    })];
    screen.expect("still looking");
    while screen.shows("still looking") {
        assert!(slices.len() < 1_000, "it never ends");
        let now = screen.snapshot.taken;
        slices.push(worked(|| drop(screen.act(Action::Tick(now)))));
    }
    screen.expect("0 of 100,000");
    assert!(slices.len() >= 9, "{slices:?}");
    assert_all_short(&slices);
}

#[test]
fn what_is_wrong_with_100_000_calls_in_50_000_traces_is_found_in_slices() {
    let mut session = Session::new(Limits::default());
    session.shop();
    for number in 0..50_000 {
        session.pass(Duration::from_micros(50));
        // Each fourth charge fails at the bank, and so does the order that it is for.
        let failed = number % 4 == 0;
        let answer = failed.then(|| (503, bytes::Bytes::from_static(b"{}"))).or(Talk::order(number).answer);
        let within = session.call(Talk { answer, ..Talk::order(number) });
        session.call(Talk { within: Some(within), ..Talk::charge(number) });
    }
    let mut slices = Vec::new();
    let mut screen = Screen::new(session.snapshot(), (200, 50));
    screen.press("W");
    // A row for the orders that failed, and one for the charges.
    while !screen.shows("12,500") {
        assert!(slices.len() < 1_000, "it never ends");
        let now = screen.snapshot.taken;
        slices.push(worked(|| drop(screen.act(Action::Tick(now)))));
    }
    assert!(slices.len() >= 50, "{slices:?}");
    assert_all_short(&slices);
}

#[track_caller]
fn assert_all_short(slices: &[Duration]) {
    let worst = slices.iter().max().unwrap();
    assert!(*worst < KEY, "a key waits for {worst:?}");
}

/// How long this thread was busy with something: what others did meanwhile does not count.
fn worked(work: impl FnOnce()) -> Duration {
    let busy = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let begin = busy();
    work();
    busy().saturating_sub(begin)
}
