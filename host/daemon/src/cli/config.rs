//! `fanfare config`: the JSON Schema of `config.toml`.

use super::{failure::Failure, output::print};
use crate::config::shape;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Print the JSON Schema of `config.toml`, for editors
    Schema(SchemaArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// Print the schema of a sidecar instead, the `<name>.toml` beside a plugin
    #[arg(long)]
    sidecar: bool,
}

pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    let Command::Schema(args) = command;
    let schema = if args.sidecar { shape::sidecar_schema() } else { shape::config_schema() };
    print(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    Ok(())
}
