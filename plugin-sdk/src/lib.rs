//! Write a Fanfare channel in Rust: implement one trait, name the type in one macro.
//!
//! ```
//! use fanfare_plugin_sdk::{Channel, Delivery, Failure, Receipt, Request, export_channel, json, settings};
//!
//! struct Chat;
//!
//! impl Channel for Chat {
//!     fn deliver(delivery: &Delivery) -> Result<Receipt, Failure> {
//!         let Settings { url } = settings()?;
//!         let response = Request::post(url).json(&json!({ "text": delivery.event.message() }))?.send()?;
//!         response.error_for_status()?;
//!         Ok(json!({ "status": response.status }).into())
//!     }
//! }
//! # #[derive(serde::Deserialize)]
//! # struct Settings { url: String }
//! export_channel!(Chat);
//! ```
//!
//! Build it as a `cdylib` with `cargo build --release --target wasm32-wasip2` and put the `.wasm` into the daemon's plugin
//! folder.
//!
//! Each attempt runs in a fresh sandbox: nothing kept in a static outlives it, and what a channel wants to remember goes
//! through [`state`]. An attempt may come again (after a crash of the daemon, for one) under the same [`Delivery::id`], so
//! hand that to the receiver as its idempotency key.
//!
//! # Failures
//!
//! A [`Failure`] says what the host should do: [`Failure::retry`], [`Failure::retry_after`], [`Failure::reject`] or
//! [`Failure::suspend`]. The `?` operator does the right thing for JSON errors, HTTP errors and state errors. A panic ends
//! the attempt as a trap, with its message in the daemon's log.
//!
//! # Tests
//!
//! On any target but Wasm the host is replaced by the one in [`testing`], so that a channel is tested by plain unit tests.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

mod channel;
mod event;
mod failure;
mod receipt;
mod settings;

pub mod emit;
pub mod http;
pub mod log;
pub mod metrics;
pub mod state;
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
    state::StateError,
};
#[doc(hidden)]
pub use channel::entry;
pub use channel::{Channel, HttpChannel};
pub use event::published_json;
pub use receipt::Receipt;
pub use settings::{setting, settings};
