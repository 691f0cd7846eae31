//! `fanfare`: see `fanfare --help`.

use std::process::ExitCode;

/// See the workspace's `Cargo.toml` for why.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fanfare::cli::run()
}
