//! Self-tests in a sidecar: events with the outcome that the plugin must have before it goes live. Nothing leaves the
//! machine: the plugin's requests get the responses that the test specifies.

use fanfare_core::{Class, Defaults, Did, Event};
use fanfare_runtime::StubAnswer;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Settings,
    reader::{Field, Section},
};

/// One entry of `[[tests]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTest {
    pub event: Event,
    /// They override the sidecar's settings.
    pub settings: Settings,
    pub answers: Vec<StubAnswer>,
    pub expect: Expected,
}

/// The expected outcome of the attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Delivered,
    /// The test is for a stage, which has to do this with the event.
    Did(Did),
    /// With this class or this code.
    Failed(String),
}

/// The most tests of a plugin. They run one after the other, for at most twenty seconds.
const MOST: usize = 100;

pub(super) fn read(field: &Field<'_>) -> Vec<SelfTest> {
    let count = field.list().map_or(0, |tests| tests.len());
    if count > MOST {
        field.problem(
            format!("has {count} tests; at most {MOST} are allowed"),
            "keep those that show that the plugin works",
        );
        return vec![];
    }
    field.list().unwrap_or_default().iter().filter_map(|field| field.section().and_then(test)).collect()
}

fn test(mut section: Section<'_>) -> Option<SelfTest> {
    let event = match section.get("event") {
        Some(field) => event(&field),
        None => {
            section.problem("event", "is missing", "write event = { type = \"user.signup\", data = { … } }");
            None
        }
    };
    let settings = Settings::read(&mut section);
    let answers = section.get("answers").map(|field| field.list().unwrap_or_default());
    let answers = answers.map_or_else(|| vec![any()], |fields| fields.iter().filter_map(answer).collect());
    let expect = section.get("expect").map_or(Some(Expected::Delivered), |field| {
        field.text().map(|text| match text {
            "delivered" => Expected::Delivered,
            other => match Did::ALL.into_iter().find(|did| *did != Did::Failed && did.as_str() == other) {
                Some(did) => Expected::Did(did),
                None => Expected::Failed(other.to_owned()),
            },
        })
    });
    section.finish();
    Some(SelfTest { event: event?, settings, answers, expect: expect? })
}

/// The response if the test specifies none.
fn any() -> StubAnswer {
    StubAnswer { method: None, url: None, status: 200, headers: Default::default(), body: "{}".to_owned() }
}

fn answer(field: &Field<'_>) -> Option<StubAnswer> {
    serde_json::from_value(field.json())
        .map_err(|error| {
            field
                .problem(format!("is not a valid response: {error}"), "its keys are method, url, status, headers, body")
        })
        .ok()
}

/// Every run uses the same id and time, so that a test cannot depend on them.
fn event(field: &Field<'_>) -> Option<Event> {
    let mut value = field.json();
    if let Value::Object(members) = &mut value {
        members.entry("time").or_insert(json!("2026-01-01T00:00:00Z"));
        members.entry("id").or_insert(json!("self-test"));
    }
    let defaults = Defaults { now: Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
    Event::from_simple(value.to_string().as_bytes(), defaults)
        .map_err(|error| {
            field.problem(format!("is not a valid event: {error}"), "it has the members of POST /v1/events")
        })
        .ok()
}

impl Expected {
    /// Whether an attempt that failed like this meets the expectation.
    #[must_use]
    pub fn is_failure(&self, class: Class, code: &str) -> bool {
        matches!(self, Self::Failed(wanted) if wanted == class.as_str() || wanted == code)
    }
}
