//! `channel`: the guest makes the delivery itself.

use wasmtime::Store;

use super::Ended;
use crate::{
    bindings::{exports::fanfare::channel::handler::Guest, fanfare::channel::events::Delivery},
    context::Context,
    convert,
};

pub(super) async fn call(guest: &Guest, store: &mut Store<Context>, delivery: Delivery<'_>) -> wasmtime::Result<Ended> {
    let ended = guest.call_deliver(store, delivery).await?;
    Ok(ended.map_err(convert::fault))
}
