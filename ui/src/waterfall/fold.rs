//! What is folded away.

use daptop_model::CallId;

use super::Waterfall;

impl Waterfall {
    /// Whether what is within a call is folded away.
    pub(crate) fn is_folded(&self, id: CallId) -> bool {
        self.folded.contains(&id)
    }

    /// Whether something is folded away.
    pub(crate) fn folds(&self) -> bool {
        self.rows.len() < self.trace.calls.len()
    }

    /// Folds what is within the selected call away, or shows it again.
    pub(crate) fn fold(&mut self) {
        let Some(traced) = self.position().map(|position| &self.trace.calls[position]) else { return };
        // A call with nothing in it folds the one that it is within.
        let id = match traced.parent {
            Some(parent) if traced.below == 0 => self.trace.calls[parent].call.id,
            _ => traced.call.id,
        };
        if !self.folded.remove(&id) {
            self.folded.insert(id);
            self.cursor = Some(id);
        }
        self.lay_out();
    }

    /// Folds the deepest level that is seen away.
    pub(crate) fn fold_level(&mut self) {
        let calls = &self.trace.calls;
        let deepest = self.rows.iter().map(|position| calls[*position].depth).max().unwrap_or(0);
        let above = self.rows.iter().map(|position| &calls[*position]);
        let above = above.filter(|traced| traced.depth + 1 == deepest && traced.below > 0);
        let ids: Vec<CallId> = above.map(|traced| traced.call.id).collect();
        self.folded.extend(ids);
        self.lay_out();
    }

    /// Shows one more level of what is folded away.
    pub(crate) fn unfold_level(&mut self) {
        let calls = &self.trace.calls;
        let folded = self.rows.iter().map(|position| &calls[*position]);
        let folded: Vec<_> = folded.filter(|traced| self.folded.contains(&traced.call.id)).collect();
        let highest = folded.iter().map(|traced| traced.depth).min();
        let opened: Vec<CallId> =
            folded.iter().filter(|traced| Some(traced.depth) == highest).map(|traced| traced.call.id).collect();
        for id in opened {
            self.folded.remove(&id);
            // One level, not all that is below.
            let Some(position) = self.trace.position(id) else { continue };
            let within = &self.trace.calls[position + 1..=position + self.trace.calls[position].below];
            let depth = self.trace.calls[position].depth + 1;
            self.folded.extend(within.iter().filter(|one| one.depth == depth && one.below > 0).map(|one| one.call.id));
        }
        self.lay_out();
    }

    /// Folds everything away, or shows everything where something is folded.
    pub(crate) fn fold_all(&mut self) {
        if self.folds() {
            self.folded.clear();
        } else {
            let all = self.trace.calls.iter().filter(|traced| traced.below > 0);
            self.folded = all.map(|traced| traced.call.id).collect();
        }
        self.lay_out();
    }
}
