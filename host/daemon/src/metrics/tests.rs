use std::collections::BTreeSet;

use fanfare_core::{ChannelId, Class, Defaults, Event, Offset, Sample, SampleValue, delivery::Trigger};
use fanfare_dispatch::{Backlog, Settled};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::{api::State, certificate::Validity};

mod parser;

use parser::Exposition;

struct Fixed;

const DELIVERY: DeliveryId = DeliveryId { event: Uuid::nil(), channel: ChannelId(1) };

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(100)
    }
}

fn metrics() -> Metrics {
    Metrics::new(Arc::new(Fixed))
}

fn name(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

fn record(class: Option<Class>, duration_ms: f64) -> AttemptRecord {
    AttemptRecord {
        number: 1,
        trigger: Trigger::First,
        started: Timestamp::UNIX_EPOCH,
        duration_ms,
        class,
        code: class.map(|_| "http_503".to_owned()),
        error: class.map(|_| "the receiver said \"503\"".to_owned()),
        fuel: 1_000,
        memory: 65_536,
        plugin: "0123456789abcdef".to_owned(),
        trace: vec![],
    }
}

fn attempt(metrics: &Metrics, channel: &str, class: Option<Class>, duration_ms: f64) {
    metrics.attempted(&name(channel), DELIVERY, &record(class, duration_ms));
}

fn sample(name: &str, labels: &[(&str, &str)], value: SampleValue) -> Sample {
    let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Sample { name: name.to_owned(), labels, value }
}

fn samples(metrics: &Metrics, channel: &str, samples: &[Sample]) {
    settled(metrics, channel, Settled::Delivered, 3, samples);
}

fn settled(metrics: &Metrics, channel: &str, how: Settled, millis: u64, samples: &[Sample]) {
    let defaults = Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() };
    let event = Event::from_simple(br#"{"type":"t"}"#, defaults).unwrap();
    let (channel, latency) = (&name(channel), Duration::from_millis(millis));
    metrics.settled(
        channel,
        &[End {
            offset: Offset(1),
            event: Some(&event),
            how,
            latency,
            delivery: DELIVERY,
            attempt: None,
            why: None,
            samples,
            result: None,
        }],
    );
}

fn scrape(metrics: &Metrics) -> Exposition {
    Exposition::parse(&text(metrics))
}

fn text(metrics: &Metrics) -> String {
    let backlog = Backlog {
        pending: 7,
        in_flight: 2,
        waiting: 1,
        deferred: Default::default(),
        oldest: Some(Fixed.now() - SignedDuration::from_secs(5)),
        due: None,
    };
    let channels = vec![
        ChannelGauges {
            name: name("log"),
            backlog,
            state: Some(State::Open),
            lags: true,
            dead_letters: Some(3),
            breaker: Some(2),
            gathered: Some(7),
        },
        ChannelGauges {
            name: name("idle"),
            backlog: Backlog::default(),
            state: None,
            lags: false,
            dead_letters: None,
            breaker: None,
            gathered: None,
        },
    ];
    let journal = JournalGauges { writable: true, damage: 0, bytes: Some(4_096), free: Some(1 << 40) };
    let certificate = Some(Validity::from_seconds(1, 2));
    let gauges = Gauges { channels, journal, ready: true, reload_rejected: false, certificate };
    metrics.encode(&gauges, Format::Prometheus).unwrap()
}

#[test]
fn every_name_of_the_contract_is_exported_with_its_type_and_labels() {
    let metrics = metrics();
    metrics.accepted(3);
    metrics.duplicate();
    attempt(&metrics, "log", None, 2.0);
    attempt(&metrics, "log", Some(Class::Retry), 4.0);
    settled(&metrics, "log", Settled::Delivered, 30, &[]);
    settled(&metrics, "log", Settled::Dead, 30, &[]);
    metrics.reloaded("config", true);
    metrics.reloaded("plugin", false);
    metrics.committed(Duration::from_millis(2), 64);
    let call = Call { method: "POST", route: "/v1/events" };
    metrics.responses(call).add(StatusCode::ACCEPTED, Duration::from_millis(4));
    metrics.responses(call).add(StatusCode::OK, Duration::from_millis(4));
    metrics.unrouted(StatusCode::FORBIDDEN);

    let scraped = scrape(&metrics);
    let cases = [
        ("counter", "fanfare_events_accepted_total", "", 3.0),
        ("counter", "fanfare_events_duplicate_total", "", 1.0),
        ("counter", "fanfare_deliveries_total", r#"channel="log",outcome="delivered""#, 1.0),
        ("counter", "fanfare_deliveries_total", r#"channel="log",outcome="dead""#, 1.0),
        ("counter", "fanfare_attempts_total", r#"channel="log",class="delivered""#, 1.0),
        ("counter", "fanfare_attempts_total", r#"channel="log",class="retry""#, 1.0),
        ("counter", "fanfare_attempts_total", r#"channel="log",class="trap""#, 0.0),
        ("histogram", "fanfare_attempt_duration_seconds_count", r#"channel="log""#, 2.0),
        ("histogram", "fanfare_attempt_duration_seconds_sum", r#"channel="log""#, 0.006),
        ("histogram", "fanfare_attempt_duration_seconds_bucket", r#"channel="log",le="0.0025""#, 1.0),
        ("histogram", "fanfare_attempt_duration_seconds_bucket", r#"channel="log",le="+Inf""#, 2.0),
        ("histogram", "fanfare_delivery_latency_seconds_count", r#"channel="log""#, 2.0),
        ("gauge", "fanfare_pending", r#"channel="log""#, 7.0),
        ("gauge", "fanfare_in_flight", r#"channel="log""#, 2.0),
        ("gauge", "fanfare_oldest_pending_seconds", r#"channel="log""#, 5.0),
        ("gauge", "fanfare_oldest_pending_seconds", r#"channel="idle""#, 0.0),
        ("gauge", "fanfare_dead_letters", r#"channel="log""#, 3.0),
        ("gauge", "fanfare_channel_state", r#"channel="log",state="open""#, 1.0),
        ("gauge", "fanfare_channel_state", r#"channel="log",state="active""#, 0.0),
        ("gauge", "fanfare_channel_lagging", r#"channel="log""#, 1.0),
        ("gauge", "fanfare_channel_lagging", r#"channel="idle""#, 0.0),
        ("gauge", "fanfare_ready", "", 1.0),
        ("gauge", "fanfare_reload_rejected", "", 0.0),
        ("gauge", "fanfare_journal_writable", "", 1.0),
        ("gauge", "fanfare_journal_bytes", "", 4_096.0),
        ("gauge", "fanfare_journal_free_bytes", "", f64::from(1u32 << 31) * 512.0),
        ("counter", "fanfare_http_requests_total", r#"code="202",method="POST",route="/v1/events""#, 1.0),
        ("counter", "fanfare_http_requests_total", r#"code="403",method="none",route="none""#, 1.0),
        ("histogram", "fanfare_http_request_duration_seconds_count", r#"method="POST",route="/v1/events""#, 2.0),
        ("gauge", "process_start_time_seconds", "", 100.0),
        ("counter", "fanfare_plugin_fuel_total", r#"channel="log""#, 2_000.0),
        ("gauge", "fanfare_plugin_memory_peak_bytes", r#"channel="log""#, 65_536.0),
        ("counter", "fanfare_reloads_total", r#"outcome="ok",what="config""#, 1.0),
        ("counter", "fanfare_reloads_total", r#"outcome="rejected",what="plugin""#, 1.0),
        ("histogram", "fanfare_journal_commit_seconds_count", "", 1.0),
        ("histogram", "fanfare_journal_group_size_sum", "", 64.0),
    ];
    for (ty, series, labels, want) in cases {
        assert_eq!(scraped.value(series, labels), Some(want), "{series}{{{labels}}}");
        assert_eq!(scraped.type_of(series), Some(ty), "{series}");
    }
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(scraped.value("fanfare_build_info", &version), Some(1.0));
    assert_eq!(scraped.type_of("fanfare_build_info"), Some("gauge"));
    assert_eq!(
        scraped.value("fanfare_dead_letters", r#"channel="idle""#),
        None,
        "an unknown value is not exported as 0"
    );
}

#[test]
fn every_metric_is_documented() {
    let page = include_str!("../../../../docs/metrics.md");
    let documented: BTreeSet<_> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next()).collect();
    let metrics = metrics();
    attempt(&metrics, "log", None, 2.0);
    metrics.has_stage(&name("enrich"));
    metrics.has_schema("user.*");
    metrics.reloaded("config", true);
    metrics.responses(Call { method: "GET", route: "/" }).add(StatusCode::OK, Duration::ZERO);
    let text = text(&metrics);
    let exported: BTreeSet<_> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(documented, exported, "docs/metrics.md (left) has a row for each metric");
}

#[test]
fn open_metrics_is_the_library_s_text() {
    let metrics = metrics();
    metrics.accepted(1);
    let text = metrics.encode(&Gauges::default(), Format::OpenMetrics).unwrap();
    assert!(text.contains("# TYPE fanfare_events_accepted counter\nfanfare_events_accepted_total 1\n"), "{text}");
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn a_host_fault_is_counted_but_does_not_affect_the_guest_s_times() {
    let metrics = metrics();
    attempt(&metrics, "log", Some(Class::Host), 9_000.0);
    assert_eq!(metrics.latency("log"), None);
    let scraped = scrape(&metrics);
    assert_eq!(scraped.value("fanfare_attempts_total", r#"channel="log",class="host""#), Some(1.0));
    assert_eq!(scraped.value("fanfare_attempt_duration_seconds_count", r#"channel="log""#), Some(0.0));
}

#[test]
fn percentiles_are_within_one_part_in_a_hundred() {
    let metrics = metrics();
    for ms in 1..=1_000 {
        attempt(&metrics, "log", None, f64::from(ms));
    }
    let Latency { p50_ms, p90_ms, p99_ms } = metrics.latency("log").unwrap();
    for (have, want) in [(p50_ms, 500.0), (p90_ms, 900.0), (p99_ms, 990.0)] {
        assert!((have - want).abs() <= want / 100.0, "{have} for {want}");
    }
    attempt(&metrics, "odd", None, f64::INFINITY);
    attempt(&metrics, "odd", None, f64::NAN);
    assert!(metrics.latency("odd").is_some(), "any duration can be counted");
    assert_eq!(metrics.latency("never"), None);
}

#[test]
fn the_last_failures_are_kept_newest_first_and_no_more_than_twenty() {
    let metrics = metrics();
    for number in 1..=25 {
        let record = AttemptRecord { number, ..record(Some(Class::Trap), 1_500.0) };
        metrics.attempted(&name("log"), DELIVERY, &record);
    }
    attempt(&metrics, "log", None, 1.0);
    let numbers: Vec<_> = metrics.recent_failures().iter().map(|failure| failure.attempt).collect();
    assert_eq!(numbers, (6..=25).rev().collect::<Vec<_>>());
    let last = metrics.last_error("log").unwrap();
    assert_eq!((last.class, last.code.as_str()), (Class::Trap.into(), "http_503"));
    assert_eq!(last.at, Timestamp::UNIX_EPOCH + SignedDuration::from_millis(1_500), "when the attempt ended");
}

#[test]
fn guests_metrics_are_exported_with_their_channel() {
    use SampleValue::{Count, Gauge, Observation};
    let metrics = metrics();
    let first = [
        sample("orders", &[("plan", "pro")], Count(1.5)),
        sample("orders_total", &[("plan", "pro")], Count(1.0)),
        sample("depth", &[], Gauge(-4.0)),
        sample("size", &[], Observation(3.0)),
        sample("size", &[], Observation(70.0)),
    ];
    samples(&metrics, "log", &first);
    // The same labels in another order, with a character that label names cannot have, and a value that needs escapes.
    samples(&metrics, "log", &[sample("mixed", &[("b-c", "say \"hi\"\n"), ("a", "1")], Count(1.0))]);
    samples(&metrics, "log", &[sample("mixed", &[("a", "1"), ("b.c", "say \"hi\"\n")], Count(1.0))]);
    samples(&metrics, "other", &[sample("depth", &[], Gauge(1.0)), sample("depth", &[], Gauge(2.0))]);

    let scraped = scrape(&metrics);
    let cases = [
        ("counter", "fanfare_plugin_orders_total", r#"channel="log",plan="pro""#, 2.5),
        ("gauge", "fanfare_plugin_depth", r#"channel="log""#, -4.0),
        ("gauge", "fanfare_plugin_depth", r#"channel="other""#, 2.0),
        ("histogram", "fanfare_plugin_size_sum", r#"channel="log""#, 73.0),
        ("histogram", "fanfare_plugin_size_bucket", r#"channel="log",le="5.0""#, 1.0),
        ("counter", "fanfare_plugin_mixed_total", r#"a="1",b_c="say \"hi\"\n",channel="log""#, 2.0),
    ];
    for (ty, series, labels, want) in cases {
        assert_eq!(scraped.value(series, labels), Some(want), "{series}{{{labels}}}");
        assert_eq!(scraped.type_of(series), Some(ty), "{series}");
    }
}

#[test]
fn samples_that_cannot_be_exported_are_dropped_and_counted() {
    use SampleValue::{Count, Gauge, Observation};
    let cases = [
        ("clash", vec![sample("a", &[], Count(1.0)), sample("a", &[], Gauge(1.0))]),
        ("clash", vec![sample("a", &[], Count(1.0)), sample("a", &[("x", "y")], Observation(1.0))]),
        // Two names that would export the same one.
        ("clash", vec![sample("a", &[], Observation(1.0)), sample("a_count", &[], Gauge(1.0))]),
        ("clash", vec![sample("a_total", &[], Gauge(1.0)), sample("a", &[], Count(1.0))]),
        // Names that the daemon uses.
        ("clash", vec![sample("fuel", &[], Count(1.0))]),
        ("clash", vec![sample("memory_peak_bytes", &[], Gauge(1.0))]),
        ("value", vec![sample("a", &[], Count(-1.0))]),
        ("value", vec![sample("a", &[], Count(f64::INFINITY))]),
        ("value", vec![sample("a", &[], Gauge(f64::NAN))]),
        ("value", vec![sample("a", &[], Observation(f64::NAN))]),
    ];
    for (reason, given) in cases {
        let metrics = metrics();
        samples(&metrics, "log", &given);
        let labels = format!(r#"channel="log",reason="{reason}""#);
        // Parsing checks that the exposition is still valid.
        assert_eq!(scrape(&metrics).value("fanfare_plugin_series_dropped_total", &labels), Some(1.0), "{given:?}");
    }
}

#[test]
fn no_channel_takes_a_name_from_another() {
    use SampleValue::{Count, Gauge, Observation};
    let metrics = metrics();
    samples(&metrics, "first", &[sample("a", &[], Gauge(1.0)), sample("b", &[], Count(1.0))]);
    samples(&metrics, "second", &[sample("a", &[], Count(2.0)), sample("b", &[], Count(2.0))]);
    // Its names end in what other types append to theirs.
    samples(&metrics, "third", &[sample("a", &[("k", "v")], Observation(3.0))]);
    samples(&metrics, "fourth", &[sample("a_count", &[], Gauge(4.0)), sample("a_total", &[], Gauge(4.0))]);
    // Parsing checks that each name has one type.
    let scraped = scrape(&metrics);
    for (ty, series, labels, want) in [
        ("untyped", "a", r#"channel="first""#, 1.0),
        ("untyped", "a_total", r#"channel="second""#, 2.0),
        ("untyped", "a_sum", r#"channel="third",k="v""#, 3.0),
        ("untyped", "a_bucket", r#"channel="third",k="v",le="+Inf""#, 1.0),
        ("untyped", "a_count", r#"channel="third",k="v""#, 1.0),
        ("untyped", "a_count", r#"channel="fourth""#, 4.0),
        ("untyped", "a_total", r#"channel="fourth""#, 4.0),
        // No channel disagrees about this one.
        ("counter", "b_total", r#"channel="first""#, 1.0),
        ("counter", "b_total", r#"channel="second""#, 2.0),
    ] {
        let name = format!("fanfare_plugin_{series}");
        assert_eq!(scraped.value(&name, labels), Some(want), "{series}{{{labels}}}");
        assert_eq!(scraped.type_of(&name), Some(ty), "{series}");
    }
    for channel in ["first", "second", "third", "fourth"] {
        let labels = format!(r#"channel="{channel}",reason="clash""#);
        assert_eq!(scraped.value("fanfare_plugin_series_dropped_total", &labels).unwrap_or(0.0), 0.0, "{channel}");
    }
}

#[test]
fn a_channel_has_a_bounded_number_of_series() {
    let metrics = metrics();
    let many: Vec<_> = (0..samples::MOST_SERIES + 10)
        .map(|user| sample("seen", &[("user", &user.to_string())], SampleValue::Count(1.0)))
        .collect();
    samples(&metrics, "log", &many);
    samples(&metrics, "log", &many); // known series still count
    let scraped = scrape(&metrics);
    assert_eq!(scraped.series("fanfare_plugin_seen_total"), samples::MOST_SERIES);
    assert_eq!(scraped.value("fanfare_plugin_seen_total", r#"channel="log",user="0""#), Some(2.0));
    let dropped = scraped.value("fanfare_plugin_series_dropped_total", r#"channel="log",reason="limit""#);
    assert_eq!(dropped, Some(20.0));
}
