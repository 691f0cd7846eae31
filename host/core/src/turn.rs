//! What a delivery does when its turn comes: an attempt; a wait that a policy, its event or its recipient asks for; or
//! nothing, because the recipient does not want it.
//!
//! This module decides only what follows from its arguments, so that `why does it wait` has one answer. The lane
//! handles rates, pauses and the breaker. `once` needs to know what was delivered before and is decided elsewhere.

use jiff::Timestamp;

use crate::{
    Event, Policy, Unwanted, Wishes,
    delivery::{Origin, Wait},
    quiet,
};

/// A delivery whose turn has come.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub event: &'a Event,
    /// When it was accepted, or the later time at which it is due.
    pub since: Timestamp,
    /// Attempts spent.
    pub spent: u32,
    pub origin: Origin,
    /// What it has waited for so far.
    pub deferred: Option<Wait>,
    /// The recipient's preferences for the channel; `None` if they want everything or are not on record.
    pub wishes: Option<&'a Wishes>,
}

impl<'a> Candidate<'a> {
    /// A delivery that begins now.
    #[must_use]
    pub fn begun(event: &'a Event, now: Timestamp, wishes: Option<&'a Wishes>) -> Self {
        Self { event, since: now, spent: 0, origin: Origin::Live, deferred: None, wishes }
    }
}

/// What to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn<'a> {
    Attempt,
    Wait { until: Timestamp, wait: Wait },
    Skip(Unwanted<'a>),
}

/// Decides the turn.
#[must_use]
pub fn turn<'a>(candidate: &Candidate<'a>, policy: &Policy, now: Timestamp) -> Turn<'a> {
    let Candidate { event, since, spent, origin, deferred, wishes } = *candidate;
    if origin == Origin::Live && spent == 0 {
        // `since` already is that time, but only the event says whether it names one: after a clock was set back, every
        // event seems to lie in the future.
        if let Some(at) = event.deliver_at().filter(|&at| now < at) {
            return Turn::Wait { until: at, wait: Wait::At };
        }
        if !policy.delay.is_zero() && deferred != Some(Wait::Delay) {
            let delayed = since.saturating_add(policy.delay).unwrap_or(Timestamp::MAX);
            if now < delayed {
                return Turn::Wait { until: delayed, wait: Wait::Delay };
            }
        }
    }
    // A redrive by hand asks for an attempt now.
    if origin == Origin::Manual {
        return Turn::Attempt;
    }
    let wishes = wishes.filter(|wishes| !wishes.except(event));
    if let Some(unwanted) = wishes.and_then(|wishes| wishes.against(event)) {
        return Turn::Skip(unwanted);
    }
    let own = wishes.map(|wishes| &wishes.quiet).into_iter().flatten();
    match quiet::end_of(policy.quiet.iter().chain(own), event, now) {
        Some(until) => Turn::Wait { until, wait: Wait::Quiet },
        None => Turn::Attempt,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::{Attribute, Defaults, Off, Preference, filter::Condition, quiet::Quiet};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn event() -> Event {
        let defaults = Defaults { now: at("2026-11-20T10:00:00Z"), id: uuid::Uuid::nil() };
        Event::from_simple(br#"{"type":"a","severity":"info"}"#, defaults).unwrap()
    }

    fn candidate<'a>(event: &'a Event, since: &str) -> Candidate<'a> {
        Candidate { event, since: at(since), spent: 0, origin: Origin::Live, deferred: None, wishes: None }
    }

    fn quiet(from: &str, to: &str) -> Quiet {
        let time = |text| crate::quiet::parse_time(text).unwrap();
        Quiet { from: time(from), to: time(to), zone: TimeZone::UTC, days: [true; 7], except: None }
    }

    fn critical() -> Condition {
        Condition::compile("event.severity == 'critical'").unwrap()
    }

    #[test]
    fn an_event_waits_for_the_time_that_it_names() {
        let mut event = event();
        event.extensions.push(("deliverat".into(), Attribute::String("2026-11-20T12:00:00Z".into())));
        let candidate = candidate(&event, "2026-11-20T12:00:00Z");
        let until = at("2026-11-20T12:00:00Z");
        let policy = Policy::default();
        assert_eq!(turn(&candidate, &policy, at("2026-11-20T11:59:59Z")), Turn::Wait { until, wait: Wait::At });
        assert_eq!(turn(&candidate, &policy, until), Turn::Attempt);
        let again = Candidate { origin: Origin::Replay, ..candidate };
        assert_eq!(turn(&again, &policy, at("2026-11-20T11:00:00Z")), Turn::Attempt, "a replay starts now");
    }

    #[test]
    fn a_delay_is_waited_for_once_and_not_before_retries() {
        let event = event();
        let candidate = candidate(&event, "2026-11-20T10:00:00Z");
        let policy = Policy { delay: Duration::from_secs(60), ..Policy::default() };
        let now = at("2026-11-20T10:00:30Z");
        let until = at("2026-11-20T10:01:00Z");
        assert_eq!(turn(&candidate, &policy, now), Turn::Wait { until, wait: Wait::Delay });
        // The clock was set back meanwhile, which shortened the wait.
        let waited = Candidate { deferred: Some(Wait::Delay), ..candidate };
        assert_eq!(turn(&waited, &policy, now), Turn::Attempt);
        assert_eq!(turn(&Candidate { spent: 1, ..candidate }, &policy, now), Turn::Attempt);
        assert_eq!(turn(&candidate, &policy, until), Turn::Attempt);
    }

    #[test]
    fn quiet_hours_defer_retries_too_but_for_exceptions_and_what_is_asked_for_by_hand() {
        let quiet = Quiet { except: Some(critical()), ..quiet("22:00", "07:00") };
        let policy = Policy { quiet: vec![quiet], ..Policy::default() };
        let mut event = event();
        let (now, until) = (at("2026-11-20T23:00:00Z"), at("2026-11-21T07:00:00Z"));
        let waits = Turn::Wait { until, wait: Wait::Quiet };
        let plain = candidate(&event, "2026-11-20T10:00:00Z");
        assert_eq!(turn(&plain, &policy, now), waits);
        assert_eq!(turn(&Candidate { spent: 3, ..plain }, &policy, now), waits);
        assert_eq!(turn(&Candidate { origin: Origin::Replay, ..plain }, &policy, now), waits);
        assert_eq!(turn(&Candidate { origin: Origin::Manual, ..plain }, &policy, now), Turn::Attempt);
        event.extensions = vec![("severity".into(), Attribute::String("critical".into()))];
        assert_eq!(turn(&candidate(&event, "2026-11-20T10:00:00Z"), &policy, now), Turn::Attempt);
    }

    #[test]
    fn what_a_recipient_does_not_want_is_skipped_and_their_quiet_hours_go_on_from_the_channels() {
        let mut event = event();
        event.subject = Some("u1".to_owned());
        let (now, policy) =
            (at("2026-11-20T23:00:00Z"), Policy { quiet: vec![quiet("22:00", "02:00")], ..Policy::default() });
        let preference = Preference { off: Some(Off::Types(vec!["a".to_owned()])), on: vec![] };
        let unwanted = Wishes { preference, except: Some(critical()), ..Wishes::default() };
        let plain = candidate(&event, "2026-11-20T10:00:00Z");
        let with = |wishes| Candidate { wishes: Some(wishes), ..plain };
        let off = Unwanted { subject: "u1", pattern: Some("a") };
        assert_eq!(turn(&with(&unwanted), &policy, now), Turn::Skip(off), "skipped before any wait");
        assert_eq!(turn(&Candidate { spent: 2, ..with(&unwanted) }, &policy, now), Turn::Skip(off));
        assert_eq!(turn(&Candidate { origin: Origin::Manual, ..with(&unwanted) }, &policy, now), Turn::Attempt);
        let sleeps = Wishes { quiet: vec![quiet("01:00", "07:00")], except: Some(critical()), ..Wishes::default() };
        let wait = |until| Turn::Wait { until: at(until), wait: Wait::Quiet };
        assert_eq!(turn(&with(&sleeps), &policy, now), wait("2026-11-21T07:00:00Z"));
        assert_eq!(turn(&plain, &policy, now), wait("2026-11-21T02:00:00Z"));
        let later = at("2026-11-21T03:00:00Z");
        assert_eq!(turn(&with(&sleeps), &policy, later), wait("2026-11-21T07:00:00Z"));
        let mut event = event.clone();
        event.extensions = vec![("severity".into(), Attribute::String("critical".into()))];
        let critical = Candidate { wishes: Some(&sleeps), ..candidate(&event, "2026-11-20T10:00:00Z") };
        assert_eq!(turn(&critical, &policy, later), Turn::Attempt, "exempt for all recipients");
        assert_eq!(turn(&critical, &policy, now), wait("2026-11-21T02:00:00Z"), "not exempt from the channel's own");
    }
}
