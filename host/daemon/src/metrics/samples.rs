//! What guests measure themselves, exported under `fanfare_plugin_`.
//!
//! A guest chooses names, labels and values, so all three are bounded: a channel has at most [`MOST_SERIES`] series, a
//! name belongs to the type that the channel used first, and label names are converted to valid ones. Other samples are
//! dropped and counted. Channels cannot take names from each other; see [`contested`].

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, atomic::AtomicU64},
};

use fanfare_core::{ChannelName, Sample, SampleValue};
use prometheus_client::metrics::{MetricType, counter::Counter, gauge::Gauge, histogram::Histogram};

/// Series per channel, and spellings of label sets that lead to them.
pub(super) const MOST_SERIES: usize = 1_000;

/// The longest label value in characters; longer ones are truncated.
const LONGEST_VALUE: usize = 256;

/// The most labels of one series, besides `channel`.
const MOST_LABELS: usize = 16;

/// Names under `fanfare_plugin_` that the daemon uses.
const RESERVED: [&str; 5] = ["fuel", "fuel_total", "memory_peak_bytes", "series_dropped", "series_dropped_total"];

/// Why a sample was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drop {
    /// The channel has reached its number of series.
    Limit,
    /// The channel has used the name for another type, or the daemon uses it.
    Clash,
    /// Not a finite number, or a decrement of a counter.
    Value,
}

impl Drop {
    pub(super) const ALL: [Self; 3] = [Self::Limit, Self::Clash, Self::Value];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Clash => "clash",
            Self::Value => "value",
        }
    }
}

pub(super) type Labels = Vec<(String, String)>;

/// Guests' metrics for the exposition: by name and type, with each channel's series.
pub(super) type Families = BTreeMap<(String, &'static str), Family>;

pub(super) struct Family {
    pub(super) ty: MetricType,
    pub(super) series: Vec<(Labels, Series)>,
    suffixes: &'static [&'static str],
}

impl Family {
    /// The names that an exposition contains for it.
    fn names(&self, name: &str) -> impl Iterator<Item = String> {
        self.suffixes.iter().map(move |suffix| format!("{name}{suffix}"))
    }
}

/// Removes the families whose type channels disagree about: an exposition can state a name's type only once.
pub(super) fn contested(families: &mut Families) -> Families {
    let mut claims: HashMap<String, usize> = HashMap::new();
    for ((name, _), family) in families.iter() {
        family.names(name).for_each(|name| *claims.entry(name).or_default() += 1);
    }
    families.extract_if(.., |(name, _), family| family.names(name).any(|name| claims[&name] > 1)).collect()
}

/// The names that a channel has used so far, with their types.
struct Names {
    types: HashMap<String, &'static str>,
    /// Every name that an exposition of these would contain; the histogram `orders` also takes `orders_count`.
    taken: HashSet<String>,
}

impl Default for Names {
    fn default() -> Self {
        Self { types: HashMap::new(), taken: RESERVED.map(str::to_owned).into() }
    }
}

impl Names {
    /// Whether the name has this type, from now on if it is new.
    fn claim(&mut self, name: &str, series: &Series) -> bool {
        let (ty, suffixes) = series.shape();
        if let Some(&have) = self.types.get(name) {
            return have == ty;
        }
        let names: Vec<_> = suffixes.iter().map(|suffix| format!("{name}{suffix}")).collect();
        if names.iter().any(|name| self.taken.contains(name)) {
            return false;
        }
        self.taken.extend(names);
        self.types.insert(name.to_owned(), ty);
        true
    }
}

/// One series. Cheap to clone; clones share their count.
#[derive(Clone, Debug)]
pub(super) enum Series {
    Count(Counter<f64, AtomicU64>),
    Gauge(Gauge<f64, AtomicU64>),
    Observations(Histogram),
}

impl Series {
    fn new(value: SampleValue) -> Self {
        match value {
            SampleValue::Count(_) => Self::Count(Counter::default()),
            SampleValue::Gauge(_) => Self::Gauge(Gauge::default()),
            // The guest's unit is unknown, so the range is wide: powers of two and a half, from a thousandth to ten
            // million.
            SampleValue::Observation(_) => {
                let steps = (-3..=6).flat_map(|power| [1.0, 2.5, 5.0].map(|step| step * 10f64.powi(power)));
                Self::Observations(Histogram::new(steps))
            }
        }
    }

    /// Its type, and the suffixes of the names that it is exported under.
    fn shape(&self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Count(_) => ("counter", &["", "_total"]),
            Self::Gauge(_) => ("gauge", &[""]),
            Self::Observations(_) => ("histogram", &["", "_bucket", "_sum", "_count"]),
        }
    }

    fn metric_type(&self) -> MetricType {
        match self {
            Self::Count(_) => MetricType::Counter,
            Self::Gauge(_) => MetricType::Gauge,
            Self::Observations(_) => MetricType::Histogram,
        }
    }

    fn record(&self, value: SampleValue) -> Result<(), Drop> {
        match (self, value) {
            (Self::Count(_), SampleValue::Count(by)) if !by.is_finite() || by < 0.0 => return Err(Drop::Value),
            (Self::Count(counter), SampleValue::Count(by)) => {
                counter.inc_by(by);
            }
            (_, SampleValue::Gauge(value) | SampleValue::Observation(value)) if !value.is_finite() => {
                return Err(Drop::Value);
            }
            (Self::Gauge(gauge), SampleValue::Gauge(value)) => {
                gauge.set(value);
            }
            (Self::Observations(histogram), SampleValue::Observation(value)) => histogram.observe(value),
            _ => return Err(Drop::Clash),
        }
        Ok(())
    }
}

/// The series of one channel's guest.
#[derive(Default)]
pub(super) struct ChannelSamples {
    /// By name and labels exactly as the guest writes them, so that a repeated sample costs two lookups.
    spelled: HashMap<String, HashMap<Labels, Series>>,
    spellings: usize,
    /// By exported name and labels; several spellings may lead to one.
    exported: HashMap<(String, Arc<Labels>), Series>,
    names: Names,
}

impl ChannelSamples {
    pub(super) fn record(&mut self, sample: &Sample) -> Result<(), Drop> {
        let known = self.spelled.get(sample.name.as_str()).and_then(|labels| labels.get(sample.labels.as_slice()));
        match known {
            Some(series) => series.record(sample.value),
            None => self.admit(sample)?.record(sample.value),
        }
    }

    fn admit(&mut self, sample: &Sample) -> Result<&Series, Drop> {
        if self.spellings >= MOST_SERIES {
            return Err(Drop::Limit);
        }
        let made = Series::new(sample.value);
        // The exposition appends `_total` to counters. A guest that appends it too means the same counter.
        let name = match made {
            Series::Count(_) => sample.name.strip_suffix("_total").unwrap_or(&sample.name),
            _ => &sample.name,
        };
        if !self.names.claim(name, &made) {
            return Err(Drop::Clash);
        }
        let series = self.exported.entry((name.to_owned(), Arc::new(fit(&sample.labels)))).or_insert(made).clone();
        self.spellings += 1;
        let spelled = self.spelled.entry(sample.name.clone()).or_default();
        Ok(spelled.entry(sample.labels.clone()).or_insert(series))
    }

    /// `owner` is the name of their label: `channel` or `stage`.
    pub(super) fn collect(&self, (owner, name): (&str, &ChannelName), into: &mut Families) {
        for ((metric, labels), series) in &self.exported {
            let mut all = Vec::with_capacity(labels.len() + 1);
            all.push((owner.to_owned(), name.to_string()));
            let ours = |label: &str| if label == owner { format!("exported_{label}") } else { label.to_owned() };
            all.extend(labels.iter().map(|(label, value)| (ours(label), value.clone())));
            let (ty, suffixes) = series.shape();
            let family = into.entry((metric.clone(), ty)).or_insert_with(|| Family {
                ty: series.metric_type(),
                series: vec![],
                suffixes,
            });
            family.series.push((all, series.clone()));
        }
    }
}

/// Labels that Prometheus accepts: sorted, each name once, and consisting of letters, digits and `_`.
fn fit(labels: &[(String, String)]) -> Labels {
    let fitted: BTreeMap<_, _> = labels
        .iter()
        .take(MOST_LABELS)
        .map(|(name, value)| (label_name(name), value.chars().take(LONGEST_VALUE).collect()))
        .collect();
    fitted.into_iter().collect()
}

fn label_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = name.chars().take(LONGEST_VALUE).map(plain).collect();
    // Names with a leading `__` are reserved by Prometheus, and names cannot begin with a digit.
    let bare = name.trim_start_matches('_');
    match bare.chars().next() {
        None => "_".to_owned(),
        Some('0'..='9') => format!("_{bare}"),
        // The daemon's own labels; Prometheus renames clashes in the same way.
        Some(_) if ["channel", "le", "quantile"].contains(&bare) => format!("exported_{bare}"),
        Some(_) if name.starts_with("__") => format!("_{bare}"),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_name_is_converted_to_a_valid_one() {
        let cases = [
            ("plan", "plan"),
            ("pläne-2", "pl_ne_2"),
            ("2fast", "_2fast"),
            ("__name__", "_name__"),
            ("", "_"),
            ("___", "_"),
            ("channel", "exported_channel"),
            ("_le", "exported_le"),
            ("_own", "_own"),
        ];
        for (given, want) in cases {
            assert_eq!(label_name(given), want, "{given}");
        }
    }
}
