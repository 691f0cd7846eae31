//! `fanfare`: see `fanfare --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    fanfare::cli::run()
}
