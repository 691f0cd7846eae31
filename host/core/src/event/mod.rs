//! An event in the CloudEvents 1.0 model, and the forms it is read from.

mod batch;
mod binary;
mod chain;
mod media_type;
mod members;
mod nesting;
mod pattern;
mod serial;
mod simple;
mod structured;
mod successor;
mod tracing;

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;

pub use chain::{CAUSATION, CORRELATION, HOPS, MAX_HOPS};
pub use media_type::{charset, essence, is_json_media_type};
pub use members::is_attribute_name;
pub use nesting::{DEEPEST, TooDeep, check_nesting};
pub use pattern::{any_type_matches, check_type_pattern, type_matches, type_pattern_rank};
pub use tracing::{TRACEPARENT, TRACESTATE, is_of_trace};

/// A CloudEvent. Every event in Fanfare is complete: attributes that the publisher left out are filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    /// A URI reference.
    pub source: String,
    /// The event's type: `user.signup`.
    pub ty: String,
    pub subject: Option<String>,
    /// RFC 3339, as the publisher wrote it.
    pub time: String,
    /// `None` means `application/json`, as in CloudEvents.
    pub data_content_type: Option<String>,
    pub data_schema: Option<String>,
    /// In the publisher's order, without duplicate names.
    pub extensions: Vec<(String, Attribute)>,
    pub data: Option<Payload>,
}

/// The value of an extension attribute, with the type that the publisher gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    String(String),
    Integer(i32),
    Boolean(bool),
}

impl Attribute {
    /// The canonical string form, as guests and headers carry it.
    #[must_use]
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::String(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Boolean(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        }
    }
}

/// An event's data. For a JSON media type, `Text` holds one valid JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Text(String),
    Binary(Bytes),
}

impl Payload {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// One error in an input. `pointer` is a JSON pointer (RFC 6901) to where it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Default, serde::Deserialize, schemars::JsonSchema)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

/// Why the input is not a valid event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON, not a JSON object, or nested too deeply.
    #[error("{0}")]
    Malformed(String),
    /// The batch has more events than the limit.
    #[error("the batch has {found} events; at most {most} are allowed")]
    TooMany { found: usize, most: usize },
    /// Well-formed, but breaks rules. Every violation is listed.
    #[error("{}", describe(.0))]
    Invalid(Vec<FieldError>),
}

impl From<TooDeep> for ParseError {
    fn from(error: TooDeep) -> Self {
        Self::Malformed(error.to_string())
    }
}

fn describe(errors: &[FieldError]) -> String {
    let one = |e: &FieldError| format!("{}: {}", e.pointer, e.detail);
    errors.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Values for what the publisher left out. The caller passes them in because this crate has neither a clock nor
/// randomness.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    pub now: jiff::Timestamp,
    /// Becomes the `id`, as a UUID.
    pub id: uuid::Uuid,
}

/// The type prefix of system events.
pub const SYSTEM_TYPES: &str = "fanfare.";

/// The attribute that says when to deliver an event.
pub const DELIVER_AT: &str = "deliverat";

/// How far ahead an event's time of delivery may be. A later one is almost certainly a mistake, and a waiting event
/// keeps all later ones from being pruned.
pub const LONGEST_DELAY: Duration = Duration::from_hours(24 * 3_653);

/// What is wrong with such an event's `deliverat`.
pub const TOO_LATE: &str = "is more than 10 years ahead; choose an earlier time";

impl Event {
    /// Whether this is a system event. Those go only to channels that ask for them.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.ty.starts_with(SYSTEM_TYPES)
    }

    /// Defers the delivery to `at` unless the event names a time itself.
    pub fn defer_to(&mut self, at: jiff::Timestamp) {
        if self.extension(DELIVER_AT).is_none() {
            self.extensions.push((DELIVER_AT.to_owned(), Attribute::String(crate::rfc3339(at))));
        }
    }

    /// When to deliver the event (`deliverat`); `None` means at once. A time that is later than a timestamp can be is
    /// the latest one.
    #[must_use]
    pub fn deliver_at(&self) -> Option<jiff::Timestamp> {
        members::timestamp(&self.extension(DELIVER_AT)?.as_text())
    }

    /// Whether its time of delivery is farther ahead than allowed.
    #[must_use]
    pub fn is_too_late(&self, now: jiff::Timestamp) -> bool {
        let latest = now.saturating_add(LONGEST_DELAY).unwrap_or(jiff::Timestamp::MAX);
        self.deliver_at().is_some_and(|at| at > latest)
    }

    /// Reads the simple form: a JSON object in which only `type` is required. `message`, `severity` and `tags` become
    /// extension attributes. An object with a member `specversion` is read as [structured](Self::from_structured),
    /// because many clients send a CloudEvent as `application/json`.
    ///
    /// # Errors
    /// [`ParseError`], naming every member that is invalid or unknown.
    pub fn from_simple(body: &[u8], defaults: Defaults) -> Result<Self, ParseError> {
        simple::parse(body, defaults)
    }

    /// Reads the CloudEvents JSON format (`application/cloudevents+json`).
    ///
    /// # Errors
    /// [`ParseError`], naming every invalid member.
    pub fn from_structured(body: &[u8], defaults: Defaults) -> Result<Self, ParseError> {
        structured::parse(body, defaults)
    }

    /// Reads an event that [`to_structured`](Self::to_structured) wrote, perhaps under older rules.
    ///
    /// # Errors
    /// [`ParseError`], naming every invalid member.
    pub fn from_recorded(text: &str, defaults: Defaults) -> Result<Self, ParseError> {
        structured::parse_recorded(text.as_bytes(), defaults)
    }

    /// Reads the binary content mode of the CloudEvents HTTP binding. `headers` are the `ce-` headers without the
    /// prefix, names in lower case. Pointers in errors use the full header name.
    ///
    /// # Errors
    /// [`ParseError`], naming every invalid header.
    pub fn from_binary<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        content_type: Option<&str>,
        body: Bytes,
        defaults: Defaults,
    ) -> Result<Self, ParseError> {
        binary::parse(headers, content_type, body, defaults)
    }

    /// Reads the CloudEvents JSON batch format (`application/cloudevents-batch+json`): zero to `most` events.
    ///
    /// # Errors
    /// [`ParseError`], naming every invalid member of every event: `/2/id`.
    pub fn from_batch(body: &[u8], most: usize, defaults: Defaults) -> Result<Vec<Self>, ParseError> {
        batch::parse(body, most, defaults)
    }

    /// The event in the CloudEvents JSON format. Its data is included as written, line breaks included.
    #[must_use]
    pub fn to_structured(&self) -> String {
        structured::write(self)
    }

    /// Like `to_structured`, but on one line, for formats with one record per line.
    #[must_use]
    pub fn to_line(&self) -> String {
        one_line(self.to_structured())
    }

    /// The headers of the binary content mode of the CloudEvents HTTP binding, including `content-type`. The body is
    /// the data.
    #[must_use]
    pub fn to_binary_headers(&self) -> Vec<(String, String)> {
        binary::headers(self)
    }

    /// The media type of the data.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.data_content_type.as_deref().unwrap_or("application/json")
    }

    /// Whether the data is JSON, by its media type.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.data_content_type.as_deref().is_none_or(is_json_media_type)
    }

    /// Checks the event that a stage made from this one. It must keep the identity and follow the same rules as a
    /// published event.
    ///
    /// # Errors
    /// [`ParseError`], naming every invalid member.
    pub fn succeeded_by(&self, after: Self) -> Result<Self, ParseError> {
        successor::check(self, after)
    }

    /// An attribute by its CloudEvents name, in its canonical string form.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let borrowed = match name {
            "id" => Some(&self.id),
            "source" => Some(&self.source),
            "type" => Some(&self.ty),
            "time" => Some(&self.time),
            "subject" => self.subject.as_ref(),
            "datacontenttype" => self.data_content_type.as_ref(),
            "dataschema" => self.data_schema.as_ref(),
            extension => return self.extension(extension).map(Attribute::as_text),
        };
        borrowed.map(|text| Cow::Borrowed(text.as_str()))
    }

    /// An extension attribute by name.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&Attribute> {
        self.extensions.iter().find(|(have, _)| have == name).map(|(_, value)| value)
    }
}

/// Removes line breaks from JSON. They are insignificant between tokens and cannot occur inside strings.
#[must_use]
pub fn one_line(json: String) -> String {
    if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json }
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
