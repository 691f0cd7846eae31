//! Secrets, which a configuration names and never contains.

use std::{fmt, fs, io::Read as _, path::Path};

use super::{Cause, Sources, paths, reader::Field};

/// A secret's text, on its way into the value that keeps it. It has no `Debug` and no `Display`, so that no message can
/// show it.
pub(super) struct SecretText(String);

impl SecretText {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// No key is larger; a larger file must be the wrong one.
const LARGEST: u64 = 64 << 10;

/// Reads `env:NAME`, `file:PATH` or `credential:NAME` and fetches the secret.
pub(super) fn read(field: &Field<'_>, sources: &Sources<'_>) -> Option<SecretText> {
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
        Ok(secret) => Some(SecretText(secret)),
        Err(Unread { message, help, cause }) => {
            field.problem_caused(cause, message, help);
            None
        }
    }
}

/// Why a secret cannot be read.
struct Unread {
    message: String,
    help: &'static str,
    cause: Cause,
}

impl Unread {
    fn new(message: String, help: &'static str) -> Self {
        Self { message, help, cause: Cause::Text }
    }

    fn outside(message: String, help: &'static str) -> Self {
        Self { message, help, cause: Cause::Environment }
    }
}

/// The same, or the text itself where it names no place.
pub(super) fn read_or_plain(field: &Field<'_>, sources: &Sources<'_>) -> Option<SecretText> {
    let text = field.text()?;
    match ["env:", "file:", "credential:"].iter().any(|place| text.starts_with(place)) {
        true => read(field, sources),
        false => Some(SecretText(text.to_owned())),
    }
}

const REFERENCE_HELP: &str = "write \"env:NAME\" for an environment variable, \"file:PATH\" for a file or \
                              \"credential:NAME\" for one that systemd loads";

/// Where systemd puts what `LoadCredential=` names.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

fn from_env(name: &str, sources: &Sources<'_>) -> Result<String, Unread> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(Unread::new(format!("{name:?} is not the name of an environment variable"), REFERENCE_HELP));
    }
    match (sources.env)(name) {
        Some(value) if !value.trim().is_empty() => Ok(value.trim().to_owned()),
        Some(_) => Err(Unread::outside(format!("the environment variable {name} is empty"), "put the secret into it")),
        None => Err(Unread::outside(format!("the environment variable {name} is not set"), UNSET_HELP)),
    }
}

/// A command sees other variables than a daemon that systemd or a container runs.
const UNSET_HELP: &str = "set it in the daemon's environment, or use \"file:PATH\"; the daemon's environment may \
                          differ from that of a command, and `fanfare status` shows what the daemon itself misses";

/// What systemd loads for the service: a file that only the service can read.
fn from_credential(name: &str, sources: &Sources<'_>) -> Result<String, Unread> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(Unread::new(format!("{name:?} is not the name of a credential"), REFERENCE_HELP));
    }
    let Some(folder) = (sources.env)(CREDENTIALS).filter(|folder| !folder.is_empty()) else {
        return Err(Unread::outside(
            format!("the credential {name} is not available: {CREDENTIALS} is not set"),
            "use `LoadCredential=` in the daemon's systemd unit; without systemd, use \"file:PATH\"; only the daemon \
             has its credentials, and `fanfare status` shows what it misses",
        ));
    };
    let help = "add `LoadCredential=NAME:/path/of/the/secret` to the unit, and restart the daemon";
    from_file(name, Path::new(&folder)).map_err(|unread| Unread { help, ..unread })
}

fn from_file(path: &str, dir: &Path) -> Result<String, Unread> {
    let path = paths::resolve(path, dir).map_err(|error| Unread::new(format!("the path {error}"), REFERENCE_HELP))?;
    let unread = |message: String, help: &'static str| Unread { message, help, cause: Cause::File(path.clone()) };
    let failed = |error: &dyn fmt::Display| {
        let message = format!("the file {} cannot be read: {error}", path.display());
        unread(message, "the daemon's user must be able to read it")
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
        "" => Err(unread(format!("the file {} is empty", path.display()), "put the secret into it")),
        secret => Ok(secret.to_owned()),
    }
}
