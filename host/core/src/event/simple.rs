//! The simple form: what a person types into curl.

use serde_json::value::RawValue;

use super::{
    Attribute, DELIVER_AT, Defaults, Event, ParseError,
    members::{Errors, Members, payload},
    structured,
};

pub(super) fn parse(body: &[u8], defaults: Defaults) -> Result<Event, ParseError> {
    let members = Members::parse(body)?;
    if members.0.iter().any(|(name, _)| name == "specversion") {
        return structured::of_members(members, defaults);
    }
    let members = members.0;
    let mut errors = Errors::default();
    let mut seen: Vec<&str> = Vec::with_capacity(members.len());
    let (mut id, mut source, mut ty, mut subject, mut time) = (None, None, None, None, None);
    let (mut data_content_type, mut data_schema, mut raw_data) = (None, None, None);
    let mut extensions = Vec::new();

    for (name, raw) in &members {
        let name = name.as_ref();
        if seen.contains(&name) {
            errors.add(name, "appears twice");
            continue;
        }
        seen.push(name);
        if name == "data" {
            raw_data = Some(*raw);
            continue;
        }
        if raw.get() == "null" && name != "type" {
            continue;
        }
        match name {
            "id" => id = errors.text(name, raw),
            "source" => source = errors.text(name, raw).and_then(|text| errors.uri_reference(name, text)),
            "type" => ty = errors.text(name, raw),
            "subject" => subject = errors.text(name, raw),
            "time" => time = errors.time(name, raw),
            "datacontenttype" => data_content_type = errors.text(name, raw),
            "dataschema" => data_schema = errors.text(name, raw).and_then(|text| errors.uri(name, text)),
            "message" | "severity" => {
                if let Some(text) = free_text(&mut errors, name, raw) {
                    extensions.push((name.to_owned(), Attribute::String(text)));
                }
            }
            DELIVER_AT => {
                if let Some(text) = errors.time(name, raw) {
                    extensions.push((name.to_owned(), Attribute::String(text)));
                }
            }
            "tags" => {
                if let Some(tags) = tags(&mut errors, raw) {
                    extensions.push((name.to_owned(), Attribute::String(tags)));
                }
            }
            _ => errors.add(
                name,
                "is not a member of the simple form (type, id, source, subject, time, datacontenttype, dataschema, \
                 data, message, severity, tags, deliverat); put it into `data`, or send application/cloudevents+json \
                   for extension attributes",
            ),
        }
    }
    if !seen.contains(&"type") {
        errors.add("type", "is missing");
    }
    let data = raw_data.and_then(|raw| payload(raw, data_content_type.as_deref()));
    errors.into_result()?;

    Ok(Event {
        id: id.unwrap_or_else(|| defaults.id.to_string()),
        source: source.unwrap_or_else(|| "/".to_owned()),
        ty: ty.unwrap_or_default(),
        subject,
        time: time.unwrap_or_else(|| crate::rfc3339(defaults.now)),
        data_content_type,
        data_schema,
        extensions,
        data,
    })
}

/// A string that may contain line breaks: `message` is written for people.
fn free_text(errors: &mut Errors, name: &str, raw: &RawValue) -> Option<String> {
    let text = serde_json::from_str::<String>(raw.get()).ok();
    if text.is_none() {
        errors.add(name, "must be a string");
    }
    text
}

fn tags(errors: &mut Errors, raw: &RawValue) -> Option<String> {
    let Ok(tags) = serde_json::from_str::<Vec<String>>(raw.get()) else {
        errors.add("tags", "must be a list of strings");
        return None;
    };
    if tags.iter().any(|tag| tag.is_empty() || tag.contains(',') || tag.chars().any(char::is_control)) {
        errors.add("tags", "a tag must not be empty and must not contain a comma or a control character");
        return None;
    }
    Some(tags.join(","))
}
