//! What CloudEvents 1.0.2 demands of a receiver: the core specification, the JSON format and the HTTP binding, rule by rule.
//!
//! The binding's rules about which mode a request is in are tested where that is decided, in the daemon's `http/publish.rs`.

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Attribute, Defaults, Event, ParseError, Payload};

fn defaults() -> Defaults {
    Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() }
}

/// A structured event with these members beside the required ones.
fn json(members: &str) -> Result<Event, ParseError> {
    let text = format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t"{members}}}"#);
    Event::from_structured(text.as_bytes(), defaults())
}

/// A binary event with these headers beside the required ones.
fn binary(headers: &[(&str, &str)], content_type: Option<&str>, body: &'static [u8]) -> Result<Event, ParseError> {
    let required = [("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "t")];
    let all = required.iter().chain(headers).map(|&(name, value)| (name, value.as_bytes()));
    Event::from_binary(all, content_type, Bytes::from_static(body), defaults())
}

/// Each rule with an event that keeps it, and one that breaks it.
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
        // Core, "Naming conventions" and "Type system"
        (
            "attribute names must be lower-case letters and digits",
            || json(r#","tier1":"x""#).is_ok(),
            || json(r#","Tier_1":"x""#).is_ok(),
        ),
        (
            "strings must not hold control characters",
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
        assert!(kept(), "an event that keeps the rule is refused: {rule}");
        assert!(!broken(), "an event that breaks the rule is taken: {rule}");
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
