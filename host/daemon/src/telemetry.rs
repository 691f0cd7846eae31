//! The log: to stderr, for people or for programs.

use std::{
    io::{self, IsTerminal as _, Write},
    sync::LazyLock,
};

use indicatif::MultiProgress;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people; in colour on a terminal
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("`{directives}` is no log level: {reason}")]
    Filter { directives: String, reason: String },
    #[error("the log is set up already")]
    Twice,
}

/// Starts logging, once per process. `directives` is a level, or several as in `RUST_LOG`: `info,fanfare::guest=debug`.
///
/// # Errors
/// [`TelemetryError`]; then nothing is logged.
pub fn init(format: LogFormat, directives: &str) -> Result<(), TelemetryError> {
    let filter = filter(directives)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Stderr);
    let colors = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    match format {
        LogFormat::Text => builder.with_ansi(colors).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|_| TelemetryError::Twice)
}

fn filter(directives: &str) -> Result<EnvFilter, TelemetryError> {
    // An empty RUST_LOG is the usual way to say "not set".
    let directives = if directives.trim().is_empty() { "info" } else { directives };
    EnvFilter::try_new(directives)
        .map_err(|error| TelemetryError::Filter { directives: directives.to_owned(), reason: error.to_string() })
}

/// The bars and spinners of the process. They share the terminal with the log, so both go through here.
pub(crate) fn progress() -> &'static MultiProgress {
    static PROGRESS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
    &PROGRESS
}

/// Writes log lines above whatever spinner turns at the moment.
#[derive(Clone, Copy)]
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        progress().suspend(|| io::stderr().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl MakeWriter<'_> for Stderr {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_directives_are_taken_and_nonsense_is_named() {
        for good in ["info", "warn,fanfare::guest=debug", "off", "", "  "] {
            assert!(filter(good).is_ok(), "{good:?}");
        }
        let error = filter("info,fanfare=loud").unwrap_err().to_string();
        assert!(error.starts_with("`info,fanfare=loud` is no log level"), "{error}");
    }
}
