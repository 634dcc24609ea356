//! `grpc-timeout`: how long a call may take.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

/// The header of a call's patience: up to eight digits and a unit.
pub(super) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

const MOST_DIGITS: usize = 8;
/// The largest number of eight digits.
const MOST: u128 = 99_999_999;
/// Each unit and how many nanoseconds it has, the shortest first.
const UNITS: [(u8, u128); 6] = [
    (b'n', 1),
    (b'u', 1_000),
    (b'm', 1_000_000),
    (b'S', 1_000_000_000),
    (b'M', 60_000_000_000),
    (b'H', 3_600_000_000_000),
];

/// Reads the value; `None` for a malformed one.
pub(super) fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > MOST_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u128 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let (_, nanos) = UNITS.iter().find(|(letter, _)| letter == unit)?;
    // Eight digits of hours are 11,000 years; more than a u64 of nanoseconds has.
    let nanos = u64::try_from(number * nanos).unwrap_or(u64::MAX);
    Some(Duration::from_nanos(nanos))
}

/// What is left until a deadline, in the shortest unit that has room for it, rounded up.
pub(super) fn left_until(deadline: Instant) -> HeaderValue {
    let nanos = deadline.saturating_duration_since(Instant::now()).as_nanos();
    let fits = |(_, unit): &&(u8, u128)| nanos.div_ceil(*unit) <= MOST;
    let (letter, unit) = UNITS.iter().find(fits).unwrap_or(&UNITS[5]);
    let text = format!("{}{}", nanos.div_ceil(*unit).min(MOST), char::from(*letter));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("0n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_up_to_eight_digits_and_a_unit() {
        for (text, expect) in [
            ("15S", Some(Duration::from_secs(15))),
            ("14999512u", Some(Duration::from_micros(14_999_512))),
            ("250m", Some(Duration::from_millis(250))),
            ("2M", Some(Duration::from_mins(2))),
            ("1H", Some(Duration::from_hours(1))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("0n", Some(Duration::ZERO)),
            ("123456789n", None),
            ("15", None),
            ("S", None),
            ("-1S", None),
            ("1s", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_is_told_in_the_shortest_unit_that_fits() {
        for (left, expect) in [
            (Duration::from_secs(15), "15000000u"),
            (Duration::from_millis(50), "50000000n"),
            (Duration::from_secs(200), "200000m"),
            (Duration::from_secs(200_000), "200000S"),
            (Duration::ZERO, "0n"),
        ] {
            assert_eq!(left_until(Instant::now() + left), expect, "{left:?}");
        }
    }
}
