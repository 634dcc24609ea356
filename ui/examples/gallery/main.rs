//! The dashboard with a made-up session, to look at: `cargo run -p daptop-ui --example gallery [WORD…]`,
//! with words out of: empty, lossy, town (a larger system), crowd
//! (a hundred apps), grpc (calls of gRPC), still (nothing new happens), quiet (nothing has happened for an hour), brief
//! (ends at once), panic, ascii, no-color.

mod again;
mod bodies;
mod crowd;
mod greeter;
mod session;
mod story;
mod town;

use std::io::Write;
use std::time::{Duration, Instant};

use daptop_model::{AppState, Command, ExporterHealth, Limits, LogSource, Stamp};
use daptop_ui::ThemeName;
use session::{Session, Talk};
use tokio::sync::{mpsc, watch};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    tracing_subscriber::registry().with(daptop_ui::diagnostics_layer(tracing::Level::INFO)).init();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let said = |word: &str| words.iter().any(|other| other == word);
    let limits =
        if said("lossy") { Limits { calls: 500, log_lines: 300, ..Limits::default() } } else { Limits::default() };
    let mut session = Session::new(limits);
    begin(&mut session, &said);
    let (sender, receiver) = watch::channel(session.snapshot());
    let (commands, mut wishes) = mpsc::channel::<Command>(8);
    let options = daptop_ui::Options {
        title: "shop".to_owned(),
        theme: theme(&said),
        ascii: said("ascii"),
        ..daptop_ui::Options::default()
    };
    let panics = said("panic");
    let dashboard = std::thread::spawn(move || {
        if panics {
            return daptop_ui::run_with(receiver, commands, options, |_, _, _| panic!("drawing went wrong"));
        }
        daptop_ui::run(receiver, commands, options)
    });
    tracing::info!("sidecar of checkout listens on 127.0.0.1:3500");
    let (begun, first) = (Instant::now(), session.now);
    let mut beat = tokio::time::interval(Duration::from_millis(105));
    let mut number = 1_000;
    let mut end = std::pin::pin!(tokio::time::sleep(Duration::from_millis(500)));
    loop {
        tokio::select! {
            wish = wishes.recv() => match wish {
                Some(Command::Quit) | None => break,
                Some(Command::Describe { .. }) => {
                    session.reflection();
                    drop(sender.send(session.snapshot()));
                }
                Some(Command::Replay(replay)) => {
                    again::again(&mut session, &replay);
                    drop(sender.send(session.snapshot()));
                }
                Some(wish) => tracing::warn!("a made-up session cannot do this: {wish:?}"),
            },
            () = &mut end, if said("brief") => break,
            _ = beat.tick(), if !["still", "empty", "quiet"].iter().any(|word| said(word)) => {
                session.now = Stamp(first.0 + u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
                number += 1;
                if said("town") { town::beat(&mut session, number) } else { session.order(number) }
                drop(sender.send(session.snapshot()));
            }
        }
    }
    drop(sender);
    dashboard.join().map_err(|_| std::io::Error::other("the dashboard panicked"))??;
    writeln!(std::io::stdout().lock(), "the session has ended")
}

fn theme(said: &dyn Fn(&str) -> bool) -> ThemeName {
    let named = ThemeName::COLOURED.into_iter().find(|name| said(name.title()));
    if said("no-color") { ThemeName::Mono } else { named.unwrap_or_default() }
}

fn begin(session: &mut Session, said: &dyn Fn(&str) -> bool) {
    if said("empty") {
        session.app("checkout", 0, AppState::Ready);
        session.app("order-processor", 6001, AppState::Starting);
        session.export(ExporterHealth::Idle, 0, 0, None);
        return;
    }
    if said("quiet") {
        session.app("checkout", 0, AppState::Ready);
        session.export(ExporterHealth::Idle, 0, 0, None);
        return session.pass(Duration::from_hours(1));
    }
    if said("grpc") {
        session.shop();
        return greeter::tell(session);
    }
    if said("crowd") {
        return crowd::crowd(session, 130);
    }
    if said("town") {
        town::begin(session);
        for number in 1..=90 {
            session.pass(Duration::from_millis(100));
            town::beat(session, number);
        }
        town::stick(session);
        session.pass(Duration::from_millis(1_900));
        session.export(ExporterHealth::Up, 4, 4_102, None);
        return;
    }
    session.shop();
    session.app("recommendations", 7105, AppState::Starting);
    session.log("mailer", LogSource::Stderr, "Traceback (most recent call last):");
    session.log("mailer", LogSource::Stderr, "  File \"app.py\", line 3, in <module>");
    session.log("mailer", LogSource::Stderr, "\x1b[31mModuleNotFoundError: No module named 'smtp'\x1b[0m");
    session.log("mailer", LogSource::Daptop, "exited with code 3");
    let orders = if said("lossy") { 2_000 } else { 160 };
    for number in 1..=orders {
        session.pass(Duration::from_millis(100));
        session.order(number);
    }
    session.pass(Duration::from_millis(300));
    session.foreign();
    session.deep(30);
    session.wide(200);
    session.story();
    bodies::tell(session);
    session.call(Talk { to: "recommendations", path: "/for/41", answer: None, waits: true, ..Talk::order(7) });
    session.export(ExporterHealth::Up, 4, 4_102, None);
    if said("lossy") {
        session.store.count_lost(12, 3);
        session.export(ExporterHealth::Down, 2_048, 1_204, Some("connection refused"));
    }
}
