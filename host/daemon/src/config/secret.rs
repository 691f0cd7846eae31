//! Secrets, which a configuration names and never contains.

use std::{fmt, fs, io::Read as _, path::Path};

use super::{Sources, paths, reader::Field};

/// A secret's text. It is never shown: not by `Debug`, not in a message, not in a snippet.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
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

/// No key is larger; a larger file must be the wrong one.
const LARGEST: u64 = 64 << 10;

/// Reads `env:NAME`, `file:PATH` or `credential:NAME` and fetches the secret.
pub(super) fn read(field: &Field<'_>, sources: &Sources<'_>) -> Option<Secret> {
    let text = field.text().or_else(|| {
        field.mask();
        None
    })?;
    let fetched = match text.split_once(':') {
        Some(("env", name)) => from_env(name, sources),
        Some(("file", path)) => from_file(path, sources.dir),
        Some(("credential", name)) => from_credential(name, sources),
        _ => {
            // It may be the secret itself.
            field.mask();
            field.problem("must name where the secret is, not contain it", REFERENCE_HELP);
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

const REFERENCE_HELP: &str = "write \"env:NAME\" for an environment variable, \"file:PATH\" for a file or \
                              \"credential:NAME\" for one that systemd loads";

/// Where systemd puts what `LoadCredential=` names.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

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

/// What systemd loads for the service: a file that only the service can read.
fn from_credential(name: &str, sources: &Sources<'_>) -> Result<String, (String, &'static str)> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err((format!("{name:?} is not the name of a credential"), REFERENCE_HELP));
    }
    let Some(folder) = (sources.env)(CREDENTIALS).filter(|folder| !folder.is_empty()) else {
        return Err((
            format!("the credential {name} is not there: {CREDENTIALS} is not set"),
            "start the daemon by systemd, with `LoadCredential=` in its unit; elsewhere, use \"file:PATH\"",
        ));
    };
    from_file(name, Path::new(&folder)).map_err(|(message, _)| {
        (message, "add `LoadCredential=NAME:/path/of/the/secret` to the unit, and restart the daemon")
    })
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
        return Err(failed(&"it is larger than 64KiB"));
    }
    match text.trim() {
        "" => Err((format!("the file {} is empty", path.display()), "put the secret into it")),
        secret => Ok(secret.to_owned()),
    }
}
