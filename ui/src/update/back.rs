//! Going into what is selected, and back out.

use daptop_model::Snapshot;

use crate::ui::{Layer, Pane, Screen, Ui};

/// Opens what is selected in the focused pane.
pub(super) fn open(ui: &mut Ui, snapshot: &Snapshot) {
    match (ui.screen, ui.focus()) {
        (_, Pane::Apps) => {
            let app = snapshot.apps.get(ui.app_position(snapshot)).map(|app| app.id.clone());
            ui.logs.choose(app, snapshot);
            super::show(ui, Screen::Logs);
        }
        (_, Pane::Edges) => {
            if let Some(edge) = snapshot.edges.get(ui.edge_position(snapshot)) {
                let text = format!("from:{} to:{}", word(edge.from.as_str()), word(edge.to.as_str()));
                use_filter(ui, text, snapshot);
                super::show(ui, Screen::Calls);
            }
        }
        (Screen::Overview, Pane::Calls) => {
            super::show(ui, Screen::Calls);
            ui.set_focus(Pane::Inspector);
        }
        (_, Pane::Calls) => {
            ui.zoomed = false;
            ui.set_focus(Pane::Inspector);
        }
        (_, Pane::Inspector) => ui.zoomed = !ui.zoomed,
        (Screen::Overview, Pane::Logs) => super::show(ui, Screen::Logs),
        (_, Pane::Logs | Pane::Diagnostics) => {}
    }
}

/// One step back: out of an enlarged pane, out of the inspector, out of a filter, to the overview.
pub(super) fn back(ui: &mut Ui, snapshot: &Snapshot) {
    if ui.zoomed {
        ui.zoomed = false;
    } else if ui.focus() == Pane::Inspector {
        ui.set_focus(Pane::Calls);
    } else if ui.focus() == Pane::Calls && !ui.calls.filter_text().is_empty() {
        use_filter(ui, String::new(), snapshot);
    } else if ui.screen == Screen::Logs && ui.logs.app().is_some() {
        ui.logs.choose(None, snapshot);
    } else if ui.screen != Screen::Overview {
        super::show(ui, Screen::Overview);
    }
}

/// Narrows the calls, or says why not and leaves the prompt open.
pub(super) fn use_filter(ui: &mut Ui, text: String, snapshot: &Snapshot) {
    match ui.calls.set_filter(&text) {
        Ok(()) => ui.calls.refresh(snapshot, ui.now),
        Err(error) => {
            ui.say(error.to_string());
            ui.layer = Some(Layer::Filter { text });
        }
    }
}

/// A text as a filter reads it back.
fn word(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
