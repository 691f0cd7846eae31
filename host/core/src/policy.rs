//! The operator's policy for one channel.

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

/// The limits and the retry rule of one channel. Numbers are per attempt unless stated otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Wall-clock limit of one attempt, host calls included.
    pub timeout: Duration,
    /// Attempts after the first one.
    pub retries: u32,
    pub backoff: Backoff,
    /// Wasmtime's fuel: about one unit per Wasm instruction.
    pub fuel: u64,
    /// Bytes of linear memory, across all memories of the instance.
    pub memory: u64,
    /// Attempts in flight at once.
    pub concurrency: usize,
    /// How many consecutive attempts one instance may serve, until one fails. 0: a fresh instance for each attempt.
    pub reuse: u32,
    /// A delivery that is not done after this long is dead. `None`: it never expires.
    pub expires: Option<Duration>,
    /// First in, first out among events with the same value of this attribute. `None`: no order.
    pub order: Option<String>,
    /// Which events the channel gets.
    pub filter: Filter,
    /// When attempts stop because the receiver is in trouble. `None`: never.
    pub breaker: Option<BreakerPolicy>,
    /// How often the channel may attempt. `None`: no limit.
    pub rate: Option<Rate>,
    /// How often it may attempt per key.
    pub rate_per: Option<KeyedRate>,
    /// The channel's share of the guests' threads under load.
    pub priority: Priority,
    /// Report the channel as lagging when a delivery has been due for this long. `None`: never.
    pub lagging_after: Option<Duration>,
    /// Which deliveries share one call. `None`: each has its own.
    pub batch: Option<BatchPolicy>,
    /// How long every delivery waits before its first attempt.
    pub delay: Duration,
    /// When no attempts are made, except for some events.
    pub quiet: Vec<Quiet>,
    /// Deliver one event per key and window.
    pub once: Option<Once>,
    /// Which channel gets an event that this one cannot deliver: the first of these that does not have it already.
    pub fallback: Vec<ChannelName>,
    /// The fallbacks also get an event that is not delivered after this long. `None`: only on failure.
    pub fallback_after: Option<Duration>,
}

/// One event per key is delivered in each window; the others are skipped.
#[derive(Clone, Debug, PartialEq)]
pub struct Once {
    pub per: KeyOf,
    /// The length of the window, measured from its first event.
    pub within: Duration,
    /// Deliver the last event of the window, at its end, instead of the first.
    pub last: bool,
}

/// A policy value outside the allowed range.
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

/// Two values that conflict, whichever layers they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    #[error(
        "batch.per: must differ from `order`, which hands out one delivery per value at a time, so that no batch could \
         gather two: leave `per` out, or order by something else"
    )]
    BatchPerOrder,
    #[error(
        "batch.linger: together with `delay` it must be shorter than `expires`, or deliveries would expire before they \
          are attempted"
    )]
    LingerExpires,
    #[error("delay: must be shorter than `expires`, or every delivery would expire before it is attempted")]
    DelayExpires,
    #[error(
        "once.within: with `last` it must be shorter than `expires`, or deliveries would expire before they are \
          attempted"
    )]
    OnceExpires,
    #[error(
        "once: `last` cannot be combined with `order`, where the next event of a key waits for the one before it: \
         before the one before it has ended: leave `last` out, or `order`"
    )]
    OnceOrder,
    #[error("quiet: the quiet hours never end, so nothing would ever be delivered: pause the channel instead")]
    QuietEndless,
}

impl Policy {
    /// Whether a channel gets nothing but what others cannot deliver: a `fallback` names it, and it has no filter.
    #[must_use]
    pub fn is_only_fallback(&self, is_named: bool) -> bool {
        is_named && self.filter.is_open()
    }

    /// Whether both policies defer deliveries in the same way.
    #[must_use]
    pub fn defers_like(&self, other: &Self) -> bool {
        let of = |policy: &Self| (policy.delay, policy.quiet.clone(), policy.once.clone());
        let rates = |policy: &Self| (policy.rate, policy.rate_per.clone(), policy.batch.clone());
        of(self) == of(other) && rates(self) == rates(other)
    }

    /// Rejects values that could never work or would exhaust the host.
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

    /// Every conflict. Checked on the whole policy, after all layers are merged.
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
    fn conflicting_policies_are_named() {
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
