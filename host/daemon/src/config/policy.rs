//! Policy keys, which may be in `[defaults]`, in a sidecar and in a channel's table.

use std::time::Duration;

use fanfare_core::{
    Backoff, BatchPolicy, ChannelName, InvalidBackoff, Once, Policy, Priority,
    breaker::{BreakerPolicy, Trip},
    filter::Filter,
    quiet::Quiet,
    rate::{KeyedRate, Rate},
};

use super::{
    filter,
    reader::{Field, Section},
    turn,
};

/// The policy keys of one layer, each within its bounds. They override those of the policy below. A `backoff` is one
/// value: its missing parts come from the built-in policy, not from the layer below.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyPatch {
    timeout: Option<Duration>,
    retries: Option<u32>,
    backoff: Option<Backoff>,
    fuel: Option<u64>,
    memory: Option<u64>,
    concurrency: Option<usize>,
    reuse: Option<u32>,
    expires: Option<Duration>,
    /// `Some(None)` is `none`, which cancels the order of a layer below.
    order: Option<Option<String>>,
    /// One value: `filter = {}` cancels the filter of a layer below.
    filter: Option<Filter>,
    /// `Some(None)` is `none`, which cancels the breaker of a layer below.
    breaker: Option<Option<BreakerPolicy>>,
    /// The same for the rate.
    rate: Option<Option<RateKey>>,
    /// The same for batches.
    batch: Option<Option<BatchPolicy>>,
    priority: Option<Priority>,
    /// `Some(None)` is `none`: no system event.
    lagging_after: Option<Option<Duration>>,
    delay: Option<Duration>,
    /// An empty list cancels the quiet hours of a layer below.
    quiet: Option<Vec<Quiet>>,
    /// `Some(None)` is `none`.
    once: Option<Option<Once>>,
    fallback: Option<Vec<ChannelName>>,
    fallback_after: Option<Duration>,
}

/// What `rate` limits.
#[derive(Clone, Debug, PartialEq)]
enum RateKey {
    Channel(Rate),
    Each(KeyedRate),
}

impl PolicyPatch {
    /// `base` with the keys of this layer.
    #[must_use]
    pub fn over(&self, base: Policy) -> Policy {
        let (rate, rate_per) = match &self.rate {
            None => (base.rate, base.rate_per),
            Some(None) => (None, None),
            Some(Some(RateKey::Channel(rate))) => (Some(*rate), None),
            Some(Some(RateKey::Each(keyed))) => (None, Some(keyed.clone())),
        };
        Policy {
            timeout: self.timeout.unwrap_or(base.timeout),
            retries: self.retries.unwrap_or(base.retries),
            backoff: self.backoff.clone().unwrap_or(base.backoff),
            fuel: self.fuel.unwrap_or(base.fuel),
            memory: self.memory.unwrap_or(base.memory),
            concurrency: self.concurrency.unwrap_or(base.concurrency),
            reuse: self.reuse.unwrap_or(base.reuse),
            expires: self.expires.or(base.expires),
            order: self.order.clone().unwrap_or(base.order),
            filter: self.filter.clone().unwrap_or(base.filter),
            breaker: self.breaker.unwrap_or(base.breaker),
            batch: self.batch.clone().unwrap_or(base.batch),
            rate,
            rate_per,
            priority: self.priority.clone().unwrap_or(base.priority),
            lagging_after: self.lagging_after.unwrap_or(base.lagging_after),
            delay: self.delay.unwrap_or(base.delay),
            quiet: self.quiet.clone().unwrap_or(base.quiet),
            once: self.once.clone().unwrap_or(base.once),
            fallback: self.fallback.clone().unwrap_or(base.fallback),
            fallback_after: self.fallback_after.or(base.fallback_after),
        }
    }

    /// The keys that it sets.
    pub(super) fn keys(&self) -> Vec<&'static str> {
        let Self {
            timeout,
            retries,
            backoff,
            fuel,
            memory,
            concurrency,
            reuse,
            expires,
            order,
            filter,
            breaker,
            rate,
            batch,
            priority,
            lagging_after,
            delay,
            quiet,
            once,
            fallback,
            fallback_after,
        } = self;
        let keys = [
            ("timeout", timeout.is_some()),
            ("retries", retries.is_some()),
            ("backoff", backoff.is_some()),
            ("fuel", fuel.is_some()),
            ("memory", memory.is_some()),
            ("concurrency", concurrency.is_some()),
            ("reuse", reuse.is_some()),
            ("expires", expires.is_some()),
            ("order", order.is_some()),
            ("filter", filter.is_some()),
            ("breaker", breaker.is_some()),
            ("rate", rate.is_some()),
            ("batch", batch.is_some()),
            ("priority", priority.is_some()),
            ("lagging_after", lagging_after.is_some()),
            ("delay", delay.is_some()),
            ("quiet", quiet.is_some()),
            ("once", once.is_some()),
            ("fallback", fallback.is_some()),
            ("fallback_after", fallback_after.is_some()),
        ];
        keys.into_iter().filter_map(|(key, is_set)| is_set.then_some(key)).collect()
    }

    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let patch = Self {
            timeout: section.get("timeout").and_then(|field| field.duration()),
            retries: section.get("retries").and_then(|field| field.integer()),
            backoff: section.section("backoff").and_then(backoff),
            fuel: section.get("fuel").and_then(|field| field.integer()),
            memory: section.get("memory").and_then(|field| field.size()),
            concurrency: section.get("concurrency").and_then(|field| field.integer()),
            reuse: section.get("reuse").and_then(|field| field.integer()),
            expires: section.get("expires").and_then(|field| field.duration()),
            order: section
                .get("order")
                .and_then(|field| field.text())
                .map(|name| (name != "none").then(|| name.to_owned())),
            filter: section.section("filter").map(filter::read),
            breaker: section.get("breaker").and_then(|field| breaker(&field)),
            rate: section.get("rate").and_then(|field| rate(&field)),
            batch: section.get("batch").and_then(|field| batch(&field)),
            priority: section.get("priority").and_then(|field| turn::priority(&field)),
            lagging_after: section
                .get("lagging_after")
                .and_then(|field| if field.is_text("none") { Some(None) } else { field.duration().map(Some) }),
            delay: section.get("delay").and_then(|field| field.duration()),
            quiet: section.get("quiet").and_then(|field| turn::quiet(&field)),
            once: section.get("once").and_then(|field| turn::once(&field)),
            fallback: None,
            fallback_after: None,
        };
        patch.report(section);
        patch
    }

    /// Reads only the bounds, the part of a policy that a stage has.
    pub(super) fn read_bounds(section: &mut Section<'_>) -> Self {
        let patch = Self {
            timeout: section.get("timeout").and_then(|field| field.duration()),
            fuel: section.get("fuel").and_then(|field| field.integer()),
            memory: section.get("memory").and_then(|field| field.size()),
            concurrency: section.get("concurrency").and_then(|field| field.integer()),
            reuse: section.get("reuse").and_then(|field| field.integer()),
            ..Self::default()
        };
        patch.report(section);
        patch
    }

    /// Reports the values that break a rule.
    fn report(&self, section: &Section<'_>) {
        // The built-in policy is valid, so what is wrong was written here.
        for broken in self.over(Policy::default()).check().err().unwrap_or_default() {
            section.problem(broken.key, broken.rule, "");
        }
    }

    /// The same for a channel's own table, which may name other channels.
    pub(super) fn read_own(section: &mut Section<'_>) -> Self {
        let patch = Self::read(section);
        let fallback = section.get("fallback").and_then(|field| turn::fallback(&field));
        let after = section.get("fallback_after").map(|field| {
            if !section.has("fallback") {
                field.problem("needs a `fallback`", "add fallback = [\"sms\"]");
            }
            field.duration_from(Duration::from_secs(1), Duration::from_hours(30 * 24))
        });
        Self { fallback, fallback_after: after.flatten(), ..patch }
    }

    /// The channels that get what this one cannot deliver.
    #[must_use]
    pub fn fallback(&self) -> &[ChannelName] {
        self.fallback.as_deref().unwrap_or_default()
    }

    /// The same for a sidecar. Its author is not the operator, so its bounds are narrower: wide enough for plugins, and
    /// with room for other channels.
    pub(super) fn read_modest(section: &mut Section<'_>) -> Self {
        let patch = Self::read(section);
        for key in ["fallback", "fallback_after"] {
            section.refuse(key, NOT_HERE, "move it to [channels.<name>] of config.toml");
        }
        let most = [
            ("timeout", patch.timeout.is_some_and(|timeout| timeout > Duration::from_mins(5)), "5m"),
            ("retries", patch.retries.is_some_and(|retries| retries > 100), "100"),
            ("fuel", patch.fuel.is_some_and(|fuel| fuel > 20_000_000_000), "20_000_000_000"),
            ("memory", patch.memory.is_some_and(|memory| memory > 256 << 20), "\"256MiB\""),
            ("reuse", patch.reuse.is_some_and(|reuse| reuse > 10_000), "10_000"),
            ("concurrency", patch.concurrency.is_some_and(|concurrency| concurrency > 64), "64"),
            ("priority", patch.priority.as_ref().is_some_and(|priority| priority.lane > 0), "0"),
        ];
        for (key, .., most) in most.into_iter().filter(|(_, too_much, _)| *too_much) {
            let help = "the operator may set more, in [channels.<name>] of config.toml";
            section.problem(key, format!("must be at most {most} in a sidecar"), help);
        }
        if patch.filter.as_ref().is_some_and(Filter::names_system_types) {
            let help = "the operator may, in [channels.<name>] of config.toml";
            section.problem("filter", "selects the daemon's own events, which contain data of other channels", help);
        }
        patch
    }
}

/// Why a key that names other channels is only allowed in a channel's table.
pub(super) const NOT_HERE: &str = "names other channels, so it can only be set for one channel";

/// Failures in a row, or a ratio of the last attempts; `"none"` disables the breaker.
fn breaker(field: &Field<'_>) -> Option<Option<BreakerPolicy>> {
    if field.is_text("none") {
        return Some(None);
    }
    let mut section = field.section()?;
    let whole = |field: &Field<'_>, most: u32| {
        let number = field.integer::<u32>()?;
        let within = (1..=most).contains(&number);
        if !within {
            field.problem(format!("must be from 1 to {most}"), "");
        }
        within.then_some(number)
    };
    let failures = section.get("failures").map(|field| whole(&field, 10_000));
    let ratio = section.get("ratio").map(|field| {
        let ratio = field.number()?;
        let within = ratio > 0.0 && ratio <= 1.0;
        if !within {
            field.problem("must be more than 0 and at most 1", "0.5 is half of the attempts");
        }
        within.then_some(ratio)
    });
    let of = section.get("of").map(|field| whole(&field, 1_000));
    let (least, most) = (Duration::from_millis(100), Duration::from_hours(24));
    let open = section.get("open").map_or(Some(Duration::from_secs(60)), |field| field.duration_from(least, most));
    let probes = section.get("probes").map_or(Some(1), |field| whole(&field, 64));
    section.finish();
    let trip = match (failures, ratio, of) {
        (Some(failures), None, None) => Trip::InARow(failures?),
        (None, Some(ratio), of) => Trip::Ratio { ratio: ratio?, of: of.unwrap_or(Some(20))? },
        _ => {
            let help = "write it like { failures = 5, open = \"60s\" } or { ratio = 0.5, of = 20, open = \"60s\" }";
            field.problem("needs either `failures`, or `ratio` with `of`", help);
            return None;
        }
    };
    Some(Some(BreakerPolicy { trip, open: open?, probes: probes? }))
}

const RATE_HELP: &str = "write it like \"100/min\", or { limit = \"10/s\", per = \"subject\", burst = 20 }";

/// A rate as text, or a table with its burst and its key; `"none"` is no limit.
fn rate(field: &Field<'_>) -> Option<Option<RateKey>> {
    if field.is_text("none") {
        return Some(None);
    }
    if field.value().as_str().is_some() {
        return field.parse(RATE_HELP, Rate::parse).map(|rate| Some(RateKey::Channel(rate)));
    }
    if field.value().as_table().is_none() {
        field.problem("must be a text or a table", RATE_HELP);
        return None;
    }
    let mut section = field.section()?;
    let limit = section.get("limit").map(|field| field.parse(RATE_HELP, Rate::parse));
    let burst = section.get("burst").map_or(Some(1), |field| {
        let burst = field.integer::<u32>()?;
        let within = (1..=100_000).contains(&burst);
        if !within {
            field.problem("must be from 1 to 100000", "");
        }
        within.then_some(burst)
    });
    let per = section.get("per").map(|field| turn::key(&field));
    section.finish();
    let Some(limit) = limit else {
        field.problem("needs a `limit`", RATE_HELP);
        return None;
    };
    let rate = Rate { burst: burst?, ..limit? };
    Some(Some(match per {
        None => RateKey::Channel(rate),
        Some(per) => RateKey::Each(KeyedRate { rate, per: per? }),
    }))
}

/// Which deliveries share a call; `"none"` disables batches.
fn batch(field: &Field<'_>) -> Option<Option<BatchPolicy>> {
    if field.is_text("none") {
        return Some(None);
    }
    if field.value().as_table().is_none() {
        field.problem("must be a table", "write it like { max = 100, linger = \"200ms\" }");
        return None;
    }
    let mut section = field.section()?;
    let base = BatchPolicy::default();
    let max = section.get("max").map_or(Some(base.max), |field| {
        let max = field.integer::<usize>()?;
        let within = (1..=1_000).contains(&max);
        if !within {
            field.problem("must be from 1 to 1000", "");
        }
        within.then_some(max)
    });
    let (least, most) = (Duration::from_millis(1), Duration::from_hours(24 * 7));
    let linger = section.get("linger").map_or(Some(base.linger), |field| field.duration_from(least, most));
    let bytes = section.get("bytes").map_or(Some(base.bytes), |field| field.size_from(1 << 10, 16 << 20));
    let per = section.get("per").map_or(Some(None), |field| turn::key(&field).map(Some));
    section.finish();
    Some(Some(BatchPolicy { max: max?, linger: linger?, bytes: bytes?, per: per? }))
}

/// Either growing waits or a list of waits.
fn backoff(mut section: Section<'_>) -> Option<Backoff> {
    let initial = section.get("initial").map(|field| field.duration());
    let factor = section.get("factor").map(|field| field.number());
    let max = section.get("max").map(|field| field.duration());
    let schedule = section.get("schedule").map(|field| {
        let waits = field.list()?;
        let read: Vec<_> = waits.iter().filter_map(|wait| wait.duration()).collect();
        (read.len() == waits.len()).then_some(read)
    });
    let jitter = section.get("jitter").map_or(Some(0.2), |field| field.number());
    section.finish();

    let grows = initial.is_some() || factor.is_some() || max.is_some();
    let made = match schedule {
        Some(_) if grows => {
            let help = "write either `schedule`, or `initial`, `factor` and `max`";
            section.problem(
                "schedule",
                "lists all waits, so it cannot be combined with `initial`, `factor` and `max`",
                help,
            );
            return None;
        }
        Some(schedule) => Backoff::schedule(schedule?, jitter?),
        None => {
            let initial = initial.unwrap_or(Some(Duration::from_secs(1)));
            let max = max.unwrap_or(Some(Duration::from_secs(60)));
            Backoff::exponential(initial?, factor.unwrap_or(Some(2.0))?, max?, jitter?)
        }
    };
    made.inspect_err(|error| explain(&section, error)).ok()
}

fn explain(section: &Section<'_>, error: &InvalidBackoff) {
    let (key, help) = match error {
        InvalidBackoff::Factor => ("factor", ""),
        InvalidBackoff::Jitter => ("jitter", ""),
        InvalidBackoff::Inverted => ("initial", "the defaults are 1s for `initial` and 60s for `max`"),
        InvalidBackoff::EmptySchedule => ("schedule", "write it like [\"5s\", \"5m\", \"30m\"]"),
        InvalidBackoff::TooLong => (if section.has("schedule") { "schedule" } else { "max" }, ""),
    };
    section.problem(key, error.to_string(), help);
}
