//! The text that Prometheus scrapes.
//!
//! The library writes OpenMetrics. Prometheus's older text format 0.0.4, which everything reads, differs in little: a
//! family of counters is named with its `_total`, and there is neither an `info` type nor an end mark.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    sync::atomic::AtomicU64,
};

use fanfare_core::ChannelName;
use fanfare_dispatch::Backlog;
use jiff::Timestamp;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{Metrics, channel::One, process, samples};
use crate::{api::State as ChannelState, certificate::Validity};

/// The formats that a scraper can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text format 0.0.4.
    Prometheus,
    OpenMetrics,
}

impl Format {
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What is not counted but read at each scrape.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    pub channels: Vec<ChannelGauges>,
    pub journal: JournalGauges,
    /// Whether the daemon accepts events.
    pub ready: bool,
    /// Whether the last reload was rejected, in whole or in part, so that what runs is older than the files.
    pub reload_rejected: bool,
    /// Absent without TLS.
    pub certificate: Option<Validity>,
}

/// What is read of the journal at each scrape.
#[derive(Clone, Copy, Debug, Default)]
pub struct JournalGauges {
    /// Whether it can be written.
    pub writable: bool,
    /// Reads that found damage.
    pub damage: u64,
    /// The size of its files.
    pub bytes: Option<u64>,
    /// The free space of their file system.
    pub free: Option<u64>,
}

/// What is read of a channel at each scrape.
#[derive(Clone, Debug)]
pub struct ChannelGauges {
    pub name: ChannelName,
    pub backlog: Backlog,
    /// Absent if the channel is no longer configured.
    pub state: Option<ChannelState>,
    /// Whether its oldest due delivery has waited longer than `lagging_after`.
    pub lags: bool,
    /// Absent if the journal could not be read.
    pub dead_letters: Option<u64>,
    /// 0 closed, 1 half-open, 2 open; absent if the channel has no breaker.
    pub breaker: Option<u64>,
    /// Deliveries that wait for their batch; absent if the channel has no batches.
    pub gathered: Option<u64>,
}

type PerChannel<N> = Family<One, Gauge<N, AtomicU64>>;
type Whole = PerChannel<u64>;
type Real = PerChannel<f64>;
type States = Family<[(&'static str, String); 2], Gauge<u64, AtomicU64>>;

impl Metrics {
    /// All counters and these gauges, as text.
    ///
    /// # Errors
    /// [`fmt::Error`] if the library cannot write a value.
    pub fn encode(&self, gauges: &Gauges, format: Format) -> Result<String, fmt::Error> {
        let mut out = String::with_capacity(16 << 10);
        text::encode_registry(&mut out, &self.registry)?;
        // A registry for this scrape alone, so that concurrent scrapes do not affect each other.
        text::encode_registry(&mut out, &self.gauges(gauges))?;
        // The standard names of process metrics have no prefix.
        let mut process = Registry::default();
        process::register(&mut process, self.started);
        text::encode_registry(&mut out, &process)?;
        self.encode_guests(&mut out)?;
        text::encode_eof(&mut out)?;
        Ok(match format {
            Format::OpenMetrics => out,
            Format::Prometheus => to_prometheus(&out),
        })
    }

    fn gauges(&self, gauges: &Gauges) -> Registry {
        let now = self.clock.now();
        let (pending, in_flight, dead) = (Whole::default(), Whole::default(), Whole::default());
        let (oldest, breaker, gathered) = (Real::default(), Whole::default(), Whole::default());
        let (state, lagging) = (States::default(), Whole::default());
        for channel in &gauges.channels {
            let labels = [("channel", channel.name.to_string())];
            pending.get_or_create(&labels).set(channel.backlog.pending);
            in_flight.get_or_create(&labels).set(channel.backlog.in_flight);
            let age = channel.backlog.oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
            oldest.get_or_create(&labels).set(age.max(0.0));
            lagging.get_or_create(&labels).set(channel.lags.into());
            if let Some(now) = channel.state {
                for one in ChannelState::ALL {
                    let labels = [("channel", channel.name.to_string()), ("state", one.as_str().to_owned())];
                    state.get_or_create(&labels).set((one == now).into());
                }
            }
            if let Some(state) = channel.breaker {
                breaker.get_or_create(&labels).set(state);
            }
            if let Some(count) = channel.gathered {
                gathered.get_or_create(&labels).set(count);
            }
            if let Some(count) = channel.dead_letters {
                dead.get_or_create(&labels).set(count);
            }
        }
        let mut registry = Registry::with_prefix("fanfare");
        registry.register("pending", "Pending deliveries", pending);
        registry.register("in_flight", "Deliveries in flight", in_flight);
        registry.register("oldest_pending_seconds", "Age of the oldest pending delivery; 0 if there is none", oldest);
        registry.register("channel_state", "1 for the current state of the channel, 0 for the others", state);
        registry.register(
            "channel_lagging",
            "Whether the channel's oldest due delivery has waited longer than lagging_after",
            lagging,
        );
        registry.register("breaker_state", "The channel's breaker: 0 closed, 1 half-open, 2 open", breaker);
        registry.register("gathered", "Deliveries in flight that wait for their batch", gathered);
        registry.register("dead_letters", "Dead letters", dead);
        let mut alone = |name, help, value| {
            let gauge = Gauge::<u64, AtomicU64>::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        };
        alone("ready", "Whether the daemon accepts events, as in /readyz", gauges.ready.into());
        alone(
            "reload_rejected",
            "Whether the last reload was rejected, in whole or in part, so that what runs is older than the files",
            gauges.reload_rejected.into(),
        );
        if let Some(Validity { not_before, not_after }) = gauges.certificate {
            let seconds = |at: Timestamp| u64::try_from(at.as_second()).unwrap_or_default();
            alone(
                "tls_certificate_not_before_timestamp_seconds",
                "When the server's certificate begins to be valid, since the Unix epoch",
                seconds(not_before),
            );
            alone(
                "tls_certificate_not_after_timestamp_seconds",
                "When the server's certificate expires, since the Unix epoch",
                seconds(not_after),
            );
        }
        alone("journal_writable", "Whether the journal can be written", gauges.journal.writable.into());
        if let Some(bytes) = gauges.journal.bytes {
            alone("journal_bytes", "Size of the journal's files", bytes);
        }
        if let Some(bytes) = gauges.journal.free {
            alone("journal_free_bytes", "Free space of the journal's file system", bytes);
        }
        let damaged = Counter::<u64>::default();
        damaged.inc_by(gauges.journal.damage);
        registry.register("journal_damage", "Reads of the journal that found damage; alert on any", damaged);
        registry
    }

    /// The guests' metrics. If channels disagree about a name's type, the exposition omits the type. Each series keeps
    /// its name and its labels, so queries keep working.
    fn encode_guests(&self, out: &mut String) -> fmt::Result {
        let mut families = samples::Families::new();
        for (name, channel) in self.channels.load().iter() {
            channel.collect(name, &mut families);
        }
        self.stages.collect(&mut families);
        for family in families.values_mut() {
            family.series.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        let contested = samples::contested(&mut families);
        encode_families(out, families)?;

        let mut text = String::new();
        for (key, family) in contested {
            // Separately, because the library allows a name only once in a registry.
            encode_families(&mut text, [(key, family)].into())?;
        }
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.find(['{', ' ']).map_or(line, |end| &line[..end]);
            by_name.entry(name).or_default().push(line);
        }
        for (name, lines) in by_name {
            writeln!(out, "# HELP {name} Measured by plugins, which disagree about its type.\n# TYPE {name} unknown")?;
            lines.into_iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        Ok(())
    }
}

fn encode_families(out: &mut String, families: samples::Families) -> fmt::Result {
    let mut registry = Registry::with_prefix("fanfare");
    registry.register_collector(Box::new(Guests(families)));
    text::encode_registry(out, &registry)
}

/// The guests' own metrics.
struct Guests(samples::Families);

impl fmt::Debug for Guests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Collector for Guests {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        for ((name, _), samples::Family { ty, series, .. }) in &self.0 {
            let name = format!("plugin_{name}");
            let mut family = encoder.encode_descriptor(&name, "Measured by plugins.", None, *ty)?;
            for (labels, series) in series {
                let metric = family.encode_family(labels)?;
                match series {
                    samples::Series::Count(counter) => counter.encode(metric)?,
                    samples::Series::Gauge(gauge) => gauge.encode(metric)?,
                    samples::Series::Observations(histogram) => histogram.encode(metric)?,
                }
            }
        }
        Ok(())
    }
}

/// Converts the library's OpenMetrics, which has no units and exemplars, into text format 0.0.4.
fn to_prometheus(openmetrics: &str) -> String {
    let mut out = String::with_capacity(openmetrics.len() + openmetrics.len() / 16);
    let mut help = None;
    for line in openmetrics.lines() {
        let Some(comment) = line.strip_prefix("# ") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        // The name in a HELP line depends on the type, which comes one line later.
        if let Some(rest) = comment.strip_prefix("HELP ") {
            help = rest.split_once(' ').map(|(_, help)| help);
        } else if let Some((name, ty)) = comment.strip_prefix("TYPE ").and_then(|rest| rest.split_once(' ')) {
            let (suffix, ty) = match ty {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                other => ("", other),
            };
            if let Some(help) = help.take() {
                out.extend(["# HELP ", name, suffix, " ", help, "\n"]);
            }
            out.extend(["# TYPE ", name, suffix, " ", ty, "\n"]);
        }
    }
    out
}
