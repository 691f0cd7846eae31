//! Quiet hours: when a channel's receivers must not be disturbed.

use std::fmt;

use jiff::{
    Timestamp,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::{Event, filter::Condition};

/// A period of the day in a time zone, on some days of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct Quiet {
    pub from: Time,
    /// Exclusive. On the next day if it is not later than `from`.
    pub to: Time,
    pub zone: TimeZone,
    /// The days on which it begins, Monday first.
    pub days: [bool; 7],
    /// Events that are delivered anyway.
    pub except: Option<Condition>,
}

/// Why a text is not a valid time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a valid time of day, such as \"22:00\"")]
pub struct InvalidTime;

/// The names of days in a configuration, Monday first.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Parses `22:00` or `22:00:30`.
///
/// # Errors
/// [`InvalidTime`] otherwise.
pub fn parse_time(text: &str) -> Result<Time, InvalidTime> {
    let is_plain = text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    if is_plain { text.parse().map_err(|_| InvalidTime) } else { Err(InvalidTime) }
}

impl Quiet {
    /// When the current quiet hours end; `None` outside of them.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(now).date();
        // A night that began yesterday may still last.
        [today.yesterday().ok(), Some(today)]
            .into_iter()
            .flatten()
            .filter(|day| self.begins_on(day.weekday()))
            .filter_map(|day| self.stretch(day))
            .filter(|&(from, to)| from <= now && now < to)
            .map(|(_, to)| to)
            .max()
    }

    /// Like `until`, but `None` for an event that is an exception.
    #[must_use]
    pub fn until_for(&self, event: &Event, now: Timestamp) -> Option<Timestamp> {
        self.until(now).filter(|_| !self.except.as_ref().is_some_and(|except| except.holds_for(event)))
    }

    fn begins_on(&self, day: Weekday) -> bool {
        self.days.get(usize::from(day.to_monday_zero_offset().unsigned_abs())).copied().unwrap_or_default()
    }

    /// The period that begins on `day`. A time skipped by a clock change means the time right after the change. A time
    /// that occurs twice begins at its first occurrence and ends at its second.
    fn stretch(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let end = if self.to <= self.from { day.tomorrow().ok()? } else { day };
        let from = self.zone.to_ambiguous_timestamp(day.to_datetime(self.from)).compatible().ok()?;
        let to = self.zone.to_ambiguous_timestamp(end.to_datetime(self.to)).later().ok()?;
        Some((from, to))
    }
}

/// The maximum number of periods to follow: more than the longest allowed list has in a week.
const STEPS: usize = 256;

/// When quiet hours end for an event if they last now. Of adjacent periods, the end of the last.
#[must_use]
pub fn end_of<'a>(
    quiet: impl IntoIterator<Item = &'a Quiet, IntoIter: Clone>,
    event: &Event,
    now: Timestamp,
) -> Option<Timestamp> {
    let quiet = quiet.into_iter();
    end(now, |at| quiet.clone().filter_map(|quiet| quiet.until_for(event, at)).max())
}

/// Whether quiet hours last for more than a week from `from` on, exceptions aside: nothing would ever be delivered.
#[must_use]
pub fn is_endless(quiet: &[Quiet], from: Timestamp) -> bool {
    let end = end(from, |at| quiet.iter().filter_map(|quiet| quiet.until(at)).max());
    end.is_some_and(|end| end.duration_since(from).as_hours() >= 8 * 24)
}

fn end(now: Timestamp, until: impl Fn(Timestamp) -> Option<Timestamp>) -> Option<Timestamp> {
    std::iter::successors(until(now), |at| until(*at)).take(STEPS).last()
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{} to {} ({zone})", self.from.strftime("%H:%M"), self.to.strftime("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str, zone: &str, days: &[usize]) -> Quiet {
        let on = |day| days.is_empty() || days.contains(&day);
        Quiet {
            from: parse_time(from).unwrap(),
            to: parse_time(to).unwrap(),
            zone: TimeZone::get(zone).unwrap(),
            days: std::array::from_fn(on),
            except: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(quiet: &Quiet, now: &str, want: Option<&str>) {
        assert_eq!(quiet.until(at(now)), want.map(at), "at {now}");
    }

    #[test]
    fn a_night_lasts_until_the_morning_after() {
        let night = quiet("22:00", "07:00", "Europe/Berlin", &[]);
        check(&night, "2026-11-20T20:59:59Z", None);
        check(&night, "2026-11-20T21:00:00Z", Some("2026-11-21T06:00:00Z"));
        check(&night, "2026-11-21T05:59:59Z", Some("2026-11-21T06:00:00Z"));
        check(&night, "2026-11-21T06:00:00Z", None);
    }

    #[test]
    fn a_stretch_of_one_day_and_only_on_some_days() {
        // 2026-11-21 is a Saturday.
        let weekend = quiet("00:00", "23:59:59", "UTC", &[5, 6]);
        check(&weekend, "2026-11-20T23:59:59Z", None);
        check(&weekend, "2026-11-21T12:00:00Z", Some("2026-11-21T23:59:59Z"));
        check(&weekend, "2026-11-23T00:00:00Z", None);
        // A night that begins on Friday ends on Saturday, although Saturday is not listed.
        let friday = quiet("22:00", "07:00", "UTC", &[4]);
        check(&friday, "2026-11-21T06:00:00Z", Some("2026-11-21T07:00:00Z"));
        check(&friday, "2026-11-21T23:00:00Z", None);
    }

    #[test]
    fn the_nights_in_which_the_clocks_are_set_are_shorter_and_longer_by_an_hour() {
        let night = quiet("22:00", "07:00", "Europe/Berlin", &[]);
        // 28 to 29 March 2026: the clocks go from 2 to 3. 21:00Z to 05:00Z are eight hours.
        check(&night, "2026-03-28T21:00:00Z", Some("2026-03-29T05:00:00Z"));
        check(&night, "2026-03-29T05:00:00Z", None);
        // 24 to 25 October: from 3 to 2. 20:00Z to 06:00Z are ten hours.
        check(&night, "2026-10-24T20:00:00Z", Some("2026-10-25T06:00:00Z"));
        check(&night, "2026-10-25T05:59:59Z", Some("2026-10-25T06:00:00Z"));
    }

    #[test]
    fn times_that_the_clocks_leave_out_or_repeat() {
        // 02:30 does not exist on 29 March and becomes 03:30.
        let gap = quiet("02:30", "05:00", "Europe/Berlin", &[]);
        check(&gap, "2026-03-29T01:15:00Z", None);
        check(&gap, "2026-03-29T01:30:00Z", Some("2026-03-29T03:00:00Z"));
        // 02:30 occurs twice on 25 October: quiet until the second.
        let fold = quiet("01:00", "02:30", "Europe/Berlin", &[]);
        check(&fold, "2026-10-25T00:45:00Z", Some("2026-10-25T01:30:00Z"));
        // And from the first.
        let fold = quiet("02:30", "04:00", "Europe/Berlin", &[]);
        check(&fold, "2026-10-25T00:30:00Z", Some("2026-10-25T03:00:00Z"));
    }

    #[test]
    fn a_zone_without_any_change_has_the_same_night_all_year() {
        let night = quiet("22:00", "07:00", "Asia/Kolkata", &[]);
        for day in ["2026-03-28", "2026-10-24", "2026-12-31"] {
            let until = night.until(at(&format!("{day}T16:30:00Z"))).unwrap();
            assert_eq!(until.duration_since(at(&format!("{day}T16:30:00Z"))).as_hours(), 9);
        }
    }

    #[test]
    fn stretches_that_follow_on_each_other_end_with_the_last_or_never() {
        let defaults = crate::Defaults { now: at("2026-11-20T10:00:00Z"), id: uuid::Uuid::nil() };
        let event = Event::from_simple(br#"{"type":"a"}"#, defaults).unwrap();
        let list = [quiet("22:00", "05:00", "UTC", &[]), quiet("05:00", "08:00", "UTC", &[])];
        let now = at("2026-11-20T23:00:00Z");
        assert_eq!(end_of(&list, &event, now), Some(at("2026-11-21T08:00:00Z")));
        assert_eq!(end_of(&list, &event, at("2026-11-21T08:00:00Z")), None);
        assert!(!is_endless(&list, now));
        let all_day = [quiet("00:00", "12:00", "UTC", &[]), quiet("12:00", "00:00", "UTC", &[])];
        assert!(is_endless(&all_day, now));
    }

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        assert!(parse_time("07:00").is_ok());
        for wrong in ["7", "24:00", "7 am", "07:00Z", "", "07:60"] {
            assert_eq!(parse_time(wrong), Err(InvalidTime), "{wrong}");
        }
    }
}
