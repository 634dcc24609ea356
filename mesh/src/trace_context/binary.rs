//! `grpc-trace-bin`.

use daptop_model::{SpanId, TraceId};

use super::SpanContext;

/// The binary form of a context: a version of 0, then fields, each after its number: trace, span, flags.
pub fn encode_binary(context: &SpanContext) -> [u8; 29] {
    let mut bytes = [0; 29];
    bytes[2..18].copy_from_slice(&context.trace.0);
    bytes[18] = 1;
    bytes[19..27].copy_from_slice(&context.span.0);
    bytes[27] = 2;
    bytes[28] = context.flags;
    bytes
}

/// Reads the binary form; `None` without a version of 0 and a trace. Span and flags may be missing, and are zero then.
pub fn decode_binary(bytes: &[u8]) -> Option<SpanContext> {
    let (trace, rest) = field::<16>(bytes.strip_prefix(&[0])?, 0)?;
    let (span, rest) = field::<8>(rest, 1).unwrap_or(([0; 8], rest));
    let ([flags], _) = field::<1>(rest, 2).unwrap_or(([0], rest));
    Some(SpanContext { trace: TraceId(trace), span: SpanId(span), flags, state: None })
}

fn field<const N: usize>(bytes: &[u8], number: u8) -> Option<([u8; N], &[u8])> {
    let (value, rest) = bytes.strip_prefix(&[number])?.split_first_chunk()?;
    Some((*value, rest))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::super::parse_traceparent;
    use super::*;

    const TEXT: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_binary_form_is_29_bytes_of_numbered_fields() {
        let context = parse_traceparent(TEXT).unwrap();
        let bytes = STANDARD.decode("AABL+S81d7NNpqPOkp0ODkc2AQDwZ6oLqQK3AgE=").unwrap();
        assert_eq!(encode_binary(&context).as_slice(), bytes);
        assert_eq!(decode_binary(&bytes), Some(context));
    }

    #[test]
    fn what_is_missing_at_the_end_is_zero_and_the_trace_may_not_be_missing() {
        let context = parse_traceparent(TEXT).unwrap();
        let bytes = encode_binary(&context);
        assert_eq!(decode_binary(&bytes[..27]).map(|c| (c.span, c.flags)), Some((context.span, 0)));
        assert_eq!(decode_binary(&bytes[..18]).map(|c| c.span.0), Some([0; 8]));
        assert_eq!(decode_binary(&bytes[..17]), None);
        assert_eq!(decode_binary(&[]), None);
        let mut later = bytes;
        later[0] = 1;
        assert_eq!(decode_binary(&later), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(trace: [u8; 16], span: [u8; 8], flags: u8) {
            let context = SpanContext { trace: TraceId(trace), span: SpanId(span), flags, state: None };
            prop_assert_eq!(decode_binary(&encode_binary(&context)), Some(context));
        }
    }
}
