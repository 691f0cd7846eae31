//! Templates: texts of the operator's, filled in from the delivered event and its recipient.
//!
//! A template's work is bounded, and it only sees what it is given: no files, no network, no clock. A template that
//! does not compile is a mistake in the configuration.

mod includes;
mod nobody;
mod set;
mod strict;

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use fanfare_core::{Event, Recipient};
use minijinja::value::{Serde, Value};
use serde_json::{Map, json};

use nobody::Nobody;
use set::FUEL;
pub use set::{LARGEST, Part, Source, Template, TemplateSet, Uncompiled};

/// The guest's fuel per unit of the engine's fuel, which is about one instruction of a template.
const WORK: u64 = 50;

/// What a template is filled in with.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// What is delivered: one event, or those of a batch.
    pub events: &'a [Arc<Event>],
    /// Absent if there is no recipient, or more than one.
    pub recipient: Option<&'a Recipient>,
    /// Languages, in order of preference.
    pub locales: &'a [String],
    pub channel: &'a str,
    pub delivery_id: &'a str,
}

/// A filled-in template. A part is empty if the template does not have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Message {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why a template could not be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenderError {
    Unknown {
        name: String,
        /// The names of all templates.
        known: Vec<String>,
    },
    /// It has no such part in any of these languages.
    NoLocale {
        name: String,
        part: Part,
        locales: Vec<String>,
    },
    Failed {
        name: String,
        part: Part,
        line: usize,
        reason: String,
    },
}

impl std::error::Error for RenderError {}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, known } if known.is_empty() => {
                write!(f, "there is no template `{name}`: add [templates.{name}] to the configuration")
            }
            Self::Unknown { name, known } => {
                write!(f, "there is no template `{name}`; the templates are {}", known.join(", "))
            }
            Self::NoLocale { name, part, locales } if locales.is_empty() => {
                write!(f, "the template `{name}` has its {part} only in languages, and the recipient has none")
            }
            Self::NoLocale { name, part, locales } => {
                write!(f, "the template `{name}` has no {part} in {}, and none without a language", locales.join(", "))
            }
            Self::Failed { name, part, line, reason } => {
                write!(f, "the template `{name}` cannot be filled in: {part}, line {line}: {reason}")
            }
        }
    }
}

/// The templates in force.
#[derive(Default)]
pub struct Templates(ArcSwap<TemplateSet>);

impl Templates {
    #[must_use]
    pub fn new(set: TemplateSet) -> Self {
        Self(ArcSwap::from_pointee(set))
    }

    /// Replaces the templates. Returns whether they have changed.
    pub fn replace(&self, set: TemplateSet) -> bool {
        let is_other = **self.0.load() != set;
        if is_other {
            self.0.store(Arc::new(set));
        }
        is_other
    }

    #[must_use]
    pub fn set(&self) -> Arc<TemplateSet> {
        self.0.load_full()
    }
}

impl TemplateSet {
    /// Fills in a template. Also returns the cost, in the guest's fuel.
    pub fn render(&self, name: &str, given: &Given<'_>) -> (Result<Message, RenderError>, u64) {
        let Some(template) = self.get(name) else {
            let known = self.iter().map(|template| template.name.clone()).collect();
            return (Err(RenderError::Unknown { name: name.to_owned(), known }), 0);
        };
        let context = context(given);
        let (mut message, mut work) = (Message::default(), 0);
        for part in Part::ALL {
            let text = match self.part(template, part, given.locales, &context) {
                Ok((text, burnt)) => {
                    work += burnt * WORK;
                    text
                }
                // The exact cost is unknown.
                Err(error) => return (Err(error), work + FUEL * WORK),
            };
            match part {
                // A line break would begin another header.
                Part::Subject => message.subject = one_line(&text),
                Part::Text => message.text = text,
                Part::Html => message.html = text,
            }
        }
        (Ok(message), work)
    }
}

/// Joins words by one space each and removes control characters.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn context(given: &Given<'_>) -> Value {
    let Given { events, recipient, channel, delivery_id, .. } = given;
    let pairs: Vec<_> = events.iter().map(|event| (attributes(event), data(event))).collect();
    let each = |(event, data): &(Value, Option<Value>)| {
        Value::from_pairs([("event", Some(event)), ("data", data.as_ref())].into_iter().filter_map(present))
    };
    let all: Value = pairs.iter().map(each).collect::<Vec<_>>().into();
    let (event, data) = pairs.first().map(|(event, data)| (Some(event), data.as_ref())).unwrap_or_default();
    let recipient = recipient.map_or_else(|| Value::from_object(Nobody), person);
    let (channel, id) = (Value::from(*channel), Value::from(*delivery_id));
    let members = [
        ("event", event),
        ("data", data),
        ("recipient", Some(&recipient)),
        ("channel", Some(&channel)),
        ("delivery_id", Some(&id)),
        ("events", Some(&all)),
    ];
    Value::from_pairs(members.into_iter().filter_map(present))
}

/// An absent value is undefined rather than `none`, so that it cannot be printed by accident.
fn present<'a>((name, value): (&'a str, Option<&Value>)) -> Option<(&'a str, Value)> {
    Some((name, value?.clone()))
}

fn attributes(event: &Event) -> Value {
    let Event { id, source, ty, subject, time, data_content_type, data_schema, extensions, .. } = event;
    let mut members = Map::new();
    members.extend(extensions.iter().map(|(name, value)| (name.clone(), value.as_text().into_owned().into())));
    for (name, value) in [("id", id), ("source", source), ("type", ty), ("time", time)] {
        members.insert(name.to_owned(), value.as_str().into());
    }
    let optional = [("subject", subject), ("datacontenttype", data_content_type), ("dataschema", data_schema)];
    for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))) {
        members.insert(name.to_owned(), value.into());
    }
    Value::from(Serde(members))
}

/// JSON as values, other text as text. `None` for binary data.
fn data(event: &Event) -> Option<Value> {
    let data = event.data.as_ref()?;
    if event.is_json() {
        let json: serde_json::Value = serde_json::from_slice(data.as_bytes()).ok()?;
        return Some(Value::from(Serde(json)));
    }
    std::str::from_utf8(data.as_bytes()).ok().map(Value::from)
}

fn person(recipient: &Recipient) -> Value {
    let Recipient { subject, email, phone, locale, attributes, .. } = recipient;
    let mut members = json!({ "subject": subject, "attributes": attributes });
    if let Some(members) = members.as_object_mut() {
        for (name, value) in [("email", email), ("phone", phone), ("locale", locale)] {
            members.extend(value.as_deref().map(|value| (name.to_owned(), value.into())));
        }
    }
    Value::from(Serde(members))
}

#[cfg(test)]
mod tests;
