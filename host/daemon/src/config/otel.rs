//! The environment variables of OpenTelemetry, as defaults of `[telemetry]`. An empty variable counts as not set.
//!
//! Their form is specified at <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/> and
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.

use percent_encoding::percent_decode_str;

use super::{Env, reader::Section};

/// The variables of this process.
pub(super) struct Otel<'a>(pub(super) Env<'a>);

/// Names and values, in the order of the variable.
pub(super) type Pairs = Vec<(String, String)>;

const PAIRS_HELP: &str = "write key1=value1,key2=value2, with percent-encoded values";

impl Otel<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether `OTEL_SDK_DISABLED` turns tracing off. Only `true` does.
    pub(super) fn is_disabled(&self) -> bool {
        self.get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(super) fn service_name(&self) -> Option<String> {
        self.get("OTEL_SERVICE_NAME")
    }

    /// The collector's address, or why it cannot be used.
    pub(super) fn endpoint<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<Result<T, String>> {
        const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
        let text = self.get("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        let protocol = self.get(PROTOCOL).filter(|protocol| protocol != "http/protobuf");
        let found = match protocol {
            Some(other) => Err(format!("goes with {PROTOCOL}={other}, and traces are sent as http/protobuf")),
            None => parse(&text),
        };
        Some(found.map_err(|error| format!("OTEL_EXPORTER_OTLP_ENDPOINT: {error}")))
    }

    pub(super) fn headers(&self, section: &Section<'_>) -> Pairs {
        self.pairs(section, "headers", "OTEL_EXPORTER_OTLP_HEADERS")
    }

    pub(super) fn attributes(&self, section: &Section<'_>) -> Pairs {
        self.pairs(section, "attributes", "OTEL_RESOURCE_ATTRIBUTES")
    }

    fn pairs(&self, section: &Section<'_>, key: &str, variable: &str) -> Pairs {
        let text = self.get(variable).unwrap_or_default();
        pairs(&text).unwrap_or_else(|error| {
            section.problem(key, format!("{variable} {error}"), PAIRS_HELP);
            vec![]
        })
    }
}

/// A list in the form of W3C Baggage, without metadata. A message never contains a value: it may be a credential.
fn pairs(text: &str) -> Result<Pairs, String> {
    let entries = text.split(',').map(str::trim).enumerate().filter(|(_, entry)| !entry.is_empty());
    let pair = |(n, entry): (usize, &str)| {
        let n = n + 1;
        let (name, value) = entry.split_once('=').ok_or_else(|| format!("has no `=` in entry {n}"))?;
        let decode = |text: &str| {
            let decoded = percent_decode_str(text.trim()).decode_utf8();
            decoded.map(String::from).map_err(|_| format!("is not UTF-8 in entry {n}, after percent-decoding"))
        };
        match decode(name)? {
            name if name.is_empty() => Err(format!("has no name in entry {n}")),
            name => Ok((name, decode(value)?)),
        }
    };
    entries.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_decoded_and_its_mistakes_are_counted_and_not_quoted() {
        let read = |text: &str| pairs(text).unwrap().into_iter().map(|(n, v)| format!("{n}:{v}")).collect::<Vec<_>>();
        assert_eq!(read(""), [""; 0]);
        assert_eq!(read(" a = 1 ,b=x=y,,c=,"), ["a:1", "b:x=y", "c:"]);
        assert_eq!(read("authorization=Bearer%20a%2Cb"), ["authorization:Bearer a,b"]);
        for (text, want) in [
            ("a=1,s3cret", "has no `=` in entry 2"),
            ("=s3cret", "has no name in entry 1"),
            ("a=s3cret%ff", "is not UTF-8 in entry 1, after percent-decoding"),
        ] {
            assert_eq!(pairs(text).unwrap_err(), want);
        }
    }
}
