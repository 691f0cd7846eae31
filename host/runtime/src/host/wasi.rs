//! WASI 0.2, and preview 1 for programs: clocks, randomness and standard streams for all, granted folders and granted
//! TCP connections, and nothing else. There are no arguments; environment variables only for guests that do not know
//! our settings.

use tracing::Level;
use wasmtime::component::Linker;
use wasmtime_wasi::{
    FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p1::WasiP1Ctx, p2::pipe::MemoryInputPipe,
};

use super::{sockets, stdio::Stdio};
use crate::{
    FileGrant,
    context::{Context, Stream},
    limits,
};

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    sockets::add_to_linker(linker)
}

pub(super) fn add_preview1_to_linker(linker: &mut wasmtime::Linker<Context>) -> wasmtime::Result<()> {
    wasmtime_wasi::p1::add_to_linker_async(linker, preview1)
}

fn preview1(context: &mut Context) -> &mut WasiP1Ctx {
    if context.preview1.is_none() {
        let mut preview1 = builder(context).build_p1();
        preview1.ctx().table.set_max_capacity(limits::HANDLES);
        context.preview1 = Some(Box::new(preview1));
    }
    context.preview1.get_or_insert_with(|| Box::new(WasiCtx::builder().build_p1()))
}

impl WasiView for Context {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        if self.wasi.is_none() {
            self.wasi = Some(Box::new(builder(self).build()));
        }
        let ctx = self.wasi.get_or_insert_with(|| Box::new(WasiCtx::builder().build()));
        WasiCtxView { ctx, table: &mut self.table }
    }
}

fn builder(context: &mut Context) -> WasiCtxBuilder {
    let lines = context.lines().clone();
    let mut builder = WasiCtx::builder();
    builder
        .stdout(Stdio { lines: lines.clone(), stream: Stream::Out })
        .stderr(Stdio { lines: lines.clone(), stream: Stream::Err })
        .max_random_size(limits::RANDOM_BYTES);
    if !context.process.stdin.is_empty() {
        builder.stdin(MemoryInputPipe::new(context.process.stdin.clone()));
    }
    builder.envs(&context.process.variables);
    sockets::allow(&mut builder, context);
    for FileGrant { host, guest, write } in &context.channel_view.setup.grants.files {
        let perms = if *write { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        if let Err(reason) = builder.preopened_dir(host, guest, perms) {
            // It could be opened when the channel was set up. The guest will not find it, and will fail on its own.
            let said = format!("the granted folder {} cannot be opened: {reason:#}", host.display());
            lines.lock().push(Level::ERROR, &said);
        }
    }
    builder
}
