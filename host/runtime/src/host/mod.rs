//! The host's interfaces: one file each, with a view of the attempt's context, an implementation of the generated
//! trait, and `add_to_linker`. Everything is always linked. What is not granted is refused on use, so that the refusal
//! can name the missing grant.

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

use crate::context::Context;

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

/// For programs: only WASI preview 1.
pub(crate) fn add_to_program_linker(linker: &mut wasmtime::Linker<Context>) -> wasmtime::Result<()> {
    wasi::add_preview1_to_linker(linker)
}

/// For interfaces that only define types.
struct Types;
struct Nothing;

impl wasmtime::component::HasData for Types {
    type Data<'a> = Nothing;
}

impl crate::bindings::fanfare::channel::events::Host for Nothing {}
impl crate::bindings::fanfare::channel::http_types::Host for Nothing {}
