//! Inserts members into JSON text. Everything else stays as it was written, byte for byte: a number may have more
//! digits than any type can represent.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object in order, with each value's text unchanged.
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// # Errors
    /// When the text is not an object.
    pub fn of(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.get()))
    }

    /// If a name is repeated, the last member wins.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(have, _)| have == name).map(|(_, value)| value.get())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Borrowed if it contains no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The value at a path of members.
pub fn find<'a>(object: &'a str, path: &[&str]) -> Option<&'a str> {
    let [name, rest @ ..] = path else { return Some(object) };
    find(Members::of(object).ok()?.get(name)?, rest)
}

/// The object with this value at the path, replacing an existing one. Missing objects on the way are created.
///
/// # Errors
/// The part of the path that leads to something other than an object.
pub fn put<'p>(object: &str, path: &[&'p str], value: &str) -> Result<String, &'p str> {
    let [name, rest @ ..] = path else { return Ok(value.to_owned()) };
    let Ok(members) = Members::of(object) else { return Err(name) };
    let place = |part: &str| part.as_ptr() as usize - object.as_ptr() as usize;
    if let Some(old) = members.get(name) {
        let new = match rest {
            [] => value.to_owned(),
            _ if Members::of(old).is_err() => return Err(name),
            _ => put(old, rest, value)?,
        };
        let start = place(old);
        return Ok([&object[..start], &new, &object[start + old.len()..]].concat());
    }
    let (at, comma) = match members.0.last() {
        Some((_, last)) => (place(last.get()) + last.get().len(), ","),
        None => (object.find('{').map_or(0, |brace| brace + 1), ""),
    };
    let key = serde_json::Value::from(*name).to_string();
    let new = rest.iter().rev().fold(value.to_owned(), |below, name| {
        let key = serde_json::Value::from(*name).to_string();
        format!("{{{key}:{below}}}")
    });
    Ok([&object[..at], comma, &key, ":", &new, &object[at..]].concat())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

    use super::*;

    #[test]
    fn inserting_a_value_leaves_the_rest_of_the_text_unchanged() {
        let object = r#"{ "n":1.10, "b":12345678901234567890123,"\u0061":{"e": 1e400} ,"s":"x" }"#;
        for (path, want) in [
            (&["new"][..], r#"{ "n":1.10, "b":12345678901234567890123,"\u0061":{"e": 1e400} ,"s":"x","new":0 }"#),
            (&["n"], r#"{ "n":0, "b":12345678901234567890123,"\u0061":{"e": 1e400} ,"s":"x" }"#),
            (&["a", "f"], r#"{ "n":1.10, "b":12345678901234567890123,"\u0061":{"e": 1e400,"f":0} ,"s":"x" }"#),
            (&["a", "e"], r#"{ "n":1.10, "b":12345678901234567890123,"\u0061":{"e": 0} ,"s":"x" }"#),
            (&["x", "y"], r#"{ "n":1.10, "b":12345678901234567890123,"\u0061":{"e": 1e400} ,"s":"x","x":{"y":0} }"#),
        ] {
            assert_eq!(put(object, path, "0").unwrap(), want, "{path:?}");
        }
        assert_eq!(put(" { } ", &["a\"b"], "[1]").unwrap(), r#" {"a\"b":[1] } "#);
        assert_eq!(put(object, &["s", "t"], "0"), Err("s"));
        assert_eq!(put(r#"{"a":1,"a":2}"#, &["a"], "3").unwrap(), r#"{"a":1,"a":3}"#, "the last one counts");
    }

    #[test]
    fn a_lookup_returns_the_text_of_the_value() {
        let object = r#"{"a":{"b":1.10,"b":2.0},"c":[1]}"#;
        assert_eq!(find(object, &["a", "b"]), Some("2.0"));
        assert_eq!(find(object, &["a", "z"]), None);
        assert_eq!(find(object, &["c", "0"]), None);
        assert_eq!(find("[1]", &["a"]), None);
    }
}
