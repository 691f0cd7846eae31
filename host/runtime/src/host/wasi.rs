//! WASI 0.2: clocks, randomness and standard streams for everyone, granted folders, and nothing else. There are no
//! arguments, no environment and no sockets.

use tracing::Level;
use wasmtime::component::Linker;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};

use super::stdio::Stdio;
use crate::{
    FileGrant,
    attempt::{Context, SharedLines, Stream},
    limits,
};

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)
}

impl WasiView for Context {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        if self.wasi.is_none() {
            let lines = self.lines().clone();
            self.wasi = Some(context(&self.setup.grants.files, &lines));
        }
        let ctx = self.wasi.get_or_insert_with(|| WasiCtx::builder().build());
        WasiCtxView { ctx, table: &mut self.table }
    }
}

fn context(files: &[FileGrant], lines: &SharedLines) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder
        .stdout(Stdio { lines: lines.clone(), stream: Stream::Out })
        .stderr(Stdio { lines: lines.clone(), stream: Stream::Err })
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(limits::RANDOM_BYTES);
    for FileGrant { host, guest, write } in files {
        let perms = if *write { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        if let Err(reason) = builder.preopened_dir(host, guest, perms) {
            // It could be opened when the channel was set up. The guest will not find it and fail by its own account.
            let said = format!("the granted folder {} cannot be opened: {reason:#}", host.display());
            lines.lock().push(Level::ERROR, &said);
        }
    }
    builder.build()
}
