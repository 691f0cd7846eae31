//! Why a file is not a valid plugin.

use crate::{exports, limits};

/// Why a file is not a valid plugin, for whoever put it there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("the file is empty; build it or copy it again")]
    Empty,
    #[error("the file is {size} bytes long; a plugin may have at most {} MiB", limits::WASM >> 20)]
    TooLarge { size: usize },
    #[error(
        "the file is not Wasm: it starts with {0}, not with `\\0asm`; a plugin is a .wasm file, as `fanfare plugin \
         build` makes it"
    )]
    NotWasm(String),
    #[error("the file is incomplete: {0}; was it still being copied?")]
    Truncated(String),
    #[error(
        "the file has {count} {what} with {bytes} bytes of names; it may have {} with {} KiB: build it with only \
         those that it needs",
        limits::NAMES,
        limits::NAME_BYTES >> 10
    )]
    TooManyNames { what: &'static str, count: usize, bytes: usize },
    #[error("the file does not compile: {0}")]
    Invalid(String),
    #[error("the file is too expensive: {0}")]
    TooCostly(String),
    #[error(
        "no kind of channel: the file exports {}, and a channel exports `{}`, `{}`, `{}`, `{}`, `{}` or `{}`; a stage \
         exports `{}`. It imports {}",
        list(exports),
        exports::HANDLER,
        exports::BATCH_HANDLER,
        exports::EXCHANGE,
        exports::BATCH_EXCHANGE,
        exports::INCOMING_HANDLER,
        exports::RUN,
        exports::STAGE,
        list(imports)
    )]
    NoKind { exports: Vec<String>, imports: Vec<String> },
    #[error(
        "the file is a core module and not a component. It could only be a program, which exports `{}`, but it exports \
         {} and imports {}; {}",
        exports::START,
        list(exports),
        list(imports),
        if *unwrapped {
            "it was made for a WIT world, so wrap it with `fanfare plugin build` or `wasm-tools component new`"
        } else {
            "build a component with `fanfare plugin build`, or a program for WASI"
        }
    )]
    NoCommand { exports: Vec<String>, imports: Vec<String>, unwrapped: bool },
    #[error("the file does not link with this host: {0}")]
    Link(String),
    #[error("the file links but does not start: {0}")]
    Start(String),
    #[error("the file could not be compiled because of a fault of the host: {0}")]
    Host(String),
}

/// The error for bytes that do not compile.
pub(crate) fn invalid(reason: String) -> LoadError {
    if reason.contains("unexpected end") || reason.contains("out of bounds (bound") {
        LoadError::Truncated(reason)
    } else {
        LoadError::Invalid(reason)
    }
}

fn list(names: &[String]) -> String {
    let more = names.len().saturating_sub(LISTED);
    match names {
        [] => "nothing".to_owned(),
        _ => {
            let shown = |name: &String| match limits::cut(name, limits::LISTED_NAME) {
                whole if whole.len() == name.len() => format!("`{name}`"),
                cut => format!("`{cut}…`"),
            };
            let listed = names.iter().take(LISTED).map(shown).collect::<Vec<_>>().join(", ");
            if more > 0 { format!("{listed} and {more} more") } else { listed }
        }
    }
}

/// How many names a message lists.
const LISTED: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut() {
        assert_eq!(list(&["x".repeat(200), "y".to_owned()]), format!("`{}…`, `y`", "x".repeat(120)));
    }
}
