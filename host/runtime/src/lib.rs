//! Runs guests: the engine and its limits, the host's interfaces, the kinds of plugin, and what each may reach.
//!
//! A [`Runtime`] turns bytes into a [`Plugin`] (compiled, classified and linked once), and a plugin with its operator's
//! [`ChannelSetup`] into a [`fanfare_dispatch::Channel`]. Every attempt gets its own store and instance, unless the
//! channel's policy reuses them (`reuse`, see `warm`). It is limited in time, fuel and memory, and ends in a
//! [`fanfare_core::Report`], whatever the guest does. Nothing above this crate knows about Wasm. Reading order:
//! `engine`, `load`, `kind`, `attempt`, then the host's interfaces in `host`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

mod limits;

mod engine;
mod threads;
mod ticker;

mod cache;
mod channel_view;
mod compile;
mod load;
mod plugin;
mod warm;

mod kind;

mod attempt;
#[doc(hidden)]
pub mod bench;
#[allow(
    unsafe_code,
    unreachable_pub,
    reason = "generated: the only unsafe in it skips a type check that the line which loaded the function has made"
)]
mod bindings;
mod convert;

mod egress;
mod grants;
mod host;
mod secrets;
pub mod webhook;

pub use cache::CacheOptions;
pub use compile::{CompileLimits, CompilerProcess, compile_as_child};
pub use egress::{Exchange, Outbound, StubAnswer, Tap};
pub use engine::{
    EmitGate, EmitRefusal, RecipientOf, Render, Rendered, Rendering, Runtime, RuntimeError, RuntimeOptions,
};
pub use grants::{FileGrant, Foreseen, Grants, HostPattern, HttpGrant, InvalidPattern, Lack};
pub use kind::Kind;
pub use load::LoadError;
pub use plugin::{ChannelSetup, Plugin, SetupError};
pub use secrets::Secret;
pub use webhook::SigningKey;
