//! `channel`: the guest delivers by itself.

use wasmtime::{Store, component::Instance};

use super::Ended;
use crate::{
    attempt::Context,
    bindings::{exports::fanfare::channel::handler::GuestIndices, fanfare::channel::events::Delivery},
    convert,
};

pub(super) async fn call(
    indices: &GuestIndices,
    store: &mut Store<Context>,
    instance: &Instance,
    delivery: Delivery<'_>,
) -> wasmtime::Result<Ended> {
    let guest = indices.load(&mut *store, instance)?;
    let ended = guest.call_deliver(store, delivery).await?;
    Ok(ended.map_err(convert::fault))
}
