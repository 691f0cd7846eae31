//! Accessors for the parts of an event.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{
    Serialize, Serializer,
    de::DeserializeOwned,
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

use crate::{Event, Failure, Payload, host};

/// The event that is delivered, in the JSON event format of CloudEvents (`application/cloudevents+json`). Unlike
/// [`Event::to_json`], it has numbers and booleans among the extension attributes as the publisher wrote them, and
/// costs the channel no work of its own.
#[must_use]
pub fn published_json() -> String {
    host::published::json()
}

impl Event {
    /// Reads the data as JSON into a type.
    ///
    /// # Errors
    /// A rejecting [`Failure`]: `no_data` if there is no data, `invalid_data` if it is not JSON or does not match the
    /// type.
    pub fn data_json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let Some(data) = &self.data else {
            return Err(Failure::reject("no_data", "the event has no data"));
        };
        serde_json::from_slice(data.as_bytes())
            .map_err(|error| Failure::reject("invalid_data", format!("the event's data is not as expected: {error}")))
    }

    /// The data's bytes; empty without data.
    #[must_use]
    pub fn data_bytes(&self) -> &[u8] {
        self.data.as_ref().map_or(&[], Payload::as_bytes)
    }

    /// Replaces the event's data, as JSON. For stages. A content type that is not JSON is removed.
    ///
    /// # Errors
    /// A rejecting [`Failure`] with the code `invalid_data` when the value cannot be written as JSON.
    pub fn set_data_json(&mut self, data: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(data)
            .map_err(|error| Failure::reject("invalid_data", format!("the data cannot be written as JSON: {error}")))?;
        if !self.is_json() {
            self.data_content_type = None;
        }
        self.data = Some(Payload::Text(text));
        Ok(())
    }

    /// Sets an extension attribute, replacing an existing value.
    pub fn set_extension(&mut self, name: &str, value: &str) {
        match self.extensions.iter_mut().find(|(have, _)| have == name) {
            Some((_, have)) => value.clone_into(have),
            None => self.extensions.push((name.to_owned(), value.to_owned())),
        }
    }

    /// An extension attribute.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The extension `message`: one line for people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.extension("message")
    }

    /// The extension `severity`, as its publisher wrote it.
    #[must_use]
    pub fn severity(&self) -> Option<&str> {
        self.extension("severity")
    }

    /// The extension `tags`, split.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.extension("tags").unwrap_or_default().split(',').map(str::trim).filter(|tag| !tag.is_empty())
    }

    /// Whether the data is JSON, going by its content type; absent means JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.data_content_type.as_deref().is_none_or(|content_type| {
            let media_type = content_type.split(';').next().unwrap_or_default().trim();
            media_type.split_once('/').is_some_and(|(_, subtype)| {
                let subtype = subtype.to_ascii_lowercase();
                subtype == "json" || subtype.ends_with("+json")
            })
        })
    }

    /// The event in the JSON event format of CloudEvents (`application/cloudevents+json`). JSON data is copied byte for
    /// byte; extension attributes are strings. For the event as published, see [`published_json`].
    ///
    /// # Errors
    /// When the data is said to be JSON and is not.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// [`to_json`](Self::to_json) on one line, for files with a record per line: line breaks between the tokens of the
    /// data become spaces. (Within a JSON string, a line break is always escaped.)
    ///
    /// # Errors
    /// When the data is said to be JSON and is not.
    pub fn to_json_line(&self) -> serde_json::Result<String> {
        let json = self.to_json()?;
        Ok(if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json })
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("specversion", "1.0")?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("source", &self.source)?;
        map.serialize_entry("type", &self.type_)?;
        map.serialize_entry("time", &self.time)?;
        for (name, value) in [
            ("subject", &self.subject),
            ("datacontenttype", &self.data_content_type),
            ("dataschema", &self.data_schema),
        ] {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in &self.extensions {
            map.serialize_entry(name, value)?;
        }
        match &self.data {
            None => {}
            Some(Payload::Text(text)) if self.is_json() => {
                let json: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
                map.serialize_entry("data", json)?;
            }
            Some(Payload::Text(text)) => map.serialize_entry("data", text)?,
            Some(Payload::Binary(bytes)) => map.serialize_entry("data_base64", &BASE64_STANDARD.encode(bytes))?,
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn event(content_type: Option<&str>, data: Option<Payload>) -> Event {
        let mut event = testing::delivery("user.signup", "{}").event;
        event.data_content_type = content_type.map(ToOwned::to_owned);
        event.data = data;
        event.extensions = vec![
            ("message".into(), "hi".into()),
            ("tags".into(), "a, b,,c".into()),
            ("severity".into(), "warn".into()),
        ];
        event
    }

    #[test]
    fn extensions_are_read_by_name() {
        let event = event(None, None);
        assert_eq!((event.message(), event.severity(), event.extension("none")), (Some("hi"), Some("warn"), None));
        assert_eq!(event.tags().collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn data_and_extensions_can_be_replaced() {
        let mut event = event(Some("text/plain"), Some("x".into()));
        event.set_data_json(&serde_json::json!({ "a": 1 })).unwrap();
        assert_eq!((event.data_content_type.as_deref(), event.data_bytes()), (None, b"{\"a\":1}".as_slice()));
        event.set_extension("message", "ho");
        event.set_extension("more", "");
        assert_eq!((event.message(), event.extension("more"), event.extensions.len()), (Some("ho"), Some(""), 4));
        let not_json = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert_eq!(event.set_data_json(&not_json).unwrap_err().code, "invalid_data");
    }

    #[test]
    fn data_is_parsed_into_a_type_or_the_failure_gives_the_reason() {
        let code = |event: Event| event.data_json::<u8>().unwrap_err().code;
        assert_eq!(event(None, Some("7".into())).data_json::<u8>(), Ok(7));
        assert_eq!(event(None, Some(vec![b'7'].into())).data_json::<u8>(), Ok(7));
        assert_eq!(code(event(None, None)), "no_data");
        assert_eq!(code(event(None, Some("x".into()))), "invalid_data");
    }

    #[test]
    fn the_json_format_keeps_json_unchanged_and_encodes_binary() {
        let exact = r#"{"z":1.10, "a":12345678901234567890123}"#;
        let table = [
            (None, Some(exact.into()), format!(r#","data":{exact}"#)),
            (Some("application/vnd.x+json; charset=utf-8"), Some("[1]".into()), r#","data":[1]"#.to_owned()),
            (Some("text/plain"), Some("a\"b".into()), r#","data":"a\"b""#.to_owned()),
            (Some("application/json"), Some(vec![0xff_u8, 0].into()), r#","data_base64":"/wA=""#.to_owned()),
            (None, None, String::new()),
        ];
        for (content_type, data, expected) in table {
            let json = event(content_type, data).to_json().unwrap();
            assert!(json.ends_with(&format!("{expected}}}")), "{json}");
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
        }
        assert!(event(None, Some("{".into())).to_json().is_err());
    }

    #[test]
    fn a_json_line_is_one_line_whatever_the_layout_of_the_data() {
        let line = event(None, Some("{\r\n  \"a\": \"x\\ny\"\n}".into())).to_json_line().unwrap();
        assert!(line.ends_with(r#""data":{    "a": "x\ny" }}"#), "{line}");
    }
}
