//! Runs guests: the engine and its limits, the host's interfaces, the kinds of plugin, and what each may reach.
//!
//! A [`Runtime`] turns bytes into a [`Plugin`] (compiled, classified and linked once), and a plugin with its operator's
//! [`ChannelSetup`] into a [`fanfare_dispatch::Channel`]. Every attempt gets its own store and instance, unless the
//! channel's policy reuses them (`reuse`, see `warm`). It is limited in time, fuel and memory, and ends in a
//! [`fanfare_core::Report`], whatever the guest does. Nothing above this crate knows about Wasm. The groups
//! of modules below go from leaf to root.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

mod exports;
mod image;
mod limits;
mod threads;
mod ticker;
pub mod webhook;

mod grants;
mod load_error;
mod message;
mod secrets;
mod setup;

mod cache;
mod compile;
mod engine;

mod channel_view;
mod egress;
mod services;

#[allow(
    unsafe_code,
    unreachable_pub,
    reason = "generated: the only unsafe in it skips a type check that the line which loaded the function has made"
)]
mod bindings;
mod context;
mod convert;
mod host;

mod engine_core;
mod kind;
mod warm;

mod attempt;
mod guest_channel;
mod load;

#[doc(hidden)]
pub mod bench;
mod plugin;
mod runtime;

pub use cache::CacheOptions;
pub use compile::{CompileLimits, CompilerProcess, compile_as_child};
pub use exports::Kind;
pub use grants::{FileGrant, Foreseen, Grants, HostPattern, HttpGrant, InvalidPattern, Lack};
pub use load_error::LoadError;
pub use message::{Exchange, Outbound, StubAnswer, Tap, Wire};
pub use plugin::{Plugin, SetupError};
pub use runtime::{Runtime, RuntimeError, RuntimeOptions};
pub use secrets::Secret;
pub use services::{EmitGate, EmitRefusal, RecipientOf, Render, Rendered, Rendering};
pub use setup::ChannelSetup;
pub use webhook::SigningKey;
