//! The command line: one file per command, and here what they share.

mod audit;
mod backup;
mod channels;
mod check;
mod client;
mod completions;
mod config;
mod dead_letters;
mod deliveries;
mod demo;
mod doctor;
mod events;
mod failure;
mod given;
mod init;
mod job;
mod json;
mod listen;
mod man;
mod moment;
mod openapi;
mod output;
mod plugin;
mod recipients;
mod replay;
mod result;
mod schemas;
mod send;
mod serve;
mod signals;
mod spinner;
mod stages;
mod status;
mod template;
mod token;
mod top;
mod whole;

use std::{ffi::OsString, process::ExitCode};

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue},
};

pub use listen::{Received, Receiver, ReceiverOptions, Signature};

use crate::{
    plugins,
    telemetry::{self, LogFormat},
};
use failure::Failure;

/// One event in, every channel sounds: accepts events over HTTP, records each one durably, and fans it out to sandboxed
/// WebAssembly channels.
#[derive(Debug, Parser)]
#[command(name = "fanfare", version, about, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    /// Print JSON, errors included
    #[arg(long, global = true)]
    json: bool,

    /// The format of the log, which goes to stderr
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,

    /// The log level, or directives as in RUST_LOG, such as `info,fanfare::guest=debug`
    #[arg(long, global = true, env = "RUST_LOG", value_name = "LEVEL", hide_env_values = true)]
    log_level: Option<String>,

    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 daemon not reachable";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon
    Serve(serve::Args),
    /// See Fanfare at work: a daemon, a webhook receiver, one event and its result, in a temporary folder
    Demo(demo::Args),
    /// Create a folder with a starter configuration
    Init(init::Args),
    /// Check the configuration and every plugin without starting the daemon
    Check(check::Args),
    /// Send an event and show its result
    Send(send::Args),
    /// Receive webhooks on this machine and verify their signatures
    Listen(listen::Args),
    /// Events: list, show, follow and cancel them
    #[command(subcommand)]
    Events(events::Command),
    /// Dead letters: list, show, redrive (replay) and delete them
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    /// Pending deliveries: drop one that cannot succeed
    #[command(subcommand)]
    Deliveries(deliveries::Command),
    /// Replay past events to chosen channels
    Replay(replay::Args),
    /// Channels: add, list, show, pause, resume and test them
    #[command(subcommand, alias = "channel")]
    Channels(channels::Command),
    /// Stages, which process events before the channels get them: list and show them
    #[command(subcommand)]
    Stages(stages::Command),
    /// Event types: list them, and check their schemas
    #[command(subcommand)]
    Schemas(schemas::Command),
    /// Recipients: list, show, set and delete them
    #[command(subcommand)]
    Recipients(recipients::Command),
    /// Templates: list and preview them
    #[command(subcommand)]
    Template(template::Command),
    /// Access tokens: create, list and revoke them
    #[command(subcommand)]
    Token(token::Command),
    /// Plugin development: create, build, run and inspect a plugin without a daemon
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Show the audit trail: who paused, replayed, purged, reloaded or signed in, and when
    Audit(audit::Args),
    /// Back up the journal, even while the daemon is running
    Backup(backup::Args),
    /// Check the journal's integrity, and repair what can be repaired
    Doctor(doctor::Args),
    /// Show whether the daemon and its channels are healthy, and if not, why and what to do
    Status(status::Args),
    /// Watch the channels live
    Top(top::Args),
    /// The configuration file: print its JSON Schema
    #[command(subcommand)]
    Config(config::Command),
    /// Print the HTTP interface as OpenAPI 3.1
    Openapi,
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Write the man pages
    #[command(hide = true)]
    Man(man::Args),
}

/// What a command needs besides its own arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) json: bool,
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(limits) = plugins::called_to_compile(&arguments) {
        return fanfare_runtime::compile_as_child(limits);
    }
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return explain(&guided(error, &arguments), &arguments),
    };
    let context = Context { json: cli.json };
    match cli.run(context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure, context);
            failure.exit_code()
        }
    }
}

impl Cli {
    fn run(self, context: Context) -> Result<(), Failure> {
        // A client's own log is only useful for debugging, and the demo's would bury its result. But the author of a
        // plugin wants to see what it logs.
        let usual = match self.command {
            Command::Serve(_) => "info",
            Command::Plugin(_) => "warn,fanfare::guest=trace",
            _ => "warn",
        };
        let level = self.log_level.as_deref().unwrap_or(usual);
        telemetry::init(self.log_format, level).map_err(|error| {
            Failure::usage(error.to_string(), "write a level such as `info`, or `warn,fanfare=debug`")
        })?;

        let runtime = self.command.runtime()?;
        let done = runtime.block_on(self.command.run(context));
        // A pending read of stdin must not keep the process alive.
        runtime.shutdown_background();
        done
    }
}

impl Command {
    /// The daemon works on every core; a client needs only one.
    fn runtime(&self) -> std::io::Result<tokio::runtime::Runtime> {
        let mut builder = match self {
            Self::Serve(_) | Self::Demo(_) | Self::Check(_) | Self::Plugin(_) => {
                tokio::runtime::Builder::new_multi_thread()
            }
            _ => tokio::runtime::Builder::new_current_thread(),
        };
        builder.enable_all().build()
    }

    async fn run(self, context: Context) -> Result<(), Failure> {
        match self {
            Self::Serve(args) => serve::run(args, context).await,
            Self::Demo(args) => demo::run(args, context).await,
            Self::Init(args) => init::run(&args, context),
            Self::Check(args) => check::run(args, context).await,
            Self::Send(args) => send::run(args, context).await,
            Self::Listen(args) => listen::run(args, context).await,
            Self::Events(command) => events::run(command, context).await,
            Self::DeadLetters(command) => dead_letters::run(command, context).await,
            Self::Deliveries(command) => deliveries::run(command, context).await,
            Self::Replay(args) => replay::run(args, context).await,
            Self::Channels(command) => channels::run(command, context).await,
            Self::Stages(command) => stages::run(command, context).await,
            Self::Schemas(command) => schemas::run(command, context).await,
            Self::Recipients(command) => recipients::run(command, context).await,
            Self::Template(command) => template::run(command, context),
            Self::Token(command) => token::run(command, context),
            Self::Plugin(command) => plugin::run(command, context).await,
            Self::Audit(args) => audit::run(args, context).await,
            Self::Backup(args) => backup::run(args, context).await,
            Self::Doctor(args) => doctor::run(args, context).await,
            Self::Status(args) => status::run(args, context).await,
            Self::Config(command) => config::run(&command),
            Self::Top(args) => top::run(args, context).await,
            Self::Openapi => openapi::run(),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}

/// Reports the failure on stderr. If that cannot be written, the exit code has to suffice.
fn report(failure: &Failure, context: Context) {
    use std::io::{IsTerminal as _, Write as _};
    let text = if context.json {
        failure.json().map(|json| format!("{json}\n"))
    } else {
        let color = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        failure.text(std::io::stderr().is_terminal(), color)
    };
    let written = text.map(|text| anstream::stderr().write_all(text.as_bytes()));
    drop(written);
}

/// What others call the command that runs the daemon.
const GUESSES: [&str; 5] = ["start", "run", "up", "daemon", "server"];

/// The same error with the command that was probably meant, where its name is not similar to what was typed.
fn guided(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    // `fanfare start`, but not `fanfare replay start`.
    let is_first = arguments.get(1).is_some_and(|first| first == typed.as_str());
    if is_first && GUESSES.contains(&typed.as_str()) {
        let serve = ContextValue::Strings(vec!["serve".to_owned()]);
        error.insert(ContextKind::SuggestedSubcommand, serve);
    }
    error
}

/// Help, the version, or what is wrong with the invocation, in clap's words.
fn explain(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if error.use_stderr() && arguments.iter().any(|argument| argument == "--json") {
        let message = error.render().to_string();
        let message = message.trim_end().trim_start_matches("error: ").to_owned();
        let failure = Failure::Usage { message, help: None };
        report(&failure, Context { json: true });
        return failure.exit_code();
    }
    let printed = error.print();
    if error.use_stderr() { ExitCode::from(2) } else { printed.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS) }
}

#[cfg(test)]
mod tests;
