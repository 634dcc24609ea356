//! Which lines are listed.

use std::collections::HashMap;

use daptop_model::{AppId, InstanceId, LogLine, LogSource};

use super::belonging::{Belonging, Tie};
use super::level::{self, Level};
use crate::ansi;
use crate::scope::Scope;

/// Which lines are listed; by default all.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// Those of one app.
    pub(crate) app: Option<AppId>,
    /// Those that are at least so grave.
    pub(crate) level: Option<Level>,
    /// Those that belong to calls.
    pub(crate) belonging: Option<Belonging>,
    /// What every screen is narrowed to, and the lines that belong to it where that is a trace.
    scope: (Scope, Option<Belonging>),
    /// The level of the last line of each output: the frames of a stack have none of their own.
    last: HashMap<(InstanceId, LogSource), Option<Level>>,
}

impl Choice {
    /// Narrows it to what every screen is narrowed to.
    pub(crate) fn narrow(&mut self, scope: Scope, belonging: Option<Belonging>) {
        self.scope = (scope, belonging);
    }

    /// Whether every line is listed.
    pub(crate) fn is_whole(&self) -> bool {
        self.app.is_none() && self.level.is_none() && self.belonging.is_none() && self.scope.0.is_everything()
    }

    /// Begins with the oldest line again.
    pub(crate) fn begin(&mut self) {
        self.last.clear();
    }

    /// Whether a line is listed. To be asked of every line, in order.
    pub(crate) fn takes(&mut self, line: &LogLine) -> bool {
        self.is_grave(line)
            && self.app.as_ref().is_none_or(|app| line.app == *app)
            && match &self.scope {
                (_, Some(belonging)) => belonging.tie(line).is_some(),
                (scope, None) => scope.takes_line(line),
            }
            && self.belonging.as_ref().is_none_or(|belonging| belonging.tie(line).is_some())
    }

    /// Whether a line is listed only because its app wrote it at the right time.
    pub(crate) fn is_guessed(&self, line: &LogLine) -> bool {
        let belongings = self.belonging.iter().chain(&self.scope.1);
        belongings.into_iter().any(|belonging| belonging.tie(line) == Some(Tie::Guessed))
    }

    fn is_grave(&mut self, line: &LogLine) -> bool {
        let Some(least) = self.level else { return true };
        let text = ansi::plain(&line.text);
        let before = self.last.entry((line.instance, line.source)).or_default();
        let level = level::of(&text).or_else(|| before.filter(|_| level::goes_on(&text)));
        *before = level;
        // What is simply printed is the ordinary course.
        let level = level.unwrap_or(Level::Info);
        // What daptop itself says of an app, such as that it crashed, is never left out.
        line.source == LogSource::Daptop || level >= least
    }
}
