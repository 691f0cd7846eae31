//! The CloudEvents JSON batch format: a list of events.

use serde_json::value::RawValue;

use super::{Defaults, Event, FieldError, ParseError, structured};

pub(super) fn parse(body: &[u8], defaults: Defaults) -> Result<Vec<Event>, ParseError> {
    let raw: Vec<&RawValue> = serde_json::from_slice(body)
        .map_err(|e| ParseError::Malformed(format!("the body is no JSON list of events: {e}")))?;
    let (mut events, mut errors) = (Vec::with_capacity(raw.len()), vec![]);
    for (index, raw) in raw.iter().enumerate() {
        match structured::parse(raw.get().as_bytes(), defaults) {
            Ok(event) => events.push(event),
            Err(ParseError::Malformed(detail)) => errors.push(FieldError { pointer: format!("/{index}"), detail }),
            Err(ParseError::Invalid(wrong)) => {
                let inside = |e: FieldError| FieldError { pointer: format!("/{index}{}", e.pointer), detail: e.detail };
                errors.extend(wrong.into_iter().map(inside));
            }
        }
    }
    if errors.is_empty() { Ok(events) } else { Err(ParseError::Invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn batch(body: &str) -> Result<Vec<Event>, ParseError> {
        parse(body.as_bytes(), Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() })
    }

    #[test]
    fn each_event_is_read_and_each_mistake_names_its_event() {
        let good = r#"{"specversion":"1.0","id":"1","source":"/","type":"t"}"#;
        assert_eq!(batch("[]").unwrap(), []);
        assert_eq!(batch(&format!("[{good},{good}]")).unwrap().len(), 2);
        let wrong = batch(&format!(r#"[{good},{{"specversion":"1.0","id":"","source":"/"}},3]"#)).unwrap_err();
        let ParseError::Invalid(errors) = wrong else { panic!("{wrong}") };
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/1/id", "/1/type", "/2"]);
        assert!(matches!(batch("{}"), Err(ParseError::Malformed(_))));
    }
}
