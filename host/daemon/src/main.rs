//! `fanfare`: see `fanfare --help`.

use std::process::ExitCode;

/// The workspace's `Cargo.toml` says why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fanfare::cli::run()
}
