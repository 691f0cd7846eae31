//! `stage`: the guest takes an event before the fan-out, and returns what continues.

use fanfare_core::{Class, Event, Fault};
use wasmtime::Store;

use super::StageEnded;
use crate::{bindings::exports::fanfare::channel::stage::Guest, context::Context, convert, limits};

pub(super) async fn call(guest: &Guest, store: &mut Store<Context>, event: &Event) -> wasmtime::Result<StageEnded> {
    let extensions = convert::extensions(event);
    let lent = convert::lend(&extensions);
    Ok(match guest.call_process(&mut *store, convert::event(event, &lent)).await? {
        Ok(Some(returned)) => {
            let mut after = convert::returned(returned);
            store.data().channel_view.vault.mask_event(&mut after);
            checked(event, after).map(Some)
        }
        Ok(None) => Ok(None),
        Err(failure) => Err(convert::fault(failure)),
    })
}

/// The result of a stage is recorded, so it must be an event that could have been published.
fn checked(before: &Event, after: Event) -> Result<Event, Fault> {
    let invalid = |message: String| {
        let message = format!("the stage returned an invalid event: {message}");
        Fault::new(Class::Trap, "invalid_event", convert::clean(&message, limits::MESSAGE))
    };
    let (was, is) = (size(before), size(&after));
    if is > limits::STAGED.max(was) {
        let most = limits::STAGED.max(was) >> 10;
        return Err(invalid(format!("it has {} KiB; it may have {most}", is >> 10)));
    }
    before.succeeded_by(after).map_err(|error| invalid(error.to_string()))
}

/// The bytes of the parts that can be long.
fn size(event: &Event) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let extensions = event.extensions.iter().map(|(name, value)| name.len() + value.as_text().len());
    event.ty.len()
        + event.time.len()
        + text(&event.subject)
        + text(&event.data_content_type)
        + text(&event.data_schema)
        + extensions.sum::<usize>()
        + event.data.as_ref().map_or(0, |data| data.as_bytes().len())
}
