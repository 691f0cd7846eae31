//! Events and attempts for tests of journals, here and in the crates that implement one.

use fanfare_core::{AttemptRecord, Class, Defaults, Event, Payload, delivery::Trigger};
use jiff::Timestamp;
use uuid::Uuid;

/// An event with its id as its data.
#[must_use]
pub fn event(id: &str) -> Event {
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"user.signup","time":"2026-11-20T10:30:00Z",
            "data":{{"id":"{id}"}}}}"#
    );
    Event::from_structured(text.as_bytes(), Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() }).unwrap()
}

/// The same with other data.
#[must_use]
pub fn with_data(id: &str, data: &str) -> Event {
    Event { data: Some(Payload::Text(data.to_owned())), ..event(id) }
}

/// The attempt with this number of a round. `None` as its class: it succeeded.
#[must_use]
pub fn attempt(number: u32, class: Option<Class>, started: Timestamp) -> AttemptRecord {
    AttemptRecord {
        number,
        trigger: if number > 1 { Trigger::Retry } else { Trigger::First },
        started,
        duration_ms: 0.4,
        class,
        code: class.map(|_| "http_503".to_owned()),
        error: class.map(|_| "the receiver is busy".to_owned()),
        fuel: 1_000,
        memory: 65_536,
        plugin: "0123456789abcdef".to_owned(),
        trace: vec![],
    }
}
