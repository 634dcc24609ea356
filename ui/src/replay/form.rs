//! A request that is changed in place, written as one text: request line, headers, an empty line, the body.

use std::sync::Arc;

use daptop_model::{Call, Replay, ReplayRequest, read_document, write_document};

use super::Area;

/// A text of more bytes is not edited in place.
pub(crate) const MOST: usize = 256 << 10;

/// A request that is changed.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// The call that is repeated.
    pub(crate) call: Arc<Call>,
    /// What it was.
    pub(crate) original: ReplayRequest,
    /// How often it is to be sent.
    pub(crate) times: u32,
    /// The text.
    pub(crate) area: Area,
    /// What is wrong with it: the line, from 0, and why.
    pub(crate) mistake: Option<(usize, String)>,
}

impl Form {
    /// The request of a call, or what somebody has made of it before.
    pub(crate) fn new(call: &Arc<Call>, draft: Option<&str>, times: u32) -> Self {
        let original = ReplayRequest::of(call);
        let text = draft.map_or_else(|| document(&original), str::to_owned);
        let mut form = Self { call: Arc::clone(call), original, times, area: Area::new(&text), mistake: None };
        form.check();
        form
    }

    /// Another text.
    pub(crate) fn rewrite(&mut self, text: &str) {
        self.area = Area::new(text);
        self.check();
    }

    /// Back to the original text.
    pub(crate) fn revert(&mut self) {
        self.rewrite(&document(&self.original));
    }

    /// Whether the text is not what it was.
    pub(crate) fn is_changed(&self) -> bool {
        self.area.text() != document(&self.original)
    }

    /// Looks for a mistake.
    pub(crate) fn check(&mut self) {
        let read = read_document(self.area.text().as_bytes(), &self.original);
        self.mistake = read.err().map(|error| (error.line - 1, error.problem));
    }

    /// What is to be sent; `None` while there is a mistake.
    pub(crate) fn replay(&self) -> Option<Replay> {
        let request = read_document(self.area.text().as_bytes(), &self.original).ok()?;
        Some(Replay { request, times: self.times, ..Replay::of(&self.call) })
    }
}

/// The text of a request.
pub(crate) fn document(request: &ReplayRequest) -> String {
    // It names what is not text instead of writing it.
    String::from_utf8_lossy(&write_document(request)).into_owned()
}
