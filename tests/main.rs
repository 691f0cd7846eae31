//! Black-box tests: the real binary, over HTTP, on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod support;

mod crash;
mod isolation;
mod main_job;
mod refusals;
mod reload;
