//! Sessions in the states that a screen has to cope with.

use std::time::Duration;

use daptop_model::{AppState, ExitReason, ExporterHealth, FailureKind, Limits, LogSource};

use crate::session::{Session, Talk};

/// Two apps that have just been started, nothing called.
pub(crate) fn empty() -> Session {
    let mut session = Session::new(Limits::default());
    session.app("checkout", 0, AppState::Ready);
    session.app("order-processor", 6001, AppState::Starting);
    session.export(ExporterHealth::Idle, 0, 0, None);
    session.pass(Duration::from_secs(3));
    session
}

/// Forty orders, all well.
pub(crate) fn busy() -> Session {
    let mut session = Session::new(Limits::default());
    session.app("checkout", 0, AppState::Ready);
    session.app("order-processor", 6001, AppState::Ready);
    for number in 1..=40 {
        session.pass(Duration::from_millis(100));
        session.call(Talk::order(number));
        session.log("order-processor", LogSource::Stdout, &format!("Order received : {{\"orderId\": {number}}}"));
        session.log("checkout", LogSource::Stdout, &format!("Order passed: {{\"orderId\":{number}}}"));
    }
    session.export(ExporterHealth::Up, 0, 80, None);
    session
}

/// A crashed app, a bank that answers 503, mails that nobody takes.
pub(crate) fn failing() -> Session {
    let mut session = Session::new(Limits::default());
    session.shop();
    session.log("mailer", LogSource::Stderr, "\x1b[31mModuleNotFoundError: No module named 'smtp'\x1b[0m");
    session.log("mailer", LogSource::Daptop, "exited with code 3");
    for number in 1..=36 {
        session.pass(Duration::from_millis(100));
        session.order(number);
    }
    session.export(ExporterHealth::Down, 144, 12, Some("connection refused"));
    session
}

/// One call for each of several things that can be wrong, or look wrong.
pub(crate) fn troubled() -> Session {
    let mut session = failing();
    let refused = |to, kind| Talk {
        to,
        answer: Some((500, "{}".into())),
        failure: Some((kind, "fail to invoke")),
        ..Talk::order(1)
    };
    session.pass(Duration::from_secs(2));
    session.call(refused("order-procesor", FailureKind::UnknownApp));
    session.call(refused("payments", FailureKind::Denied));
    session.call(Talk { path: "/order", answer: Some((404, "".into())), ..Talk::order(2) });
    // An answer that takes long, and a call made meanwhile without the trace.
    session.call(Talk { micros: 300_000, ..Talk::order(3) });
    session.pass(Duration::from_millis(40));
    session.call(Talk { path: "/stock", ..Talk::charge(5) });
    session.pass(Duration::from_secs(1));
    for _ in 0..6 {
        session.call(Talk { to: "payments", verb: "GET", path: "/rates", micros: 2_000, ..Talk::order(7) });
        session.pass(Duration::from_millis(20));
    }
    session.call(Talk { to: "payments", path: "/slow", answer: None, ..Talk::order(42) });
    session.pass(Duration::from_secs(8));
    session
}

/// A call that is held because its app has not started, and one that is just slow.
pub(crate) fn waiting() -> Session {
    let mut session = busy();
    session.app("payments", 7003, AppState::Starting);
    session.call(Talk { answer: None, ..Talk::order(41) });
    session.call(Talk { to: "payments", path: "/charge", answer: None, waits: true, ..Talk::order(42) });
    session.pass(Duration::from_millis(1_400));
    session
}

/// More than the limits let stay.
pub(crate) fn lossy() -> Session {
    let mut session = Session::new(Limits { calls: 30, log_lines: 40, ..Limits::default() });
    session.shop();
    session.app("reports", 7200, AppState::Ended(ExitReason::Signal("SIGKILL".into())));
    for number in 1..=60 {
        session.pass(Duration::from_millis(50));
        session.order(number);
    }
    session.store.count_lost(12, 3);
    session
}

/// A call with each kind of body.
pub(crate) fn bodies() -> Session {
    let mut session = Session::new(Limits::default());
    session.shop();
    crate::bodies_told::tell(&mut session);
    session
}

/// Forty orders between probes that go well; two probes that do not.
pub(crate) fn probed() -> Session {
    let mut session = Session::new(Limits::default());
    session.shop();
    for number in 1..=40 {
        session.pass(Duration::from_millis(100));
        session.call(Talk { verb: "GET", path: "/healthz", ..Talk::order(number) });
        session.call(Talk { verb: "GET", path: "/dapr/config", ..Talk::order(number) });
        session.call(Talk::order(number));
    }
    let refused = Some((503, "no".into()));
    session.call(Talk { verb: "GET", path: "/healthz", answer: refused, ..Talk::order(41) });
    session.call(Talk { verb: "GET", path: "/healthz", to: "mailer", ..Talk::mail(42) });
    session
}
