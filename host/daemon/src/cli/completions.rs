//! `fanfare completions`: a script with which a shell completes commands.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, failure::Failure, output::print_raw};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

const AFTER: &str = "\
bash:  fanfare completions bash > ~/.local/share/bash-completion/completions/fanfare
zsh:   fanfare completions zsh > DIR/_fanfare, where DIR is one of $fpath
fish:  fanfare completions fish > ~/.config/fish/completions/fanfare.fish";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "fanfare", &mut script);
    Ok(print_raw(&script)?)
}
