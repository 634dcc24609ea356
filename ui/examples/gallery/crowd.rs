//! More apps than fit on any screen.

use std::time::Duration;

use daptop_model::AppState;

use crate::session::{Session, Talk};

/// A hundred apps in four tiers, and calls from each tier to the next.
pub(crate) fn crowd(session: &mut Session, calls: usize) {
    const TIERS: [(&str, usize); 4] = [("gateway", 4), ("service", 16), ("worker", 30), ("store", 50)];
    let tier = |(kind, count): (&str, usize)| -> Vec<&'static str> {
        (1..=count).map(|number| &*format!("{kind}-{number:02}").leak()).collect()
    };
    let tiers = TIERS.map(tier);
    for (index, name) in tiers.iter().flatten().enumerate() {
        session.app(name, 6_000 + index as u16, AppState::Ready);
    }
    for number in 0..calls {
        // Every second call is one of the last tier, which has most pairs.
        let from = [0, 1, 1, 2, 2, 2][number % 6];
        let (upper, lower) = (&tiers[from], &tiers[from + 1]);
        let round = number / 6;
        let pair = (upper[round % upper.len()], lower[round * 7 % lower.len()]);
        session.pass(Duration::from_millis(1));
        session.call(Talk { from: pair.0, to: pair.1, ..Talk::order(number as u64) });
    }
}
