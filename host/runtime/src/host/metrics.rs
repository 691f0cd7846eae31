//! `metrics`: samples for the daemon's metrics. They are kept with the attempt and count only if it delivers.

use fanfare_core::{Sample, SampleValue};
use tracing::Level;
use wasmtime::component::{HasData, Linker};

use crate::{bindings::fanfare::channel::metrics, context::Context, limits};

struct Metrics;

struct View<'a>(&'a mut Context);

impl HasData for Metrics {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    metrics::add_to_linker::<_, Metrics>(linker, |context| View(context))
}

type Labels = Vec<(String, String)>;

impl metrics::Host for View<'_> {
    fn counter(&mut self, name: String, value: f64, labels: Labels) {
        // A counter must not decrease.
        if value >= 0.0 && value.is_finite() {
            self.keep(name, SampleValue::Count(value), labels);
        }
    }

    fn gauge(&mut self, name: String, value: f64, labels: Labels) {
        self.keep(name, SampleValue::Gauge(value), labels);
    }

    fn histogram(&mut self, name: String, value: f64, labels: Labels) {
        if !value.is_nan() {
            self.keep(name, SampleValue::Observation(value), labels);
        }
    }
}

impl View<'_> {
    fn keep(&mut self, name: String, value: SampleValue, labels: Labels) {
        self.0.account.charge(name.len());
        self.0.account.charge_pairs(&labels);
        let ill = if self.0.samples.len() >= limits::SAMPLES {
            // Logged once; an attempt's lines are limited as well.
            (self.0.samples.len() == limits::SAMPLES)
                .then(|| format!("an attempt may record {} samples", limits::SAMPLES))
        } else {
            check(&name, &labels)
        };
        match ill {
            None => self.0.samples.push(Sample { name, labels, value }),
            Some(ill) => {
                let name = limits::cut(&name, limits::METRIC_TEXT);
                self.0.lines().lock().push(Level::WARN, &format!("the metric `{name}` was dropped: {ill}"));
            }
        }
    }
}

/// What is wrong with a sample, if anything.
fn check(name: &str, labels: &[(String, String)]) -> Option<String> {
    let word = |word: &str| {
        word.len() <= limits::METRIC_TEXT
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !word(name) {
        return Some(format!(
            "a name consists of a-z, 0-9 and `_`, starts with a letter and has at most {} bytes",
            limits::METRIC_TEXT
        ));
    }
    if labels.len() > limits::METRIC_LABELS {
        return Some(format!("a sample has at most {} labels", limits::METRIC_LABELS));
    }
    for (at, (label, value)) in labels.iter().enumerate() {
        if !word(label) || label == "channel" || labels[..at].iter().any(|(other, _)| other == label) {
            return Some("a label name follows the same rules, is unique and is not `channel`".to_owned());
        }
        if value.len() > limits::METRIC_TEXT {
            return Some(format!("a label's value has at most {} bytes", limits::METRIC_TEXT));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(list: &[(&str, &str)]) -> Labels {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn names_and_labels_are_plain_and_bounded() {
        assert_eq!(check("sent_total2", &labels(&[("kind", "Any text")])), None);
        for bad in ["", "Sent", "2x", "_x", "a-b", "ä", &"x".repeat(limits::METRIC_TEXT + 1)] {
            assert!(check(bad, &[]).is_some(), "{bad}");
        }
        for bad in [
            labels(&[("channel", "x")]),
            labels(&[("a", "x"), ("a", "y")]),
            labels(&[("A", "x")]),
            labels(&[("a", &"v".repeat(limits::METRIC_TEXT + 1))]),
            vec![("a".to_owned(), String::new()); limits::METRIC_LABELS + 1],
        ] {
            assert!(check("ok", &bad).is_some(), "{bad:?}");
        }
    }
}
