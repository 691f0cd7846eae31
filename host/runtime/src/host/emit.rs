//! `emit`: new events. They are kept with the attempt and published only if it delivers, in the commit that records the
//! delivery.

use std::sync::atomic::Ordering;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fanfare_core::{
    CAUSATION, CORRELATION, DELIVER_AT, Defaults, Event, HOPS, SYSTEM_TYPES, TOO_LATE, TraceContext,
    is_json_media_type, rfc3339,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json, value::RawValue};
use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::fanfare::channel::{
        emit::{self, EmitError, NewEvent},
        events::PayloadResult,
    },
    context::Context,
    convert,
    grants::Refusal,
    limits,
    secrets::Vault,
    services::EmitRefusal,
};

struct Emit;

struct View<'a>(&'a mut Context);

impl HasData for Emit {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    emit::add_to_linker::<_, Emit>(linker, |context| View(context))
}

impl emit::Host for View<'_> {
    async fn emit(&mut self, mut new: NewEvent) -> Result<String, EmitError> {
        let context = &mut *self.0;
        let data = new.data.as_ref().map_or(0, convert::size);
        context.account.charge(data.saturating_add(new.type_.len()));
        context.account.charge_pairs(&new.extensions);
        let channel_view = std::sync::Arc::clone(&context.channel_view);
        if context.is_stage() {
            let message = "a stage cannot emit events: it returns the event that it got, or none".to_owned();
            context.requests().deny(message.clone());
            return Err(EmitError::Denied(message));
        }
        if let Err(Refusal::Denied(message) | Refusal::Invalid(message)) =
            channel_view.setup.grants.check_emit(&new.type_, channel_view.table())
        {
            context.requests().deny(message.clone());
            return Err(EmitError::Denied(message));
        }
        // Checked before reading, because reading costs more than passing.
        if data > limits::EMIT {
            return Err(too_large(data));
        }
        if context.emits.len() >= limits::EMITS {
            return Err(EmitError::TooMany(format!("an attempt may emit {} events", limits::EMITS)));
        }
        let Some(parent) = &context.event else {
            return Err(EmitError::Invalid("emitting requires a delivery".to_owned()));
        };
        mask(&channel_view.vault, &mut new);
        let number = context.emits.len() + 1;
        let id = match &context.batch {
            Some(batch) => format!("{}.{number}", batch.id),
            None => format!("{}.{number}", context.delivery),
        };
        let now = context.services.clock.now();
        let max_hops = context.services.max_hops.load(Ordering::Relaxed);
        let mut event = Ours { id: &id, channel: channel_view.name(), parent, max_hops, now }.event(new)?;
        if context.trace.is_some() {
            // Always the attempt's context, whatever the guest set.
            TraceContext::carried_by(parent).inspect(|context| event.carry(context));
        }
        let staged = match &context.services.emit_gate {
            None => event.into(),
            Some(gate) => match gate(event).await {
                Ok(staged) => staged,
                Err(EmitRefusal::Invalid(reason)) => return Err(EmitError::Invalid(reason)),
                Err(EmitRefusal::Unavailable(reason)) => {
                    context.hindered = Some(format!("its events cannot be accepted: {reason}"));
                    return Err(EmitError::Invalid(reason));
                }
            },
        };
        if staged.event.is_too_late(context.services.clock.now()) {
            return Err(EmitError::Invalid(format!("`{DELIVER_AT}` {TOO_LATE}")));
        }
        context.emits.push(staged);
        Ok(id)
    }
}

/// Everyone who may read events reads these.
fn mask(vault: &Vault, new: &mut NewEvent) {
    let NewEvent { type_, subject, data_content_type, data_schema, extensions, data } = new;
    vault.mask(type_);
    [subject, data_content_type, data_schema].into_iter().flatten().for_each(|text| vault.mask(text));
    extensions.iter_mut().for_each(|(_, value)| vault.mask(value));
    match data {
        Some(PayloadResult::Text(text)) => vault.mask(text),
        Some(PayloadResult::Binary(bytes)) => vault.mask_bytes(bytes),
        None => {}
    }
}

fn too_large(size: usize) -> EmitError {
    EmitError::TooMany(format!("an event may have {} KiB; this one has {}", limits::EMIT >> 10, size >> 10))
}

/// The parts of an event that the guest cannot set.
struct Ours<'a> {
    id: &'a str,
    channel: &'a str,
    /// The event that caused it.
    parent: &'a Event,
    max_hops: u32,
    now: Timestamp,
}

impl Ours<'_> {
    /// Builds the complete event, under the rules for published events.
    fn event(self, new: NewEvent) -> Result<Event, EmitError> {
        let Self { id, channel, parent, max_hops, now } = self;
        let hops = parent.hops();
        if hops >= max_hops.cast_signed() {
            return Err(EmitError::TooMany(format!(
                "this is event {hops} of a chain of events that cause each other; the limit is {max_hops}: see \
                 journal.max_hops in config.toml"
            )));
        }
        let invalid = |message: String| EmitError::Invalid(message);
        if new.type_.starts_with(SYSTEM_TYPES) {
            return Err(invalid(format!(
                "types that begin with `{SYSTEM_TYPES}` are the daemon's own; choose another"
            )));
        }
        let mut members = Map::new();
        for (name, value) in new.extensions {
            if members.insert(name.clone(), Value::from(value)).is_some() {
                return Err(invalid(format!("the attribute `{name}` appears twice")));
            }
        }
        let known = [
            ("subject", new.subject),
            ("datacontenttype", new.data_content_type.clone()),
            ("dataschema", new.data_schema),
        ];
        for (name, value) in known {
            members.extend(value.map(|value| (name.to_owned(), Value::from(value))));
        }
        let ours = json!({
            "specversion": "1.0", "id": id, "source": format!("/channels/{channel}"), "type": new.type_,
            "time": rfc3339(now), CAUSATION: parent.id, CORRELATION: parent.correlation(), HOPS: hops + 1,
        });
        if let Value::Object(ours) = ours {
            members.extend(ours);
        }
        let is_json = new.data_content_type.as_deref().is_none_or(is_json_media_type);
        let mut text = Value::Object(members).to_string();
        // JSON data is kept as written.
        let data = match new.data {
            None => None,
            Some(PayloadResult::Text(data)) if is_json => {
                let raw =
                    RawValue::from_string(data).map_err(|error| invalid(format!("the data is not JSON: {error}")))?;
                Some(format!("\"data\":{}", raw.get()))
            }
            Some(PayloadResult::Text(data)) => Some(format!("\"data\":{}", Value::from(data))),
            Some(PayloadResult::Binary(data)) if is_json => {
                let raw: &RawValue =
                    serde_json::from_slice(&data).map_err(|error| invalid(format!("the data is not JSON: {error}")))?;
                Some(format!("\"data\":{}", raw.get()))
            }
            Some(PayloadResult::Binary(data)) => Some(format!("\"data_base64\":\"{}\"", BASE64_STANDARD.encode(data))),
        };
        if let Some(data) = data {
            text.pop();
            text = format!("{text},{data}}}");
        }
        if text.len() > limits::EMIT {
            return Err(too_large(text.len()));
        }
        let defaults = Defaults { now, id: uuid::Uuid::nil() };
        Event::from_structured(text.as_bytes(), defaults).map_err(|error| invalid(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use fanfare_core::{Attribute, MAX_HOPS};

    use super::*;

    fn parent(extensions: Vec<(&str, Attribute)>) -> Event {
        Event {
            id: "p-1".to_owned(),
            source: "/shop".to_owned(),
            ty: "order.created".to_owned(),
            subject: None,
            time: "2026-11-20T10:30:00Z".to_owned(),
            data_content_type: None,
            data_schema: None,
            extensions: extensions.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            data: None,
        }
    }

    fn new(data: Option<PayloadResult>, content_type: Option<&str>) -> NewEvent {
        NewEvent {
            type_: "inventory.reserved".to_owned(),
            subject: Some("sku-1".to_owned()),
            data_content_type: content_type.map(str::to_owned),
            data_schema: None,
            extensions: vec![("severity".to_owned(), "info".to_owned())],
            data,
        }
    }

    fn event(new: NewEvent, id: &str, channel: &str, parent: &Event) -> Result<Event, EmitError> {
        Ours { id, channel, parent, max_hops: MAX_HOPS, now: Timestamp::UNIX_EPOCH }.event(new)
    }

    fn text(text: &str) -> Option<PayloadResult> {
        Some(PayloadResult::Text(text.to_owned()))
    }

    #[test]
    fn an_event_knows_what_it_comes_from() {
        let first = event(new(text("{\"n\":1.50}"), None), "d.1", "stock", &parent(vec![])).unwrap();
        assert_eq!(
            (first.id.as_str(), first.source.as_str(), first.ty.as_str()),
            ("d.1", "/channels/stock", "inventory.reserved")
        );
        let attribute = |event: &Event, name: &str| event.attribute(name).map(|value| value.into_owned());
        assert_eq!(attribute(&first, CAUSATION).as_deref(), Some("p-1"));
        assert_eq!(attribute(&first, CORRELATION).as_deref(), Some("p-1"));
        assert_eq!(attribute(&first, HOPS).as_deref(), Some("1"));
        assert_eq!(attribute(&first, "severity").as_deref(), Some("info"));
        assert_eq!(first.data.as_ref().unwrap().as_bytes(), b"{\"n\":1.50}");
        let second = event(new(None, None), "d.2", "stock", &first).unwrap();
        assert_eq!(attribute(&second, CAUSATION).as_deref(), Some("d.1"));
        assert_eq!(attribute(&second, CORRELATION).as_deref(), Some("p-1"));
        assert_eq!(attribute(&second, HOPS).as_deref(), Some("2"));
    }

    #[test]
    fn a_chain_has_an_end() {
        let last = parent(vec![(HOPS, Attribute::Integer(MAX_HOPS.cast_signed()))]);
        assert!(matches!(event(new(None, None), "d", "c", &last), Err(EmitError::TooMany(_))));
        let forged = parent(vec![(HOPS, Attribute::Integer(-5))]);
        let hops = event(new(None, None), "d", "c", &forged).unwrap().attribute(HOPS).unwrap().into_owned();
        assert_eq!(hops, "1");
    }

    #[test]
    fn an_invalid_event_says_why_and_the_hosts_attributes_cannot_be_forged() {
        let refused = |new: NewEvent, says: &str| match event(new, "d", "c", &parent(vec![])) {
            Err(EmitError::Invalid(message) | EmitError::TooMany(message)) => {
                assert!(message.contains(says), "{message}")
            }
            other => panic!("{other:?}"),
        };
        refused(new(text("{"), None), "not JSON");
        refused(new(Some(PayloadResult::Binary(vec![0xff])), None), "not JSON");
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        refused(new(text(&deep), None), "deeper than 128 levels");
        refused(NewEvent { type_: String::new(), ..new(None, None) }, "type");
        refused(NewEvent { type_: "fanfare.delivery.dead".to_owned(), ..new(None, None) }, "the daemon's own");
        refused(NewEvent { extensions: vec![("Bad Name".to_owned(), String::new())], ..new(None, None) }, "Bad Name");
        let twice = vec![("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
        refused(NewEvent { extensions: twice, ..new(None, None) }, "twice");
        refused(new(text(&"x".repeat(limits::EMIT)), Some("text/plain")), "KiB");
        let forged = vec![("id".to_owned(), "other".to_owned()), (HOPS.to_owned(), "-9".to_owned())];
        let event = event(NewEvent { extensions: forged, ..new(None, None) }, "d", "c", &parent(vec![])).unwrap();
        assert_eq!((event.id.as_str(), event.attribute(HOPS).unwrap().as_ref()), ("d", "1"));
    }

    #[test]
    fn data_of_every_kind_is_kept() {
        let of = |data, content_type| event(new(data, content_type), "d", "c", &parent(vec![])).unwrap().data.unwrap();
        assert_eq!(of(text("plain"), Some("text/plain")).as_bytes(), b"plain");
        assert_eq!(
            of(Some(PayloadResult::Binary(vec![0, 255])), Some("application/octet-stream")).as_bytes(),
            [0, 255]
        );
        assert_eq!(of(Some(PayloadResult::Binary(b"[1]".to_vec())), None).as_bytes(), b"[1]");
    }
}
