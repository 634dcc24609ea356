//! Making a captured call small: it may stay for hours, next to 100,000 others.

use bytes::Bytes;

use crate::{Call, Outcome, ResponseHead};

/// The verbs that need no memory of their own.
const VERBS: [&[u8]; 9] = [b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT"];

/// How many bytes of memory the heads of a call take, the text of its failure and its delays included.
pub(super) fn heads_size(call: &Call) -> usize {
    let failure = if let Outcome::Failed(failure) = &call.outcome { failure.text.len() } else { 0 };
    let response = call.response.as_ref().map_or(0, ResponseHead::size);
    call.request.size() + response + failure + call.messages.size() + call.delays.size()
}

/// How many bytes of memory the bodies of a call take.
pub(super) fn bodies_size(call: &Call) -> usize {
    call.request_body.kept.len() + call.response_body.kept.len()
}

/// Puts both heads into one piece of memory of just their size, and frees what the bodies' buffers have in excess.
pub(super) fn compact(call: &mut Call) {
    for body in [&mut call.request_body, &mut call.response_body] {
        body.kept = shrink(std::mem::take(&mut body.kept));
    }
    call.messages.shrink();
    let request = &mut call.request;
    if let Some(verb) = VERBS.iter().find(|verb| **verb == request.verb) {
        request.verb = Bytes::from_static(verb);
    }
    let path_is_in_target = request.target.ends_with(&request.path);
    let mut pieces: Vec<&mut Bytes> = Vec::with_capacity(6);
    if VERBS.iter().all(|verb| **verb != request.verb) {
        pieces.push(&mut request.verb);
    }
    let path_len = request.path.len();
    if path_is_in_target {
        request.path = Bytes::new();
    }
    pieces.extend([&mut request.path, &mut request.target, request.headers.bytes_mut()]);
    if let Some(response) = &mut call.response {
        pieces.push(response.headers.bytes_mut());
        pieces.extend(response.trailers.as_mut().map(|trailers| trailers.bytes_mut()));
    }
    join(&mut pieces);
    if path_is_in_target {
        request.path = request.target.slice(request.target.len() - path_len..);
    }
}

/// Makes each piece a part of one new buffer.
fn join(pieces: &mut [&mut Bytes]) {
    let mut text = Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    for piece in &*pieces {
        text.extend_from_slice(piece);
    }
    let text = Bytes::from(text);
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.len();
        **piece = text.slice(start..end);
        start = end;
    }
}

/// The same bytes in a buffer of their size: moved where they are the only part of theirs, else copied.
fn shrink(bytes: Bytes) -> Bytes {
    let mut exact = Vec::from(bytes);
    exact.shrink_to_fit();
    Bytes::from(exact)
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::{AppId, CallId, CallStart, CapturedBody, HeadBuilder, Leg, Protocol, RequestHead, Stamp};

    fn call(verb: &'static str, target: &'static str, path: &'static str) -> Call {
        let mut headers = HeadBuilder::default();
        headers.line("host", b"localhost:3500");
        let mut call = Call::new(CallStart {
            id: CallId(1),
            at: Stamp(0),
            from: AppId::new("a"),
            to: AppId::new("b"),
            leg: Leg::InProcess,
            protocol: Protocol::Http1,
            request: RequestHead {
                verb: Bytes::from_static(verb.as_bytes()),
                target: Bytes::from_static(target.as_bytes()),
                path: Bytes::from_static(path.as_bytes()),
                headers: headers.finish(),
            },
            trace: None,
            replay_of: None,
        });
        let mut headers = HeadBuilder::default();
        headers.line("date", b"now");
        let mut trailers = HeadBuilder::default();
        trailers.line("grpc-status", b"0");
        call.response =
            Some(ResponseHead { status: 200, headers: headers.finish(), trailers: Some(Box::new(trailers.finish())) });
        call
    }

    #[test]
    fn a_compacted_call_is_the_same_call() {
        for (verb, target, path) in [
            ("POST", "/v1.0/invoke/b/method/orders?x=1", "/orders?x=1"),
            ("POST", "/orders", "/orders"),
            ("BREW", "/v1.0/invoke/b/method//a/../pot", "/pot"),
            ("GET", "", ""),
            ("", "/", "/long"),
        ] {
            let before = call(verb, target, path);
            let mut after = before.clone();
            compact(&mut after);
            assert_eq!(after, before, "{verb} {target} {path}");
        }
    }

    #[test]
    fn a_body_keeps_no_more_memory_than_its_bytes() {
        let mut buffer = BytesMut::with_capacity(64 << 10);
        buffer.extend_from_slice(&[7; 1000]);
        let first = buffer.split_to(100).freeze();
        let rest = buffer.freeze();
        let mut call = call("GET", "/", "/");
        call.request_body = CapturedBody { kept: first, ..CapturedBody::default() };
        call.response_body = CapturedBody { kept: rest, ..CapturedBody::default() };
        compact(&mut call);
        for (body, len) in [(call.request_body, 100), (call.response_body, 900)] {
            let whole = Vec::from(body.kept);
            assert_eq!((whole.len(), whole.capacity()), (len, len));
        }
    }
}
