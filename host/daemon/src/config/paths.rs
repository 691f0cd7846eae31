//! Paths in a configuration are relative to its file, so that it does not matter where the daemon is started.

use std::path::{Path, PathBuf};

use super::reader::Field;

/// The folder of a configuration file; empty for the working folder.
pub(super) fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

pub(super) fn read(field: &Field<'_>, dir: &Path) -> Option<PathBuf> {
    field.parse("", |text| resolve(text, dir))
}

/// Rejects what a shell would have expanded: nobody means a folder named `~`.
pub(super) fn resolve(text: &str, dir: &Path) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        Err("must not be empty")
    } else if text.contains('\0') {
        Err("must not contain a NUL character")
    } else if text == "~" || text.starts_with("~/") {
        Err("`~` is not expanded here; write the full path")
    } else {
        Ok(dir.join(text))
    }
}
