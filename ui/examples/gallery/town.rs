//! A larger system: more apps than one keeps in mind, with all that can be said of an edge.

use std::time::Duration;

use daptop_model::{AppState, ExitReason, FailureKind, Leg, Protocol};

use crate::session::{Session, Talk};

const WORKERS: [&str; 12] = [
    "worker-1",
    "worker-2",
    "worker-3",
    "worker-4",
    "worker-5",
    "worker-6",
    "worker-7",
    "worker-8",
    "worker-9",
    "worker-10",
    "worker-11",
    "worker-12",
];

/// The apps, one of them three times, and what was called long ago.
pub(crate) fn begin(session: &mut Session) {
    let ready = [
        ("storefront", 8080),
        ("checkout", 6000),
        ("catalog", 6010),
        ("catalog", 6011),
        ("catalog", 6012),
        ("order-processor", 6001),
        ("payments", 7003),
        ("inventory", 7005),
        ("dispatcher", 7100),
    ];
    for (app, port) in ready {
        session.app(app, port, AppState::Ready);
    }
    session.app("recommendations", 7105, AppState::Starting);
    session.app("mailer", 7004, AppState::Ended(ExitReason::Code(3)));
    for (index, worker) in WORKERS.into_iter().enumerate() {
        session.app(worker, 7200 + index as u16, AppState::Ready);
    }
    session.app("reports", 7300, AppState::Ready);
    session.call(Talk { from: "reports", to: "catalog", path: "/all", micros: 41_000, ..Talk::order(1) });
    session.pass(Duration::from_secs(40));
}

/// What happens again and again.
pub(crate) fn beat(session: &mut Session, number: u64) {
    let order = Talk::order(number);
    let buy = Talk { from: "storefront", to: "checkout", path: "/buy", micros: 48_000, ..order.clone() };
    let within = Some(session.call(buy));
    session.call(Talk { from: "storefront", to: "catalog", path: "/items", verb: "GET", ..order.clone() });
    session.call(Talk { within, ..order.clone() });
    let grpc = Talk { protocol: Protocol::Grpc, path: "/stock.Stock/Take", micros: 3_100, ..order.clone() };
    session.call(Talk { from: "order-processor", to: "inventory", within, ..grpc.clone() });
    session.call(Talk { from: "inventory", to: "order-processor", path: "/taken", micros: 2_000, ..order.clone() });
    session.call(Talk { from: "order-processor", to: "payments", within, ..Talk::charge(number) });
    if number.is_multiple_of(2) {
        let bank = Talk { from: "payments", to: "https://api.bank.example", leg: Leg::External, ..order.clone() };
        session.call(Talk { path: "/v1/charges", micros: 180_000 + number % 9 * 9_000, ..bank });
        session.call(Talk { from: "inventory", to: "inventory", path: "/reindex", ..order.clone() });
    }
    if number.is_multiple_of(3) {
        session.call(Talk { from: "checkout", to: "mailer", ..Talk::mail(number) });
        session.call(Talk { from: "checkout", to: "accounting", leg: Leg::ToProcess, path: "/book", ..order.clone() });
    }
    if number.is_multiple_of(7) {
        let failure = Some((FailureKind::UnknownApp, "couldn't find service: mailr"));
        session.call(Talk { to: "mailr", failure, leg: Leg::Unresolved, ..Talk::mail(number) });
    }
    for worker in WORKERS.into_iter().skip(number as usize % 4).step_by(4) {
        let answer = (!number.is_multiple_of(11)).then_some((200, "{}".into())).or(Some((500, "{}".into())));
        session.call(Talk { from: "dispatcher", to: worker, path: "/work", answer, ..order.clone() });
    }
    session.call(Talk { from: "order-processor", to: "dispatcher", path: "/dispatch", ..order });
}

/// A call that nobody answers.
pub(crate) fn stick(session: &mut Session) {
    let order = Talk { answer: None, ..Talk::order(7) };
    session.call(Talk { to: "recommendations", path: "/for/41", waits: true, ..order.clone() });
    session.call(Talk { to: "recommendations", path: "/for/42", waits: true, ..order });
}
