//! The messages of a gRPC call: when each came, and where in its direction's body it is.

use std::sync::Arc;

use bytes::Bytes;

use crate::{Call, CapturedBody, Head, Protocol, Stamp};

/// One direction of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Side {
    /// What the caller sends.
    #[default]
    Request,
    /// What the callee answers.
    Response,
}

impl std::ops::Not for Side {
    type Output = Side;

    fn not(self) -> Side {
        if self == Side::Request { Side::Response } else { Side::Request }
    }
}

/// One message of a gRPC call. Its bytes are in the body of its direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its direction.
    pub side: Side,
    /// When its beginning passed.
    pub at: Stamp,
    /// Where in its direction's body it begins, in bytes, behind its prefix.
    pub start: u64,
    /// How many bytes it has, as its prefix announces.
    pub length: u32,
    /// Its prefix says that it is compressed, in the way that the head's `grpc-encoding` names.
    pub compressed: bool,
}

impl Message {
    /// Its bytes, as far as they are kept.
    pub fn kept<'a>(&self, body: &'a CapturedBody) -> &'a [u8] {
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(body.kept.len());
        body.kept.get(at(self.start)..at(self.end())).unwrap_or_default()
    }

    /// Whether all its bytes are kept.
    pub fn is_whole(&self, body: &CapturedBody) -> bool {
        self.end() <= body.kept.len() as u64
    }

    /// Whether all its bytes have passed, kept or not.
    pub fn has_passed(&self, body: &CapturedBody) -> bool {
        self.end() <= body.seen
    }

    fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }
}

/// The messages of a call in the order in which they came: the first [`Messages::MOST`] of each direction; further ones
/// are counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Messages(Option<Arc<List>>);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct List {
    kept: Vec<Message>,
    /// How many messages of each direction there were, kept or not.
    seen: [u64; 2],
}

impl Messages {
    /// The most messages of one direction of a call that are kept.
    pub const MOST: u64 = 1_000;

    /// Takes in the next message, and tells whether it is kept.
    pub fn push(&mut self, message: Message) -> bool {
        let list = Arc::make_mut(self.0.get_or_insert_default());
        let seen = &mut list.seen[message.side as usize];
        *seen += 1;
        let is_kept = *seen <= Self::MOST;
        if is_kept {
            list.kept.push(message);
        }
        is_kept
    }

    /// There were at least so many messages of a direction, kept or not.
    pub fn saw(&mut self, side: Side, seen: u64) {
        if seen > self.seen(side) {
            Arc::make_mut(self.0.get_or_insert_default()).seen[side as usize] = seen;
        }
    }

    /// The messages that are kept.
    pub fn kept(&self) -> &[Message] {
        self.0.as_ref().map_or(&[], |list| &list.kept)
    }

    /// The messages of one direction that are kept.
    pub fn of(&self, side: Side) -> impl Iterator<Item = &Message> {
        self.kept().iter().filter(move |message| message.side == side)
    }

    /// How many messages of one direction there were, kept or not.
    pub fn seen(&self, side: Side) -> u64 {
        self.0.as_ref().map_or(0, |list| list.seen[side as usize])
    }

    /// How many messages of one direction are not kept.
    pub fn missing(&self, side: Side) -> u64 {
        self.seen(side).saturating_sub(Self::MOST)
    }

    /// How much memory they take, in bytes.
    pub fn size(&self) -> usize {
        self.0.as_ref().map_or(0, |list| size_of::<List>() + list.kept.len() * size_of::<Message>())
    }

    /// Gives excess memory back.
    pub(crate) fn shrink(&mut self) {
        if let Some(list) = self.0.as_mut().and_then(Arc::get_mut) {
            list.kept.shrink_to_fit();
        }
    }
}

impl Call {
    /// Whether it is made of messages: one of gRPC is, unless it asks for an app by `Dapr.InvokeService`.
    pub fn is_of_messages(&self) -> bool {
        self.protocol == Protocol::Grpc && !self.is_invocation()
    }

    /// The body of a direction.
    pub fn body(&self, side: Side) -> &CapturedBody {
        match side {
            Side::Request => &self.request_body,
            Side::Response => &self.response_body,
        }
    }

    /// The headers of a direction, once there are any.
    pub fn head(&self, side: Side) -> Option<&Head> {
        match side {
            Side::Request => Some(&self.request.headers),
            Side::Response => self.response.as_ref().map(|response| &response.headers),
        }
    }

    /// The trailers of a direction, once there are any.
    pub fn trailers(&self, side: Side) -> Option<&Head> {
        self.response.as_ref().filter(|_| side == Side::Response)?.trailers.as_deref()
    }
}

/// The path of the method of Dapr's own by which an app is invoked over gRPC. The target of such a call is this; its path,
/// its verb and its bodies are those of the invocation.
pub const INVOKE_SERVICE: &str = "/dapr.proto.runtime.v1.Dapr/InvokeService";

/// A message with its prefix, not compressed: what the body of a call with one message is.
pub fn framed(message: &[u8]) -> Bytes {
    // A message is never near 4 GiB: the text that it came from would be longer.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0][..], &length.to_be_bytes(), message].concat().into()
}

/// The service and the method that the path of a gRPC call names: `/helloworld.Greeter/SayHello`.
pub fn grpc_method(path: &str) -> Option<(&str, &str)> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    (!service.is_empty() && !method.is_empty()).then_some((service, method))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(side: Side, start: u64, length: u32) -> Message {
        Message { side, at: Stamp(0), start, length, compressed: false }
    }

    #[test]
    fn of_each_direction_the_first_messages_are_kept_and_the_others_counted() {
        let mut messages = Messages::default();
        assert_eq!((messages.size(), messages.kept().len()), (0, 0));
        for _ in 0..Messages::MOST + 7 {
            messages.push(message(Side::Request, 5, 0));
        }
        assert!(messages.push(message(Side::Response, 5, 1)), "one direction does not crowd the other one out");
        assert_eq!((messages.seen(Side::Request), messages.missing(Side::Request)), (Messages::MOST + 7, 7));
        assert_eq!((messages.of(Side::Response).count(), messages.missing(Side::Response)), (1, 0));
        assert_eq!(messages.kept().len() as u64, Messages::MOST + 1);
    }

    #[test]
    fn a_message_is_a_part_of_its_body_as_far_as_that_is_kept() {
        let body = |kept: &'static [u8], seen| CapturedBody { kept: kept.into(), seen, ..CapturedBody::default() };
        let second = message(Side::Request, 12, 4);
        for (body, kept, whole, passed) in [
            (body(b"\0\0\0\0\x02hi\0\0\0\0\x04four", 16), &b"four"[..], true, true),
            (body(b"\0\0\0\0\x02hi\0\0\0\0\x04fo", 16), b"fo", false, true),
            (body(b"\0\0\0\0\x02hi\0\0\0\0\x04f", 13), b"f", false, false),
            (body(b"", 16), b"", false, true),
        ] {
            assert_eq!((second.kept(&body), second.is_whole(&body), second.has_passed(&body)), (kept, whole, passed));
        }
    }

    #[test]
    fn a_path_names_a_service_and_a_method() {
        assert_eq!(grpc_method("/helloworld.Greeter/SayHello"), Some(("helloworld.Greeter", "SayHello")));
        for path in ["", "/", "/Greeter", "//SayHello", "/Greeter/", "Greeter/SayHello"] {
            assert_eq!(grpc_method(path), None, "{path}");
        }
    }
}
