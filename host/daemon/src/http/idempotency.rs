//! `Idempotency-Key`: an identity for events that have no `id`.

use http::{HeaderMap, HeaderName};
use uuid::Uuid;

use super::{
    problem::{Kind, Problem},
    query::{Parameter, Takes},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) const PARAMETER: Parameter = Parameter {
    name: "Idempotency-Key",
    what: "An identity for an event that has no `id`: 1 to 255 characters, quoted or bare.",
    takes: Takes::Text,
};

const LONGEST: usize = 255;

/// Ids made from keys have their own name space, so they never collide with other ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x6661_6e66_6172_4521_8000_6964_656d_706f);

/// The key, if there is one: a quoted string, as the header's draft specifies, or the bare characters.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let wrong = |detail: &str| Problem::new(Kind::Malformed, format!("Idempotency-Key {detail}"));
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(wrong("appears more than once; send it once"));
    }
    let text = value.to_str().map_err(|_| wrong("must be in ASCII"))?.trim();
    let key = match text.strip_prefix('"') {
        Some(rest) => rest
            .strip_suffix('"')
            .ok_or_else(|| wrong("has no closing quote"))?
            .replace("\\\"", "\"")
            .replace("\\\\", "\\"),
        None => text.to_owned(),
    };
    if key.is_empty() || key.len() > LONGEST {
        return Err(wrong("must have 1 to 255 characters"));
    }
    Ok(Some(key))
}

/// The id of an event sent with this key.
pub(super) fn id(key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, key.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(values: &[&'static str]) -> Option<Option<String>> {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(IDEMPOTENCY_KEY, HeaderValue::from_static(value));
        }
        key(&map).ok()
    }

    #[test]
    fn a_key_is_quoted_or_bare_and_appears_once() {
        assert_eq!(read(&[]), Some(None));
        assert_eq!(read(&["\"8e03978e-40d5\""]), Some(Some("8e03978e-40d5".into())));
        assert_eq!(read(&["order-1"]), Some(Some("order-1".into())));
        assert_eq!(read(&[r#""a\"b""#]), Some(Some("a\"b".into())));
        for wrong in [&["\"open"][..], &["\"\""], &[""], &["a", "b"]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert_ne!(id("a"), id("b"));
    }
}
