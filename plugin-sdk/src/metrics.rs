//! Numbers for the daemon's metrics, exported as `fanfare_plugin_<name>`. They count only if the attempt delivers.
//!
//! Names match `[a-z][a-z0-9_]*`. Keep the number of different label values small and bounded: each combination is a
//! separate time series.

use crate::host;

/// Adds to a counter. Negative values and NaN are dropped.
pub fn counter(name: &str, value: f64, labels: &[(&str, &str)]) {
    host::metrics::counter(name, value, &owned(labels));
}

/// Sets a gauge.
pub fn gauge(name: &str, value: f64, labels: &[(&str, &str)]) {
    host::metrics::gauge(name, value, &owned(labels));
}

/// Observes a value in a histogram.
pub fn histogram(name: &str, value: f64, labels: &[(&str, &str)]) {
    host::metrics::histogram(name, value, &owned(labels));
}

fn owned(labels: &[(&str, &str)]) -> Vec<(String, String)> {
    labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}
