//! How a command fails: its message and its exit code.

use std::{io, process::ExitCode};

use fanfare_core::FieldError;
use serde_json::{Value, json};

use super::output::{BOLD, DIM, RED, clean, clean_lines};
pub(crate) use crate::api::ProblemDetails;
use crate::config::Diagnostics;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The invocation is wrong; exit code 2.
    Usage { message: String, help: Option<String> },
    /// The configuration is wrong.
    Config(Diagnostics),
    /// The daemon rejected the request.
    Refused(Box<ProblemDetails>),
    /// The daemon is not reachable at this address; exit code 3.
    Unreachable { url: String, reason: String, advice: &'static str },
    /// Anything else.
    Failed(anyhow::Error),
    /// The output has reported it already, or its reader is gone.
    Reported,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// The process's exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Refused(_) | Self::Failed(_) | Self::Reported => 1,
            Self::Usage { .. } => 2,
            Self::Unreachable { .. } => 3,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// For people. With `drawn`, mistakes in the configuration are drawn with their lines of the file.
    pub(crate) fn text(&self, drawn: bool, color: bool) -> Option<String> {
        let text = match self {
            Self::Reported => return None,
            Self::Usage { message, help } => headline(message) + &help.as_deref().map(hint).unwrap_or_default(),
            Self::Config(diagnostics) if drawn => diagnostics.render(color),
            Self::Config(diagnostics) => {
                diagnostics.problems.iter().map(|problem| headline(&problem.to_string())).collect()
            }
            Self::Refused(problem) => {
                // The detail tells programs where to look; people see the errors below.
                let lead = if problem.errors.is_empty() { problem.in_commands() } else { problem.title.clone() };
                let mut text = headline(&lead);
                for FieldError { pointer, detail } in &problem.errors {
                    let place = problem.place(pointer);
                    let space = if place.is_empty() { "" } else { "  " };
                    text += &format!("  {BOLD}{}{BOLD:#}{space}{}\n", clean(&place), clean(detail));
                }
                text + &problem.advice().map(hint).unwrap_or_default()
            }
            Self::Unreachable { url, reason, advice } => {
                headline(&format!("no response from {url}: {reason}")) + &hint(advice)
            }
            Self::Failed(error) => headline(&format!("{error:#}")),
        };
        Some(text)
    }

    /// For programs: `{"error": {"kind", "message", …}}`.
    pub(crate) fn json(&self) -> Option<Value> {
        let error = match self {
            Self::Reported => return None,
            Self::Usage { message, help } => json!({ "kind": "usage", "message": message, "help": help }),
            Self::Config(diagnostics) => {
                json!({ "kind": "config", "message": diagnostics.to_string(), "problems": diagnostics })
            }
            Self::Refused(problem) => {
                json!({ "kind": "refused", "message": problem.sentence(), "problem": problem })
            }
            Self::Unreachable { url, reason, .. } => json!({ "kind": "unreachable", "message": reason, "url": url }),
            Self::Failed(error) => json!({ "kind": "failed", "message": format!("{error:#}") }),
        };
        Some(json!({ "error": error }))
    }
}

impl ProblemDetails {
    /// The place of an error in terms of the command line: an option, or a member of what was sent.
    fn place(&self, pointer: &str) -> String {
        let path = pointer.trim_start_matches('/');
        let parts = path.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
        if self.kind.ends_with(":bad-parameter") {
            return parts.map(|name| format!("--{name}")).collect::<Vec<_>>().join(" ");
        }
        parts.collect::<Vec<_>>().join(".")
    }

    /// What to do about it on the command line.
    fn advice(&self) -> Option<&'static str> {
        Some(match self.status {
            401 => "give a token with --token-file FILE or in FANFARE_TOKEN; `fanfare token new` makes one",
            403 if self.kind.ends_with(":forbidden") => {
                "use a token with more; `fanfare token list` shows what each may do, and `fanfare token new` makes \
                 another"
            }
            429 => "wait a moment, or give the token a higher `rate`",
            _ => return None,
        })
    }

    /// The message with commands in place of HTTP calls.
    fn in_commands(&self) -> String {
        const COMMANDS: [(&str, &str); 8] = [
            ("GET /v1/dead-letters", "`fanfare dead-letters list`"),
            ("GET /v1/replays", "`fanfare replay status`"),
            ("GET /v1/recipients", "`fanfare recipients list`"),
            ("GET /v1/schemas", "`fanfare schemas list`"),
            ("GET /v1/channels", "`fanfare channels list`"),
            ("GET /v1/events/{id}", "`fanfare events show ID`"),
            ("GET /v1/events", "`fanfare events list`"),
            (" by `delivery_id`", ""),
        ];
        COMMANDS.iter().fold(self.sentence(), |sentence, (call, command)| sentence.replace(call, command))
    }

    /// The detail includes what the title says.
    fn sentence(&self) -> String {
        let text = [&self.detail, &self.title].into_iter().find(|text| !text.is_empty());
        text.cloned().unwrap_or_else(|| format!("the daemon responded with status {}", self.status))
    }
}

fn headline(message: &str) -> String {
    format!("{RED}error:{RED:#} {}\n", clean_lines(message))
}

fn hint(help: &str) -> String {
    format!("       {DIM}{help}{DIM:#}\n")
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Config(diagnostics)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<io::Error> for Failure {
    /// A reader that has seen enough (`fanfare … | head`) is not an error worth a message.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Reported } else { Self::Failed(error.into()) }
    }
}
