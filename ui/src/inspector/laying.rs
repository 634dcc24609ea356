//! The text of a call, part by part. Messages are read in slices, so that a call with very many holds no key up, and each
//! only once.

use std::collections::HashMap;

use daptop_model::{Call, Message, Side};

use super::document::{Document, Look};
use super::knowledge::Knowledge;
use super::messages::{self, Heading};
use super::outline::{self, Topic};
use super::part::Part;
use super::{Tab, head};

/// What one slice reads: so many messages, and so many bytes, of messages and of the text that became of them.
const SLICE: (usize, usize) = (200, 512 << 10);

/// Of one call so many bytes are read and laid out.
const MOST: usize = 48 << 20;

/// What laying out depends on.
pub(super) struct Wish<'a> {
    pub(super) call: &'a Call,
    pub(super) tab: Tab,
    pub(super) raw: Side,
    pub(super) knowledge: &'a Knowledge,
    pub(super) look: Look,
    /// Another number where what is known or how it looks is not what it was.
    pub(super) era: u64,
}

/// The parts of a call, and whether all its messages have been read.
pub(super) struct Laid {
    pub(super) parts: Vec<Part>,
    pub(super) whole: bool,
}

/// What a message was when it was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Print {
    message: Message,
    kept: usize,
    passed: bool,
    era: u64,
}

impl Print {
    fn of(wish: &Wish<'_>, message: &Message) -> Self {
        let body = wish.call.body(message.side);
        Self { message: *message, kept: message.kept(body).len(), passed: message.has_passed(body), era: wish.era }
    }
}

/// Lays a call out. `before` are the parts that were there: of each that is about the same, what is folded stays so, and
/// messages that are as they were are not read again.
pub(super) fn lay_out(wish: &Wish<'_>, before: Vec<Part>) -> Laid {
    let mut before: HashMap<Topic, Part> = before.into_iter().map(|part| (part.topic, part)).collect();
    let mut slice = Slice { messages: SLICE.0, bytes: SLICE.1, weight: 0, whole: true };
    let items = outline::of(wish.call, wish.tab, wish.raw);
    let parts = items.into_iter().filter_map(|(topic, message)| {
        let old = before.remove(&topic);
        let mut part = match (topic, message, old) {
            (Topic::Message(_, number), Some(message), old) => slice.message(wish, &message, number, old),
            (_, _, Some(old)) => old.replaced(once(wish, topic)),
            (_, _, None) => Part::new(once(wish, topic)),
        };
        part.topic = topic;
        (part.document.len() > 0).then_some(part)
    });
    let parts = parts.collect();
    Laid { parts, whole: slice.whole }
}

/// A part that is written anew each time.
fn once(wish: &Wish<'_>, topic: Topic) -> Document {
    let Wish { call, knowledge, look, .. } = *wish;
    let schema = knowledge.schema(&call.request.path());
    match topic {
        Topic::Head(side) => head::write(call, side, schema, look),
        Topic::Overview(side) => {
            // Above the answer stands the request.
            let asked = outline::has_messages(call, Side::Request) && call.messages.seen(Side::Request) > 0;
            let said = wish.tab == Tab::All && side == Some(Side::Response) && asked;
            messages::overview(call, side, knowledge, said, look)
        }
        Topic::Rest(side) => messages::rest(call, side, schema, look),
        Topic::Trailers(side) => head::trailers(call, side, look),
        Topic::Wire(side) => head::write_raw(call, side, look),
        Topic::Message(..) => Document::default(),
    }
}

/// What may still be read at once.
struct Slice {
    messages: usize,
    bytes: usize,
    /// How much has been read and laid out.
    weight: usize,
    /// Nothing was left for later.
    whole: bool,
}

impl Slice {
    fn message(&mut self, wish: &Wish<'_>, message: &Message, number: u32, old: Option<Part>) -> Part {
        let Wish { call, knowledge, look, .. } = *wish;
        let print = Print::of(wish, message);
        let old = match old {
            Some(part) if part.print == Some(print) => {
                self.weight += part.weight;
                return part;
            }
            old => old.filter(|part| part.print.is_some()),
        };
        let heading = if wish.tab == Tab::Messages { Heading::OfBoth } else { Heading::OfOne };
        let is_full = self.weight > MOST;
        if is_full || self.messages == 0 || self.bytes == 0 {
            self.whole &= is_full;
            let why = if is_full { "not read: what stands before it is a great deal already" } else { "" };
            let unread = messages::unread(call, message, number, heading, why, look);
            return old.unwrap_or_else(|| Part::new(unread));
        }
        let schema = knowledge.schema(&call.request.path());
        let (document, bytes) = messages::read(call, message, number, heading, schema, look);
        let weight = bytes + document.text().len();
        self.messages -= 1;
        self.bytes = self.bytes.saturating_sub(weight);
        self.weight += weight;
        let mut part = match old {
            Some(old) => old.replaced(document),
            None => Part::new(document),
        };
        (part.print, part.weight) = (Some(print), weight);
        part
    }
}
