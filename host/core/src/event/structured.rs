//! The CloudEvents JSON format: read from publishers, written to the journal and to receivers.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{
    Attribute, DELIVER_AT, Defaults, Event, ParseError, Payload,
    members::{Errors, Members, payload},
};

pub(super) fn parse(body: &[u8], defaults: Defaults) -> Result<Event, ParseError> {
    read(Members::parse(body)?, defaults, Errors::default())
}

/// For an object whose members show that it is a structured event.
pub(super) fn of_members(members: Members<'_>, defaults: Defaults) -> Result<Event, ParseError> {
    read(members, defaults, Errors::default())
}

/// Reads what [`write`] wrote, under the rules of any version.
pub(super) fn parse_recorded(body: &[u8], defaults: Defaults) -> Result<Event, ParseError> {
    read(Members::parse_recorded(body)?, defaults, Errors::lenient())
}

fn read(Members(members): Members<'_>, defaults: Defaults, mut errors: Errors) -> Result<Event, ParseError> {
    let mut seen: Vec<&str> = Vec::with_capacity(members.len());
    let (mut id, mut source, mut ty, mut subject, mut time) = (None, None, None, None, None);
    let (mut data_content_type, mut data_schema, mut raw_data, mut binary) = (None, None, None, None);
    let mut extensions = Vec::new();

    for (name, raw) in &members {
        let name = name.as_ref();
        if seen.contains(&name) {
            errors.add(name, "appears twice");
            continue;
        }
        if raw.get() == "null" {
            continue; // CloudEvents: null means unset
        }
        seen.push(name);
        match name {
            "specversion" => {
                if errors.text(name, raw).is_some_and(|version| version != "1.0") {
                    errors.add(name, "must be \"1.0\"");
                }
            }
            "id" => id = errors.text(name, raw),
            "source" => source = errors.text(name, raw).and_then(|text| errors.uri_reference(name, text)),
            "type" => ty = errors.text(name, raw),
            "subject" => subject = errors.text(name, raw),
            "time" => time = errors.time(name, raw),
            "datacontenttype" => data_content_type = errors.text(name, raw),
            "dataschema" => data_schema = errors.text(name, raw).and_then(|text| errors.uri(name, text)),
            "data" => raw_data = Some(*raw),
            "data_base64" => {
                let decoded = serde_json::from_str::<String>(raw.get()).ok().and_then(|text| BASE64.decode(text).ok());
                match decoded {
                    Some(bytes) => binary = Some(Payload::Binary(bytes.into())),
                    None => errors.add(name, "must be a base64 string"),
                }
            }
            _ => {
                if errors.attribute_name(name)
                    && let Some(value) = errors.attribute(name, raw)
                {
                    if name == DELIVER_AT {
                        errors.deliver_at(name, &value);
                    }
                    extensions.push((name.to_owned(), value));
                }
            }
        }
    }
    for required in ["specversion", "id", "source", "type"] {
        if !seen.contains(&required) {
            errors.add(required, "is missing");
        }
    }
    if seen.contains(&"data") && seen.contains(&"data_base64") {
        errors.add("data_base64", "must not be combined with `data`");
    }
    let data = binary.or_else(|| raw_data.and_then(|raw| payload(raw, data_content_type.as_deref())));
    errors.into_result()?;

    Ok(Event {
        id: id.unwrap_or_default(),
        source: source.unwrap_or_default(),
        ty: ty.unwrap_or_default(),
        subject,
        time: time.unwrap_or_else(|| crate::rfc3339(defaults.now)),
        data_content_type,
        data_schema,
        extensions,
        data,
    })
}

pub(super) fn write(event: &Event) -> String {
    let data_len = event.data.as_ref().map_or(0, |data| data.as_bytes().len());
    let mut out = String::with_capacity(256 + data_len + data_len / 2);
    out.push_str(r#"{"specversion":"1.0""#);
    member(&mut out, "id", &event.id);
    member(&mut out, "source", &event.source);
    member(&mut out, "type", &event.ty);
    let optional = [
        ("subject", event.subject.as_ref()),
        ("time", Some(&event.time)),
        ("datacontenttype", event.data_content_type.as_ref()),
        ("dataschema", event.data_schema.as_ref()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            member(&mut out, name, value);
        }
    }
    for (name, value) in &event.extensions {
        match value {
            Attribute::String(text) => member(&mut out, name, text),
            Attribute::Integer(_) | Attribute::Boolean(_) => {
                key(&mut out, name);
                out.push_str(&value.as_text());
            }
        }
    }
    match &event.data {
        Some(Payload::Text(json)) if event.is_json() => {
            key(&mut out, "data");
            out.push_str(json);
        }
        Some(Payload::Text(text)) => member(&mut out, "data", text),
        Some(Payload::Binary(bytes)) => {
            key(&mut out, "data_base64");
            out.push('"');
            BASE64.encode_string(bytes, &mut out);
            out.push('"');
        }
        None => {}
    }
    out.push('}');
    out
}

fn key(out: &mut String, name: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}

fn member(out: &mut String, name: &str, value: &str) {
    key(out, name);
    string(out, value);
}

/// A JSON string. Most strings need no escaping.
fn string(out: &mut String, value: &str) {
    if value.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        out.push_str(&serde_json::Value::from(value).to_string());
    } else {
        out.push('"');
        out.push_str(value);
        out.push('"');
    }
}
