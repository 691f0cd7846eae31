//! `once`: of the events of one key, one in a window of time is delivered.
//!
//! A window begins with the first event of its key and is as long as the policy says, by the times at which the events were
//! accepted: so it does not matter when the lane comes to them. Which event is delivered is kept in the channel's state, in the
//! commit that settles that event's delivery for the first time; until then it is known here.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use fanfare_core::{Event, Offset, Once, StateWrite, delivery::Origin};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::{Claim, JournalError, State, board::lock, noted::Noted};

/// Windows kept in memory. Those beyond it are read from the journal again.
const MOST: usize = 50_000;

/// The windows that a lane has looked at.
#[derive(Default)]
pub(crate) struct Windows(Mutex<HashMap<String, Noted<Window>>>);

/// The window of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    start: Timestamp,
    end: Timestamp,
    /// Which event is delivered.
    offset: Offset,
    id: String,
}

/// What the policy says of a delivery.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the one. To be written with whatever becomes of it.
    Deliver(Option<StateWrite>),
    /// It may be the one; that is known then.
    Wait { until: Timestamp, write: StateWrite },
    /// Another one is, for this reason.
    Skip(String),
}

impl Windows {
    pub(crate) async fn judge(
        &self,
        claim: &Claim,
        once: &Once,
        now: Timestamp,
        state: &dyn State,
    ) -> Result<Verdict, JournalError> {
        // What was attempted has been judged, and what is asked for by hand is wanted.
        if claim.attempts > 0 || claim.origin != Origin::Live {
            return Ok(Verdict::Deliver(None));
        }
        let Some(key) = once.per.of(&claim.event) else { return Ok(Verdict::Deliver(None)) };
        let key = format!("{RESERVED}once/{:032x}", xxh3_128(key.as_bytes()));
        let known = lock(&self.0).get(&key).cloned();
        let recorded = match known {
            Some(_) => None,
            None => state.get(claim.channel, &key).await?.and_then(|value| Noted::read(&value)),
        };
        let mut windows = lock(&self.0);
        // Another runner may have been here meanwhile.
        let window = windows.get(&key).cloned().or(recorded);
        let (verdict, next) = decide(claim, window.as_ref().map(|window| &window.note), once, now);
        let window = next.map(|next| Noted::after(window.as_ref(), next));
        let write = |window: &Noted<Window>| window.write(&key, once.within);
        let verdict = match verdict {
            Decision::Deliver => Verdict::Deliver(window.as_ref().map(write)),
            Decision::DeliverBeside => Verdict::Deliver(None),
            Decision::Wait(until) => match &window {
                Some(window) => Verdict::Wait { until, write: write(window) },
                None => Verdict::Deliver(None),
            },
            Decision::Skip(reason) => Verdict::Skip(reason),
        };
        if let Some(window) = window {
            make_room(&mut windows, now);
            windows.insert(key, window);
        }
        Ok(verdict)
    }
}

/// Keys of a channel's state that begin with this are the host's own. No guest can name them.
pub const RESERVED: &str = "\u{0}";

#[derive(Debug, PartialEq, Eq)]
enum Decision {
    Deliver,
    /// It is of another time than the window that is known.
    DeliverBeside,
    Wait(Timestamp),
    Skip(String),
}

/// What becomes of a delivery, given the window of its key; and the window from now on, where that is another one.
fn decide(claim: &Claim, window: Option<&Window>, once: &Once, now: Timestamp) -> (Decision, Option<Window>) {
    let Claim { since, offset, event, .. } = claim;
    let mine = |start: Timestamp, end: Timestamp| Window { start, end, offset: *offset, id: event.id.clone() };
    let fresh = || {
        let end = since.saturating_add(once.within).unwrap_or(Timestamp::MAX);
        let window = mine(*since, end);
        if once.last { (Decision::Wait(end), Some(window)) } else { (Decision::Deliver, Some(window)) }
    };
    let Some(window) = window else { return fresh() };
    if *since < window.start {
        return (Decision::DeliverBeside, None);
    }
    // It is in the window, or waited for its end in it.
    let is_the_one = window.offset == *offset;
    if !is_the_one && *since >= window.end {
        return fresh();
    }
    match (once.last, is_the_one) {
        (false, true) => (Decision::Deliver, Some(window.clone())),
        (true, true) if window.end <= now => (Decision::Deliver, None),
        (true, true) => (Decision::Wait(window.end), Some(window.clone())),
        (true, false) if *offset > window.offset => {
            let end = window.end;
            (Decision::Wait(end), Some(mine(window.start, end)))
        }
        (_, false) => (Decision::Skip(skipped(event, window, once)), None),
    }
}

fn skipped(event: &Event, window: &Window, once: &Once) -> String {
    let key = once.per.of(event).unwrap_or_default();
    let within = Spelled(once.within);
    let which = if once.last { "the last one" } else { "one" };
    format!(
        "of the events whose `{}` is `{}`, {which} in {within} is delivered (`once`), which is the event `{}` at offset {}",
        once.per.source(),
        shortened(&key),
        window.id,
        window.offset
    )
}

/// A duration as a configuration has it.
struct Spelled(Duration);

impl std::fmt::Display for Spelled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = self.0.as_millis();
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        match units.iter().find(|(unit, _)| millis >= *unit && millis.is_multiple_of(*unit)) {
            Some((unit, name)) => write!(f, "{}{name}", millis / unit),
            None => write!(f, "{millis}ms"),
        }
    }
}

fn shortened(key: &str) -> String {
    const LONGEST: usize = 64;
    if key.chars().count() <= LONGEST {
        return key.to_owned();
    }
    key.chars().take(LONGEST).chain(['…']).collect()
}

/// Forgets windows that are over and then, if need be, those that began first: they are the most likely to be recorded.
fn make_room(windows: &mut HashMap<String, Noted<Window>>, now: Timestamp) {
    if windows.len() < MOST {
        return;
    }
    windows.retain(|_, window| now < window.note.end);
    if windows.len() < MOST {
        return;
    }
    let mut starts: Vec<_> = windows.values().map(|window| window.note.start).collect();
    starts.sort_unstable();
    let middle = starts.get(starts.len() / 2).copied().unwrap_or(now);
    windows.retain(|_, window| middle < window.note.start);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fanfare_core::{ChannelId, Defaults, KeyOf};
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn claim(offset: u64, second: i64) -> Claim {
        let defaults = Defaults { now: at(second), id: Uuid::from_u128(offset.into()) };
        let text = format!(r#"{{"type":"a","id":"e{offset}","subject":"s"}}"#);
        Claim {
            channel: ChannelId(1),
            offset: Offset(offset),
            key: Uuid::nil(),
            event: Arc::new(Event::from_simple(text.as_bytes(), defaults).unwrap()),
            since: at(second),
            attempts: 0,
            origin: Origin::Live,
            due: at(second),
            deferred: None,
        }
    }

    fn once(last: bool) -> Once {
        Once { per: KeyOf::parse("subject").unwrap(), within: Duration::from_secs(10), last }
    }

    /// Runs claims through the policy, each at its time; returns what was decided.
    fn run(last: bool, claims: &[(u64, i64, i64)]) -> Vec<&'static str> {
        let mut window = None;
        let mut decided = vec![];
        for &(offset, since, now) in claims {
            let (decision, next) = decide(&claim(offset, since), window.as_ref(), &once(last), at(now));
            window = next.or(window);
            decided.push(match decision {
                Decision::Deliver => "deliver",
                Decision::DeliverBeside => "beside",
                Decision::Wait(_) => "wait",
                Decision::Skip(_) => "skip",
            });
        }
        decided
    }

    #[test]
    fn the_first_of_a_window_is_delivered_however_late_the_lane_comes_to_them() {
        assert_eq!(
            run(false, &[(1, 0, 0), (2, 9, 9), (3, 10, 10), (4, 15, 15)]),
            ["deliver", "skip", "deliver", "skip"]
        );
        assert_eq!(run(false, &[(1, 0, 99), (2, 9, 99), (3, 10, 99)]), ["deliver", "skip", "deliver"]);
        // Handed out once more after a fault of the host's: it is the one.
        assert_eq!(run(false, &[(1, 0, 0), (1, 0, 5), (2, 5, 5)]), ["deliver", "deliver", "skip"]);
        assert_eq!(run(false, &[(5, 50, 50), (1, 0, 51)]), ["deliver", "beside"], "of before the window");
    }

    #[test]
    fn the_last_of_a_window_is_delivered_at_its_end() {
        let claims = [(1, 0, 0), (2, 3, 3), (3, 9, 9), (1, 0, 10), (2, 3, 10), (3, 9, 10), (4, 12, 12)];
        assert_eq!(run(true, &claims), ["wait", "wait", "wait", "skip", "skip", "deliver", "wait"]);
        assert_eq!(run(true, &[(1, 0, 0), (1, 0, 9), (1, 0, 10)]), ["wait", "wait", "deliver"], "looked at too early");
    }

    #[test]
    fn a_skipped_one_says_which_is_delivered() {
        let window = decide(&claim(1, 0), None, &once(false), at(0)).1;
        let (Decision::Skip(reason), _) = decide(&claim(2, 5), window.as_ref(), &once(false), at(5)) else { panic!() };
        assert_eq!(
            reason,
            "of the events whose `subject` is `s`, one in 10s is delivered (`once`), which is the event `e1` at offset 1"
        );
    }

    #[test]
    fn memory_is_bounded() {
        let window =
            |start: i64| Window { start: at(start), end: at(start + 1_000_000), offset: Offset(1), id: String::new() };
        let mut windows: HashMap<_, _> =
            (0..MOST).map(|n| (n.to_string(), Noted::after(None, window(i64::try_from(n).unwrap())))).collect();
        make_room(&mut windows, at(0));
        assert!(windows.len() < MOST && windows.contains_key(&(MOST - 1).to_string()));
    }
}
