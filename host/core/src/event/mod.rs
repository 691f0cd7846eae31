//! An event: the CloudEvents 1.0 model, and the forms it is read from.

mod batch;
mod binary;
mod chain;
mod members;
mod nesting;
mod pattern;
mod simple;
mod structured;
mod successor;

use std::borrow::Cow;

use bytes::Bytes;

pub use chain::{CAUSATION, CORRELATION, HOPS};
pub use members::is_attribute_name;
pub use nesting::{DEEPEST, TooDeep, check_nesting};
pub use pattern::{any_type_matches, check_type_pattern, type_matches, type_pattern_rank};

/// A CloudEvent. Every event in Fanfare is complete: what a publisher may leave out has been filled in.
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
    /// `None` means `application/json`, as CloudEvents has it.
    pub data_content_type: Option<String>,
    pub data_schema: Option<String>,
    /// In the publisher's order; each name once.
    pub extensions: Vec<(String, Attribute)>,
    pub data: Option<Payload>,
}

/// The value of an extension attribute, with the type the publisher gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    String(String),
    Integer(i32),
    Boolean(bool),
}

impl Attribute {
    /// The canonical string form, which is what guests and headers carry.
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

/// One thing wrong with an input, and where: `pointer` is a JSON pointer (RFC 6901) into what was sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Default, serde::Deserialize, schemars::JsonSchema)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

/// Why bytes are not an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON, not a JSON object, or nested too deep.
    #[error("{0}")]
    Malformed(String),
    /// A batch of more events than are taken at once.
    #[error("there are {found} events in the batch, and at most {most} are taken")]
    TooMany { found: usize, most: usize },
    /// Well-formed, but breaks the rules; every broken one is listed.
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

/// What is filled in where a publisher said nothing. Passed in, because this crate has no clock and no dice.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    pub now: jiff::Timestamp,
    /// Becomes the `id`, as a UUID.
    pub id: uuid::Uuid,
}

/// The attribute that says when an event is to be delivered.
pub const DELIVER_AT: &str = "deliverat";

impl Event {
    /// Whether it is one of the daemon's own, which go only to channels that ask for them.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.ty.starts_with(crate::SYSTEM_TYPES)
    }

    /// Has it delivered later, unless it names a time itself.
    pub fn defer_to(&mut self, at: jiff::Timestamp) {
        if self.extension(DELIVER_AT).is_none() {
            self.extensions.push((DELIVER_AT.to_owned(), Attribute::String(crate::rfc3339(at))));
        }
    }

    /// When it is to be delivered, where that is not at once (`deliverat`).
    #[must_use]
    pub fn deliver_at(&self) -> Option<jiff::Timestamp> {
        self.extension(DELIVER_AT)?.as_text().parse().ok()
    }

    /// Reads the simple form: a JSON object with `type`, where everything else may be left out, and `message`, `severity`
    /// and `tags` are extension attributes. An object with a member `specversion` is read as
    /// [structured](Self::from_structured): many clients send a CloudEvent as `application/json`.
    ///
    /// # Errors
    /// [`ParseError`], naming every member that is wrong or unknown.
    pub fn from_simple(body: &[u8], defaults: Defaults) -> Result<Self, ParseError> {
        simple::parse(body, defaults)
    }

    /// Reads the CloudEvents JSON format (`application/cloudevents+json`).
    ///
    /// # Errors
    /// [`ParseError`], naming every member that is wrong.
    pub fn from_structured(body: &[u8], defaults: Defaults) -> Result<Self, ParseError> {
        structured::parse(body, defaults)
    }

    /// Reads an event as [`to_structured`](Self::to_structured) wrote it, which may have been under older rules.
    ///
    /// # Errors
    /// [`ParseError`], naming every member that is wrong.
    pub fn from_recorded(text: &str, defaults: Defaults) -> Result<Self, ParseError> {
        structured::parse_recorded(text.as_bytes(), defaults)
    }

    /// Reads the binary content mode of the CloudEvents HTTP binding. `headers` are those that begin with `ce-`, without that and
    /// in lower case; pointers in errors name them in full.
    ///
    /// # Errors
    /// [`ParseError`], naming every header that is wrong.
    pub fn from_binary<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        content_type: Option<&str>,
        body: Bytes,
        defaults: Defaults,
    ) -> Result<Self, ParseError> {
        binary::parse(headers, content_type, body, defaults)
    }

    /// Reads the CloudEvents JSON batch format (`application/cloudevents-batch+json`), which may be empty, and may
    /// have `most` events.
    ///
    /// # Errors
    /// [`ParseError`], naming every member of every event that is wrong: `/2/id`.
    pub fn from_batch(body: &[u8], most: usize, defaults: Defaults) -> Result<Vec<Self>, ParseError> {
        batch::parse(body, most, defaults)
    }

    /// The event in the CloudEvents JSON format. Its data stands in it as it was written, line breaks included.
    #[must_use]
    pub fn to_structured(&self) -> String {
        structured::write(self)
    }

    /// The same on one line, for formats in which a line is a record.
    #[must_use]
    pub fn to_line(&self) -> String {
        one_line(self.to_structured())
    }

    /// The headers of the binary content mode of the CloudEvents HTTP binding, `content-type` among them; the data is the body.
    #[must_use]
    pub fn to_binary_headers(&self) -> Vec<(String, String)> {
        binary::headers(self)
    }

    /// The media type of the data.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.data_content_type.as_deref().unwrap_or("application/json")
    }

    /// The event that a stage made of this one, if it may: by the rules of published ones, and with the same identity.
    ///
    /// # Errors
    /// [`ParseError`], naming every member that is wrong.
    pub fn succeeded_by(&self, after: Self) -> Result<Self, ParseError> {
        successor::check(self, after)
    }

    /// Any attribute by its CloudEvents name, in its canonical string form.
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

    /// An extension attribute by its name.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&Attribute> {
        self.extensions.iter().find(|(have, _)| have == name).map(|(_, value)| value)
    }
}

/// JSON without line breaks. Outside of strings they mean nothing, and in strings there are none.
#[must_use]
pub fn one_line(json: String) -> String {
    if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json }
}

/// `application/json`, `text/json` and every `+json` type, parameters aside.
#[must_use]
pub fn is_json_media_type(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let Some((_, subtype)) = essence.split_once('/') else { return false };
    subtype.eq_ignore_ascii_case("json") || subtype.len() > 5 && subtype.to_ascii_lowercase().ends_with("+json")
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
