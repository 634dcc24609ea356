//! How soon the screen changes by the passing of time alone. Where nothing happens, once a minute.

use std::time::Duration;

use daptop_model::{AppState, Snapshot, Stamp};

use crate::ui::{Screen, Ui};

/// How long nothing on the screen changes unless something happens.
pub(crate) fn next_tick(ui: &Ui, snapshot: &Snapshot) -> Duration {
    const SECOND: Duration = Duration::from_secs(1);
    let lists = ui.calls.is_behind(snapshot) || ui.traces.is_behind(snapshot) || ui.logs.is_behind(snapshot);
    if lists || ui.findings.is_behind() || ui.inspector.is_behind() {
        return Duration::ZERO;
    }
    let mut pause = Duration::from_mins(1);
    if let Some((_, until)) = &ui.message {
        pause = pause.min(until.since(ui.now));
    }
    if let Some(patience) = ui.replay.patience(snapshot, ui.now) {
        pause = pause.min(patience);
    }
    // An age in tenths of a second is worth watching while it is short.
    let open = snapshot.edges.iter().filter(|edge| edge.in_flight > 0).filter_map(|edge| edge.oldest_open);
    for since in open {
        let young = ui.now.since(since) < 10 * SECOND;
        pause = pause.min(if young { SECOND / 5 } else { SECOND });
    }
    let starts = snapshot.apps.iter().any(|app| matches!(app.state, AppState::Starting | AppState::Waiting));
    let recent = snapshot.edges.iter().any(|edge| ui.now.since(edge.last_at) < 12 * SECOND);
    let young = ui.now.since(Stamp::default()) < 60 * SECOND;
    let diagnostics = ui.screen == Screen::Logs && ui.diagnostics;
    if starts || recent || young || diagnostics {
        pause = pause.min(SECOND);
    }
    pause
}
