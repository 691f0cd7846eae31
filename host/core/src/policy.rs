//! What the operator decided for one channel.

use std::time::Duration;

use crate::{
    Backoff, ChannelName, KeyOf, breaker::BreakerPolicy, filter::Filter, is_attribute_name, quiet::Quiet, rate::Rate,
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
    /// How long every delivery waits before its first attempt.
    pub delay: Duration,
    /// When nothing is attempted, some events aside.
    pub quiet: Vec<Quiet>,
    /// Of the events of one key, one in so long is delivered.
    pub once: Option<Once>,
    /// Who gets an event that the channel cannot deliver: the first of them that has not had it.
    pub fallback: Vec<ChannelName>,
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
            delay: Duration::ZERO,
            quiet: vec![],
            once: None,
            fallback: vec![],
        }
    }
}

impl Policy {
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
            ("delay", "must be at most 30d", self.delay <= Duration::from_hours(30 * 24)),
        ];
        let broken: Vec<_> =
            rules.into_iter().filter(|(.., holds)| !holds).map(|(key, rule, _)| InvalidPolicy { key, rule }).collect();
        if broken.is_empty() { Ok(()) } else { Err(broken) }
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
            ..Policy::default()
        };
        let keys: Vec<_> = broken.check().unwrap_err().into_iter().map(|e| e.key).collect();
        assert_eq!(keys, ["timeout", "retries", "fuel", "memory", "concurrency", "reuse", "expires", "order"]);
    }
}
