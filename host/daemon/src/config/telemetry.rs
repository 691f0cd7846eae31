//! `[telemetry]`: where traces are sent.

use std::{collections::BTreeMap, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use super::{
    Sources,
    otel::Otel,
    reader::{Field, Section},
    secret,
    tls::{self, Authorities},
};

/// The settings of traces and their collector.
#[derive(Clone, Debug, PartialEq)]
pub struct Telemetry {
    /// Where spans are posted: the collector's address with `/v1/traces`.
    pub traces: Uri,
    /// The authorities for the collector's certificate, instead of the public ones.
    pub ca: Option<Authorities>,
    /// Headers of every request to the collector. Their values are marked as sensitive.
    pub headers: HeaderMap,
    /// The share of traces beginning here that is sampled.
    pub sample: f64,
    pub service_name: String,
    /// Further attributes of the resource.
    pub attributes: BTreeMap<String, String>,
    /// The timeout of one request to the collector.
    pub timeout: Duration,
    /// The most spans in the queue.
    pub queue: usize,
}

/// The path that is appended to the collector's address.
pub(super) const TRACES: &str = "/v1/traces";

const ENDPOINT_HELP: &str =
    "write the collector's address, such as \"http://127.0.0.1:4318\"; `/v1/traces` is appended";
const NO_ENDPOINT: &str = "is missing, and OTEL_EXPORTER_OTLP_ENDPOINT is not set";
const SERVICE_NAME: &str = "service.name";

/// `None` without the table, if tracing is off, or without an endpoint, which is a mistake.
pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>) -> Option<Telemetry> {
    let mut section = root.section("telemetry")?;
    let otel = Otel(sources.env);
    let is_enabled = match section.get("enabled") {
        Some(field) => field.boolean().unwrap_or_default(),
        None => !otel.is_disabled(),
    };
    let traces = match (section.get("endpoint"), otel.endpoint(traces)) {
        (Some(field), _) => field.parse(ENDPOINT_HELP, traces),
        (None, Some(found)) => {
            found.map_err(|error| section.problem("endpoint", error, "correct the variable, or set the key")).ok()
        }
        (None, None) => {
            if is_enabled {
                section.problem("endpoint", NO_ENDPOINT, ENDPOINT_HELP);
            }
            None
        }
    };
    let ca = section.get("ca").and_then(|field| tls::authorities(field, sources));
    let headers = headers(&mut section, &otel, sources);
    let mut attributes = attributes(&mut section, &otel);
    let named = attributes.remove(SERVICE_NAME);
    let service_name = match section.get("service_name") {
        Some(field) => name(&field),
        None => otel.service_name().or(named),
    };
    let telemetry = Telemetry {
        traces: traces.clone().unwrap_or_default(),
        ca,
        headers,
        sample: section.get("sample").and_then(|field| sample(&field)).unwrap_or(1.0),
        service_name: service_name.unwrap_or_else(|| "fanfare".to_owned()),
        attributes,
        timeout: section
            .get("timeout")
            .and_then(|field| field.duration_from(Duration::from_millis(10), Duration::from_secs(60)))
            .unwrap_or(Duration::from_secs(10)),
        queue: section.get("queue").and_then(|field| queue(&field)).unwrap_or(4_096),
    };
    section.finish();
    traces.filter(|_| is_enabled).map(|_| telemetry)
}

/// The headers of the file, and those of the variable that the file does not have.
fn headers(section: &mut Section<'_>, otel: &Otel<'_>, sources: &Sources<'_>) -> HeaderMap {
    let entries = section.section("headers").map(Section::entries);
    let own = entries.into_iter().flatten().filter_map(|(name, key, field)| header(name, &key, &field, sources));
    let mut headers: HeaderMap = own.collect();
    for (name, value) in otel.headers(section) {
        let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) else {
            let message = format!("OTEL_EXPORTER_OTLP_HEADERS has {name:?}, whose name or value no header can have");
            section.problem("headers", message, "");
            continue;
        };
        value.set_sensitive(true);
        headers.entry(name).or_insert(value);
    }
    headers
}

/// The attributes of the variable, replaced and extended by those of the file.
fn attributes(section: &mut Section<'_>, otel: &Otel<'_>) -> BTreeMap<String, String> {
    let entries = section.section("attributes").map(Section::entries);
    let own = entries.into_iter().flatten().filter_map(|(name, key, field)| {
        if name == SERVICE_NAME {
            key.problem("is set by `service_name`", "");
        }
        Some((name.to_owned(), field.text()?.to_owned()))
    });
    let own: Vec<_> = own.collect();
    otel.attributes(section).into_iter().chain(own).collect()
}

fn traces(text: &str) -> Result<Uri, String> {
    let base = text.trim_end_matches('/');
    let uri: Uri = base.parse().map_err(|error| format!("{text:?} is not a valid URL: {error}"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(format!("{text:?} is not an http:// or https:// URL"));
    }
    if uri.query().is_some() || text.contains(['#', '@']) {
        return Err(format!("{text:?} has a query, a fragment or a user; credentials belong in `headers`"));
    }
    if base.ends_with(TRACES) {
        return Err(format!("{text:?} ends in {TRACES}, which is appended anyway"));
    }
    format!("{base}{TRACES}").parse().map_err(|error| format!("{text:?} is not a valid URL: {error}"))
}

fn header(name: &str, key: &Field<'_>, field: &Field<'_>, sources: &Sources<'_>) -> Option<(HeaderName, HeaderValue)> {
    // The value is likely to be a credential.
    field.mask();
    let valid = HeaderName::from_bytes(name.as_bytes());
    if valid.is_err() {
        key.problem("is not a valid header name", "");
    }
    let Ok(mut value) = HeaderValue::from_str(secret::read_or_plain(field, sources)?.expose()) else {
        field.problem("has characters that a header's value cannot have", "");
        return None;
    };
    value.set_sensitive(true);
    Some((valid.ok()?, value))
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
