//! The CloudEvents JSON batch format: a list of events.

use serde_json::value::RawValue;

use super::{DEEPEST, Defaults, Event, FieldError, ParseError, check_nesting, structured};

/// Caps the errors of one response, so that it does not grow far beyond the request.
const MOST_ERRORS: usize = 100;

pub(super) fn parse(body: &[u8], most: usize, defaults: Defaults) -> Result<Vec<Event>, ParseError> {
    // The list adds one level around its events. Checking here gives the byte position in the whole body.
    check_nesting(body, DEEPEST + 1)?;
    let raw: Vec<&RawValue> = serde_json::from_slice(body)
        .map_err(|e| ParseError::Malformed(format!("the body is not a JSON list of events: {e}")))?;
    if raw.len() > most {
        return Err(ParseError::TooMany { found: raw.len(), most });
    }
    let (mut events, mut errors) = (Vec::with_capacity(raw.len()), vec![]);
    for (index, raw) in raw.iter().enumerate() {
        if errors.len() >= MOST_ERRORS {
            let detail = format!("events from index {index} on were not checked; fix the errors above first");
            errors.push(FieldError { pointer: String::new(), detail });
            break;
        }
        match structured::parse(raw.get().as_bytes(), defaults) {
            Ok(event) => events.push(event),
            Err(ParseError::Invalid(wrong)) => {
                let inside = |e: FieldError| FieldError { pointer: format!("/{index}{}", e.pointer), detail: e.detail };
                errors.extend(wrong.into_iter().map(inside));
            }
            Err(other) => errors.push(FieldError { pointer: format!("/{index}"), detail: other.to_string() }),
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
        parse(body.as_bytes(), 1_000, Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() })
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
        let zeros = |count| format!("[{}]", vec!["0"; count].join(","));
        assert_eq!(batch(&zeros(1_001)), Err(ParseError::TooMany { found: 1_001, most: 1_000 }));
        let ParseError::Invalid(errors) = batch(&zeros(1_000)).unwrap_err() else { panic!() };
        assert_eq!(errors.len(), MOST_ERRORS + 1);
    }
}
