//! What a call's text consists of, part by part.

use daptop_model::{Call, Message, Side};

use super::Tab;

/// What a part of a call's text is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Topic {
    /// The first line and the headers of a direction; and the body, where that is not read message by message.
    Head(Side),
    /// How many messages there are, in one direction or in both, and from where it is known what they say.
    Overview(Option<Side>),
    /// A message: its direction, and its number there from 0.
    Message(Side, u32),
    /// What of the messages is not here, or not yet.
    Rest(Option<Side>),
    /// What came after the messages of a direction.
    Trailers(Side),
    /// A direction as it was on the wire.
    Wire(Side),
}

impl Topic {
    /// Of which text a line is one, in words behind its number.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Head(Side::Request) => " of the request",
            Self::Head(Side::Response) => " of the response",
            Self::Message(..) => " of the message",
            Self::Overview(_) | Self::Rest(_) => " about the messages",
            Self::Trailers(_) => " of the trailers",
            Self::Wire(_) => "",
        }
    }
}

impl Default for Topic {
    fn default() -> Self {
        Self::Head(Side::Request)
    }
}

/// A part, and its message where it is one.
pub(super) type Item = (Topic, Option<Message>);

/// Whether a direction of a call is read message by message: not where what passed there was no message.
pub(super) fn has_messages(call: &Call, side: Side) -> bool {
    call.is_of_messages() && (call.messages.seen(side) > 0 || call.body(side).seen == 0)
}

/// The parts of a call that a tab shows.
pub(super) fn of(call: &Call, tab: Tab, raw: Side) -> Vec<Item> {
    let side = |side| side_of(call, side);
    match tab {
        Tab::All => [side(Side::Request), side(Side::Response)].concat(),
        Tab::Request => side(Side::Request),
        Tab::Response => side(Side::Response),
        Tab::Messages if call.is_of_messages() => around(messages(call, None), None),
        Tab::Messages => vec![(Topic::Overview(None), None)],
        Tab::Raw => vec![(Topic::Wire(raw), None)],
        Tab::Timing | Tab::Trace => Vec::new(),
    }
}

fn side_of(call: &Call, side: Side) -> Vec<Item> {
    let mut items = vec![(Topic::Head(side), None)];
    let is_there = call.head(side).is_some();
    if is_there && has_messages(call, side) {
        items.extend(around(messages(call, Some(side)), Some(side)));
        items.push((Topic::Trailers(side), None));
    }
    items
}

fn around(messages: Vec<Item>, side: Option<Side>) -> Vec<Item> {
    let first = [(Topic::Overview(side), None)];
    first.into_iter().chain(messages).chain([(Topic::Rest(side), None)]).collect()
}

/// The messages of one direction, or of both in the order in which they came.
fn messages(call: &Call, side: Option<Side>) -> Vec<Item> {
    let mut numbers = [0; 2];
    let numbered = call.messages.kept().iter().map(|message| {
        let number = &mut numbers[message.side as usize];
        *number += 1;
        (Topic::Message(message.side, *number - 1), Some(*message))
    });
    numbered.filter(|(_, message)| side.is_none() || message.map(|message| message.side) == side).collect()
}
