//! The command line: one file per command, and here the words they share.

mod audit;
mod backup;
mod channels;
mod check;
mod client;
mod completions;
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
mod whole;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

pub use listen::{Received, Receiver, ReceiverOptions, Signature};

use crate::{
    plugins,
    telemetry::{self, LogFormat},
};
use failure::Failure;

/// One event in, every channel sounds: takes events over HTTP, records each durably, and fans it out to sandboxed
/// WebAssembly channels.
#[derive(Debug, Parser)]
#[command(name = "fanfare", version, about, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    /// Answer in JSON, errors too
    #[arg(long, global = true)]
    json: bool,

    /// How the log looks; it goes to stderr
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,

    /// What is logged: a level, or directives as in RUST_LOG, such as `info,fanfare::guest=debug`
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
    /// See it work: a daemon, a webhook receiver, one event and its result, in a temporary folder
    Demo(demo::Args),
    /// Set up a folder with a configuration to start from
    Init(init::Args),
    /// Check the configuration and every plugin, without starting
    Check(check::Args),
    /// Send an event and see what became of it
    Send(send::Args),
    /// Receive webhooks here, and check their signatures
    Listen(listen::Args),
    /// Look into the history
    #[command(subcommand)]
    Events(events::Command),
    /// Deliveries that were given up: look at them, send them again, delete them
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    /// Deliveries that are pending: end one that cannot go through
    #[command(subcommand)]
    Deliveries(deliveries::Command),
    /// Send events of the history again
    Replay(replay::Args),
    /// The channels: look at them, pause, resume and test them
    #[command(subcommand)]
    Channels(channels::Command),
    /// What events pass before they go to channels: look at it
    #[command(subcommand)]
    Stages(stages::Command),
    /// The types of events: look at them, and check what their data has to be like
    #[command(subcommand)]
    Schemas(schemas::Command),
    /// Whom events are for: look at them, and set what they want
    #[command(subcommand)]
    Recipients(recipients::Command),
    /// Texts for people: list them, and see what one comes to
    #[command(subcommand)]
    Template(template::Command),
    /// Who may ask the daemon what: make a token, list them, revoke one
    #[command(subcommand)]
    Token(token::Command),
    /// Write plugins: begin, build, try and inspect one, without a daemon
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Who did what: pauses, replays, purges, reloads, sign-ins
    Audit(audit::Args),
    /// Copy the journal, while the daemon runs or not
    Backup(backup::Args),
    /// Check the journal against itself, and repair what can be repaired
    Doctor(doctor::Args),
    /// How the daemon and its channels are doing
    Status(status::Args),
    /// Print the HTTP interface as OpenAPI 3.1
    Openapi,
    /// Print what a shell needs to complete commands
    Completions(completions::Args),
    /// Write the man pages
    #[command(hide = true)]
    Man(man::Args),
}

/// What a command works with besides its own arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) json: bool,
}

/// Runs the command that the process was called with.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(limits) = plugins::called_to_compile(&arguments) {
        return fanfare_runtime::compile_as_child(limits);
    }
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, &arguments),
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
        // A client's own log is of interest only when something is being looked into; the demo's would bury its result.
        // Whoever tries a plugin out wants to see what it says.
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
        // A read of stdin that nobody waits for any more must not keep the process.
        runtime.shutdown_background();
        done
    }
}

impl Command {
    /// The daemon works on every core; a client waits on one.
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
            Self::Openapi => openapi::run(),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}

/// Says on stderr what went wrong. When even that cannot be written, the exit code has to do.
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

/// Help, the version, or what is wrong with the invocation, in clap's own words.
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
