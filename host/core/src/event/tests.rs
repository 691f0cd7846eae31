use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::*;

const SAMPLE: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
    "data":{"user_id":"usr_123","plan":"pro"},"tags":["user","signup"]}"#;

fn defaults() -> Defaults {
    Defaults { now: "2026-11-20T10:30:00Z".parse::<Timestamp>().unwrap(), id: Uuid::from_u128(7) }
}

fn simple(body: &str) -> Result<Event, ParseError> {
    Event::from_simple(body.as_bytes(), defaults())
}

fn structured(body: &str) -> Result<Event, ParseError> {
    Event::from_structured(body.as_bytes(), defaults())
}

#[track_caller]
fn refused(result: Result<Event, ParseError>, pointers: &[&str]) {
    match result {
        Err(ParseError::Invalid(errors)) => {
            assert_eq!(errors.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), pointers, "{errors:?}");
        }
        other => panic!("expected errors at {pointers:?}, got {other:?}"),
    }
}

#[test]
fn the_sample_event_is_filled_in_and_its_words_become_extensions() {
    let event = simple(SAMPLE).unwrap();
    assert_eq!((event.ty.as_str(), event.source.as_str()), ("user.signup", "/"));
    assert_eq!(event.id, Uuid::from_u128(7).to_string());
    assert_eq!(event.time, "2026-11-20T10:30:00.000000Z");
    assert_eq!(event.extension("message").unwrap().as_text(), "New user registered");
    assert_eq!(event.extension("tags").unwrap().as_text(), "user,signup");
    assert_eq!(event.data, Some(Payload::Text(r#"{"user_id":"usr_123","plan":"pro"}"#.into())));
}

#[test]
fn what_is_written_reads_back_as_the_same_event() {
    let texts = [
        r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-11-20T10:30:00+01:00",
            "n":-5,"b":true,"s":"ü \"q\"","data":[1, {"a":null}]}"#,
        r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"text/plain","data":"two\nlines"}"#,
        r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"image/png","data_base64":"AP8="}"#,
        r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":null,"data":null}"#,
        r#"{"specversion":"1.0","id":"1","source":"/s","type":"t",
            "datacontenttype":"application/json","data":"a string"}"#,
    ];
    for text in texts {
        let event = structured(text).unwrap();
        assert_eq!(structured(&event.to_structured()), Ok(event), "{text}");
    }
    let event = simple(SAMPLE).unwrap();
    assert_eq!(structured(&event.to_structured()), Ok(event));
}

/// RFC 3986, sections 1.1.2 and 5.4, and what its grammar excludes.
#[test]
fn a_source_is_a_uri_reference_and_a_dataschema_has_a_scheme() {
    let event = |name: &str, value: &str| simple(&json!({ "type": "t", name: value }).to_string());
    let absolute = [
        "ftp://ftp.is.co.za/rfc/rfc1808.txt",
        "http://www.ietf.org/rfc/rfc2396.txt",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "mailto:John.Doe@example.com",
        "news:comp.infosystems.www.servers.unix",
        "tel:+1-816-555-1212",
        "telnet://192.0.2.16:80/",
        "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
        "http:g",
        "http://a/b/c/d;p?q#s",
    ];
    for uri in absolute {
        assert_eq!(event("source", uri).unwrap().source, uri);
        assert_eq!(event("dataschema", uri).unwrap().data_schema.as_deref(), Some(uri));
    }
    for relative in [
        "g",
        "./g",
        "g/",
        "/g",
        "//g",
        "?y",
        "g?y",
        "#s",
        "g#s",
        ";x",
        "g;x",
        ".",
        "../..",
        "../../g",
        "g;x=1/../y",
        "%7Ea",
    ] {
        assert_eq!(event("source", relative).unwrap().source, relative);
        refused(event("dataschema", relative), &["/dataschema"]);
    }
    for wrong in
        ["a b", "1a:b", ":a", "a%2", "a%zz", "http://[::1", "http://[1::2::3]/", "http://a:port/", "ü", "<a>", "a#b#c"]
    {
        refused(event("source", wrong), &["/source"]);
        refused(event("dataschema", wrong), &["/dataschema"]);
    }
}

#[test]
fn every_error_is_reported_at_once() {
    refused(
        simple(r#"{"id":1,"source":"","tags":["a,b"],"time":"now","nope":1}"#),
        &["/id", "/source", "/tags", "/time", "/nope", "/type"],
    );
    refused(
        structured(r#"{"specversion":"0.3","id":"","Bad":1,"list":[],"big":3000000000}"#),
        &["/specversion", "/id", "/Bad", "/list", "/big", "/source", "/type"],
    );
    refused(
        structured(r#"{"specversion":"1.0","id":"1","source":"/","type":"t","data":1,"data_base64":"AA=="}"#),
        &["/data_base64"],
    );
    refused(simple(r#"{"type":"a","type":"b"}"#), &["/type"]);
    refused(simple(r#"{"type":null}"#), &["/type"]);
}

#[test]
fn a_body_that_is_not_a_json_object_is_malformed() {
    for body in ["", "[]", "3", "{", r#"{"type":"a"} x"#, "\u{feff}{}", r#"{"type": nul}"#] {
        assert!(matches!(simple(body), Err(ParseError::Malformed(_))), "{body}");
    }
    assert!(matches!(
        Event::from_simple(b"{\"type\":\"\xff\"}", defaults()),
        Err(ParseError::Malformed(_) | ParseError::Invalid(_))
    ));
}

#[test]
fn a_time_of_delivery_beyond_a_timestamp_is_the_latest_and_never_now() {
    let due = |at: &str| {
        let body = serde_json::json!({ "type": "a", "deliverat": at }).to_string();
        Event::from_simple(body.as_bytes(), defaults()).unwrap().deliver_at().unwrap()
    };
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    for far in
        ["9999-12-31T00:00:00Z", "9999-12-31t23:59:60z", "9999-12-31T23:59:59.9999999999-23:59", "9999-12-30T22:00:01Z"]
    {
        assert_eq!(due(far), Timestamp::MAX, "{far}");
    }
    assert_eq!(due("2030-01-01T00:00:00.1234567891234Z"), moment("2030-01-01T00:00:00.123456789Z"));
    assert_eq!(due("2030-01-01t00:00:00.1234567891234z"), moment("2030-01-01T00:00:00.123456789Z"));
    assert_eq!(due("2030-06-30T23:59:60Z"), moment("2030-06-30T23:59:59Z"));
    assert_eq!(due("2030-01-01T00:00:00-00:00"), moment("2030-01-01T00:00:00Z"));
    assert_eq!(due("2030-01-01T23:59:00+23:59"), moment("2030-01-01T00:00:00Z"));
    assert!(due("0000-01-01T00:00:00+23:59") < Timestamp::UNIX_EPOCH);
}

#[test]
fn a_time_of_delivery_may_be_ten_years_ahead() {
    let now = defaults().now;
    let late = |at: Timestamp| {
        let body = serde_json::json!({ "type": "a", "deliverat": at.to_string() }).to_string();
        Event::from_simple(body.as_bytes(), defaults()).unwrap().is_too_late(now)
    };
    assert!(!late(now) && !late(now + crate::LONGEST_DELAY));
    assert!(late(now + crate::LONGEST_DELAY + std::time::Duration::from_secs(1)) && late(Timestamp::MAX));
    assert!(!Event::from_simple(br#"{"type":"a"}"#, defaults()).unwrap().is_too_late(now));
}
