//! Counts events by type and severity, and measures the size of their data, for the daemon's `/metrics`.

use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, export_channel, json, metrics, settings};
use serde::Deserialize;

struct Metrics;

export_channel!(Metrics);

#[derive(Deserialize)]
struct Settings {
    /// The event types to count separately; any other counts as `other`. Without it, every type of a sensible shape is
    /// counted.
    types: Option<Vec<String>>,
}

impl Channel for Metrics {
    fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
        let Settings { types } = settings()?;
        let event = &delivery.event;
        let kind = type_label(&event.type_, types.as_deref());
        metrics::counter("events_total", 1.0, &[("type", kind), ("severity", severity_label(event.severity()))]);
        metrics::histogram("event_data_bytes", event.data_bytes().len() as f64, &[("type", kind)]);
        Ok(json!({ "metrics_recorded": 2 }).into())
    }
}

/// Each label value makes a time series that the daemon keeps for good, and publishers choose the types. So a type that
/// is not listed, or that looks like it contains an id or free text, is `other`.
fn type_label<'a>(event_type: &'a str, listed: Option<&[String]>) -> &'a str {
    let known = match listed {
        Some(types) => types.iter().any(|known| known == event_type),
        None => event_type.len() <= 64 && event_type.bytes().all(|b| b.is_ascii_alphabetic() || b"._-/".contains(&b)),
    };
    if known { event_type } else { "other" }
}

fn severity_label(severity: Option<&str>) -> &'static str {
    const KNOWN: [&str; 9] = ["trace", "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
    let Some(severity) = severity else { return "none" };
    match severity.to_ascii_lowercase().as_str() {
        "warn" => "warning",
        "fatal" => "critical",
        other => KNOWN.into_iter().find(|known| *known == other).unwrap_or("other"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

    use fanfare_plugin_sdk::testing::{Host, delivery};

    use super::*;

    #[test]
    fn an_event_is_counted_by_type_and_severity() {
        let host = Host::new().install();
        let mut delivery = delivery("user.signup", r#"{"n":1}"#);
        delivery.event.extensions = vec![("severity".into(), "WARN".into())];

        let receipt = Metrics::deliver(&delivery).unwrap();

        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let kind = label("type", "user.signup");
        assert_eq!(
            host.samples(),
            [
                ("events_total".to_owned(), 1.0, vec![kind.clone(), label("severity", "warning")]),
                ("event_data_bytes".to_owned(), 7.0, vec![kind]),
            ]
        );
        assert_eq!(receipt.as_str(), r#"{"metrics_recorded":2}"#);
    }

    #[test]
    fn label_values_are_bounded_whatever_publishers_send() {
        let listed = ["order.paid".to_owned(), "user.7".to_owned()];
        let long = "a".repeat(65);
        let table: [(&str, Option<&[String]>, &str); 6] = [
            ("order.paid", None, "order.paid"),
            ("order.4711", None, "other"),
            ("Order paid!", None, "other"),
            (&long, None, "other"),
            ("user.7", Some(&listed), "user.7"),
            ("order.sent", Some(&listed), "other"),
        ];
        for (event_type, listed, expected) in table {
            assert_eq!(type_label(event_type, listed), expected, "{event_type}");
        }
        for (severity, expected) in [(None, "none"), (Some("Fatal"), "critical"), (Some("x-9"), "other")] {
            assert_eq!(severity_label(severity), expected);
        }
    }
}
