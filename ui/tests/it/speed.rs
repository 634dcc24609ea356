//! The budget of a frame, with slack for machines that do other things and for builds that are not optimized.

use std::time::{Duration, Instant};

use daptop_model::Limits;

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

fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}
