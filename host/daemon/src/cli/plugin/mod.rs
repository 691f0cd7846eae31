//! `fanfare plugin`: the author's commands. They start a project, build it, try the plugin and inspect it, without a
//! daemon.

mod build;
mod inspect;
mod new;
mod own_words;
mod recipient;
mod run;
mod stage;

use std::{io::ErrorKind, path::Path};

use anyhow::Context as _;
use bytes::Bytes;
use fanfare_runtime::{CacheOptions, CompileLimits, Plugin, Runtime, RuntimeError, RuntimeOptions};

use super::{
    Context,
    failure::Failure,
    output::{bytes, clean},
    spinner::Spinner,
};
use crate::{
    config::{Sidecar, parse_sidecar},
    plugins,
};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Create a project for a plugin, ready to build
    New(new::Args),
    /// Build the plugin in a folder with the tools of its language
    Build(build::Args),
    /// Run a plugin once on an event, without a daemon
    Run(Box<run::Args>),
    /// Show a file's kind, its imports and the grants that it needs
    Inspect(inspect::Args),
}

pub(crate) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::New(args) => new::run(&args, context),
        Command::Build(args) => build::run(&args, context),
        Command::Run(args) => run::run(*args, context).await,
        Command::Inspect(args) => inspect::run(args, context).await,
    }
}

/// Loads a file as the daemon does: compiled in a child process, linked and started, with its sidecar. `options` is
/// what its guests see.
async fn load(file: &Path, options: RuntimeOptions) -> Result<(Plugin, Option<Sidecar>), Failure> {
    let wasm = std::fs::read(file).map_err(|error| {
        let advice = if error.kind() == ErrorKind::NotFound { unbuilt(file) } else { None };
        anyhow::anyhow!("{} cannot be read: {error}{}", file.display(), advice.unwrap_or_default())
    })?;
    let beside = file.with_extension("toml");
    let sidecar = match std::fs::read_to_string(&beside) {
        Ok(text) => Some(parse_sidecar(&text, &beside)?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(anyhow::Error::new(error).context(format!("{}", beside.display())).into()),
    };
    let options =
        RuntimeOptions { compiler: plugins::compiler(CompileLimits::default()), max_instances: 16, ..options };
    let runtime = engine(options, plugins::compiled::of_commands())?;
    let _spinner = (!runtime.is_compiled(&wasm)).then(|| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let kept = if runtime.keeps_compiled() { "; kept for next time" } else { "" };
        Spinner::tell(format!("compiling {} ({}){kept}", clean(&name), bytes(wasm.len() as u64)))
    });
    let plugin = runtime.load(Bytes::from(wasm)).await.with_context(|| file.display().to_string())?;
    Ok((plugin, sidecar))
}

/// What to do about a missing file where `fanfare plugin build` puts one.
fn unbuilt(file: &Path) -> Option<String> {
    let dist = file.parent().filter(|dist| dist.file_name().is_some_and(|name| name == "dist"))?;
    let project = dist.parent().filter(|project| !project.as_os_str().is_empty());
    let project = project.map(|project| format!(" {}", project.display())).unwrap_or_default();
    Some(format!("; build it first, with `fanfare plugin build{project}`"))
}

/// Creates an engine with this cache, or without one if the cache cannot be used: it only saves time.
fn engine(options: RuntimeOptions, cache: Option<CacheOptions>) -> Result<Runtime, Failure> {
    let made = match Runtime::new(RuntimeOptions { cache, ..options.clone() }) {
        Err(RuntimeError::Cache(reason)) => {
            tracing::warn!("compiled plugins are not kept: {reason}");
            Runtime::new(options)
        }
        made => made,
    };
    Ok(made.context("the engine")?)
}
