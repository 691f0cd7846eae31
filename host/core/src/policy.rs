//! What the operator decided for one channel.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    Backoff, BatchPolicy, ChannelName, KeyOf, Priority,
    breaker::BreakerPolicy,
    filter::Filter,
    is_attribute_name,
    quiet::{self, Quiet},
    rate::{KeyedRate, Rate},
};

const TEN_YEARS: Duration = Duration::from_hours(24 * 3_653);

/// The bounds and the retry rule of one channel. Every number is one attempt's, unless it says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Wall clock of one attempt, host calls included.
    pub timeout: Duration,
    /// Further attempts after the first one.
    pub retries: u32,
    pub backoff: Backoff,
    /// Wasmtime's fuel: about one unit per Wasm instruction.
    pub fuel: u64,
    /// Bytes of linear memory, all memories of the instance together.
    pub memory: u64,
    /// Attempts in flight at once.
    pub concurrency: usize,
    /// How many attempts one instance may serve, one after the other, until one of them fails. 0: a fresh instance for each.
    pub reuse: u32,
    /// A delivery that is not done after this long is dead. `None`: it may wait for ever.
    pub expires: Option<Duration>,
    /// First in, first out among the events with the same value of this attribute; `None`: in any order.
    pub order: Option<String>,
    /// Which events the channel gets.
    pub filter: Filter,
    /// When attempts cease because the receiver is in trouble; `None`: never.
    pub breaker: Option<BreakerPolicy>,
    /// How often there may be an attempt; `None`: as often as there is something to deliver.
    pub rate: Option<Rate>,
    /// The same for each key.
    pub rate_per: Option<KeyedRate>,
    /// Its share of the guests' threads where there is more to compute than they can do.
    pub priority: Priority,
    /// Operators are told when a delivery has been due for this long; `None`: never.
    pub lagging_after: Option<Duration>,
    /// What is attempted together; `None`: each delivery alone.
    pub batch: Option<BatchPolicy>,
    /// How long every delivery waits before its first attempt.
    pub delay: Duration,
    /// When nothing is attempted, some events aside.
    pub quiet: Vec<Quiet>,
    /// Of the events of one key, one in so long is delivered.
    pub once: Option<Once>,
    /// Who gets an event that the channel cannot deliver: the first of them that has not had it.
    pub fallback: Vec<ChannelName>,
    /// They get as well what is not delivered after this long; `None`: only what cannot be delivered.
    pub fallback_after: Option<Duration>,
}

/// Of the events of one key, one in a window is delivered, and the others are skipped.
#[derive(Clone, Debug, PartialEq)]
pub struct Once {
    pub per: KeyOf,
    /// How long the window is, from its first event on.
    pub within: Duration,
    /// The last event of the window is delivered, at its end, instead of the first.
    pub last: bool,
}

/// A policy value outside what the daemon can keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {rule}")]
pub struct InvalidPolicy {
    pub key: &'static str,
    pub rule: &'static str,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            retries: 2,
            backoff: Backoff::default(),
            fuel: 1_000_000_000,
            memory: 64 << 20,
            concurrency: 16,
            reuse: 0,
            expires: None,
            order: None,
            filter: Filter::default(),
            breaker: None,
            rate: None,
            batch: None,
            rate_per: None,
            priority: Priority::default(),
            lagging_after: Some(Duration::from_mins(5)),
            delay: Duration::ZERO,
            quiet: vec![],
            once: None,
            fallback: vec![],
            fallback_after: None,
        }
    }
}

/// Two values that cannot stand together, whichever layer each of them comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    #[error(
        "batch.per: it is the same as `order`, which hands out one delivery of each value at a time, so that no batch could \
         gather two: leave `per` out, or order by something else"
    )]
    BatchPerOrder,
    #[error(
        "batch.linger: with `delay` it is not shorter than `expires`, so that deliveries would expire before they are attempted"
    )]
    LingerExpires,
    #[error("delay: it is not shorter than `expires`, so that every delivery would expire before it is attempted")]
    DelayExpires,
    #[error(
        "once.within: with `last` it is not shorter than `expires`, so that deliveries would expire before they are attempted"
    )]
    OnceExpires,
    #[error(
        "once: the last of a window cannot be delivered on a channel with an `order`, where the next of a key is not looked at \
         before the one before it has ended: leave `last` out, or `order`"
    )]
    OnceOrder,
    #[error("quiet: it is never over, so nothing would ever be delivered: pause the channel instead")]
    QuietEndless,
}

impl Policy {
    /// Whether deliveries wait under both for the same.
    #[must_use]
    pub fn defers_like(&self, other: &Self) -> bool {
        let of = |policy: &Self| (policy.delay, policy.quiet.clone(), policy.once.clone());
        let rates = |policy: &Self| (policy.rate, policy.rate_per.clone(), policy.batch.clone());
        of(self) == of(other) && rates(self) == rates(other)
    }

    /// Refuses what could never work or would outgrow the host.
    ///
    /// # Errors
    /// Every [`InvalidPolicy`], so that an operator sees all of them at once.
    pub fn check(&self) -> Result<(), Vec<InvalidPolicy>> {
        let rules = [
            (
                "timeout",
                "must be from 1ms to 1h",
                (Duration::from_millis(1)..=Duration::from_hours(1)).contains(&self.timeout),
            ),
            ("retries", "must be at most 10,000", self.retries <= 10_000),
            ("fuel", "must be from 10,000 to 1,000,000,000,000", (10_000..=1_000_000_000_000).contains(&self.fuel)),
            ("memory", "must be from 64KiB to 1GiB", ((64 << 10)..=(1 << 30)).contains(&self.memory)),
            ("concurrency", "must be from 1 to 512", (1..=512).contains(&self.concurrency)),
            ("reuse", "must be at most 1,000,000", self.reuse <= 1_000_000),
            (
                "expires",
                "must be from 1s to 10 years",
                self.expires.is_none_or(|expires| (Duration::from_secs(1)..=TEN_YEARS).contains(&expires)),
            ),
            (
                "order",
                "must be `none` or the name of an attribute: 1 to 64 of a-z and 0-9",
                self.order.as_deref().is_none_or(is_attribute_name),
            ),
            ("priority", "must be from -10 to 10", (Priority::LEAST..=Priority::MOST).contains(&self.priority.lane)),
            (
                "lagging_after",
                "must be `none`, or from 1s to 10 years",
                self.lagging_after.is_none_or(|after| (Duration::from_secs(1)..=TEN_YEARS).contains(&after)),
            ),
            ("delay", "must be at most 30d", self.delay <= Duration::from_hours(30 * 24)),
        ];
        let broken: Vec<_> =
            rules.into_iter().filter(|(.., holds)| !holds).map(|(key, rule, _)| InvalidPolicy { key, rule }).collect();
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    /// What cannot stand together. Asked of the whole policy, when all layers are in it.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        let expires_in = |wait: Duration| self.expires.is_some_and(|expires| wait >= expires);
        let is_order = |per: &KeyOf| matches!(per, KeyOf::Attribute(name) if self.order.as_ref() == Some(name));
        let batch = self.batch.as_ref();
        let last = self.once.as_ref().filter(|once| once.last);
        let conflicts = [
            (Conflict::BatchPerOrder, batch.and_then(|batch| batch.per.as_ref()).is_some_and(is_order)),
            (
                Conflict::LingerExpires,
                !expires_in(self.delay)
                    && batch.is_some_and(|batch| expires_in(self.delay.saturating_add(batch.linger))),
            ),
            (Conflict::DelayExpires, expires_in(self.delay)),
            (Conflict::OnceExpires, last.is_some_and(|once| expires_in(once.within))),
            (Conflict::OnceOrder, last.is_some() && self.order.is_some()),
            (Conflict::QuietEndless, quiet::is_endless(&self.quiet, Timestamp::UNIX_EPOCH)),
        ];
        conflicts.into_iter().filter(|(_, holds)| *holds).map(|(conflict, _)| conflict).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_holds_and_every_broken_bound_is_named() {
        assert_eq!(Policy::default().check(), Ok(()));
        let broken = Policy {
            timeout: Duration::ZERO,
            retries: u32::MAX,
            fuel: 1,
            memory: 1,
            concurrency: 0,
            reuse: u32::MAX,
            expires: Some(Duration::ZERO),
            order: Some("Subject".into()),
            priority: Priority { lane: 11, first: None },
            lagging_after: Some(Duration::ZERO),
            ..Policy::default()
        };
        let keys: Vec<_> = broken.check().unwrap_err().into_iter().map(|e| e.key).collect();
        let all = [
            "timeout",
            "retries",
            "fuel",
            "memory",
            "concurrency",
            "reuse",
            "expires",
            "order",
            "priority",
            "lagging_after",
        ];
        assert_eq!(keys, all);
    }

    #[test]
    fn what_cannot_stand_together_is_named() {
        let of = |order: Option<&str>, per: Option<&str>, expires: Option<u64>| {
            let batch = BatchPolicy {
                linger: Duration::from_secs(60),
                per: per.map(|per| KeyOf::parse(per).unwrap()),
                ..BatchPolicy::default()
            };
            let expires = expires.map(Duration::from_secs);
            Policy { order: order.map(str::to_owned), batch: Some(batch), expires, ..Policy::default() }.conflicts()
        };
        assert_eq!(of(Some("subject"), Some("subject"), Some(60)), [Conflict::BatchPerOrder, Conflict::LingerExpires]);
        assert_eq!(of(Some("subject"), Some("source"), Some(61)), []);
        assert_eq!(of(None, None, None), []);
        assert_eq!(Policy { expires: Some(Duration::from_secs(1)), ..Policy::default() }.conflicts(), []);
        let once = Once { per: KeyOf::Attribute("subject".into()), within: Duration::from_secs(60), last: true };
        let waits = Policy {
            expires: Some(Duration::from_secs(60)),
            delay: Duration::from_secs(60),
            order: Some("subject".into()),
            once: Some(once),
            ..Policy::default()
        };
        assert_eq!(waits.conflicts(), [Conflict::DelayExpires, Conflict::OnceExpires, Conflict::OnceOrder]);
    }
}
