//! Which traces are sampled.

use daptop_model::TraceId;

/// Takes a share of the traces, by their ids, so that every process with the same share takes the same traces:
/// `TraceIDRatioBased`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sampler {
    /// Taken is what lies below, of 63 bits.
    bound: u64,
}

impl Sampler {
    /// A sampler that takes `rate` of all traces: 1 and above all, 0 and below none.
    pub fn new(rate: f64) -> Self {
        if rate >= 1.0 {
            return Self { bound: u64::MAX };
        }
        // A cast of a float saturates: below zero and not-a-number become 0.
        #[expect(clippy::cast_sign_loss, reason = "the rate is clamped to 0 and above")]
        let bound = (rate.max(0.0) * (1u64 << 63) as f64) as u64;
        Self { bound }
    }

    /// Whether a trace that begins here is taken.
    pub fn takes(self, trace: TraceId) -> bool {
        let last_eight_bytes = u128::from_be_bytes(trace.0) as u64;
        (last_eight_bytes >> 1) < self.bound
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanKind, TraceContextExt};
    use opentelemetry_sdk::trace::{Sampler as SdkSampler, SamplingDecision, ShouldSample};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bounds_take_all_and_none() {
        for trace in [TraceId([0xff; 16]), TraceId([0; 16]), TraceId([0x7f; 16])] {
            assert!(Sampler::new(1.0).takes(trace));
            assert!(Sampler::new(7.0).takes(trace));
            assert!(!Sampler::new(0.0).takes(trace));
            assert!(!Sampler::new(-1.0).takes(trace));
            assert!(!Sampler::new(f64::NAN).takes(trace));
        }
    }

    proptest! {
        #[test]
        fn a_share_takes_what_the_opentelemetry_sdk_takes(rate in 0.0..1.0f64, id: [u8; 16]) {
            let sdk = SdkSampler::TraceIdRatioBased(rate).should_sample(
                Some(&opentelemetry::Context::new().with_remote_span_context(
                    opentelemetry::trace::SpanContext::empty_context(),
                )),
                opentelemetry::trace::TraceId::from_bytes(id),
                "", &SpanKind::Client, &[], &[],
            );
            prop_assert_eq!(Sampler::new(rate).takes(TraceId(id)), sdk.decision == SamplingDecision::RecordAndSample);
        }
    }
}
