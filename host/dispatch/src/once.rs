//! `once`: delivers one event per key and window of time.
//!
//! A window begins with the first event of its key. It is measured by the acceptance times of events, so it does not
//! matter when the lane processes them. The channel's state records which event is delivered, in the commit that first
//! settles that event's delivery or skips another one for it; until then it is known here. So no event is skipped for
//! one that a restart may skip in turn.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use fanfare_core::{
    Event, Offset, Once, StateWrite,
    delivery::{Origin, Wait},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::{Claim, JournalError, State, board::lock, noted::Noted};

/// The maximum number of keys in memory. Others are read from the journal again.
const MOST: usize = 50_000;

/// A lane that is behind may process the first event of a window after its end. It then waits this long for the others.
const GRACE: Duration = Duration::from_millis(500);

/// The windows that a lane has used.
#[derive(Default)]
pub(crate) struct Windows(Mutex<HashMap<String, Noted<Vec<Window>>>>);

/// The maximum number of unsettled windows per key: a lane that is behind processes several before the first is
/// settled.
const REMEMBERED: usize = 32;

/// How long the journal remembers a window after its end: a delivery that was in flight when the daemon was killed has
/// to find the window of its key when it is made again.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How many settled windows of a key are kept: deliveries arrive almost in order, except after a restart.
const SETTLED: usize = 4;

/// A window of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    start: Timestamp,
    end: Timestamp,
    /// The event to deliver.
    offset: Offset,
    id: String,
    /// Whether this choice is settled.
    #[serde(default)]
    done: bool,
}

/// The policy's verdict on a delivery.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Deliver it. The write is committed with its result.
    Deliver(Option<StateWrite>),
    /// It may be the one; `until` decides.
    Wait { until: Timestamp, write: StateWrite },
    /// Skip it, for this reason: another event is delivered. The write is committed with it.
    Skip { reason: String, write: Option<StateWrite> },
}

impl Windows {
    pub(crate) async fn judge(
        &self,
        claim: &Claim,
        once: &Once,
        now: Timestamp,
        state: &dyn State,
    ) -> Result<Verdict, JournalError> {
        // A delivery that was attempted or waited for its rate was judged before, and a redrive is wanted.
        let judged = claim.attempts > 0 || claim.deferred == Some(Wait::Rate);
        if judged || claim.origin != Origin::Live {
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
        // Another runner may have decided meanwhile.
        let before = windows.get(&key).cloned().or(recorded);
        let (decision, next) = decide(claim, windows_of(before.as_ref()), once, now);
        let noted = next.map(|next| Noted::after(before.as_ref(), next));
        let write = |noted: &Noted<Vec<Window>>| {
            let end = noted.note.iter().map(|window| window.end).max().unwrap_or(now);
            let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
            noted.write(&key, left.saturating_add(once.within).saturating_add(KEPT))
        };
        let verdict = match (decision, &noted) {
            (Decision::Deliver, noted) => Verdict::Deliver(noted.as_ref().map(write)),
            (Decision::Wait(until), Some(noted)) => Verdict::Wait { until, write: write(noted) },
            // A wait always has a write.
            (Decision::Wait(_), None) => Verdict::Deliver(None),
            (Decision::Skip(reason), _) => Verdict::Skip { reason, write: before.as_ref().map(write) },
        };
        if let Some(noted) = noted {
            make_room(&mut windows, now);
            windows.insert(key, noted);
        }
        Ok(verdict)
    }
}

fn windows_of(noted: Option<&Noted<Vec<Window>>>) -> Vec<Window> {
    noted.map(|noted| noted.note.clone()).unwrap_or_default()
}

/// Prefix of the host's own keys in a channel's state. Guests cannot name them.
pub const RESERVED: &str = "\u{0}";

#[derive(Debug, PartialEq, Eq)]
enum Decision {
    Deliver,
    Wait(Timestamp),
    Skip(String),
}

/// The verdict on a delivery, given the windows of its key; and the new windows if they change.
fn decide(claim: &Claim, mut windows: Vec<Window>, once: &Once, now: Timestamp) -> (Decision, Option<Vec<Window>>) {
    let Claim { since, offset, event, deferred, .. } = claim;
    let until = |end: Timestamp| end.max(now.saturating_add(GRACE).unwrap_or(end));
    let found = windows.iter_mut().find(|window| window.start <= *since && *since < window.end);
    let Some(window) = found else {
        let end = since.saturating_add(once.within).unwrap_or(Timestamp::MAX);
        let mut surplus = windows.iter().filter(|window| window.done).count().saturating_sub(SETTLED);
        windows.retain(|window| {
            let goes = window.done && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
        windows.push(Window { start: *since, end, offset: *offset, id: event.id.clone(), done: !once.last });
        let many = windows.len().saturating_sub(REMEMBERED);
        windows.drain(..many);
        return (if once.last { Decision::Wait(until(end)) } else { Decision::Deliver }, Some(windows));
    };
    let is_the_one = window.offset == *offset;
    match (once.last, is_the_one) {
        (false, true) => (Decision::Deliver, Some(windows)),
        // Every event of the window has had its turn, or the time for it.
        (true, true) if window.done || (window.end <= now && *deferred == Some(Wait::Once)) => {
            window.done = true;
            (Decision::Deliver, Some(windows))
        }
        (true, true) => {
            let until = until(window.end);
            (Decision::Wait(until), Some(windows))
        }
        (true, false) if *offset > window.offset && !window.done => {
            (window.offset, window.id) = (*offset, event.id.clone());
            let until = until(window.end);
            (Decision::Wait(until), Some(windows))
        }
        (_, false) => {
            let reason = skipped(event, window, once);
            (Decision::Skip(reason), None)
        }
    }
}

fn skipped(event: &Event, window: &Window, once: &Once) -> String {
    let key = once.per.of(event).unwrap_or_default();
    let within = Spelled(once.within);
    let which = if once.last { "the last" } else { "one" };
    format!(
        "only {which} event in {within} with `{}` = `{}` is delivered (`once`): the event `{}` at offset {}",
        once.per.source(),
        shortened(&key),
        window.id,
        window.offset
    )
}

/// A duration as written in a configuration.
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

/// Forgets windows that are over and then, if necessary, those that began first, which are most likely to be recorded.
fn make_room(windows: &mut HashMap<String, Noted<Vec<Window>>>, now: Timestamp) {
    if windows.len() < MOST {
        return;
    }
    let last = |noted: &Noted<Vec<Window>>| noted.note.last().map_or(now, |window| window.end);
    windows.retain(|_, noted| now < last(noted));
    if windows.len() < MOST {
        return;
    }
    let mut ends: Vec<_> = windows.values().map(last).collect();
    ends.sort_unstable();
    let middle = ends.get(ends.len() / 2).copied().unwrap_or(now);
    windows.retain(|_, noted| middle < last(noted));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fanfare_core::{ChannelId, Defaults, KeyOf};
    use uuid::Uuid;

    use super::*;
    use crate::BoxFuture;

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
            token: crate::Token::default(),
            deadline: None,
        }
    }

    fn once(last: bool) -> Once {
        Once { per: KeyOf::parse("subject").unwrap(), within: Duration::from_secs(10), last }
    }

    /// Runs claims through the policy, each at its time (in seconds), and returns the verdicts. A claim that occurs
    /// again has waited.
    fn run(last: bool, claims: &[(u64, i64, i64)]) -> Vec<&'static str> {
        let mut windows = vec![];
        let mut decided = vec![];
        for (place, &(offset, since, now)) in claims.iter().enumerate() {
            let again = claims[..place].iter().any(|(before, ..)| *before == offset);
            let claim = Claim { deferred: again.then_some(Wait::Once), ..claim(offset, since) };
            let (decision, next) = decide(&claim, windows.clone(), &once(last), at(now));
            windows = next.unwrap_or(windows);
            decided.push(match decision {
                Decision::Deliver => "deliver",
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
        // Handed out again after a fault of the host: still the chosen one.
        assert_eq!(run(false, &[(1, 0, 0), (1, 0, 5), (2, 5, 5)]), ["deliver", "deliver", "skip"]);
        assert_eq!(run(false, &[(5, 50, 50), (1, 0, 51), (6, 51, 52)]), ["deliver", "deliver", "skip"], "out of order");
    }

    #[test]
    fn the_last_of_a_window_is_delivered_at_its_end() {
        let claims = [(1, 0, 0), (2, 3, 3), (3, 9, 9), (1, 0, 10), (2, 3, 10), (3, 9, 10), (4, 12, 12)];
        assert_eq!(run(true, &claims), ["wait", "wait", "wait", "skip", "skip", "deliver", "wait"]);
        assert_eq!(run(true, &[(1, 0, 0), (1, 0, 9), (1, 0, 10)]), ["wait", "wait", "deliver"], "processed too early");
    }

    #[test]
    fn a_lane_that_is_behind_delivers_one_of_each_window_too() {
        // Both windows are over when the lane processes them: each event waits for the others, then the last of each is
        // delivered.
        let first = [(1, 0, 50), (2, 3, 50), (3, 20, 50), (4, 21, 50)];
        let again = first.map(|(offset, since, _)| (offset, since, 51));
        let want = ["wait", "wait", "wait", "wait", "skip", "deliver", "skip", "deliver"];
        assert_eq!(run(true, &[first, again].concat()), want);
        // A late event finds that another one was delivered.
        assert_eq!(run(true, &[(1, 0, 50), (1, 0, 51), (2, 3, 52)]), ["wait", "deliver", "skip"]);
    }

    #[test]
    fn a_skipped_one_says_which_is_delivered() {
        let windows = decide(&claim(1, 0), vec![], &once(false), at(0)).1.unwrap();
        let (Decision::Skip(reason), _) = decide(&claim(2, 5), windows, &once(false), at(5)) else { panic!() };
        assert_eq!(
            reason,
            "only one event in 10s with `subject` = `s` is delivered (`once`): the event `e1` at offset 1"
        );
    }

    /// A channel's state, in which writes take effect when a settlement with them is committed.
    #[derive(Default)]
    struct Committed(Mutex<HashMap<String, Vec<u8>>>);

    impl State for Committed {
        fn get<'a>(&'a self, _: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
            let value = lock(&self.0).get(key).cloned();
            Box::pin(async move { Ok(value) })
        }
    }

    impl Committed {
        fn commit(&self, write: Option<StateWrite>) {
            let Some(StateWrite::SetNewer { key, value, .. }) = write else { panic!("{write:?}") };
            lock(&self.0).insert(key, value);
        }
    }

    #[tokio::test]
    async fn what_another_was_skipped_for_is_delivered_after_a_kill_too() {
        let (state, once) = (Committed::default(), once(false));
        let killed = Windows::default();
        let judge = async |windows: &Windows, offset, second| {
            windows.judge(&claim(offset, second), &once, at(second), &state).await.unwrap()
        };
        assert!(matches!(judge(&killed, 35, 5).await, Verdict::Deliver(Some(_))), "and its attempt never ends");
        let Verdict::Skip { reason, write } = judge(&killed, 36, 12).await else { panic!("one window has both") };
        assert!(reason.ends_with("offset 35"), "{reason}");
        state.commit(write);

        // Another delivery comes first, whose window would have the one that waits.
        let next = Windows::default();
        assert!(matches!(judge(&next, 4, 0).await, Verdict::Deliver(_)));
        assert!(matches!(judge(&next, 35, 5).await, Verdict::Deliver(_)));
    }

    #[tokio::test]
    async fn a_delivery_that_waited_for_its_rate_is_not_judged_again() {
        let waited = Claim { deferred: Some(Wait::Rate), ..claim(35, 5) };
        let (windows, state) = (Windows::default(), Committed::default());
        windows.judge(&claim(4, 0), &once(false), at(6), &state).await.unwrap();
        assert_eq!(windows.judge(&waited, &once(false), at(6), &state).await.unwrap(), Verdict::Deliver(None));
    }

    #[test]
    fn the_choices_that_a_key_remembers_are_bounded() {
        let mut windows = vec![];
        for offset in 0..20 {
            windows = decide(&claim(offset, 20 * offset as i64), windows, &once(false), at(0)).1.unwrap();
        }
        let offsets: Vec<_> = windows.iter().map(|window| window.offset.0).collect();
        assert_eq!(offsets, [15, 16, 17, 18, 19], "four, and the newest");
    }

    #[test]
    fn memory_is_bounded() {
        let window = |start: i64| Window {
            start: at(start),
            end: at(start + 1_000_000),
            offset: Offset(1),
            id: String::new(),
            done: true,
        };
        let mut windows: HashMap<_, _> =
            (0..MOST).map(|n| (n.to_string(), Noted::after(None, vec![window(i64::try_from(n).unwrap())]))).collect();
        make_room(&mut windows, at(0));
        assert!(windows.len() < MOST && windows.contains_key(&(MOST - 1).to_string()));
    }
}
