//! Checks the event that a stage returns. It must follow the rules for published events and keep the original's
//! identity.

use serde_json::value::RawValue;

use super::tracing::{TRACEPARENT, TRACESTATE, is_of_trace};
use super::{
    Attribute, CAUSATION, CORRELATION, DEEPEST, DELIVER_AT, Event, HOPS, ParseError, Payload, SYSTEM_TYPES,
    check_nesting, is_json_media_type,
    members::{Errors, MOST_MEMBERS},
};

/// Unchanged attributes are not checked again: they passed when the event came in.
pub(super) fn check(before: &Event, mut after: Event) -> Result<Event, ParseError> {
    let mut errors = Errors::default();
    for (name, was, is) in [("id", &before.id, &after.id), ("source", &before.source, &after.source)] {
        if was != is {
            errors.add(name, "must not be changed: it is part of the event's identity");
        }
    }
    for name in [CAUSATION, CORRELATION, HOPS] {
        if before.attribute(name) != after.attribute(name) {
            errors.add(name, "must not be changed: only the host sets it");
        }
    }
    if after.ty != before.ty {
        let ty = errors.plain("type", after.ty.clone());
        if ty.is_some_and(|ty| ty.starts_with(SYSTEM_TYPES)) {
            errors.add("type", format!("types that begin with `{SYSTEM_TYPES}` are the daemon's own"));
        }
    }
    if after.time != before.time {
        errors.moment("time", after.time.clone());
    }
    if let Some(subject) = after.subject.clone().filter(|_| after.subject != before.subject) {
        errors.plain("subject", subject);
    }
    if let Some(media_type) = after.data_content_type.clone().filter(|_| !same_media_type(before, &after)) {
        errors.plain("datacontenttype", media_type);
    }
    if let Some(schema) = after.data_schema.clone().filter(|_| after.data_schema != before.data_schema) {
        errors.uri("dataschema", schema);
    }
    extensions(before, &mut after, &mut errors);
    if after.data != before.data || !same_media_type(before, &after) {
        after.data = data(after.data.take(), after.data_content_type.as_deref(), &mut errors);
    }
    errors.into_result().map(|()| after)
}

fn same_media_type(before: &Event, after: &Event) -> bool {
    before.data_content_type == after.data_content_type
}

/// Guests see attributes as text. An attribute with unchanged text keeps its type.
fn extensions(before: &Event, after: &mut Event, errors: &mut Errors) {
    // A stage cannot move an event to another trace, and need not return the trace context.
    if [TRACEPARENT, TRACESTATE].iter().any(|name| before.attribute(name) != after.attribute(name)) {
        after.extensions.retain(|(name, _)| !is_of_trace(name));
        after.extensions.extend(before.extensions.iter().filter(|(name, _)| is_of_trace(name)).cloned());
    }
    if after.extensions.len() > MOST_MEMBERS {
        return errors.add("", format!("has {} attributes; an event may have {MOST_MEMBERS}", after.extensions.len()));
    }
    for at in 0..after.extensions.len() {
        let (earlier, rest) = after.extensions.split_at_mut(at);
        let Some((name, value)) = rest.first_mut() else { continue };
        if earlier.iter().any(|(have, _)| have == name) {
            errors.add(name, "appears twice");
        }
        match before.extension(name) {
            Some(was) if was.as_text() == value.as_text() => *value = was.clone(),
            _ if is_standard(name) => errors.add(name, "is not an extension attribute"),
            _ if !errors.attribute_name(name) => {}
            _ => {
                errors.printable(name, value.as_text().into_owned());
                if name == DELIVER_AT {
                    errors.deliver_at(name, &Attribute::String(value.as_text().into_owned()));
                }
            }
        }
    }
}

/// The names of attributes and members that have their own fields.
fn is_standard(name: &str) -> bool {
    matches!(
        name,
        "specversion" | "id" | "source" | "type" | "subject" | "time" | "datacontenttype" | "dataschema" | "data"
    )
}

/// JSON data is kept as text even if the guest returned it as bytes.
fn data(data: Option<Payload>, media_type: Option<&str>, errors: &mut Errors) -> Option<Payload> {
    let data = data?;
    if !media_type.is_none_or(is_json_media_type) {
        return Some(data);
    }
    if let Err(deep) = check_nesting(data.as_bytes(), DEEPEST) {
        errors.add("data", deep.to_string());
        return None;
    }
    match serde_json::from_slice::<&RawValue>(data.as_bytes()) {
        // JSON's `null` means no data, as in the published forms.
        Ok(raw) => (raw.get() != "null").then(|| Payload::Text(raw.get().to_owned())),
        Err(error) => {
            errors.add("data", format!("is not JSON, although its type is {}: {error}", media_type.unwrap_or("JSON")));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before() -> Event {
        Event {
            id: "e-1".to_owned(),
            source: "/shop".to_owned(),
            ty: "order.created".to_owned(),
            subject: None,
            time: "2026-11-20T10:30:00Z".to_owned(),
            data_content_type: None,
            data_schema: None,
            extensions: vec![("n".to_owned(), Attribute::Integer(5)), (HOPS.to_owned(), Attribute::Integer(1))],
            data: Some(Payload::Text("{}".to_owned())),
        }
    }

    fn text(name: &str, value: &str) -> (String, Attribute) {
        (name.to_owned(), Attribute::String(value.to_owned()))
    }

    #[test]
    fn all_may_change_but_identity_and_what_the_host_keeps() {
        let changed = Event {
            ty: "order.checked".to_owned(),
            subject: Some("o-1".to_owned()),
            time: "2026-11-21T10:30:00Z".to_owned(),
            data_schema: Some("https://example.com/order".to_owned()),
            extensions: vec![text(HOPS, "1"), text("n", "5"), text("more", "")],
            data: Some(Payload::Binary(" {\"a\":1} ".into())),
            ..before()
        };
        let after = before().succeeded_by(changed).unwrap();
        assert_eq!(after.extension("n"), Some(&Attribute::Integer(5)), "the type is kept");
        assert_eq!(after.data, Some(Payload::Text("{\"a\":1}".to_owned())));
        assert_eq!(before().succeeded_by(before()).unwrap(), before());
    }

    #[test]
    fn the_trace_of_an_event_is_not_the_stages() {
        let traced = |parent: Option<&str>| {
            let mut event = before();
            event.extensions.extend(parent.map(|parent| text("traceparent", parent)));
            event
        };
        for (was, made) in [(Some("a"), Some("b")), (Some("a"), None), (None, Some("b"))] {
            assert_eq!(traced(was).succeeded_by(traced(made)).unwrap(), traced(was), "{was:?} {made:?}");
        }
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let cases: [(Event, &str, &str); 12] = [
            (Event { id: "e-2".to_owned(), ..before() }, "/id", "identity"),
            (Event { source: "/other".to_owned(), ..before() }, "/source", "identity"),
            (Event { ty: String::new(), ..before() }, "/type", "empty"),
            (Event { ty: "a\nb".to_owned(), ..before() }, "/type", "control"),
            (Event { ty: "fanfare.reload.failed".to_owned(), ..before() }, "/type", "daemon's own"),
            (Event { time: "soon".to_owned(), ..before() }, "/time", "RFC 3339"),
            (Event { subject: Some("\u{7}".to_owned()), ..before() }, "/subject", "control"),
            (Event { data_schema: Some("no uri".to_owned()), ..before() }, "/dataschema", "URI"),
            (Event { extensions: vec![text("n", "5")], ..before() }, "/hopcount", "only the host sets it"),
            (Event { extensions: vec![text(HOPS, "1"), text("Bad", "")], ..before() }, "/Bad", "attribute"),
            (Event { extensions: vec![text(HOPS, "1"), text(DELIVER_AT, "soon")], ..before() }, "/deliverat", "RFC"),
            (Event { data: Some(Payload::Text("{".to_owned())), ..before() }, "/data", "not JSON"),
        ];
        for (after, pointer, says) in cases {
            let Err(ParseError::Invalid(errors)) = before().succeeded_by(after) else { panic!("{pointer}: {says}") };
            assert!(errors.iter().any(|e| e.pointer == pointer && e.detail.contains(says)), "{errors:?}");
        }
        let twice = Event { extensions: vec![text(HOPS, "1"), text("a", "1"), text("a", "2")], ..before() };
        assert!(before().succeeded_by(twice).unwrap_err().to_string().contains("twice"));
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        let deep = Event { data: Some(Payload::Text(deep)), ..before() };
        assert!(before().succeeded_by(deep).unwrap_err().to_string().contains("128"));
    }
}
