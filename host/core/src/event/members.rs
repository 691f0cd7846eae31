//! Reads a JSON object member by member and collects every error instead of stopping at the first.

use std::{borrow::Cow, fmt};

use fluent_uri::{Uri, UriRef};
use jiff::{Timestamp, civil};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Attribute, DEEPEST, FieldError, ParseError, Payload, check_nesting, is_json_media_type};

/// The longest attribute name. CloudEvents recommends 20 and allows more.
const LONGEST_NAME: usize = 64;

/// More members than any real event has. Each name is compared with all earlier ones; this limit keeps that cheap.
pub(super) const MOST_MEMBERS: usize = 256;

/// The members of a JSON object in order, each value as raw text.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        check_nesting(body, DEEPEST)?;
        let members = Self::parse_recorded(body)?;
        if members.0.len() > MOST_MEMBERS {
            let detail = format!("has {} members; an event may have {MOST_MEMBERS}", members.0.len());
            return Err(ParseError::Invalid(vec![FieldError { pointer: String::new(), detail }]));
        }
        Ok(members)
    }

    /// For recorded events: the number of members is not limited, because the host may have added some.
    pub(super) fn parse_recorded(body: &'a [u8]) -> Result<Self, ParseError> {
        serde_json::from_slice(body).map_err(|e| ParseError::Malformed(format!("the body is not a JSON object: {e}")))
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

/// A member name, borrowed if it contains no escapes.
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
pub(super) struct Errors {
    found: Vec<FieldError>,
    /// Values were validated when the event was accepted, perhaps under older rules. Now they only have to be readable.
    lenient: bool,
}

impl Errors {
    /// For recorded events: a rule that became stricter since must not make them unreadable.
    pub(super) fn lenient() -> Self {
        Self { lenient: true, ..Self::default() }
    }

    pub(super) fn add(&mut self, name: &str, detail: impl Into<String>) {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        self.found.push(FieldError { pointer: format!("/{escaped}"), detail: detail.into() });
    }

    pub(super) fn into_result(self) -> Result<(), ParseError> {
        if self.found.is_empty() { Ok(()) } else { Err(ParseError::Invalid(self.found)) }
    }

    /// A string that is not empty.
    pub(super) fn text(&mut self, name: &str, raw: &RawValue) -> Option<String> {
        let value = self.string(name, raw)?;
        self.plain(name, value)
    }

    /// An RFC 3339 time, kept as written.
    pub(super) fn time(&mut self, name: &str, raw: &RawValue) -> Option<String> {
        let value = self.string(name, raw)?;
        self.moment(name, value)
    }

    fn string(&mut self, name: &str, raw: &RawValue) -> Option<String> {
        match serde_json::from_str::<String>(raw.get()) {
            Ok(text) => return Some(text),
            Err(error) if raw.get().starts_with('"') => self.add(name, format!("is not a valid string: {error}")),
            Err(_) => self.add(name, format!("must be a string, not {}", kind(raw))),
        }
        None
    }

    /// Text without control characters. It may be empty.
    pub(super) fn printable(&mut self, name: &str, value: String) -> Option<String> {
        let sound = !value.chars().any(is_disallowed);
        self.unless(!sound, name, value, |_| "must not contain control characters".to_owned())
    }

    /// Text without control characters that is not empty.
    pub(super) fn plain(&mut self, name: &str, value: String) -> Option<String> {
        let empty = value.is_empty();
        let value = self.unless(empty, name, value, |_| "must not be empty".to_owned())?;
        self.printable(name, value)
    }

    /// An RFC 3339 time, kept as written.
    pub(super) fn moment(&mut self, name: &str, value: String) -> Option<String> {
        let value = self.plain(name, value)?;
        let wrong = !is_rfc3339(&value);
        self.unless(wrong, name, value, |value| {
            format!("`{value}` is not an RFC 3339 time; write it like 2026-11-20T10:30:00Z")
        })
    }

    /// When to deliver an event. An invalid time such as `tomorrow` must not mean `now`.
    pub(super) fn deliver_at(&mut self, name: &str, value: &Attribute) {
        if self.lenient {
            return;
        }
        let is_time = matches!(value, Attribute::String(text) if is_rfc3339(text));
        if !is_time {
            self.add(name, "is not an RFC 3339 time; write it like 2026-11-20T10:30:00Z");
        }
    }

    /// A URI reference (RFC 3986): a path, a URN, a URL.
    pub(super) fn uri_reference(&mut self, name: &str, value: String) -> Option<String> {
        let value = self.plain(name, value)?;
        let wrong = !is_uri_reference(&value);
        self.unless(wrong, name, value, |value| {
            format!(
                "`{value}` is not a URI reference; write it like /shop, and percent-encode \
                 other characters"
            )
        })
    }

    /// An absolute URI (RFC 3986), which begins with its scheme.
    pub(super) fn uri(&mut self, name: &str, value: String) -> Option<String> {
        let value = self.plain(name, value)?;
        let wrong = !is_uri(&value);
        self.unless(wrong, name, value, |value| {
            format!("`{value}` is not an absolute URI; write it like https://example.com/schema")
        })
    }

    fn unless(
        &mut self,
        wrong: bool,
        name: &str,
        value: String,
        detail: impl FnOnce(&str) -> String,
    ) -> Option<String> {
        if wrong && !self.lenient {
            self.add(name, detail(&value));
            return None;
        }
        Some(value)
    }

    /// The value of an extension attribute: a string, a boolean or a 32-bit integer.
    pub(super) fn attribute(&mut self, name: &str, raw: &RawValue) -> Option<Attribute> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => {
                // Unlike the required attributes, an extension attribute may be an empty string.
                let value = self.string(name, raw)?;
                self.printable(name, value).map(Attribute::String)
            }
            Some(b't') => Some(Attribute::Boolean(true)),
            Some(b'f') => Some(Attribute::Boolean(false)),
            Some(b'-' | b'0'..=b'9') => {
                let number = text.parse().ok().map(Attribute::Integer);
                if number.is_none() {
                    self.add(name, "must be a 32-bit integer; send larger numbers as strings");
                }
                number
            }
            _ => {
                self.add(name, format!("must be a string, a boolean or an integer, not {}", kind(raw)));
                None
            }
        }
    }

    /// Whether `name` is a valid attribute name.
    pub(super) fn attribute_name(&mut self, name: &str) -> bool {
        let legal = self.lenient || name != "data" && is_attribute_name(name);
        if !legal {
            self.add(name, "is not a valid attribute name: use 1 to 64 of a-z and 0-9");
        }
        legal
    }
}

/// Whether `name` is a valid attribute name: 1 to 64 of `a-z` and `0-9`.
#[must_use]
pub fn is_attribute_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Characters that CloudEvents forbids in a string: control characters and Unicode noncharacters.
fn is_disallowed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
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

/// RFC 3339 covers the years 0000 to 9999 in every offset, which is more than a `Timestamp` can hold. So the date and
/// the time of day are checked separately.
fn is_rfc3339(value: &str) -> bool {
    let Some((moment, rest)) = value.split_at_checked("2026-11-20T10:30:00".len()) else { return false };
    let shaped = moment.bytes().zip(b"0000-00-00T00:00:00").all(|(have, want)| match want {
        b'0' => have.is_ascii_digit(),
        _ => have.eq_ignore_ascii_case(want),
    });
    let Some(end) = rest.find(|c: char| c != '.' && !c.is_ascii_digit()) else { return false };
    let (fraction, zone) = rest.split_at(end);
    let fraction_shaped = match fraction.strip_prefix('.') {
        Some(digits) => !digits.is_empty() && !digits.contains('.'),
        None => fraction.is_empty(),
    };
    let zone_shaped = match zone.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) && [*h1, *h2] <= *b"23" && [*m1, *m2] <= *b"59"
        }
        _ => false,
    };
    shaped && fraction_shaped && zone_shaped && exists(moment)
}

/// The moment of an RFC 3339 time. It may be written more precisely than a `Timestamp` is. The end of the year 9999 is
/// beyond what one can hold, and becomes the latest that it can.
pub(super) fn timestamp(value: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = value.parse() {
        return Some(timestamp);
    }
    let (moment, rest) = value.split_at_checked("2026-11-20T10:30:00".len()).filter(|_| is_rfc3339(value))?;
    let (fraction, zone) = rest.split_at(rest.find(|c: char| c != '.' && !c.is_ascii_digit())?);
    let nanoseconds = &fraction[..fraction.len().min(".123456789".len())];
    Some(format!("{moment}{nanoseconds}{zone}").parse().unwrap_or(Timestamp::MAX))
}

/// Whether a well-formed date and time of day exist. The parser takes the second 60 at any time of day: a leap second
/// may end any minute in some offset, and future ones are not known yet.
fn exists(moment: &str) -> bool {
    let (date, time) = moment.split_at("2026-11-20".len());
    date.parse::<civil::Date>().is_ok() && time[1..].parse::<civil::Time>().is_ok()
}

pub(super) fn is_uri(value: &str) -> bool {
    Uri::parse(value).is_ok()
}

pub(super) fn is_uri_reference(value: &str) -> bool {
    UriRef::parse(value).is_ok()
}

/// JSON data is kept as written. A string with a media type other than JSON becomes plain text.
pub(super) fn payload(raw: &RawValue, content_type: Option<&str>) -> Option<Payload> {
    if raw.get() == "null" {
        return None;
    }
    let is_text = raw.get().starts_with('"') && content_type.is_some_and(|have| !is_json_media_type(have));
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) if is_text => Some(Payload::Text(text)),
        _ => Some(Payload::Text(raw.get().to_owned())),
    }
}
