//! A request that is changed in place, written as one text: request line, headers, an empty line, the body.

use std::sync::Arc;

use daptop_model::{
    Call, Protocol, Replay, ReplayRequest, Schema, Snapshot, grpc_method, read_document, write_document,
};

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
    /// What is known of its messages, in gRPC.
    schema: Option<Arc<Schema>>,
    /// Why the message of a gRPC call is not there as JSON.
    pub(crate) why_no_message: Option<String>,
    /// How often it is to be sent.
    pub(crate) times: u32,
    /// The text.
    pub(crate) area: Area,
    /// What is wrong with it: the line, from 0, and why.
    pub(crate) mistake: Option<(usize, String)>,
}

impl Form {
    /// The request of a call, or what somebody has made of it before.
    pub(crate) fn new(call: &Arc<Call>, draft: Option<&str>, times: u32, snapshot: &Snapshot) -> Self {
        let (original, schema) = (ReplayRequest::of(call), schema(call, snapshot));
        let text = draft.map_or_else(|| document(&original, schema.as_deref()), str::to_owned);
        let why_no_message = if original.is_grpc() { original.message(schema.as_deref()).err() } else { None };
        let (call, area) = (Arc::clone(call), Area::new(&text));
        let mut form = Self { call, original, schema, why_no_message, times, area, mistake: None };
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
        self.rewrite(&document(&self.original, self.schema.as_deref()));
    }

    /// Whether the text is not what it was.
    pub(crate) fn is_changed(&self) -> bool {
        self.area.text() != document(&self.original, self.schema.as_deref())
    }

    /// Looks for a mistake.
    pub(crate) fn check(&mut self) {
        let read = read_document(self.area.text().as_bytes(), &self.original, self.schema.as_deref());
        self.mistake = read.err().map(|error| (error.line - 1, error.problem));
    }

    /// What is to be sent; `None` while there is a mistake.
    pub(crate) fn replay(&self) -> Option<Replay> {
        let request = read_document(self.area.text().as_bytes(), &self.original, self.schema.as_deref()).ok()?;
        Some(Replay { request, times: self.times, ..Replay::of(&self.call) })
    }
}

/// The text of a request.
pub(crate) fn document(request: &ReplayRequest, schema: Option<&Schema>) -> String {
    // It names what is not text instead of writing it.
    String::from_utf8_lossy(&write_document(request, schema)).into_owned()
}

/// What is known of the messages of a call.
pub(crate) fn schema(call: &Call, snapshot: &Snapshot) -> Option<Arc<Schema>> {
    let path = call.request.path();
    let (service, _) = grpc_method(&path).filter(|_| call.protocol == Protocol::Grpc)?;
    snapshot.schemas.of(&call.to, service).cloned()
}
