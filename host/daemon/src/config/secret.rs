//! Secrets, which a configuration names and never holds.

use std::{fmt, fs, io::Read as _, path::Path};

use super::{Sources, paths, reader::Field};

/// A secret's text. It is never shown: not by `Debug`, not in a message, not in a snippet.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// More than any key has: a file above this is not the one that was meant.
const LARGEST: u64 = 64 << 10;

/// Reads `env:NAME` or `file:PATH` and fetches what it names.
pub(super) fn read(field: &Field<'_>, sources: &Sources<'_>) -> Option<Secret> {
    let text = field.text().or_else(|| {
        field.mask();
        None
    })?;
    let fetched = match text.split_once(':') {
        Some(("env", name)) => from_env(name, sources),
        Some(("file", path)) => from_file(path, sources.dir),
        _ => {
            // Perhaps the secret itself.
            field.mask();
            field.problem("must name where the secret is, and not be the secret", REFERENCE_HELP);
            return None;
        }
    };
    match fetched {
        Ok(secret) => Some(Secret(secret)),
        Err((message, help)) => {
            field.problem(message, help);
            None
        }
    }
}

/// The same, or the text itself where it names no place.
pub(super) fn read_or_plain(field: &Field<'_>, sources: &Sources<'_>) -> Option<Secret> {
    let text = field.text()?;
    match text.starts_with("env:") || text.starts_with("file:") {
        true => read(field, sources),
        false => Some(Secret(text.to_owned())),
    }
}

const REFERENCE_HELP: &str = "write \"env:NAME\" for an environment variable or \"file:PATH\" for a file";

fn from_env(name: &str, sources: &Sources<'_>) -> Result<String, (String, &'static str)> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err((format!("{name:?} is not the name of an environment variable"), REFERENCE_HELP));
    }
    match (sources.env)(name) {
        Some(value) if !value.trim().is_empty() => Ok(value.trim().to_owned()),
        Some(_) => Err((format!("the environment variable {name} is empty"), "put the secret into it")),
        None => Err((
            format!("the environment variable {name} is not set"),
            "set it in the daemon's environment, or use \"file:PATH\"",
        )),
    }
}

fn from_file(path: &str, dir: &Path) -> Result<String, (String, &'static str)> {
    let path = paths::resolve(path, dir).map_err(|error| (format!("the path {error}"), REFERENCE_HELP))?;
    let failed = |error: &dyn fmt::Display| {
        (format!("the file {} cannot be read: {error}", path.display()), "the daemon's user must be able to read it")
    };
    // A pipe or a device could block or never end.
    let metadata = fs::metadata(&path).map_err(|error| failed(&error))?;
    if !metadata.is_file() {
        return Err(failed(&"it is not a regular file"));
    }
    let mut text = String::new();
    let file = fs::File::open(&path).map_err(|error| failed(&error))?;
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| failed(&error))?;
    if text.len() as u64 > LARGEST {
        return Err(failed(&"it is larger than 64KiB, which no key is"));
    }
    match text.trim() {
        "" => Err((format!("the file {} is empty", path.display()), "put the secret into it")),
        secret => Ok(secret.to_owned()),
    }
}
