//! `http-channel`: the guest composes a request, the host sends it, and the guest interprets the response.

use std::sync::Arc;

use fanfare_core::{Class, Fault};
use fanfare_dispatch::Clock;
use wasmtime::Store;

use super::Ended;
use crate::{
    bindings::{exports::fanfare::channel::exchange::Guest, fanfare::channel::events::Delivery},
    channel_view::ChannelView,
    context::Context,
    convert,
    egress::Sender,
    message::{Cause, EgressError, Outgoing, Received},
    webhook,
};

pub(super) async fn call(
    guest: &Guest,
    channel: &ChannelView,
    store: &mut Store<Context>,
    delivery: Delivery<'_>,
) -> wasmtime::Result<Ended> {
    let composed = match guest.call_compose(&mut *store, delivery.clone()).await? {
        Ok(request) => convert::outgoing(request),
        Err(failure) => return Ok(Err(convert::fault(failure))),
    };
    let received = match send(channel, store, composed, delivery.id).await {
        Ok(received) => received,
        Err(fault) => return Ok(Err(fault)),
    };
    let headers = convert::headers(&received);
    let interpreted = guest.call_interpret(store, delivery, convert::response(&received, &headers)).await?;
    Ok(interpreted.map_err(convert::fault))
}

/// Sends a guest's request, with the id by which the receiver recognizes a repeat.
pub(super) async fn send(
    channel: &ChannelView,
    store: &mut Store<Context>,
    composed: Outgoing,
    id: &str,
) -> Result<Received, Fault> {
    let context = store.data_mut();
    let (requests, services) = (Arc::clone(context.requests()), Arc::clone(&context.services));
    let sender = Sender::new(channel, &requests.purse, &requests.journey);
    let mark = |outgoing: &mut Outgoing| mark(outgoing, channel, id, &*services.clock);
    services.egress.send(composed, sender, mark).await.map_err(fault)
}

/// Adds the headers that identify the delivery and its origin. The guest cannot forge them: they replace its own.
fn mark(outgoing: &mut Outgoing, channel: &ChannelView, id: &str, clock: &dyn Clock) {
    outgoing.own.push((webhook::ID, id.to_owned()));
    let keys = &channel.setup.sign;
    if !keys.is_empty() {
        let now = clock.now().as_second();
        let signature = webhook::sign(keys, id, now, &outgoing.body);
        outgoing.own.push((webhook::TIMESTAMP, now.to_string()));
        outgoing.own.push((webhook::SIGNATURE, signature));
    }
}

/// There was no response for the guest to interpret; most of these faults are worth a retry.
pub(super) fn fault(EgressError { cause, message }: EgressError) -> Fault {
    let class = match cause {
        Cause::Denied => Class::Denied,
        Cause::Invalid | Cause::LargeBody => Class::Rejected,
        // Nothing was sent, and the channel is not at fault.
        Cause::Busy => Class::Host,
        Cause::Dns | Cause::Refused | Cause::ConnectTimeout | Cause::Tls | Cause::Connection | Cause::Body => {
            Class::Retry
        }
    };
    Fault::new(class, cause.code(), message)
}
