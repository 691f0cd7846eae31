//! Reading a JSON object member by member, collecting every error instead of stopping at the first.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Attribute, DEEPEST, FieldError, ParseError, check_nesting};

/// The longest attribute name. CloudEvents recommends 20 and leaves more to the sender.
const LONGEST_NAME: usize = 64;

/// More members than any event has. Names are compared with all that came before them, and a limit keeps that cheap.
pub(super) const MOST_MEMBERS: usize = 256;

/// The members of a JSON object in their order, each value still as text.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        check_nesting(body, DEEPEST)?;
        Self::parse_recorded(body)
    }

    /// Of what is already recorded, whatever was allowed then.
    pub(super) fn parse_recorded(body: &'a [u8]) -> Result<Self, ParseError> {
        let members: Self = serde_json::from_slice(body)
            .map_err(|e| ParseError::Malformed(format!("the body is not a JSON object: {e}")))?;
        if members.0.len() > MOST_MEMBERS {
            let detail = format!("has {} members; an event may have {MOST_MEMBERS}", members.0.len());
            return Err(ParseError::Invalid(vec![FieldError { pointer: String::new(), detail }]));
        }
        Ok(members)
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
pub(super) struct Errors {
    found: Vec<FieldError>,
    /// What values must be was asked when they came in, perhaps under older rules; now they must only be readable.
    lenient: bool,
}

impl Errors {
    /// For what was recorded: a rule that has become stricter since must not hide it.
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

    /// An RFC 3339 moment, kept as it was written.
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

    /// Text without control characters, which may be empty.
    pub(super) fn printable(&mut self, name: &str, value: String) -> Option<String> {
        let sound = !value.chars().any(is_disallowed);
        self.unless(!sound, name, value, |_| "must not hold control characters".to_owned())
    }

    /// Text without control characters that is not empty.
    pub(super) fn plain(&mut self, name: &str, value: String) -> Option<String> {
        let empty = value.is_empty();
        let value = self.unless(empty, name, value, |_| "must not be empty".to_owned())?;
        self.printable(name, value)
    }

    /// An RFC 3339 moment, kept as it was written.
    pub(super) fn moment(&mut self, name: &str, value: String) -> Option<String> {
        let value = self.plain(name, value)?;
        let wrong = !is_rfc3339(&value);
        self.unless(wrong, name, value, |value| {
            format!("`{value}` is not an RFC 3339 time; write it like 2026-11-20T10:30:00Z")
        })
    }

    /// When an event is to be delivered. Who writes `tomorrow` must not have it delivered now.
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
                "`{value}` is not a URI reference; write it like /shop, and percent-encode what cannot stand in one"
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
                // An empty string is a legal attribute value, unlike for the required attributes.
                let value = self.string(name, raw)?;
                self.printable(name, value).map(Attribute::String)
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
        let legal = self.lenient || name != "data" && is_attribute_name(name);
        if !legal {
            self.add(name, "is not an attribute name: use 1 to 64 of a-z and 0-9");
        }
        legal
    }
}

/// Whether an attribute may have this name: 1 to 64 of `a-z` and `0-9`.
#[must_use]
pub fn is_attribute_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// What CloudEvents forbids in a string: control characters, and the code points that Unicode sets aside as no characters.
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

/// RFC 3339. Its moments reach from the year 0000 to the end of 9999, in every offset; a `Timestamp` does not, so the
/// calendar and the clock are asked instead.
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
    shaped && fraction_shaped && zone_shaped && exists(moment).is_some()
}

/// A day of the calendar and a time of the clock, of text that has their shape.
fn exists(moment: &str) -> Option<()> {
    let (date, time) = (moment.get(..10)?, moment.get(11..)?);
    let part = |text: &str, at| text.get(at..at + 2)?.parse::<i8>().ok();
    jiff::civil::Date::new(date.get(..4)?.parse().ok()?, part(date, 5)?, part(date, 8)?).ok()?;
    let second = part(time, 6)?;
    // A leap second may be any minute's last in some offset, and which ones there will be nobody knows yet.
    jiff::civil::Time::new(part(time, 0)?, part(time, 3)?, if second == 60 { 59 } else { second }, 0).ok()?;
    Some(())
}

pub(super) fn is_uri(value: &str) -> bool {
    scheme(value).is_some() && is_uri_reference(value)
}

/// What stands before the first colon, if that is before anything else that divides a URI.
fn scheme(value: &str) -> Option<&str> {
    let end = value.find([':', '/', '?', '#'])?;
    value[end..].starts_with(':').then_some(&value[..end])
}

pub(super) fn is_uri_reference(value: &str) -> bool {
    let after_scheme = match scheme(value) {
        Some(scheme) => {
            let sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
            if !sound {
                return false;
            }
            &value[scheme.len() + 1..]
        }
        None => value,
    };
    let rest = match after_scheme.strip_prefix("//") {
        Some(hierarchical) => {
            let end = hierarchical.find(['/', '?', '#']).unwrap_or(hierarchical.len());
            let (authority, rest) = hierarchical.split_at(end);
            if !is_authority(authority) {
                return false;
            }
            rest
        }
        None => after_scheme,
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    is_made_of(rest, b"-._~!$&'()*+,;=:@/?") && is_made_of(fragment, b"-._~!$&'()*+,;=:@/?")
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host_is_sound, port) = match host.strip_prefix('[').and_then(|literal| literal.split_once(']')) {
        Some((literal, port)) => (literal.parse::<std::net::Ipv6Addr>().is_ok(), port),
        None => {
            let (host, port) = host.split_at(host.find(':').unwrap_or(host.len()));
            (is_made_of(host, b"-._~!$&'()*+,;="), port)
        }
    };
    let port_is_sound =
        port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
    is_made_of(user, b"-._~!$&'()*+,;=:") && host_is_sound && port_is_sound
}

/// Letters, digits, percent-encoded bytes and these.
fn is_made_of(part: &str, others: &[u8]) -> bool {
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        let sound = match byte {
            b'%' => [bytes.next(), bytes.next()].iter().all(|b| b.is_some_and(|b| b.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || others.contains(&byte),
        };
        if !sound {
            return false;
        }
    }
    true
}
