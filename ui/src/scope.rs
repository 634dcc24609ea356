//! What every screen is narrowed to, on top of the calls' filter.

use daptop_model::{AppId, Call, LogLine, TraceId};

/// What every screen is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum Scope {
    /// Nothing is left out.
    #[default]
    Everything,
    /// What an app calls, what calls it, and what it writes.
    App(AppId),
    /// What one app calls another, and what the two write.
    Edge(AppId, AppId),
    /// One trace.
    Trace(TraceId),
}

impl Scope {
    /// Whether nothing is left out.
    pub(crate) fn is_everything(&self) -> bool {
        *self == Scope::Everything
    }

    /// Whether a call belongs to it.
    pub(crate) fn takes(&self, call: &Call) -> bool {
        match self {
            Scope::Everything => true,
            Scope::App(app) => call.from == *app || call.to == *app,
            Scope::Edge(from, to) => call.from == *from && call.to == *to,
            Scope::Trace(trace) => call.trace.is_some_and(|place| place.trace == *trace),
        }
    }

    /// Whether a log line belongs to it: by its app, or by the trace that it names.
    pub(crate) fn takes_line(&self, line: &LogLine) -> bool {
        match self {
            Scope::Everything => true,
            Scope::App(app) => line.app == *app,
            Scope::Edge(from, to) => line.app == *from || line.app == *to,
            Scope::Trace(trace) => line.text.contains(&trace.to_string()),
        }
    }

    /// What is left, in a few words; empty where nothing is left out.
    pub(crate) fn label(&self, arrow: &str) -> String {
        match self {
            Scope::Everything => String::new(),
            Scope::App(app) => format!("only {app}"),
            Scope::Edge(from, to) => format!("only {from} {arrow} {to}"),
            Scope::Trace(trace) => format!("only trace {}", &trace.to_string()[..8]),
        }
    }
}
