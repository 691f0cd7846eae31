//! Input in every form that a client may send. As ordinary tests, each target runs a few hundred cases; `tests/fuzz`
//! runs them for as long as you like. `host/core/corpus` keeps one file per body that once failed or is odd on purpose.

use std::{fs, path::Path};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{Defaults, Event, ParseError, check_nesting};

fn defaults() -> Defaults {
    Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() }
}

/// The invariants of every accepted event and every rejection.
fn holds(result: Result<Event, ParseError>) {
    let event = match result {
        Ok(event) => event,
        Err(ParseError::Invalid(errors)) => {
            assert!(!errors.is_empty());
            assert!(
                errors.iter().all(|error| error.pointer.is_empty() || error.pointer.starts_with('/')),
                "{errors:?}"
            );
            return;
        }
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let text = event.to_structured();
    assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "{text}");
    assert_eq!(check_nesting(text.as_bytes(), super::DEEPEST + 1), Ok(()), "{text}");
    assert_eq!(Event::from_recorded(&text, defaults()).as_ref(), Ok(&event), "{text}");
    assert_eq!(serde_json::to_string(&event).unwrap(), text);
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    let line = event.to_line();
    assert!(!line.contains(['\n', '\r']), "{line}");
    assert!(Event::from_recorded(&line, defaults()).is_ok(), "{line}");
    let headers = event.to_binary_headers();
    let sound = |value: &str| value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    assert!(headers.iter().filter(|(name, _)| name != "content-type").all(|(_, value)| sound(value)), "{headers:?}");
}

fn every_form(body: &[u8]) {
    holds(Event::from_simple(body, defaults()));
    holds(Event::from_structured(body, defaults()));
    match Event::from_batch(body, 16, defaults()) {
        Ok(events) => events.into_iter().for_each(|event| holds(Ok(event))),
        Err(error) => holds(Err(error)),
    }
    for content_type in [None, Some("application/json"), Some("text/plain"), Some("image/png")] {
        let headers = [("specversion", "1.0"), ("id", "1"), ("source", "/"), ("type", "t")];
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        holds(Event::from_binary(headers, content_type, Bytes::copy_from_slice(body), defaults()));
    }
}

fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "data",
        "data_base64",
        "message",
        "severity",
        "tags",
        "tier",
        "hopcount",
    ];
    prop_oneof![8 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => "[a-z0-9]{0,70}", 1 => any::<String>()]
}

/// JSON as text, so that numbers, escapes and white space vary in spelling.
fn json() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "null",
        "true",
        "-0",
        "1e400",
        "2147483648",
        "-2147483648",
        "\"1.0\"",
        "\"/a%20b\"",
        "\"\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"2026-11-20T10:30:00Z\"",
        "\"0000-02-30t24:00:60z\"",
        "\"text/plain\"",
        "\"application/json\"",
        "\"AAE=\"",
        "[\"a\",\"b\"]",
        "[\"a,b\"]",
    ];
    let leaf = prop_oneof![
        4 => prop::sample::select(KNOWN).prop_map(str::to_owned),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        2 => any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let object = prop::collection::vec((name(), inner), 0..4);
        prop_oneof![
            list.prop_map(|items| format!("[{}]", items.join(" ,\n"))),
            object.prop_map(|members| self::object(&members)),
            (1_usize..200, any::<bool>()).prop_map(|(levels, closed)| {
                "[".repeat(levels) + &"]".repeat(if closed { levels } else { levels / 2 })
            }),
        ]
    })
}

fn object(members: &[(String, String)]) -> String {
    let members = members.iter().map(|(name, value)| format!("{} : {value}", serde_json::Value::from(name.as_str())));
    format!("{{{}\r\n}}", members.collect::<Vec<_>>().join(","))
}

/// A valid or almost valid event.
fn event() -> impl Strategy<Value = String> {
    let required = ["specversion", "id", "source", "type"].map(|name| (name.to_owned(), "\"1.0\"".to_owned()));
    let members = prop::collection::vec((name(), json()), 0..8);
    (prop::sample::subsequence(required.to_vec(), 0..=4), members).prop_map(|(mut all, more)| {
        all.extend(more);
        object(&all)
    })
}

/// A body with some bytes replaced, removed or inserted.
fn damaged(body: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..4);
    (body, damage).prop_map(|(body, damage)| {
        let mut bytes = body.into_bytes();
        for (at, byte, how) in damage.into_iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
            let at = at.index(bytes.len().max(1));
            match how {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.truncate(at),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|have| *have = byte),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn fuzz_event_json(body in damaged(event())) {
        every_form(&body);
    }

    #[test]
    fn fuzz_event_batch(events in prop::collection::vec(event(), 0..20)) {
        every_form(format!("[{}]", events.join(",")).as_bytes());
    }

    #[test]
    fn fuzz_event_bytes(body in prop::collection::vec(any::<u8>(), 0..600)) {
        every_form(&body);
    }

    /// The `time` crate takes any character as the separator and few leap seconds, so both are left out.
    #[test]
    fn fuzz_event_times_against_another_implementation(
        time in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-7][0-9]:([0-57][0-9]|6[1-9])\
                 (\\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:[0-7][0-9]|[+-][0-9]{0,4})",
    ) {
        let want = OffsetDateTime::parse(&time, &Rfc3339).is_ok();
        let event = Event::from_simple(format!(r#"{{"type":"t","time":"{time}"}}"#).as_bytes(), defaults());
        prop_assert_eq!(event.is_ok(), want, "{}", time);
    }

    #[test]
    fn fuzz_event_headers(
        headers in prop::collection::vec((name(), prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "\"?(%[0-9a-fA-F]{2}|[ -~]|ü){0,20}\"?".prop_map(String::into_bytes),
            json().prop_map(|text| text.trim_matches('"').to_owned().into_bytes()),
        ]), 0..8),
        content_type in prop::option::of("[a-z/+;= ]{0,30}|application/json|text/plain"),
        body in damaged(json()),
    ) {
        let required = [("specversion", "1.0"), ("id", "1"), ("source", "/"), ("type", "t")];
        let missing = required.iter().filter(|(name, _)| !headers.iter().any(|(have, _)| have == name));
        let all = missing.map(|(name, value)| (*name, value.as_bytes()));
        let all = all.chain(headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        holds(Event::from_binary(all, content_type.as_deref(), Bytes::from(body), defaults()));
    }
}

#[test]
fn fuzz_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut bodies = 0;
    for file in fs::read_dir(folder).unwrap() {
        every_form(&fs::read(file.unwrap().path()).unwrap());
        bodies += 1;
    }
    assert!(bodies > 0);
}
