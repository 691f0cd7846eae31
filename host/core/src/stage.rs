//! What stages do to an event before the fan-out, as values: the resulting event, and what each stage did.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Attribute, ChannelName, Class, Event, Fault, Payload, Sent, SpanId};

/// The maximum number of changed members that are listed one by one.
const MOST_CHANGED: usize = 64;

/// The maximum length of a pointer in bytes. A change deeper down is reported for its parent.
const LONGEST_POINTER: usize = 256;

/// What happens to an event whose stage fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// It is rejected.
    #[default]
    Reject,
    /// It continues as it was before the stage.
    Pass,
}

/// What a stage did with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Did {
    Changed,
    Unchanged,
    /// No later stage and no channel gets it.
    Dropped,
    /// It continued as it was before.
    Failed,
}

impl Did {
    pub const ALL: [Self; 4] = [Self::Changed, Self::Unchanged, Self::Dropped, Self::Failed];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
        }
    }
}

/// The record of one stage for one event. It contains the names of members, never their values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StageRecord {
    pub stage: ChannelName,
    /// As in the configuration: `enrich`, `builtin:enrich`.
    pub plugin: String,
    /// SHA-256 of the plugin's file, hex; the first 16 digits. Absent if there was no plugin to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub did: Did,
    /// JSON pointers to the members that it added, removed or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub failure: Option<StageFailure>,
    pub duration_ms: f64,
    /// What traces record of the call, if the event has a trace. Reported, but not stored.
    #[serde(skip)]
    pub traced: Option<Box<StageTraced>>,
}

/// A stage's call in its event's trace.
#[derive(Clone, Debug, PartialEq)]
pub struct StageTraced {
    /// The call's span.
    pub span: SpanId,
    /// Its requests, if the trace is sampled.
    pub sent: Vec<Sent>,
}

/// Why a stage failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StageFailure {
    pub class: Class,
    pub code: String,
    pub reason: String,
}

impl From<Fault> for StageFailure {
    fn from(fault: Fault) -> Self {
        Self { class: fault.class, code: fault.code, reason: fault.message }
    }
}

/// An event after the stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Staged {
    /// What is recorded and goes to the channels.
    pub event: Event,
    /// Absent if no stage ran.
    pub trail: Option<Box<Trail>>,
}

/// What the stages did to an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// The event as published, if a stage changed it. It is used only to recognize repeats and is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Event>,
    /// In execution order.
    pub records: Vec<StageRecord>,
}

impl Staged {
    /// Whether a stage dropped it, so that no channel gets it.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        let last = self.trail.as_ref().and_then(|trail| trail.records.last());
        last.is_some_and(|record| record.did == Did::Dropped)
    }
}

impl From<Event> for Staged {
    fn from(event: Event) -> Self {
        Self { event, trail: None }
    }
}

impl Event {
    /// Strips a dropped event to what is kept: enough to recognize it again.
    #[must_use]
    pub fn into_dropped(self) -> Self {
        let Self { id, source, ty, time, .. } = self;
        Self {
            id,
            source,
            ty,
            time,
            subject: None,
            data_content_type: None,
            data_schema: None,
            extensions: vec![],
            data: None,
        }
    }
}

/// JSON pointers to the members in which two events differ. If data differs only in its formatting, the pointer is that
/// of `data`.
#[must_use]
pub fn changed_members(before: &Event, after: &Event) -> Vec<String> {
    let mut found = Found::default();
    for name in ["id", "source", "type", "subject", "time", "datacontenttype", "dataschema"] {
        if before.attribute(name) != after.attribute(name) {
            found.add(&format!("/{name}"));
        }
    }
    let text = |value: Option<&Attribute>| value.map(|value| value.as_text().into_owned());
    for (name, value) in &after.extensions {
        if text(before.extension(name)) != text(Some(value)) {
            found.add(&format!("/{name}"));
        }
    }
    for (name, _) in before.extensions.iter().filter(|(name, _)| after.extension(name).is_none()) {
        found.add(&format!("/{name}"));
    }
    if before.data != after.data {
        let members = found.0.len();
        if let (Some(before), Some(after)) = (json(before), json(after)) {
            found.compare("/data", &before, &after);
        }
        if found.0.len() == members {
            found.add("/data");
        }
    }
    found.0
}

fn json(event: &Event) -> Option<Value> {
    match &event.data {
        Some(Payload::Text(text)) if event.is_json() => serde_json::from_str(text).ok(),
        _ => None,
    }
}

#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn is_full(&self) -> bool {
        self.0.len() >= MOST_CHANGED
    }

    fn add(&mut self, pointer: &str) {
        if !self.is_full() && !self.0.iter().any(|have| have == pointer) {
            self.0.push(pointer.to_owned());
        }
    }

    fn compare(&mut self, at: &str, before: &Value, after: &Value) {
        match (before, after) {
            _ if self.is_full() || before == after => {}
            (Value::Object(before), Value::Object(after)) => {
                let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
                for name in names {
                    self.member(at, &name.replace('~', "~0").replace('/', "~1"), before.get(name), after.get(name));
                }
            }
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (n, (before, after)) in before.iter().zip(after).enumerate() {
                    self.member(at, &n.to_string(), Some(before), Some(after));
                }
            }
            _ => self.add(at),
        }
    }

    fn member(&mut self, at: &str, name: &str, before: Option<&Value>, after: Option<&Value>) {
        if before == after {
            return;
        }
        if at.len() + 1 + name.len() > LONGEST_POINTER {
            return self.add(at);
        }
        let pointer = format!("{at}/{name}");
        match (before, after) {
            (Some(before), Some(after)) => self.compare(&pointer, before, after),
            _ => self.add(&pointer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data: &str) -> Event {
        Event {
            id: "e-1".to_owned(),
            source: "/shop".to_owned(),
            ty: "order.created".to_owned(),
            subject: Some("o-1".to_owned()),
            time: "2026-11-20T10:30:00Z".to_owned(),
            data_content_type: None,
            data_schema: None,
            extensions: vec![("n".to_owned(), Attribute::Integer(5)), ("gone".to_owned(), Attribute::Boolean(true))],
            data: Some(Payload::Text(data.to_owned())),
        }
    }

    #[track_caller]
    fn check(before: &str, after: &str, want: &[&str]) {
        assert_eq!(changed_members(&event(before), &event(after)), want, "{before} → {after}");
    }

    #[test]
    fn members_that_differ_are_named_and_their_values_are_not() {
        check("{\"a\":1}", "{\"a\":1}", &[]);
        check("{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":{\"d\":3}}", &["/data/b", "/data/c"]);
        check("{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,3]}}", &["/data/a/b/1"]);
        check("{\"a\":[1]}", "{\"a\":[1,2]}", &["/data/a"]);
        check("{\"a/b\":1,\"c~d\":1}", "{\"a/b\":2,\"c~d\":2}", &["/data/a~1b", "/data/c~0d"]);
        check("{\"a\":1}", "{ \"a\": 1 }", &["/data"]);
        check("{\"a\":1}", "[1]", &["/data"]);
    }

    #[test]
    fn attributes_count_by_their_text() {
        let before = event("1");
        let after = Event {
            subject: None,
            ty: "order.checked".to_owned(),
            extensions: vec![
                ("n".to_owned(), Attribute::String("5".to_owned())),
                ("new".to_owned(), Attribute::String("x".to_owned())),
            ],
            ..before.clone()
        };
        assert_eq!(changed_members(&before, &after), ["/type", "/subject", "/new", "/gone"]);
    }

    #[test]
    fn a_list_of_changes_is_bounded() {
        let of = |value: u32| {
            let members: Vec<_> = (0..1000).map(|n| format!("\"m{n}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(changed_members(&event(&of(1)), &event(&of(2))).len(), MOST_CHANGED);
        let deep = |value: u32| format!("{{\"a\":{{\"{}\":{value}}}}}", "x".repeat(1000));
        check(&deep(1), &deep(2), &["/data/a"]);
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let record = StageRecord {
            stage: ChannelName::new("enrich").unwrap(),
            plugin: "builtin:enrich".to_owned(),
            digest: Some("0123456789abcdef".to_owned()),
            did: Did::Failed,
            changed: vec![],
            failure: Some(Fault::new(Class::Fuel, "fuel", "spent").into()),
            duration_ms: 0.25,
            traced: None,
        };
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<StageRecord>(&text).unwrap(), record, "{text}");
        let fine = StageRecord { did: Did::Changed, changed: vec!["/data/a".to_owned()], failure: None, ..record };
        let text = serde_json::to_string(&fine).unwrap();
        assert_eq!(serde_json::from_str::<StageRecord>(&text).unwrap(), fine, "{text}");
    }
}
