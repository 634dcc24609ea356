//! The sub-graph of one trace in a line: `checkout → order-processor → (payments ×3, mailer ✖)`.

use std::collections::{HashMap, HashSet};

use daptop_model::Trace;

use crate::theme::Theme;

/// More apps than this are not written out.
const MOST: usize = 40;

struct Flow<'a> {
    theme: Theme,
    /// Whom each app calls, in the order in which it does: how often, and how often that went wrong.
    callees: HashMap<&'a str, Vec<(&'a str, usize, usize)>>,
    written: HashSet<&'a str>,
    text: String,
}

/// Who calls whom in a trace.
pub(crate) fn flow(trace: &Trace, theme: Theme) -> String {
    let mut flow = Flow { theme, callees: HashMap::new(), written: HashSet::new(), text: String::new() };
    let mut apps = Vec::new();
    for traced in &trace.calls {
        let (from, to) = (traced.call.from.as_str(), traced.call.to.as_str());
        let callees = flow.callees.entry(from).or_default();
        let wrong = usize::from(traced.call.went_wrong());
        match callees.iter_mut().find(|callee| callee.0 == to) {
            Some(callee) => *callee = (to, callee.1 + 1, callee.2 + wrong),
            None => callees.push((to, 1, wrong)),
        }
        if !apps.contains(&from) && apps.len() < MOST {
            apps.push(from);
        }
    }
    for app in apps {
        if !flow.written.contains(app) {
            if !flow.text.is_empty() {
                flow.text.push_str("; ");
            }
            flow.text.push_str(app);
            flow.callees_of(app);
        }
    }
    flow.text
}

impl<'a> Flow<'a> {
    fn callees_of(&mut self, app: &'a str) {
        if !self.written.insert(app) || self.written.len() > MOST {
            return;
        }
        let Some(callees) = self.callees.remove(app) else { return };
        self.put(&[" ", self.theme.glyphs.arrow, " "]);
        if callees.len() > 1 {
            self.text.push('(');
        }
        for (index, (callee, calls, wrong)) in callees.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.text.push_str(callee);
            if *calls > 1 {
                self.put(&[" ", self.theme.glyphs.times, &calls.to_string()]);
            }
            if *wrong > 0 {
                self.put(&[" ", self.theme.glyphs.fail]);
                if *wrong > 1 {
                    self.text.push_str(&wrong.to_string());
                }
            }
            self.callees_of(callee);
        }
        if callees.len() > 1 {
            self.text.push(')');
        }
    }

    fn put(&mut self, pieces: &[&str]) {
        self.text.extend(pieces.iter().copied());
    }
}
