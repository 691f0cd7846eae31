//! Whole attempts of real guests through the crate's public API.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod batches;
mod bounds;
mod corrupt;
mod egress;
mod floods;
mod interfaces;
mod kinds;
mod loading;
mod outcomes;
mod reuse;
mod secrets;
mod sockets;
mod stages;
mod straight;
mod support;
mod wasi_config;
