//! What authors of plugins need, without a daemon: projects to start from ([`project`]), and builds of them by each
//! language's own tools ([`build`]).
//!
//! The crate knows neither the runtime nor the daemon. `fanfare plugin new` and `fanfare plugin build` print what it
//! returns; `run` and `inspect` load a plugin as the daemon does, so they are part of the daemon.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic"))]

pub mod build;
mod component;
pub mod project;
mod tools;
