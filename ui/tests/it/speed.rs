//! The budget of a frame, with slack for machines that do other things and for builds that are not optimized.

use std::time::{Duration, Instant};

use daptop_model::Limits;
use daptop_ui::Action;

use crate::crowd;
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
            (0..5).map(|_| timed(|| drop(screen.buffer()))).min().unwrap()
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
            (0..5).map(|_| timed(|| drop(screen.buffer()))).min().unwrap()
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
            (0..5).map(|_| timed(|| drop(screen.buffer()))).min().unwrap()
        });
        // What is not optimized is ten to twenty times as slow.
        assert!(many < (4 * few).max(Duration::from_millis(60)), "{keys}: {many:?}, and {few:?} with 20 edges");
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}
