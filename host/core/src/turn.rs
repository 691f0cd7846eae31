//! What a delivery does when it is its turn: an attempt, or a wait that a policy or its event asks for.
//!
//! Only what can be told without asking anybody is decided here, so that `why does it wait` has one answer. Rates,
//! holds and the breaker are the lane's; which event of a window is delivered (`once`) needs what was delivered before.

use jiff::Timestamp;

use crate::{
    Event, Policy,
    delivery::{Origin, Wait},
    quiet,
};

/// A delivery whose turn it is.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub event: &'a Event,
    /// When it was accepted, or the later time at which it is to be delivered.
    pub since: Timestamp,
    /// Attempts spent.
    pub spent: u32,
    pub origin: Origin,
    /// What it has waited for until now.
    pub deferred: Option<Wait>,
}

/// What to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Attempt,
    Wait { until: Timestamp, wait: Wait },
}

/// Decides it.
#[must_use]
pub fn turn(candidate: &Candidate<'_>, policy: &Policy, now: Timestamp) -> Turn {
    let Candidate { event, since, spent, origin, deferred } = *candidate;
    if origin == Origin::Live && spent == 0 {
        // `since` is that time already, but only the event says whether it names one: a clock that was set back makes every
        // event one of the future.
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
    // Who takes a dead letter out by hand wants it now.
    if origin != Origin::Manual
        && let Some(end) = quiet::end_of(&policy.quiet, event, now)
    {
        return Turn::Wait { until: end, wait: Wait::Quiet };
    }
    Turn::Attempt
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::{Attribute, Defaults, filter::Condition, quiet::Quiet};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn event() -> Event {
        let defaults = Defaults { now: at("2026-11-20T10:00:00Z"), id: uuid::Uuid::nil() };
        Event::from_simple(br#"{"type":"a","severity":"info"}"#, defaults).unwrap()
    }

    fn candidate<'a>(event: &'a Event, since: &str) -> Candidate<'a> {
        Candidate { event, since: at(since), spent: 0, origin: Origin::Live, deferred: None }
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
        assert_eq!(turn(&again, &policy, at("2026-11-20T11:00:00Z")), Turn::Attempt, "a replay was asked for now");
    }

    #[test]
    fn a_delay_is_waited_for_once_and_not_before_retries() {
        let event = event();
        let candidate = candidate(&event, "2026-11-20T10:00:00Z");
        let policy = Policy { delay: Duration::from_secs(60), ..Policy::default() };
        let now = at("2026-11-20T10:00:30Z");
        let until = at("2026-11-20T10:01:00Z");
        assert_eq!(turn(&candidate, &policy, now), Turn::Wait { until, wait: Wait::Delay });
        // The clock was set back meanwhile, and the wait was shortened with it.
        let waited = Candidate { deferred: Some(Wait::Delay), ..candidate };
        assert_eq!(turn(&waited, &policy, now), Turn::Attempt);
        assert_eq!(turn(&Candidate { spent: 1, ..candidate }, &policy, now), Turn::Attempt);
        assert_eq!(turn(&candidate, &policy, until), Turn::Attempt);
    }

    #[test]
    fn quiet_hours_defer_retries_too_but_for_exceptions_and_what_is_asked_for_by_hand() {
        let quiet = Quiet {
            from: crate::quiet::parse_time("22:00").unwrap(),
            to: crate::quiet::parse_time("07:00").unwrap(),
            zone: TimeZone::UTC,
            days: [true; 7],
            except: Some(Condition::compile("event.severity == 'critical'").unwrap()),
        };
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
}
