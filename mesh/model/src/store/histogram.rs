//! Durations, counted compactly: sixteen buckets for each doubling, so that a quantile is off by at most 1/32.

/// Buckets for each doubling.
const STEPS: usize = 16;

/// How many of something lay in which range. Takes 4 bytes a bucket, up to the largest value counted: 1.9 kB at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    buckets: Vec<u32>,
    total: u64,
    least: u32,
    most: u32,
}

impl Histogram {
    /// Counts a value; what is above `u32::MAX` counts as that.
    pub(super) fn add(&mut self, value: u64) {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        let bucket = bucket_of(value);
        if bucket >= self.buckets.len() {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] = self.buckets[bucket].saturating_add(1);
        self.least = if self.total == 0 { value } else { self.least.min(value) };
        self.most = self.most.max(value);
        self.total += 1;
    }

    /// The value that `percent` of all values do not exceed; 0 where there is none.
    pub(super) fn quantile(&self, percent: u64) -> u64 {
        let rank = (self.total * percent).div_ceil(100).max(1);
        let mut below = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            below += u64::from(*count);
            if below >= rank {
                return middle_of(bucket).clamp(u64::from(self.least), u64::from(self.most));
            }
        }
        u64::from(self.most)
    }
}

/// The bucket of a value. The first sixteen hold one value each.
fn bucket_of(value: u32) -> usize {
    let value = value as usize;
    let Some(doublings) = value.checked_ilog2().and_then(|log| log.checked_sub(STEPS.ilog2())) else { return value };
    let step = (value >> doublings) & (STEPS - 1);
    (doublings as usize + 1) * STEPS + step
}

/// The value in the middle of a bucket.
fn middle_of(bucket: usize) -> u64 {
    let (row, step) = (bucket / STEPS, bucket % STEPS);
    let Some(doublings) = row.checked_sub(1) else { return bucket as u64 };
    let start = ((STEPS + step) as u64) << doublings;
    start + ((1_u64 << doublings) - 1) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_counted_is_zero() {
        assert_eq!(Histogram::default().quantile(50), 0);
    }

    #[test]
    fn the_longest_duration_needs_no_more_than_the_stated_memory() {
        let mut histogram = Histogram::default();
        histogram.add(u64::MAX);
        assert_eq!(histogram.buckets.len() * size_of::<u32>(), 1856);
        assert_eq!(histogram.quantile(95), u64::from(u32::MAX));
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_a_thirtysecond_of_the_true_one(
            mut values in prop::collection::vec(prop_oneof![0_u64..100, 0_u64..1_000_000, any::<u32>().prop_map(u64::from)], 1..200),
            percent in 1_u64..=100,
        ) {
            let mut histogram = Histogram::default();
            for value in &values {
                histogram.add(*value);
            }
            values.sort_unstable();
            let rank = (values.len() as u64 * percent).div_ceil(100).max(1);
            let exact = values[rank as usize - 1];
            prop_assert!(histogram.quantile(percent).abs_diff(exact) * 32 <= exact, "{} {exact}", histogram.quantile(percent));
        }
    }
}
