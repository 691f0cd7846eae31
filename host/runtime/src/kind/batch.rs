//! The forms of `channel` and `http-channel` that take a batch in one call. An error of the whole batch says nothing
//! about any of its deliveries, so each of them is attempted alone afterwards.

use fanfare_core::{Class, Fault};
use wasmtime::Store;

use super::{BatchEnded, http_channel};
use crate::{
    bindings::{
        exports::fanfare::channel::{batch_exchange, batch_handler},
        fanfare::channel::events::{Delivery, Failure},
    },
    channel_view::ChannelView,
    context::Context,
    convert,
};

pub(super) async fn deliver(
    guest: &batch_handler::Guest,
    store: &mut Store<Context>,
    batch: &[Delivery<'_>],
) -> wasmtime::Result<BatchEnded> {
    Ok(each(guest.call_deliver(store, batch).await?, batch.len()))
}

pub(super) async fn exchange(
    guest: &batch_exchange::Guest,
    channel: &ChannelView,
    store: &mut Store<Context>,
    batch: &[Delivery<'_>],
) -> wasmtime::Result<BatchEnded> {
    let composed = match guest.call_compose(&mut *store, batch).await? {
        Ok(request) => convert::outgoing(request),
        Err(failure) => return Ok(Err(convert::fault(failure))),
    };
    let id = store.data().batch_id().to_owned();
    let received = match http_channel::send(channel, store, composed, &id).await {
        Ok(received) => received,
        // A single delivery may be what makes the request invalid.
        Err(fault) if matches!(fault.class, Class::Denied | Class::Rejected) => return Ok(Err(fault)),
        Err(fault) => return Ok(Ok(vec![Err(fault); batch.len()])),
    };
    let headers = convert::headers(&received);
    let results = guest.call_interpret(store, batch, convert::response(&received, &headers)).await?;
    Ok(each(results, batch.len()))
}

fn each(results: Vec<Result<String, Failure>>, count: usize) -> BatchEnded {
    if results.len() != count {
        let given = results.len();
        let message =
            format!("the guest returned {given} results for a batch of {count}: it has to return one per delivery");
        return Err(Fault::new(Class::Trap, "results", message));
    }
    Ok(results.into_iter().map(|result| result.map_err(convert::fault)).collect())
}
