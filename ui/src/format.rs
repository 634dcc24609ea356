//! Numbers as people read them.

use std::time::Duration;

/// `420 µs`, `11 ms`, `1.4 s`, `3 min 20 s`; at most 8 columns below an hour.
pub(crate) fn duration(duration: Duration, ascii: bool) -> String {
    let micros = duration.as_micros();
    match micros {
        0..1_000 => format!("{micros} {}", if ascii { "us" } else { "µs" }),
        1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
        _ => age(duration),
    }
}

/// `+0.4 ms`, `+204 ms`, `+1.204 s`: how long after the beginning something was.
pub(crate) fn offset(after: Duration, ascii: bool) -> String {
    let micros = after.as_micros();
    match micros {
        0..1_000_000 => format!("+{}", duration(after, ascii)),
        _ => format!("+{}.{:03} s", micros / 1_000_000, micros % 1_000_000 / 1_000),
    }
}

/// `41 s`, `12 min`, `3 h 07`: how long something has been so, in the coarsest unit that still tells.
pub(crate) fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        _ => format!("{} h {:02}", seconds / 3_600, seconds / 60 % 60),
    }
}

/// `33 B`, `1.2 KiB`, `14 MiB`; at most 8 columns.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (u128::from(bytes) * 10 / 1_024, 0);
    while tenths >= 10_240 {
        tenths /= 1_024;
        unit += 1;
    }
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

/// `4,102`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 app`, `4 apps`.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {noun}{end}", count(number as u64))
}

/// `0%`, `<1%`, `1.2%`, `25%` of a whole; `None` where there is no whole.
pub(crate) fn percent(part: u64, whole: u64) -> Option<String> {
    let permille = u128::from(part) * 1_000 / u128::from((whole > 0).then_some(whole)?);
    Some(match permille {
        0 if part > 0 => "<0.1%".to_owned(),
        0 => "0%".to_owned(),
        1..100 => format!("{}.{}%", permille / 10, permille % 10),
        _ => format!("{}%", permille / 10),
    })
}

/// Calls a second, from calls within some seconds: `0`, `0.4`, `19`.
pub(crate) fn rate(calls: u64, seconds: u64) -> String {
    let tenths = calls * 10 / seconds.max(1);
    if tenths == 0 || tenths >= 100 { count(tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// The time of day of microseconds since 1970 UTC, seen from `offset` seconds east of it: `12:04:31.118`.
pub(crate) fn clock(unix_micros: u64, offset: i32) -> String {
    let seconds = (unix_micros / 1_000_000).saturating_add_signed(i64::from(offset)) % 86_400;
    let millis = unix_micros / 1_000 % 1_000;
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let durations =
            [(420, "420 µs"), (1_250, "1.2 ms"), (11_900, "11 ms"), (1_440_000, "1.4 s"), (61_000_000, "1 min")];
        for (micros, text) in durations {
            assert_eq!(duration(Duration::from_micros(micros), false), text);
        }
        for (number, text) in
            [(33, "33 B"), (1_229, "1.2 KiB"), (14 << 20, "14 MiB"), (1_048_575, "1023 KiB"), (u64::MAX, "15 EiB")]
        {
            assert_eq!(bytes(number), text);
        }
        for (number, text) in [(0, "0"), (999, "999"), (4_102, "4,102"), (1_000_000, "1,000,000")] {
            assert_eq!(count(number), text);
        }
        for (part, whole, text) in [(0, 5, "0%"), (1, 4, "25%"), (12, 1_000, "1.2%"), (1, 100_000, "<0.1%")] {
            assert_eq!(percent(part, whole).unwrap(), text);
        }
        assert_eq!(percent(0, 0), None);
        for (calls, text) in [(0, "0"), (2, "0.4"), (95, "19")] {
            assert_eq!(rate(calls, 5), text);
        }
    }

    #[test]
    fn the_time_of_day_follows_the_offset_over_midnight() {
        assert_eq!(clock(118_000, 0), "00:00:00.118");
        assert_eq!(clock(86_399_000_000, 7_200), "01:59:59.000");
        assert_eq!(clock(u64::MAX, -1), clock(u64::MAX, -1));
    }
}
