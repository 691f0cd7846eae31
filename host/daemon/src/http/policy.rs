//! A channel's policy, written like the configuration.

use fanfare_core::{
    BatchPolicy, Once, Policy,
    breaker::{BreakerPolicy, Trip},
    filter::{Dialect, Filter},
    quiet::{DAYS, Quiet},
    rate::{KeyedRate, Rate},
};
use serde_json::Value;

use crate::{api, config::units::show_duration as text};

/// How many waits of a backoff are shown.
const WAITS: u32 = 10;

pub(super) fn policy(policy: &Policy) -> api::Policy {
    let Policy {
        timeout,
        retries,
        ref backoff,
        fuel,
        memory,
        concurrency,
        reuse,
        expires,
        ref order,
        ref filter,
        breaker,
        rate,
        ref batch,
        ref rate_per,
        ref priority,
        lagging_after,
        delay,
        ref quiet,
        ref once,
        ref fallback,
        fallback_after,
    } = *policy;
    // The middle of the range, without jitter.
    let waits = (1..=retries.min(WAITS)).map(|attempts| text(backoff.wait(attempts, 0.5))).collect();
    let order = order.clone().unwrap_or_else(|| "none".to_owned());
    let (timeout, expires) = (text(timeout), expires.map(text));
    let filter = (!filter.is_open()).then(|| filter_view(filter));
    api::Policy {
        timeout,
        retries,
        waits,
        fuel,
        memory,
        concurrency,
        reuse,
        expires,
        order,
        filter,
        breaker: breaker.map(Into::into),
        batch: batch.as_ref().map(Into::into),
        rate: rate.map(Into::into).or_else(|| rate_per.as_ref().map(Into::into)),
        priority: priority.lane,
        first: priority.first.as_ref().map(|first| first.source().to_owned()),
        lagging_after: lagging_after.map_or_else(|| "none".to_owned(), text),
        delay: (!delay.is_zero()).then(|| text(delay)),
        quiet: quiet.iter().map(Into::into).collect(),
        once: once.as_ref().map(Into::into),
        fallback: fallback.iter().map(ToString::to_string).collect(),
        fallback_after: fallback_after.map(text),
    }
}

impl From<&Quiet> for api::Quiet {
    fn from(quiet: &Quiet) -> Self {
        let time = |time: jiff::civil::Time| time.strftime("%H:%M:%S").to_string().trim_end_matches(":00").to_owned();
        let whole = |text: String| if text.contains(':') { text } else { format!("{text}:00") };
        Self {
            from: whole(time(quiet.from)),
            to: whole(time(quiet.to)),
            zone: quiet.zone.iana_name().unwrap_or("UTC").to_owned(),
            days: DAYS.into_iter().zip(quiet.days).filter(|(_, on)| *on).map(|(day, _)| day.to_owned()).collect(),
            except: quiet.except.as_ref().map(|except| except.source().to_owned()),
        }
    }
}

impl From<&Once> for api::Once {
    fn from(once: &Once) -> Self {
        Self { per: once.per.source().to_owned(), within: text(once.within), last: once.last }
    }
}

impl From<Rate> for api::Rate {
    fn from(rate: Rate) -> Self {
        let period = match rate.period.as_secs() {
            1 => "s",
            60 => "min",
            3_600 => "h",
            _ => "d",
        };
        Self { limit: format!("{}/{period}", rate.count), per: None, burst: rate.burst }
    }
}

impl From<&KeyedRate> for api::Rate {
    fn from(keyed: &KeyedRate) -> Self {
        Self { per: Some(keyed.per.source().to_owned()), ..keyed.rate.into() }
    }
}

impl From<&BatchPolicy> for api::Batch {
    fn from(BatchPolicy { max, linger, bytes, per }: &BatchPolicy) -> Self {
        Self { max: *max, linger: text(*linger), bytes: *bytes, per: per.as_ref().map(|per| per.source().to_owned()) }
    }
}

impl From<BreakerPolicy> for api::Breaker {
    fn from(breaker: BreakerPolicy) -> Self {
        let (failures, ratio, of) = match breaker.trip {
            Trip::InARow(failures) => (Some(failures), None, None),
            Trip::Ratio { ratio, of } => (None, Some(ratio), Some(of)),
        };
        Self { failures, ratio, of, open: text(breaker.open), probes: breaker.probes }
    }
}

fn filter_view(filter: &Filter) -> api::Filter {
    api::Filter {
        types: filter.types.clone(),
        when: filter.when.as_ref().map(|when| when.source().to_owned()),
        dialects: filter.dialects.iter().map(|dialect| (dialect.name().to_owned(), dialect_view(dialect))).collect(),
    }
}

fn dialect_view(dialect: &Dialect) -> Value {
    let each = |parts: &[Dialect]| {
        parts.iter().map(|part| Value::from_iter([(part.name(), dialect_view(part))])).collect::<Value>()
    };
    match dialect {
        Dialect::Exact(attributes) | Dialect::Prefix(attributes) | Dialect::Suffix(attributes) => {
            attributes.iter().cloned().collect()
        }
        Dialect::All(parts) | Dialect::Any(parts) => each(parts),
        Dialect::Not(part) => Value::from_iter([(part.name(), dialect_view(part))]),
    }
}
