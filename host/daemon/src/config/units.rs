//! Durations and sizes as operators write them. Bare numbers are rejected: nobody remembers their unit.

use std::time::Duration;

use jiff::{SpanRelativeTo, fmt::friendly::SpanParser};

/// The syntax of durations, for messages.
pub const DURATION_HELP: &str = "write a number and its unit, such as \"200ms\", \"30s\", \"5m\", \"24h\" or \"7d\"";

/// The syntax of sizes, for messages.
pub const SIZE_HELP: &str = "write a whole number and its unit, such as \"100B\", \"512KiB\", \"64MiB\" or \"1MB\"";

static DURATIONS: SpanParser = SpanParser::new();

/// Reads `"30s"`, `"200ms"`, `"1h 30m"`, `"7d"`. A day has 24 hours and a week seven days. Months and years are
/// rejected, because their length depends on the calendar.
///
/// # Errors
/// What is wrong with the text, to be shown together with [`DURATION_HELP`].
pub fn duration(text: &str) -> Result<Duration, String> {
    let no_duration = || format!("{text:?} is not a duration");
    let span = DURATIONS.parse_span(text).map_err(|_| no_duration())?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| no_duration())?;
    Duration::try_from(signed).map_err(|_| format!("{text:?} is negative"))
}

/// Reads a number of bytes: `"100B"`, `"1kB"` and `"1MB"` are powers of 1000, `"512KiB"` and `"64MiB"` powers of 1024.
///
/// # Errors
/// What is wrong with the text, to be shown together with [`SIZE_HELP`].
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let scale: u64 = match unit.trim_start() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(format!("{text:?} is not a size")),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is not a size"))?;
    number.checked_mul(scale).ok_or_else(|| format!("{text:?} is too large"))
}

/// A duration as an operator would write it: in the largest unit without a fraction, and a single day as `24h`.
pub(crate) fn show_duration(duration: Duration) -> String {
    const DAY: u128 = 86_400_000;
    match duration.as_millis() {
        ms if ms > DAY && ms.is_multiple_of(DAY) => format!("{}d", ms / DAY),
        ms if ms > 0 && ms.is_multiple_of(3_600_000) => format!("{}h", ms / 3_600_000),
        ms if ms > 0 && ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        ms if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        ms => format!("{ms}ms"),
    }
}

/// A size for messages, in the largest unit without a fraction.
pub(crate) fn show_size(bytes: u64) -> String {
    [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        .into_iter()
        .find(|(shift, _)| bytes > 0 && bytes.trailing_zeros() >= *shift)
        .map_or_else(|| format!("{bytes}B"), |(shift, unit)| format!("{}{unit}", bytes >> shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        let cases = [
            ("200ms", 200),
            ("30s", 30_000),
            ("1.5s", 1_500),
            ("5m", 300_000),
            ("1h 30m", 5_400_000),
            ("24h", 86_400_000),
            ("7d", 7 * 86_400_000),
            ("0s", 0),
        ];
        for (text, millis) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", " ", "30", "s", "-5s", "5s ago", "1 month", "1y", "soon", "99999999999999999999s", "1.5"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_is_a_whole_number_with_a_unit() {
        let cases =
            [("100B", 100), ("1kB", 1_000), ("1MB", 1_000_000), ("512KiB", 512 << 10), ("64 MiB", 64 << 20), ("0B", 0)];
        for (text, bytes) in cases {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "64", "MiB", "-1MiB", "1.5MiB", "64mib", "64M", "99999999999GiB", "1 2MiB", "MiB1", "１MiB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn messages_use_the_largest_unit_without_a_fraction() {
        for text in ["0s", "1ms", "1500ms", "90s", "5m", "24h", "36h", "7d"] {
            assert_eq!(show_duration(duration(text).unwrap()), text);
        }
        for text in ["0B", "100B", "1KiB", "1025B", "64MiB", "2GiB"] {
            assert_eq!(show_size(size(text).unwrap()), text);
        }
    }
}
