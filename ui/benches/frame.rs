//! What a frame costs, with 100,000 calls at 200×50. Budget: 2 ms.

use std::sync::Arc;
use std::time::Duration;

use daptop_model::{ExporterHealth, Limits, Snapshot};
use daptop_ui::{Action, Screen, Theme, ThemeName, Ui, update, view};
use divan::Bencher;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

#[path = "../examples/gallery/session.rs"]
mod session;

#[path = "../examples/gallery/crowd.rs"]
mod crowd;

const SIZE: (u16, u16) = (200, 50);

fn main() {
    divan::main();
}

fn snapshot() -> Arc<Snapshot> {
    let mut session = session::Session::new(Limits::default());
    session.shop();
    for number in 0..34_000 {
        session.pass(Duration::from_micros(200));
        session.order(number);
    }
    session.export(ExporterHealth::Up, 0, 200_000, None);
    session.snapshot()
}

fn open(screen: Screen, snapshot: &Snapshot) -> Ui {
    let mut ui = Ui::new("shop", Theme::new(ThemeName::Terminal, false), 0, true);
    for action in [Action::Resize(SIZE.0, SIZE.1), Action::Show(screen), Action::Refresh] {
        drop(update(&mut ui, action, snapshot));
    }
    ui
}

/// Drawing: the state, the rows that are seen, the difference to the screen before.
#[divan::bench(args = Screen::ALL)]
fn draw(bencher: Bencher<'_, '_>, screen: Screen) {
    let snapshot = snapshot();
    let ui = open(screen, &snapshot);
    let Ok(mut terminal) = Terminal::new(TestBackend::new(SIZE.0, SIZE.1));
    bencher.bench_local(|| terminal.draw(|frame| view(&ui, &snapshot, frame)).is_ok());
}

/// Drawing the graph of 100 apps, its layout being known. Budget: 2 ms with 1,000 edges.
#[divan::bench(args = [100, 1_000])]
fn graph(bencher: Bencher<'_, '_>, edges: usize) {
    let mut session = session::Session::new(Limits::default());
    crowd::crowd(&mut session, edges);
    let snapshot = session.snapshot();
    let ui = open(Screen::Graph, &snapshot);
    let Ok(mut terminal) = Terminal::new(TestBackend::new(SIZE.0, SIZE.1));
    bencher.bench_local(|| terminal.draw(|frame| view(&ui, &snapshot, frame)).is_ok());
}

/// Laying that graph out, which is done when an app or an edge is new.
#[divan::bench(args = [100, 1_000], sample_count = 10)]
fn lay_out(bencher: Bencher<'_, '_>, edges: usize) {
    let mut session = session::Session::new(Limits::default());
    crowd::crowd(&mut session, edges);
    let snapshot = session.snapshot();
    bencher.bench_local(|| open(Screen::Graph, &snapshot));
}

/// What a new snapshot costs before it is drawn: lists, the selected call, its trace.
#[divan::bench(args = Screen::ALL)]
fn refresh(bencher: Bencher<'_, '_>, screen: Screen) {
    let snapshot = snapshot();
    let mut ui = open(screen, &snapshot);
    bencher.bench_local(|| update(&mut ui, Action::Refresh, &snapshot));
}

/// A filter that looks into every body, over all calls.
#[divan::bench(sample_count = 5)]
fn filter(bencher: Bencher<'_, '_>) {
    let snapshot = snapshot();
    bencher.bench_local(|| {
        let mut ui = open(Screen::Calls, &snapshot);
        drop(update(&mut ui, Action::Filter, &snapshot));
        for c in "body~bank".chars() {
            drop(update(&mut ui, Action::Type(c), &snapshot));
        }
        drop(update(&mut ui, Action::Open, &snapshot));
        for _ in 0..12 {
            drop(update(&mut ui, Action::Tick(snapshot.taken), &snapshot));
        }
    });
}
