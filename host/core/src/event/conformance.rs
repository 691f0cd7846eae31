//! What CloudEvents 1.0.2 requires of a receiver: the core specification, the JSON format and the HTTP binding, rule by
//! rule.
//!
//! The rules for telling the modes of a request apart are tested in the daemon's `http/publish.rs`.

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Attribute, Defaults, Event, ParseError, Payload};

fn defaults() -> Defaults {
    Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() }
}

/// A structured event with these members in addition to the required ones.
fn json(members: &str) -> Result<Event, ParseError> {
    let text = format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t"{members}}}"#);
    Event::from_structured(text.as_bytes(), defaults())
}

/// A binary event with these headers in addition to the required ones.
fn binary(headers: &[(&str, &str)], content_type: Option<&str>, body: impl AsRef<[u8]>) -> Result<Event, ParseError> {
    let required = [("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "t")];
    let replaced = |&&(name, _): &&(&str, &str)| !headers.iter().any(|(other, _)| *other == name);
    let all = required.iter().filter(replaced).chain(headers).map(|&(name, value)| (name, value.as_bytes()));
    Event::from_binary(all, content_type, Bytes::copy_from_slice(body.as_ref()), defaults())
}

fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

fn structured(data: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{data}}}"#)
}

/// Each rule, with an event that keeps it and one that breaks it.
type Rule = (&'static str, fn() -> bool, fn() -> bool);

#[test]
fn every_rule_for_a_receiver_is_kept() {
    let rules: &[Rule] = &[
        // Core, "Required attributes"
        (
            "id, source, type and specversion must be present",
            || json("").is_ok(),
            || Event::from_structured(br#"{"id":"1","source":"/s","type":"t"}"#, defaults()).is_ok(),
        ),
        (
            "id must be a non-empty string",
            || json("").is_ok(),
            || Event::from_structured(br#"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#, defaults()).is_ok(),
        ),
        (
            "source must be a non-empty URI reference",
            || json("").is_ok(),
            || {
                Event::from_structured(br#"{"specversion":"1.0","id":"1","source":"a b","type":"t"}"#, defaults())
                    .is_ok()
            },
        ),
        (
            "specversion must be 1.0",
            || json("").is_ok(),
            || {
                Event::from_structured(br#"{"specversion":"0.3","id":"1","source":"/s","type":"t"}"#, defaults())
                    .is_ok()
            },
        ),
        (
            "type must be a non-empty string",
            || json("").is_ok(),
            || Event::from_structured(br#"{"specversion":"1.0","id":"1","source":"/s","type":""}"#, defaults()).is_ok(),
        ),
        // Core, "Optional attributes"
        (
            "dataschema, if present, must be a non-empty URI",
            || json(r#","dataschema":"https://a/1""#).is_ok(),
            || json(r#","dataschema":"a/1""#).is_ok(),
        ),
        (
            "subject, if present, must be non-empty",
            || json(r#","subject":"s""#).is_ok(),
            || json(r#","subject":"""#).is_ok(),
        ),
        (
            "time, if present, must be RFC 3339",
            || json(r#","time":"2026-11-20T10:30:00.5+01:00""#).is_ok(),
            || json(r#","time":"20 November""#).is_ok(),
        ),
        (
            "time may be any moment that RFC 3339 can write",
            || {
                [
                    "0000-01-01T00:00:00Z",
                    "0000-02-29T00:00:00+23:59",
                    "9999-12-31T23:59:59Z",
                    "9999-12-31T23:59:59.999999999999-23:59",
                    "2016-12-31T23:59:60Z",
                    "2017-01-01T08:59:60.5+09:00",
                    "2000-02-29t10:30:00z",
                    "2026-11-20T10:30:00-00:00",
                ]
                .iter()
                .all(|time| {
                    json(&format!(r#","time":"{time}""#)).is_ok_and(|event| event.time == *time)
                        && binary(&[("time", time)], None, b"").is_ok_and(|event| event.time == *time)
                })
            },
            || {
                [
                    "1900-02-29T00:00:00Z",
                    "2026-04-31T00:00:00Z",
                    "2026-00-01T00:00:00Z",
                    "2026-13-01T00:00:00Z",
                    "2026-01-00T00:00:00Z",
                    "2026-01-01T24:00:00Z",
                    "2026-01-01T00:60:00Z",
                    "2026-01-01T00:00:61Z",
                    "2026-01-01T00:00:00+24:00",
                    "2026-01-01T00:00:00+01:60",
                    "2026-01-01T00:00:00+0100",
                    "2026-01-01T00:00:00.Z",
                    "2026-01-01T00:00:00,5Z",
                    "2026-01-01 00:00:00Z",
                    "2026-01-01T00:00:00",
                    "2026-01-01T00:00Z",
                    "+002026-01-01T00:00:00Z",
                    "-001-01-01T00:00:00Z",
                    "10000-01-01T00:00:00Z",
                ]
                .iter()
                .any(|time| json(&format!(r#","time":"{time}""#)).is_ok())
            },
        ),
        // Core, "Naming conventions" and "Type system"
        (
            "attribute names should have at most 20 characters; longer ones are taken up to 64",
            || {
                let name = "a".repeat(64);
                json(&format!(r#","{name}":"x""#)).is_ok_and(|event| event.extension(&name).is_some())
                    && binary(&[(&name, "x")], None, b"").is_ok_and(|event| event.extension(&name).is_some())
            },
            || json(&format!(r#","{}":"x""#, "a".repeat(65))).is_ok(),
        ),
        (
            "attribute names must be lower-case letters and digits",
            || json(r#","tier1":"x""#).is_ok(),
            || json(r#","Tier_1":"x""#).is_ok(),
        ),
        (
            "strings must not contain control characters",
            || json(r#","tier":"ü 😀""#).is_ok(),
            || json(r#","tier":"a\u0007b""#).is_ok(),
        ),
        (
            "integers must be within 32 bits",
            || json(r#","n":-2147483648"#).is_ok(),
            || json(r#","n":2147483648"#).is_ok(),
        ),
        ("attributes are simple values", || json(r#","b":true"#).is_ok(), || json(r#","b":{"c":1}"#).is_ok()),
        // JSON format
        (
            "null stands for an attribute that is not there",
            || json(r#","subject":null"#).is_ok_and(|e| e.subject.is_none()),
            || json(r#","subject":null"#).is_ok_and(|e| e.subject.is_some()),
        ),
        (
            "data and data_base64 exclude each other",
            || json(r#","data_base64":"AP8=""#).is_ok(),
            || json(r#","data":1,"data_base64":"AP8=""#).is_ok(),
        ),
        (
            "data_base64 is binary data",
            || {
                json(r#","data_base64":"\/\/8=""#)
                    .is_ok_and(|e| e.data == Some(Payload::Binary(Bytes::from_static(&[255, 255]))))
            },
            || json(r#","data_base64":"no base64!""#).is_ok(),
        ),
        (
            "data is a JSON value where its type is JSON or absent",
            || json(r#","data":"text""#).is_ok_and(|e| e.data == Some(Payload::Text("\"text\"".into()))),
            || json(r#","data":"text""#).is_ok_and(|e| e.data == Some(Payload::Text("text".into()))),
        ),
        (
            "a string is that text where its type is not JSON",
            || {
                json(r#","datacontenttype":"text/plain","data":"a\nb""#)
                    .is_ok_and(|e| e.data == Some(Payload::Text("a\nb".into())))
            },
            || false,
        ),
        (
            "a batch may be empty",
            || Event::from_batch(b"[]", 10, defaults()).is_ok_and(|e| e.is_empty()),
            || Event::from_batch(b"{}", 10, defaults()).is_ok(),
        ),
        (
            "JSON of some depth is data",
            || {
                let data = nested(127);
                json(&format!(r#","data":{data}"#)).is_ok()
                    && Event::from_batch(format!("[{}]", structured(&data)).as_bytes(), 1, defaults()).is_ok()
                    && Event::from_simple(format!(r#"{{"type":"t","data":{data}}}"#).as_bytes(), defaults()).is_ok()
                    && binary(&[], Some("text/json"), nested(128)).is_ok()
            },
            || {
                let data = nested(128);
                json(&format!(r#","data":{data}"#)).is_ok()
                    || Event::from_batch(format!("[{}]", structured(&data)).as_bytes(), 1, defaults()).is_ok()
                    || Event::from_simple(format!(r#"{{"type":"t","data":{data}}}"#).as_bytes(), defaults()).is_ok()
                    || binary(&[], Some("application/x+json"), nested(129)).is_ok()
                    || binary(&[], None, nested(129)).is_ok()
            },
        ),
        // HTTP binding, binary mode
        (
            "every ce- header is an attribute, extensions too",
            || {
                binary(&[("tier", "gold")], None, b"")
                    .is_ok_and(|e| e.extension("tier") == Some(&Attribute::String("gold".into())))
            },
            || binary(&[("tier_1", "gold")], None, b"").is_ok(),
        ),
        (
            "header values are percent-decoded, in either case of hex",
            || binary(&[("subject", "%e2%82%AC")], None, b"").is_ok_and(|e| e.subject.as_deref() == Some("\u{20ac}")),
            || binary(&[("subject", "%C0%A0")], None, b"").is_ok(),
        ),
        (
            "a URI whose percent-encoding was not encoded once more is that URI",
            || {
                let source = |value| binary(&[("source", value)], None, b"").map(|event| event.source);
                source("/a%20b").is_ok_and(|have| have == "/a%20b")
                    && source("\"/%22q%22\"").is_ok_and(|have| have == "/%22q%22")
                    && source("/a%2520b").is_ok_and(|have| have == "/a%20b")
                    && source("/a%2Fb").is_ok_and(|have| have == "/a/b")
                    && binary(&[("dataschema", "https://s/%5B1%5D%20")], None, b"")
                        .is_ok_and(|event| event.data_schema.as_deref() == Some("https://s/%5B1%5D%20"))
            },
            || {
                binary(&[("source", "/a b")], None, b"").is_ok()
                    || binary(&[("source", "%20 %20")], None, b"").is_ok()
                    || binary(&[("source", "/%FF")], None, b"").is_ok()
                    || binary(&[("dataschema", "relative%20")], None, b"").is_ok()
            },
        ),
        (
            "what need not be encoded may be",
            || binary(&[("subject", "%41bc")], None, b"").is_ok_and(|e| e.subject.as_deref() == Some("Abc")),
            || false,
        ),
        (
            "quoted strings are un-quoted first",
            || {
                binary(&[("subject", "\"a \\\"b\\\" %41\"")], None, b"")
                    .is_ok_and(|e| e.subject.as_deref() == Some("a \"b\" A"))
            },
            || false,
        ),
        (
            "Content-Type is datacontenttype, and the body is data",
            || {
                binary(&[], Some("text/plain"), b"x")
                    .is_ok_and(|e| e.content_type() == "text/plain" && e.data == Some(Payload::Text("x".into())))
            },
            || binary(&[("datacontenttype", "text/plain")], None, b"x").is_ok(),
        ),
        (
            "a JSON body must be JSON",
            || binary(&[], Some("application/json"), b"[1]").is_ok(),
            || binary(&[], Some("application/json"), b"[1").is_ok(),
        ),
        (
            "data may be absent",
            || binary(&[], None, b"").is_ok_and(|e| e.data.is_none()),
            || binary(&[], None, b"").is_ok_and(|e| e.data.is_some()),
        ),
    ];
    for (rule, kept, broken) in rules {
        assert!(kept(), "rejects an event that keeps the rule: {rule}");
        assert!(!broken(), "accepts an event that breaks the rule: {rule}");
    }
}

#[test]
fn what_is_emitted_is_what_the_json_format_says() {
    let event = json(r#","subject":"ü","n":-5,"b":true,"datacontenttype":"image/png","data_base64":"AP8=""#).unwrap();
    let written: serde_json::Value = serde_json::from_str(&event.to_structured()).unwrap();
    assert_eq!((&written["specversion"], &written["n"], &written["b"]), (&"1.0".into(), &(-5).into(), &true.into()));
    assert_eq!((&written["data_base64"], written.get("data")), (&"AP8=".into(), None));
    assert!(written["time"].as_str().unwrap().parse::<Timestamp>().is_ok(), "an absent time is filled in");
}

#[test]
fn extensions_keep_their_types_in_json_and_are_strings_in_headers() {
    let members = r#","n":-2147483648,"zero":0,"yes":true,"no":false,"word":"true","digits":"5","empty":"""#;
    let event = json(members).unwrap();
    let written = event.to_structured();
    assert!(written.contains(members), "{written}");
    let again = Event::from_structured(written.as_bytes(), defaults()).unwrap();
    assert_eq!(again, event);
    assert_eq!(Event::from_recorded(&written, defaults()).unwrap(), event);
    let headers = event.to_binary_headers();
    for (name, value) in [("ce-n", "-2147483648"), ("ce-yes", "true"), ("ce-digits", "5")] {
        assert!(headers.contains(&(name.to_owned(), value.to_owned())), "{name}: {headers:?}");
    }
    let received = binary(&[("n", "5"), ("yes", "true")], None, b"").unwrap();
    assert_eq!(received.extension("n"), Some(&Attribute::String("5".into())), "a header has no types");
    assert!(received.to_structured().contains(r#""n":"5","yes":"true""#));
}

#[test]
fn a_cloudevent_sent_as_plain_json_is_read_as_one() {
    let text = r#"{"type":"t","source":"/s","id":"1","specversion":"1.0","tier":5,"data_base64":"AP8="}"#;
    let event = Event::from_simple(text.as_bytes(), defaults()).unwrap();
    assert_eq!(Ok(&event), Event::from_structured(text.as_bytes(), defaults()).as_ref());
    assert_eq!(event.extension("tier"), Some(&Attribute::Integer(5)));
    let wrong = Event::from_simple(br#"{"specversion":"0.3","type":"t"}"#, defaults()).unwrap_err();
    let ParseError::Invalid(errors) = wrong else { panic!("{wrong}") };
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/specversion", "/id", "/source"], "the rules of the structured form");
}

#[test]
fn any_depth_is_refused_with_its_place_and_none_overflows_the_stack() {
    let deep = structured(&nested(400_000));
    let at = deep.find('[').unwrap() + 127;
    let refused = |result: Result<(), ParseError>, at: usize| match result.unwrap_err() {
        ParseError::Malformed(text) => assert!(text.contains(&format!("at byte {at} ")), "{text}"),
        other => panic!("{other}"),
    };
    refused(Event::from_structured(deep.as_bytes(), defaults()).map(drop), at);
    refused(Event::from_simple(deep.as_bytes(), defaults()).map(drop), at);
    refused(Event::from_batch(format!("[{deep}]").as_bytes(), 9, defaults()).map(drop), at + 1);
    refused(binary(&[], Some("application/json"), nested(400_000)).map(drop), 128);
    // Recorded before there was a rule: it can still be read.
    assert!(Event::from_recorded(&deep, defaults()).is_ok());
}
