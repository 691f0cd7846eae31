//! `http-channel`: the guest composes a request, the host sends it, and the guest interprets the response.

use std::sync::Arc;

use fanfare_core::{Class, Fault};
use wasmtime::Store;

use super::Ended;
use crate::{
    attempt::Context,
    bindings::{exports::fanfare::channel::exchange::Guest, fanfare::channel::events::Delivery},
    convert,
    egress::{Cause, EgressError, Outgoing, Received, Sender},
    plugin::GuestChannel,
    webhook,
};

pub(super) async fn call(
    guest: &Guest,
    channel: &GuestChannel,
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
    channel: &GuestChannel,
    store: &mut Store<Context>,
    composed: Outgoing,
    id: &str,
) -> Result<Received, Fault> {
    let requests = Arc::clone(store.data_mut().requests());
    let sender = Sender::new(&channel.channel_view, &requests.purse);
    let egress = &channel.plugin.shared.egress;
    egress.send(composed, sender, |outgoing| mark(outgoing, channel, id)).await.map_err(fault)
}

/// Adds the headers that identify the delivery and its origin. The guest cannot forge them: they replace its own.
fn mark(outgoing: &mut Outgoing, channel: &GuestChannel, id: &str) {
    outgoing.own.push((webhook::ID, id.to_owned()));
    let keys = &channel.channel_view.setup.sign;
    if !keys.is_empty() {
        let now = channel.plugin.shared.clock.now().as_second();
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
