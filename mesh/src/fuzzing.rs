//! The readers of what peers send, to be fed with any bytes: by `mesh/fuzz`, and by a test of properties. None of them may
//! panic, whatever it gets. Not in a build that is used.

/// Bytes of a stream of gRPC, in pieces as long as the first byte says.
pub fn messages(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    crate::grpc::messages::all_pass(rest.chunks(usize::from(*first).max(1)), 1 << 16);
}

/// Frames of `CallLocalStream` in both directions, and a `CallLocal`: each frame after two bytes with its length.
pub fn sidecar_frames(data: &[u8]) {
    let (mut frames, mut rest) = (Vec::new(), data);
    while let [high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (frame, next) = after.split_at(length);
        frames.push(frame);
        rest = next;
    }
    crate::remote::fuzzing::frames(&frames);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_a_reader_panic(data in prop::collection::vec(any::<u8>(), 0..512)) {
            super::messages(&data);
            super::sidecar_frames(&data);
        }
    }
}
