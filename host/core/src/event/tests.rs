use jiff::Timestamp;
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

#[test]
fn every_error_is_told_at_once() {
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
fn what_is_no_json_object_is_malformed() {
    for body in ["", "[]", "3", "{", r#"{"type":"a"} x"#, "\u{feff}{}", r#"{"type": nul}"#] {
        assert!(matches!(simple(body), Err(ParseError::Malformed(_))), "{body}");
    }
    assert!(matches!(
        Event::from_simple(b"{\"type\":\"\xff\"}", defaults()),
        Err(ParseError::Malformed(_) | ParseError::Invalid(_))
    ));
}

#[test]
fn json_media_types_are_told_from_others() {
    for yes in ["application/json", "text/json; charset=utf-8", "application/ld+json", "APPLICATION/JSON"] {
        assert!(is_json_media_type(yes), "{yes}");
    }
    for no in ["text/plain", "json", "application/jsonp", "application/+json"] {
        assert!(!is_json_media_type(no), "{no}");
    }
}
