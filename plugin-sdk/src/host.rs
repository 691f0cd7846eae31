//! Where the imports come from: the daemon in Wasm, [`crate::testing`] elsewhere.

#[cfg(target_family = "wasm")]
pub(crate) use crate::bindings::channel::fanfare::channel::{
    config, emit, http, log, metrics, published, recipient, state, templates,
};

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::imports::{config, emit, http, log, metrics, published, recipient, state, templates};
