//! What the tests have in common.

use std::io::Write;

pub(crate) mod guard;
pub(crate) mod zipkin;

/// Says on the terminal that a test was skipped, and why; fails it where everything is required.
pub(crate) fn skip(test: &str, why: &str) {
    let required = std::env::var("DAPTOP_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "{test}: {why}, and DAPTOP_REQUIRE_ALL is set");
    say_skipped(test, why);
}

/// Says on the terminal that a test was skipped, and why.
pub(crate) fn say_skipped(test: &str, why: &str) {
    // Not `eprintln!`, whose text the test harness shows only for tests that fail.
    writeln!(std::io::stderr(), "skipped: {test}: {why}").unwrap();
}
