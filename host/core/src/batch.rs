//! Batches: which deliveries of a channel are attempted in one call, and how long the first of them waits for the others.

use std::{collections::HashMap, fmt, time::Duration};

use serde_json::value::RawValue;

use crate::{Event, Payload, is_attribute_name};

/// How a channel gathers what it attempts together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchPolicy {
    /// So many deliveries close a batch.
    pub max: usize,
    /// So long after its first delivery was accepted, a batch is closed as it is.
    pub linger: Duration,
    /// So many bytes of data close a batch.
    pub bytes: u64,
    /// Each value has batches of its own; `None`: all deliveries go together.
    pub per: Option<Per>,
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self { max: 100, linger: Duration::from_millis(200), bytes: 1 << 20, per: None }
    }
}

/// What the deliveries of a batch have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Per {
    /// The value of an attribute.
    Attribute(String),
    /// A value within data that is JSON: the names on the way to it.
    Data(Vec<String>),
}

/// A text that names neither an attribute nor a place in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither the name of an attribute nor a path such as `data.account.id`")]
pub struct InvalidPer;

impl Per {
    /// Reads `subject` or `data.account.id`.
    ///
    /// # Errors
    /// [`InvalidPer`].
    pub fn parse(text: &str) -> Result<Self, InvalidPer> {
        match text.strip_prefix("data.") {
            Some(path) if path.split('.').all(|name| !name.is_empty()) => {
                Ok(Self::Data(path.split('.').map(str::to_owned).collect()))
            }
            None if is_attribute_name(text) && text != "data" => Ok(Self::Attribute(text.to_owned())),
            _ => Err(InvalidPer),
        }
    }

    /// The event's value. `None` where it has none, or one that is neither text nor a number nor a boolean.
    #[must_use]
    pub fn of(&self, event: &Event) -> Option<String> {
        match self {
            Self::Attribute(name) => event.attribute(name).map(std::borrow::Cow::into_owned),
            Self::Data(path) => {
                let Some(Payload::Text(text)) = &event.data else { return None };
                let mut value: &RawValue = serde_json::from_str(text).ok()?;
                for name in path {
                    value = member(value, name)?;
                }
                scalar(value)
            }
        }
    }
}

impl fmt::Display for Per {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => f.write_str(name),
            Self::Data(path) => write!(f, "data.{}", path.join(".")),
        }
    }
}

/// A member of an object, or an element of a list by its number from 0.
fn member<'a>(value: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    if value.get().starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        return elements.get(name.parse::<usize>().ok()?).copied();
    }
    let mut members: HashMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
    members.remove(name)
}

fn scalar(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(value.get().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Defaults;

    fn event(json: &str) -> Event {
        let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
        Event::from_simple(json.as_bytes(), defaults).unwrap()
    }

    #[test]
    fn a_key_is_an_attribute_or_a_path_into_the_data() {
        for text in ["subject", "severity", "data.id", "data.account.id", "data.items.0.sku"] {
            assert_eq!(Per::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "data", "data.", "data..id", "data.id.", "Subject", "event.subject", "a b"] {
            assert_eq!(Per::parse(text), Err(InvalidPer), "{text}");
        }
    }

    #[test]
    fn a_value_is_text_a_number_or_a_boolean_and_nothing_else() {
        let event = event(
            r#"{"type":"a","subject":"s","severity":"info",
                "data":{"id":"x\u00e9","n":1.50,"on":true,"no":null,"o":{"id":7},"l":[{"sku":"a"},{"sku":"b"}]}}"#,
        );
        let cases = [
            ("subject", Some("s")),
            ("severity", Some("info")),
            ("tags", None),
            ("data.id", Some("xé")),
            ("data.n", Some("1.50")),
            ("data.on", Some("true")),
            ("data.no", None),
            ("data.o", None),
            ("data.l", None),
            ("data.o.id", Some("7")),
            ("data.l.1.sku", Some("b")),
            ("data.l.2.sku", None),
            ("data.l.x", None),
            ("data.id.x", None),
            ("data.missing.x", None),
        ];
        for (per, value) in cases {
            assert_eq!(Per::parse(per).unwrap().of(&event).as_deref(), value, "{per}");
        }
    }

    #[test]
    fn data_that_is_no_json_has_no_value() {
        let per = Per::parse("data.id").unwrap();
        let plain = Event { data: Some(Payload::Text("{\"id\"".to_owned())), ..event(r#"{"type":"a"}"#) };
        assert_eq!(per.of(&plain), None);
        let binary = Event { data: Some(Payload::Binary(bytes::Bytes::from_static(b"{\"id\":1}"))), ..plain };
        assert_eq!(per.of(&binary), None);
    }
}
