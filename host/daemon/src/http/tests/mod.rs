//! The interface as a client sees it, one file per behaviour.

mod dashboard;
mod documented;
mod fuzz;
mod publish;
mod reads;
mod refusals;
mod server;
mod stream;
mod stuck;
mod support;
