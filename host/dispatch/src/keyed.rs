//! `rate.per`: a rate of attempts per key.
//!
//! A delivery that is too early gets the next free slot of its key and is deferred until then, so that each delivery
//! waits once, until its own slot. The used part of a key's rate is stored in the channel's state, in the commit that
//! settles the delivery that used it. Memory is a bounded cache of that state, and a restart does not grant a burst.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use fanfare_core::{
    StateWrite,
    delivery::Wait,
    rate::{KeyedRate, Meter, Rate},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::{Claim, JournalError, RESERVED, State, board::lock, noted::Noted};

/// The maximum number of keys in memory. Others are read from the journal again.
const MOST: usize = 50_000;

/// A slot is void if the lane reaches it this much late, and more than half an interval late: a channel that was on
/// hold must not catch up on all its attempts at once.
const LATE: Duration = Duration::from_millis(250);

/// The meters that a lane has used.
#[derive(Default)]
pub(crate) struct Meters(Mutex<HashMap<u128, Noted<Used>>>);

/// The used part of a key's rate. Times are microseconds of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Used {
    until: u64,
    /// When it was recorded. Shows whether the clock has been set back since.
    at: u64,
    /// The rate that it was used under: count, seconds, burst.
    rate: (u32, u64, u32),
}

/// When a delivery may be attempted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Now. The write is committed with the result of the attempt.
    Now(Option<StateWrite>),
    /// At this time. The write is committed with the deferral.
    At(Timestamp, StateWrite),
    /// Not before it expires.
    Never,
}

impl Meters {
    /// `end` is when the delivery expires.
    pub(crate) async fn book(
        &self,
        claim: &Claim,
        keyed: &KeyedRate,
        (now, end): (Timestamp, Timestamp),
        state: &dyn State,
    ) -> Result<Slot, JournalError> {
        let late = LATE.max(keyed.rate.interval() / 2);
        if claim.deferred == Some(Wait::Rate) && now < claim.due.saturating_add(late).unwrap_or(Timestamp::MAX) {
            return Ok(Slot::Now(None)); // it returned for its slot
        }
        let Some(key) = keyed.per.of(&claim.event) else { return Ok(Slot::Now(None)) };
        let hash = xxh3_128(key.as_bytes());
        let key = format!("{RESERVED}rate/{hash:032x}");
        let known = lock(&self.0).get(&hash).copied();
        let recorded = match known {
            Some(_) => None,
            None => state.get(claim.channel, &key).await?.and_then(|value| Noted::read(&value)),
        };
        let mut meters = lock(&self.0);
        // Another runner may have booked meanwhile.
        let before = meters.get(&hash).copied().or(recorded);
        let (wait, used) = book(before.map(|before| before.note), &keyed.rate, now);
        let noted = Noted::after(before.as_ref(), used);
        let slot = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        if slot >= end {
            return Ok(Slot::Never); // so it uses no slot
        }
        make_room(&mut meters, now);
        meters.insert(hash, noted);
        drop(meters);
        let ttl = Duration::from_micros(used.until.saturating_sub(used.at)).max(Duration::from_secs(1));
        let write = noted.write(&key, ttl);
        Ok(if wait.is_zero() { Slot::Now(Some(write)) } else { Slot::At(slot, write) })
    }
}

/// The wait until the next free slot, and the used part of the rate including that slot.
fn book(used: Option<Used>, rate: &Rate, now: Timestamp) -> (Duration, Used) {
    let now = Duration::from_micros(u64::try_from(now.as_microsecond()).unwrap_or_default());
    let spelled = (rate.count, rate.period.as_secs(), rate.burst);
    let mut meter = match used {
        // No record: nothing was used for a long time.
        None => Meter::used_until(Duration::ZERO),
        // Used under another rate: start over with this one.
        Some(used) if used.rate != spelled => Meter::new(now, rate),
        Some(Used { until, at, .. }) => {
            let (until, at) = (Duration::from_micros(until), Duration::from_micros(at));
            // If the clock was set back, the remaining wait stays the same.
            Meter::used_until(if now < at { now + until.saturating_sub(at) } else { until })
        }
    };
    let wait = meter.book(now, rate);
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    (wait, Used { until: micros(meter.until()), at: micros(now), rate: spelled })
}

/// Forgets keys whose rate is no longer used up and then, if necessary, those that free up first. All but the most
/// recent are recorded.
fn make_room(meters: &mut HashMap<u128, Noted<Used>>, now: Timestamp) {
    if meters.len() < MOST {
        return;
    }
    let now = u64::try_from(now.as_microsecond()).unwrap_or_default();
    meters.retain(|_, used| now < used.note.until);
    if meters.len() < MOST {
        return;
    }
    let mut ends: Vec<_> = meters.values().map(|used| used.note.until).collect();
    ends.sort_unstable();
    let middle = ends.get(ends.len() / 2).copied().unwrap_or(now);
    meters.retain(|_, used| middle < used.note.until);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + i64::try_from(millis).unwrap()).unwrap()
    }

    fn rate(text: &str, burst: u32) -> Rate {
        Rate { burst, ..Rate::parse(text).unwrap() }
    }

    #[test]
    fn each_gets_a_slot_of_its_own_and_a_key_that_was_idle_its_burst() {
        let rate = rate("10/s", 3);
        let mut used = None;
        let mut slot = |now| {
            let (wait, next) = book(used, &rate, at(now));
            used = Some(next);
            now + u64::try_from(wait.as_millis()).unwrap()
        };
        assert_eq!([slot(0), slot(0), slot(0), slot(0), slot(0), slot(10)], [0, 0, 0, 100, 200, 300]);
        assert_eq!([slot(350), slot(5_000), slot(5_000), slot(5_000), slot(5_000)], [400, 5_000, 5_000, 5_000, 5_100]);
    }

    #[test]
    fn another_rate_begins_without_a_burst_and_a_clock_that_is_set_back_makes_nobody_wait_longer() {
        // A rate has a tolerance of a few milliseconds.
        let waits = |used, text: &str, burst, now| {
            let (wait, used) = book(used, &rate(text, burst), at(now));
            (wait.as_secs_f64().round(), used)
        };
        let (wait, used) = waits(None, "1/h", 1, 0);
        assert_eq!(wait, 0.0);
        let (wait, used) = waits(Some(used), "1/h", 1, 0);
        assert_eq!(wait, 3_600.0);
        let (wait, other) = waits(Some(used), "6/min", 5, 1);
        assert_eq!(wait, 0.0);
        assert_eq!(waits(Some(other), "6/min", 5, 1).0, 10.0);
        let minute = 60_000_000;
        let ahead = Used { at: used.at + minute, until: used.until + minute, ..used };
        assert_eq!(waits(Some(ahead), "1/h", 1, 0).0, 7_200.0);
    }

    #[test]
    fn memory_is_bounded_whatever_the_keys_are() {
        let used = |until| Used { until, at: 0, rate: (1, 1, 1) };
        let now = at(0).as_microsecond().unsigned_abs();
        let mut meters: HashMap<_, _> =
            (1..=MOST as u128).map(|n| (n, Noted::after(None, used(now + u64::try_from(n).unwrap())))).collect();
        make_room(&mut meters, at(0));
        assert!(meters.len() <= MOST / 2 && meters.contains_key(&(MOST as u128)), "{}", meters.len());
    }

    proptest! {
        /// Whatever the arrivals, slots of a key are no closer than the rate and its burst allow, and in booking order.
        #[test]
        fn slots_keep_to_the_rate(
            count in 1_u32..50, burst in 1_u32..10, steps in prop::collection::vec(0_u64..300, 1..200),
        ) {
            let rate = Rate { burst, ..Rate::parse(&format!("{count}/s")).unwrap() };
            let (mut now, mut used, mut slots) = (0, None, Vec::<Duration>::new());
            for step in steps {
                now += step;
                let (wait, next) = book(used, &rate, at(now));
                used = Some(next);
                slots.push(Duration::from_millis(now) + wait);
            }
            prop_assert!(slots.is_sorted());
            let slack = (rate.interval() * (burst - 1)).max(Duration::from_millis(5));
            for (first, from) in slots.iter().enumerate() {
                for (last, to) in slots.iter().enumerate().skip(first) {
                    let span = *to - *from + slack + Duration::from_millis(1);
                    let most = span.as_nanos() / rate.interval().as_nanos() + 1;
                    prop_assert!((last - first + 1) as u128 <= most, "{} in {:?}", last - first + 1, *to - *from);
                }
            }
        }
    }
}
