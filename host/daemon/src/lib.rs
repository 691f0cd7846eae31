//! The daemon: configuration, HTTP, plugins, reload, command line and the wiring between them.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

pub mod access;
pub mod api;
mod app;
mod blocking;
pub mod certificate;
pub mod cli;
pub mod config;
pub mod daemon;
mod directory;
mod emitted;
mod guests;
pub mod http;
pub mod json_schema;
mod limited;
pub mod metrics;
mod notices;
pub mod overview;
pub mod plugins;
pub mod recipients;
pub mod reload;
mod response_memory;
pub mod schemas;
mod series;
mod service;
mod stamp;
pub mod streams;
mod telemetry;
pub mod templates;
mod text;
pub mod traces;
mod trail;
