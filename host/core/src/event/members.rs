//! Reading a JSON object member by member, collecting every error instead of stopping at the first.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Attribute, FieldError, ParseError};

/// The longest attribute name; CloudEvents recommends it.
const LONGEST_NAME: usize = 20;

/// The members of a JSON object in their order, each value still as text.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        serde_json::from_slice(body).map_err(|e| ParseError::Malformed(format!("the body is no JSON object: {e}")))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(12);
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// A member name, borrowed where it holds no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Read)
    }
}

/// The errors found so far.
#[derive(Default)]
pub(super) struct Errors(Vec<FieldError>);

impl Errors {
    pub(super) fn add(&mut self, name: &str, detail: impl Into<String>) {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        self.0.push(FieldError { pointer: format!("/{escaped}"), detail: detail.into() });
    }

    pub(super) fn into_result(self) -> Result<(), ParseError> {
        if self.0.is_empty() { Ok(()) } else { Err(ParseError::Invalid(self.0)) }
    }

    /// A string that is not empty.
    pub(super) fn text(&mut self, name: &str, raw: &RawValue) -> Option<String> {
        match serde_json::from_str::<String>(raw.get()) {
            Ok(text) if text.is_empty() => self.add(name, "must not be empty"),
            Ok(text) if text.chars().any(is_disallowed) => self.add(name, "must not hold control characters"),
            Ok(text) => return Some(text),
            Err(_) => self.add(name, format!("must be a string, not {}", kind(raw))),
        }
        None
    }

    /// An RFC 3339 moment, kept as it was written.
    pub(super) fn time(&mut self, name: &str, raw: &RawValue) -> Option<String> {
        let text = self.text(name, raw)?;
        if text.parse::<jiff::Timestamp>().is_ok() {
            return Some(text);
        }
        self.add(name, format!("`{text}` is no RFC 3339 time; write it like 2026-11-20T10:30:00Z"));
        None
    }

    /// The value of an extension attribute: a string, a boolean or a 32-bit integer.
    pub(super) fn attribute(&mut self, name: &str, raw: &RawValue) -> Option<Attribute> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => {
                // An empty string is a legal attribute value, unlike for the required attributes.
                let value = serde_json::from_str::<String>(text).ok()?;
                if value.chars().any(is_disallowed) {
                    self.add(name, "must not hold control characters");
                    return None;
                }
                Some(Attribute::String(value))
            }
            Some(b't') => Some(Attribute::Boolean(true)),
            Some(b'f') => Some(Attribute::Boolean(false)),
            Some(b'-' | b'0'..=b'9') => {
                let number = text.parse().ok().map(Attribute::Integer);
                if number.is_none() {
                    self.add(name, "must be a whole number of 32 bits; send anything larger as a string");
                }
                number
            }
            _ => {
                self.add(name, format!("must be a string, a boolean or a whole number, not {}", kind(raw)));
                None
            }
        }
    }

    /// Whether `name` may name an attribute at all.
    pub(super) fn attribute_name(&mut self, name: &str) -> bool {
        let legal = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !legal {
            self.add(name, "is no attribute name: use 1 to 20 of a-z and 0-9");
        }
        legal
    }
}

/// What CloudEvents forbids in a string: the control characters.
fn is_disallowed(c: char) -> bool {
    c.is_control()
}

fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
