//! The log: to stderr, for people or for programs.

use std::{
    fmt::Debug,
    io::{self, IsTerminal as _, Write},
    sync::LazyLock,
};

use anstyle::Style;
use indicatif::MultiProgress;
use tracing::field::Field;
use tracing_subscriber::{
    EnvFilter,
    field::MakeExt as _,
    fmt::{
        FormatFields, MakeWriter,
        format::{self, Writer},
    },
};

use crate::text::{escape, is_misleading};

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people; in colour on a terminal
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("`{directives}` is not a log level: {reason}")]
    Filter { directives: String, reason: String },
    #[error("the log is set up already")]
    Twice,
}

/// Libraries that log what a guest or receiver makes them do, with a line per call. That exceeds the bound on an
/// attempt's lines, and at `debug` it includes the bytes transferred. They are silent unless the directives name them.
/// Each entry covers all targets with this prefix.
const SILENT: [&str; 7] = ["wasmtime", "wiggle", "cranelift", "regalloc2", "rustls", "tokio_rustls", "hyper"];

/// Starts logging, once per process. `directives` is a level, or several as in `RUST_LOG`: `info,fanfare::guest=debug`.
/// Libraries that guests can cause to log must be named: `info,wasmtime_wasi=debug`.
///
/// # Errors
/// [`TelemetryError`]; logging is then off.
pub fn init(format: LogFormat, directives: &str) -> Result<(), TelemetryError> {
    let filter = filter(directives)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Stderr);
    let colors = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    match format {
        LogFormat::Text => builder.with_ansi(colors).fmt_fields(fields()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|_| TelemetryError::Twice)
}

fn filter(directives: &str) -> Result<EnvFilter, TelemetryError> {
    // An empty RUST_LOG commonly means "not set".
    let directives = if directives.trim().is_empty() { "info" } else { directives };
    // Of two directives for one target, the later applies; of several that match, the longest.
    let silent: String = SILENT.iter().map(|target| format!("{target}=off,")).collect();
    EnvFilter::try_new(format!("{silent}{directives}"))
        .map_err(|error| TelemetryError::Filter { directives: directives.to_owned(), reason: error.to_string() })
}

/// The bars and spinners of the process. They share the terminal with the log, so both go through here.
pub(crate) fn progress() -> &'static MultiProgress {
    static PROGRESS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
    &PROGRESS
}

/// Writes log lines above the active spinner.
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

/// Writes the fields of an entry without control characters. Logged values contain text from guests, publishers,
/// receivers and file names. Such text must neither imitate a log line of ours nor control the terminal.
fn fields() -> impl for<'w> FormatFields<'w> + Clone {
    let field = |writer: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
        let value = format!("{value:?}");
        let value = escape(&value, is_misleading);
        match field.name() {
            "message" => writer.write_str(&value),
            name if writer.has_ansi_escapes() => {
                let (name_style, dim) = (Style::new().italic(), Style::new().dimmed());
                write!(writer, "{name_style}{name}{name_style:#}{dim}={dim:#}{value}")
            }
            name => write!(writer, "{name}={value}"),
        }
    };
    format::debug_fn(field).delimited(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Returns what `say` logs.
    fn logged(directives: &str, say: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Kept(Arc<Mutex<Vec<u8>>>);

        impl Write for Kept {
            fn write(&mut self, line: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(line);
                Ok(line.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let kept = Kept::default();
        let writer = kept.clone();
        let log = tracing_subscriber::fmt().with_env_filter(filter(directives).unwrap()).with_ansi(false);
        let log = log.fmt_fields(fields());
        tracing::subscriber::with_default(log.with_writer(move || writer.clone()).finish(), say);
        let kept = kept.0.lock().unwrap();
        String::from_utf8_lossy(&kept).into_owned()
    }

    fn libraries() {
        tracing::warn!(target: "wasmtime_wasi::p1", "p1 sock_send is not implemented");
        tracing::warn!(target: "wasmtime_wasi_http::p2::error", "http request error");
        tracing::error!(target: "rustls::msgs", "alert");
        tracing::warn!(target: "fanfare::guest", "said");
    }

    #[test]
    fn whatever_is_said_is_one_line() {
        let forged = "a\n2026-11-21T00:00:00Z  INFO fanfare: all is well\r\x1b[2J\x0bb\u{9b}\u{2028}\u{202e}";
        let said =
            logged("info", || tracing::warn!(target: "fanfare::guest", file = %forged, quoted = forged, "{forged}"));
        assert_eq!((said.lines().count(), said.matches('\n').count()), (1, 1), "{said:?}");
        assert!(!said.contains(['\r', '\x1b', '\x0b', '\u{9b}', '\u{2028}', '\u{202e}']), "{said:?}");
        assert!(said.contains("a\\n2026-11-21"), "{said:?}");
    }

    #[test]
    fn what_a_guest_makes_libraries_say_is_logged_only_where_they_are_named() {
        for directives in ["", "info", "trace", "warn,fanfare::guest=debug"] {
            let logged = logged(directives, libraries);
            assert_eq!(logged.lines().count(), 1, "{directives}: {logged}");
            assert!(logged.contains("said"), "{directives}: {logged}");
        }
        let named = logged("info,wasmtime_wasi_http=warn", libraries);
        assert!(named.contains("http request error") && !named.contains("sock_send"), "{named}");
        let all = logged("info,wasmtime=warn,rustls=error", libraries);
        assert_eq!(all.lines().count(), 4, "{all}");
    }

    #[test]
    fn levels_and_directives_are_taken_and_nonsense_is_named() {
        for good in ["info", "warn,fanfare::guest=debug", "off", "", "  "] {
            assert!(filter(good).is_ok(), "{good:?}");
        }
        let error = filter("info,fanfare=loud").unwrap_err().to_string();
        assert!(error.starts_with("`info,fanfare=loud` is not a log level"), "{error}");
    }
}
