//! The host's functions: the daemon's in Wasm, those of [`crate::testing`] elsewhere.

#[cfg(target_family = "wasm")]
pub(crate) use crate::bindings::channel::fanfare::channel::{
    config, emit, http, log, metrics, published, recipient, state, templates,
};

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::imports::{config, emit, http, log, metrics, published, recipient, state, templates};
