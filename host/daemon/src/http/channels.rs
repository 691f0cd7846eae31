//! `GET /v1/channels` and `GET /v1/channels/{name}`: what each channel is, does and has before it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State as Shared, rejection::PathRejection},
    response::Response,
};
use fanfare_core::{
    BatchPolicy, ChannelName, Once, Policy,
    breaker::{BreakerPolicy, Trip},
    filter::{Dialect, Filter},
    quiet::{DAYS, Quiet},
    rate::{KeyedRate, Rate},
};
use fanfare_dispatch::{Backlog, Gathered, Hold, HoldKind, LaneState};
use fanfare_journal::{ChannelTotals, Totals};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::{
    body,
    problem::{Kind, Problem},
    query,
};
use crate::{
    daemon::Daemon,
    metrics::{LastError, Latency},
    overview::{ChannelInfo, GrantsInfo, Overview},
};

/// What a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Active,
    /// There is no plugin; deliveries are kept.
    Missing,
    /// There is one, and it could not be loaded, or does not take the channel's settings; deliveries are kept.
    Failed,
    /// By an operator; deliveries are kept.
    Paused,
    /// The receiver said that it is gone; deliveries are kept.
    Suspended,
    /// The breaker is open, or lets some attempts through to see; deliveries are kept.
    Open,
    /// A file that no channel names and that could only fail without: it gets no events.
    Unconfigured,
}

#[derive(Serialize)]
struct Channels<'a> {
    channels: Vec<Channel<'a>>,
    /// All of them stand on one page.
    next: Option<()>,
}

#[derive(Serialize)]
struct Channel<'a> {
    name: &'a ChannelName,
    state: State,
    /// Why nothing is attempted, while it is paused or suspended or its breaker is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldView>,
    /// Absent, as the rest of what is configured, when only a backlog or dead letters are left of a channel.
    plugin: Option<&'a str>,
    digest: Option<&'a str>,
    kind: Option<&'static str>,
    imports: &'a [String],
    /// Why no plugin is loaded, or why its newest file was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// What to add to the configuration, for a file that waits for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    configure: Option<&'a str>,
    grants: Option<&'a GrantsInfo>,
    policy: Option<PolicyView>,
    /// The keys alone: values may be private.
    settings: &'a [String],
    /// Their names.
    secrets: &'a [String],
    signed: bool,
    #[serde(flatten)]
    counts: Counts,
    /// Absent where nothing waits for a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    gathered: Option<GatheredView>,
    /// Of this run's attempts; `null` before the first.
    latency: Option<Latency>,
    last_error: Option<LastError>,
}

/// How much a channel has before and behind it.
#[derive(Serialize)]
pub(super) struct Counts {
    pending: u64,
    in_flight: u64,
    waiting: u64,
    /// Of those waiting, how many are deferred, by what they wait for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    deferred: BTreeMap<&'static str, u64>,
    oldest_pending_at: Option<Timestamp>,
    /// Given up, since the journal was made.
    dead: u64,
    /// Of those, how many are kept.
    dead_letters: u64,
    delivered: u64,
    /// Ended without an attempt, as that was not wanted any more.
    skipped: u64,
    attempts: u64,
    /// Delivered, of those that reached their end; `null` before the first.
    success_rate: Option<f64>,
}

/// A policy as the configuration writes it.
#[derive(Serialize)]
struct PolicyView {
    timeout: String,
    retries: u32,
    /// The waits before the first further attempts, without jitter.
    waits: Vec<String>,
    fuel: u64,
    /// Bytes.
    memory: u64,
    concurrency: usize,
    reuse: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// `none`, or the attribute whose values keep their order.
    order: String,
    /// Absent where the channel gets every event.
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<FilterView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    breaker: Option<BreakerView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<RateView>,
    priority: i8,
    /// What goes ahead of the backlog.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    /// `none`, or how long a delivery may be due before operators are told.
    lagging_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<BatchView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quiet: Vec<QuietView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    once: Option<OnceView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fallback: Vec<ChannelName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_after: Option<String>,
}

/// A batch policy as the configuration writes it.
#[derive(Serialize)]
struct BatchView {
    max: usize,
    linger: String,
    /// Bytes.
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<String>,
}

/// What waits for its batch to be closed.
#[derive(Serialize)]
struct GatheredView {
    deliveries: usize,
    batches: usize,
    /// When the first of them is closed.
    until: Timestamp,
}

/// Quiet hours as the configuration writes them.
#[derive(Serialize)]
struct QuietView {
    from: String,
    to: String,
    zone: String,
    days: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    except: Option<String>,
}

#[derive(Serialize)]
struct OnceView {
    per: String,
    within: String,
    last: bool,
}

/// A rate as the configuration writes it.
#[derive(Serialize)]
struct RateView {
    limit: String,
    /// The attribute or the expression whose values have a rate each; absent where it is the channel's.
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<String>,
    burst: u32,
}

/// A breaker as the configuration writes it.
#[derive(Serialize)]
struct BreakerView {
    #[serde(skip_serializing_if = "Option::is_none")]
    failures: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u32>,
    open: String,
    probes: u32,
}

/// A filter as the configuration writes it.
#[derive(Serialize)]
struct FilterView {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    types: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    #[serde(flatten)]
    dialects: serde_json::Map<String, Value>,
}

pub(super) async fn list(Shared(daemon): Shared<Arc<Daemon>>, request: Request) -> Result<Response, Problem> {
    query::none(request.uri())?;
    let totals = daemon.history.totals().await?;
    let overview = daemon.overview.load();
    let channels = all(&overview, &totals).map(|(name, info)| Channel::new(&daemon, name, info, &totals)).collect();
    body::json(StatusCode::OK, &Channels { channels, next: None })
}

pub(super) async fn show(
    Shared(daemon): Shared<Arc<Daemon>>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(wanted) = name?;
    query::none(request.uri())?;
    one(&daemon, &wanted).await
}

/// The answer that shows one channel.
pub(super) async fn one(daemon: &Daemon, wanted: &str) -> Result<Response, Problem> {
    let totals = daemon.history.totals().await?;
    let overview = daemon.overview.load();
    match all(&overview, &totals).find(|(name, _)| name.as_str() == wanted) {
        Some((name, info)) => body::json(StatusCode::OK, &Channel::new(daemon, name, info, &totals)),
        None => Err(no_such(wanted, &overview, &totals)),
    }
}

/// The refusal of a name that no channel has.
pub(super) async fn unknown(daemon: &Daemon, wanted: &str) -> Problem {
    match daemon.history.totals().await {
        Ok(totals) => no_such(wanted, &daemon.overview.load(), &totals),
        Err(error) => error.into(),
    }
}

fn no_such(wanted: &str, overview: &Overview, totals: &Totals) -> Problem {
    if let Some(stanza) = overview.channels.get(wanted).and_then(|info| info.configure.as_ref()) {
        let stanza = stanza.replace('\n', ", ");
        let detail =
            format!("`{wanted}` is unconfigured, so there is nothing to do it to; add to config.toml: {stanza}");
        return Problem::new(Kind::ChannelNotFound, detail);
    }
    let names: Vec<_> = all(overview, totals).map(|(name, _)| name.as_str()).collect();
    Problem::new(Kind::ChannelNotFound, format!("there is no channel `{wanted}`; there are: {}", names.join(", ")))
}

/// The configured channels, and those that have left something behind.
fn all<'a>(
    overview: &'a Overview,
    totals: &'a Totals,
) -> impl Iterator<Item = (&'a ChannelName, Option<&'a ChannelInfo>)> {
    let left_behind = totals.channels.iter().filter(|channel| {
        !overview.channels.contains_key(&channel.channel) && (channel.pending > 0 || channel.dead_letters > 0)
    });
    let configured = overview.channels.iter().map(|(name, info)| (name, Some(info)));
    configured.chain(left_behind.map(|channel| (&channel.channel, None)))
}

pub(super) fn state(daemon: &Daemon, info: &ChannelInfo) -> State {
    let lane = daemon.dispatcher.lane(info.name.as_str()).map(|(lane, _)| lane);
    if info.configure.is_some() {
        return State::Unconfigured;
    }
    match (&info.loaded, lane) {
        // What an operator or a receiver has decided, whatever there is to call.
        (_, Some(LaneState::Held(hold))) => held(hold.kind),
        (Some(_), Some(LaneState::Active)) => State::Active,
        _ if info.error.is_some() && !info.missing => State::Failed,
        _ => State::Missing,
    }
}

/// A hold as the API shows it.
#[derive(Serialize)]
struct HoldView {
    kind: State,
    reason: String,
    since: Timestamp,
    /// When the breaker lets an attempt through to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

/// When an open breaker is half-open.
pub(super) fn until(daemon: &Daemon, name: &ChannelName, hold: &Hold) -> Option<Timestamp> {
    let overview = daemon.overview.load();
    let breaker = overview.channels.get(name)?.policy.breaker.filter(|_| hold.kind == HoldKind::Open)?;
    hold.since.checked_add(SignedDuration::try_from(breaker.open).ok()?).ok()
}

/// How many deliveries wait for their batch; none where there are no batches.
pub(super) fn gathered(daemon: &Daemon, name: &ChannelName) -> Option<u64> {
    daemon.overview.load().channels.get(name)?.policy.batch.as_ref()?;
    Some(daemon.dispatcher.gathered(name.as_str()).map_or(0, |gathered| gathered.deliveries as u64))
}

/// As `fanfare_breaker_state` has it: 0 closed, 1 half-open, 2 open; none where there is no breaker.
pub(super) fn breaker_state(daemon: &Daemon, name: &ChannelName) -> Option<u64> {
    daemon.overview.load().channels.get(name)?.policy.breaker?;
    let Some((LaneState::Held(hold), _)) = daemon.dispatcher.lane(name.as_str()) else { return Some(0) };
    Some(match until(daemon, name, &hold) {
        None => 0,
        Some(until) if until > daemon.clock.now() => 2,
        Some(_) => 1,
    })
}

fn hold(daemon: &Daemon, name: &ChannelName) -> Option<HoldView> {
    let Some((LaneState::Held(hold), _)) = daemon.dispatcher.lane(name.as_str()) else { return None };
    let until = until(daemon, name, &hold);
    Some(HoldView { kind: held(hold.kind), reason: hold.reason, since: hold.since, until })
}

fn held(kind: HoldKind) -> State {
    match kind {
        HoldKind::Paused => State::Paused,
        HoldKind::Suspended => State::Suspended,
        HoldKind::Open => State::Open,
    }
}

impl<'a> Channel<'a> {
    fn new(daemon: &Daemon, name: &'a ChannelName, info: Option<&'a ChannelInfo>, totals: &Totals) -> Self {
        let loaded = info.and_then(|info| info.loaded.as_ref());
        Self {
            name,
            state: info.map_or(State::Missing, |info| state(daemon, info)),
            hold: hold(daemon, name),
            plugin: info.map(|info| info.plugin.as_str()),
            digest: loaded.map(|loaded| loaded.digest.as_str()),
            kind: loaded.map(|loaded| loaded.kind),
            imports: loaded.map(|loaded| loaded.imports.as_slice()).unwrap_or_default(),
            error: info.and_then(|info| info.error.as_deref()),
            configure: info.and_then(|info| info.configure.as_deref()),
            grants: info.map(|info| &info.grants),
            policy: info.map(|info| PolicyView::of(&info.policy)),
            settings: info.map(|info| info.settings.as_slice()).unwrap_or_default(),
            secrets: info.map(|info| info.secrets.as_slice()).unwrap_or_default(),
            signed: info.is_some_and(|info| info.signed),
            counts: Counts::of(daemon, name, totals),
            gathered: daemon.dispatcher.gathered(name.as_str()).map(Into::into),
            latency: daemon.metrics.latency(name.as_str()),
            last_error: daemon.metrics.last_error(name.as_str()),
        }
    }
}

impl Counts {
    pub(super) fn of(daemon: &Daemon, name: &ChannelName, totals: &Totals) -> Self {
        let behind = totals_of(totals, name);
        let Backlog { pending, in_flight, waiting, deferred, oldest, .. } = backlog(daemon, name, Some(&behind));
        Self {
            pending,
            in_flight,
            waiting,
            deferred: deferred.iter().map(|(wait, count)| (wait.as_str(), count)).collect(),
            oldest_pending_at: oldest.or(behind.oldest_again),
            dead: behind.dead,
            dead_letters: behind.dead_letters,
            delivered: behind.delivered,
            skipped: behind.skipped,
            attempts: behind.attempts,
            success_rate: rate(behind.delivered, behind.delivered + behind.dead),
        }
    }
}

/// What the journal counted for a channel; nothing for one that was just made.
pub(super) fn totals_of(totals: &Totals, name: &ChannelName) -> ChannelTotals {
    totals.channels.iter().find(|channel| channel.channel == *name).cloned().unwrap_or_else(|| ChannelTotals {
        channel: name.clone(),
        accepted: 0,
        delivered: 0,
        dead: 0,
        dead_letters: 0,
        attempts: 0,
        failed_attempts: 0,
        pending: 0,
        skipped: 0,
        oldest_again: None,
    })
}

/// What is pending for a channel. One that has left the configuration has no lane; what it left behind is pending all the same.
pub(super) fn backlog(daemon: &Daemon, name: &ChannelName, totals: Option<&ChannelTotals>) -> Backlog {
    let lane = daemon.dispatcher.lane(name.as_str()).map(|(_, backlog)| backlog);
    lane.unwrap_or_else(|| Backlog { pending: totals.map_or(0, |totals| totals.pending), ..Backlog::default() })
}

/// A share of a whole, with four digits. `None` of nothing.
pub(super) fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1e4).round() / 1e4)
}

impl PolicyView {
    /// So many waits say how a backoff goes on.
    const WAITS: u32 = 10;

    fn of(policy: &Policy) -> Self {
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
        // In the middle of its spread, jitter is nothing.
        let waits = (1..=retries.min(Self::WAITS)).map(|attempts| text(backoff.wait(attempts, 0.5))).collect();
        let order = order.clone().unwrap_or_else(|| "none".to_owned());
        let (timeout, expires) = (text(timeout), expires.map(text));
        let filter = (!filter.is_open()).then(|| FilterView::of(filter));
        Self {
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
            fallback: fallback.clone(),
            fallback_after: fallback_after.map(text),
        }
    }
}

impl From<&Quiet> for QuietView {
    fn from(quiet: &Quiet) -> Self {
        let time = |time: jiff::civil::Time| time.strftime("%H:%M:%S").to_string().trim_end_matches(":00").to_owned();
        let whole = |text: String| if text.contains(':') { text } else { format!("{text}:00") };
        Self {
            from: whole(time(quiet.from)),
            to: whole(time(quiet.to)),
            zone: quiet.zone.iana_name().unwrap_or("UTC").to_owned(),
            days: DAYS.into_iter().zip(quiet.days).filter(|(_, on)| *on).map(|(day, _)| day).collect(),
            except: quiet.except.as_ref().map(|except| except.source().to_owned()),
        }
    }
}

impl From<&Once> for OnceView {
    fn from(once: &Once) -> Self {
        Self { per: once.per.source().to_owned(), within: text(once.within), last: once.last }
    }
}

impl From<Rate> for RateView {
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

impl From<&KeyedRate> for RateView {
    fn from(keyed: &KeyedRate) -> Self {
        Self { per: Some(keyed.per.source().to_owned()), ..keyed.rate.into() }
    }
}

impl From<&BatchPolicy> for BatchView {
    fn from(BatchPolicy { max, linger, bytes, per }: &BatchPolicy) -> Self {
        Self { max: *max, linger: text(*linger), bytes: *bytes, per: per.as_ref().map(|per| per.source().to_owned()) }
    }
}

impl From<Gathered> for GatheredView {
    fn from(Gathered { deliveries, batches, until }: Gathered) -> Self {
        Self { deliveries, batches, until }
    }
}

impl From<BreakerPolicy> for BreakerView {
    fn from(breaker: BreakerPolicy) -> Self {
        let (failures, ratio, of) = match breaker.trip {
            Trip::InARow(failures) => (Some(failures), None, None),
            Trip::Ratio { ratio, of } => (None, Some(ratio), Some(of)),
        };
        Self { failures, ratio, of, open: text(breaker.open), probes: breaker.probes }
    }
}

impl FilterView {
    fn of(filter: &Filter) -> Self {
        Self {
            types: filter.types.clone(),
            when: filter.when.as_ref().map(|when| when.source().to_owned()),
            dialects: filter
                .dialects
                .iter()
                .map(|dialect| (dialect.name().to_owned(), dialect_view(dialect)))
                .collect(),
        }
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

/// A duration as the configuration takes it: `1m 30s`.
fn text(duration: Duration) -> String {
    format!("{:#}", SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX))
}
