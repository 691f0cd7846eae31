//! Black-box tests: the real binary, over HTTP, on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

#[allow(dead_code, reason = "the benchmarks use more of the harness than the tests do")]
mod support;

mod access;
mod add;
mod audit;
mod batches;
mod check;
mod checker;
mod cli;
mod crash;
mod dist;
mod emits;
mod examples;
mod faults;
mod filters;
mod forms;
mod hostile;
mod isolation;
mod later;
mod main_job;
mod misuse;
mod openapi;
mod operations;
mod pages;
mod plugin;
mod policies;
mod recipients;
mod reload;
mod reload_files;
mod replays;
mod schemas;
mod service;
mod session;
mod stages;
mod streams;
mod system_events;
mod templates;
mod tls;
mod token;
mod top;
mod traces;
mod unconfigured;
mod upgrade;
