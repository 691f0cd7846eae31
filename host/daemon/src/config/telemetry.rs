//! `[telemetry]`: where traces are sent.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};

use super::{
    Sources,
    reader::{Field, Section},
    secret::{self, Secret},
};

/// The settings of traces and their collector.
#[derive(Clone, Debug, PartialEq)]
pub struct Telemetry {
    /// The collector's address, without `/v1/traces` and without a trailing slash.
    pub endpoint: String,
    /// Headers of every request to the collector.
    pub headers: Vec<(String, Secret)>,
    /// The share of traces beginning here that is sampled.
    pub sample: f64,
    pub service_name: String,
    /// The timeout of one request to the collector.
    pub timeout: Duration,
    /// The most spans in the queue.
    pub queue: usize,
}

const ENDPOINT_HELP: &str =
    "write the collector's address, such as \"http://127.0.0.1:4318\"; `/v1/traces` is appended";

/// `None` without the table, or without an endpoint, which is a mistake.
pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>) -> Option<Telemetry> {
    let mut section = root.section("telemetry")?;
    let endpoint = match section.get("endpoint") {
        Some(field) => field.parse(ENDPOINT_HELP, endpoint),
        None => {
            section.problem("endpoint", "is missing", ENDPOINT_HELP);
            None
        }
    };
    let entries = section.section("headers").map(Section::entries);
    let headers = entries.into_iter().flatten().filter_map(|(name, key, field)| header(name, &key, &field, sources));
    let headers = headers.collect();
    let telemetry = Telemetry {
        endpoint: endpoint.clone().unwrap_or_default(),
        headers,
        sample: section.get("sample").and_then(|field| sample(&field)).unwrap_or(1.0),
        service_name: section
            .get("service_name")
            .and_then(|field| name(&field))
            .unwrap_or_else(|| "fanfare".to_owned()),
        timeout: section
            .get("timeout")
            .and_then(|field| field.duration_from(Duration::from_millis(10), Duration::from_secs(60)))
            .unwrap_or(Duration::from_secs(10)),
        queue: section.get("queue").and_then(|field| queue(&field)).unwrap_or(4_096),
    };
    section.finish();
    endpoint.map(|_| telemetry)
}

fn endpoint(text: &str) -> Result<String, String> {
    let base = text.trim_end_matches('/');
    let uri: Uri = base.parse().map_err(|error| format!("{text:?} is not a valid URL: {error}"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(format!("{text:?} is not an http:// or https:// URL"));
    }
    if uri.query().is_some() || text.contains(['#', '@']) {
        return Err(format!("{text:?} has a query, a fragment or a user; credentials belong into `headers`"));
    }
    if base.ends_with("/v1/traces") {
        return Err(format!("{text:?} ends in /v1/traces, which is appended anyway"));
    }
    Ok(base.to_owned())
}

fn header(name: &str, key: &Field<'_>, field: &Field<'_>, sources: &Sources<'_>) -> Option<(String, Secret)> {
    // The value is likely to be a credential.
    field.mask();
    let valid = HeaderName::from_bytes(name.as_bytes());
    if valid.is_err() {
        key.problem("is not a valid header name", "");
    }
    let value = secret::read_or_plain(field, sources)?;
    if HeaderValue::from_str(value.expose()).is_err() {
        field.problem("has characters that a header's value cannot have", "");
        return None;
    }
    Some((valid.ok()?.as_str().to_owned(), value))
}

fn sample(field: &Field<'_>) -> Option<f64> {
    let share = field.number()?;
    let within = (0.0..=1.0).contains(&share);
    if !within {
        field.problem("must be from 0.0 to 1.0", "0.1 samples every tenth trace that begins here");
    }
    within.then_some(share)
}

fn name(field: &Field<'_>) -> Option<String> {
    let name = field.text()?.trim();
    if name.is_empty() || name.len() > 255 {
        field.problem("must have 1 to 255 bytes", "");
        return None;
    }
    Some(name.to_owned())
}

fn queue(field: &Field<'_>) -> Option<usize> {
    let spans: usize = field.integer()?;
    let within = (1..=1_000_000).contains(&spans);
    if !within {
        field.problem("must be from 1 to 1,000,000", "");
    }
    within.then_some(spans)
}
