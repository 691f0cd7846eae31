//! What a guest may call: one file per interface, each with a view of the attempt's context, an implementation of the
//! generated trait, and one `add_to_linker`. Everything is always linked; what is not granted is refused when it is used, so
//! that a refusal can say what to grant.

mod config;
mod emit;
mod http;
mod log;
mod metrics;
mod published;
mod recipient;
mod sockets;
mod state;
mod stdio;
pub(crate) mod templates;
mod wasi;
mod wasi_config;
mod wasi_http;

use wasmtime::component::Linker;

use crate::attempt::Context;

pub(crate) use self::{sockets::Names, wasi_http::HttpSide};

pub(crate) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    config::add_to_linker(linker)?;
    log::add_to_linker(linker)?;
    http::add_to_linker(linker)?;
    state::add_to_linker(linker)?;
    metrics::add_to_linker(linker)?;
    emit::add_to_linker(linker)?;
    published::add_to_linker(linker)?;
    recipient::add_to_linker(linker)?;
    templates::add_to_linker(linker)?;
    wasi::add_to_linker(linker)?;
    wasi_config::add_to_linker(linker)?;
    wasi_http::add_to_linker(linker)?;
    crate::bindings::fanfare::channel::events::add_to_linker::<_, Types>(linker, |_| Nothing)?;
    crate::bindings::fanfare::channel::http_types::add_to_linker::<_, Types>(linker, |_| Nothing)
}

/// The same for programs: WASI preview 1, and nothing of ours.
pub(crate) fn add_to_program_linker(linker: &mut wasmtime::Linker<Context>) -> wasmtime::Result<()> {
    wasi::add_preview1_to_linker(linker)
}

/// For the interfaces that hold types alone.
struct Types;
struct Nothing;

impl wasmtime::component::HasData for Types {
    type Data<'a> = Nothing;
}

impl crate::bindings::fanfare::channel::events::Host for Nothing {}
impl crate::bindings::fanfare::channel::http_types::Host for Nothing {}
