#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

mod channel;
mod event;
mod failure;
#[cfg(any(all(feature = "lean", target_os = "wasi"), test))]
mod heap;
#[cfg(any(all(feature = "lean", target_os = "wasi"), test))]
mod lean;
mod receipt;
mod settings;

pub mod emit;
pub mod http;
pub mod log;
pub mod metrics;
pub mod recipient;
pub mod state;
pub mod templates;
#[cfg(not(target_family = "wasm"))]
pub mod testing;

#[doc(hidden)]
pub mod bindings;
mod host;

pub use serde_json::json;

pub use bindings::channel::fanfare::channel::{
    emit::{EmitError, NewEvent},
    events::{Delivery, Disposition, Event, Failure, Payload},
    http::HttpError,
    http_types::{Request, Response},
    log::Level,
    recipient::Recipient,
    state::StateError,
};
#[doc(hidden)]
pub use channel::entry;
pub use channel::{BatchChannel, BatchHttpChannel, Channel, HttpChannel, Stage};
pub use event::published_json;
pub use receipt::Receipt;
pub use settings::{setting, settings};
