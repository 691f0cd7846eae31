//! The caches of compiled plugins. The commands that need no configuration have one folder per user; the daemon has its
//! own, `plugins.cache`, and copies from the user's what they have compiled already. So a file is compiled once.
//!
//! Cached code is run natively, so no other user may be able to write to it. The runtime ensures that the folder
//! belongs to this user and is closed to others. Here, the folders above it are checked: nobody else may be able to
//! replace one of them.

use std::{
    env, fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use fanfare_runtime::CacheOptions;

use crate::config::Plugins;

/// The limit on all compiled code. An author compiles a new version every few minutes, and a Python plugin takes 60 MB.
const MOST: u64 = 1 << 30;

/// The folder given by `XDG_CACHE_HOME` or `HOME`. `None` if neither is set.
fn folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("fanfare/compiled"))
}

/// The user's folder.
fn users() -> Option<PathBuf> {
    folder(|name| env::var_os(name).map(PathBuf::from))
}

/// The daemon's cache. `fanfare check` uses it too.
#[must_use]
pub fn of_daemon(plugins: &Plugins) -> CacheOptions {
    let also = users().filter(|dir| dir.is_dir()).and_then(|dir| guarded(&dir).ok());
    CacheOptions { also, ..CacheOptions::new(plugins.cache.clone()) }
}

/// The cache of the commands that need no configuration, if this machine has a suitable folder.
#[must_use]
pub fn of_commands() -> Option<CacheOptions> {
    let dir = users()?;
    match guarded(&dir) {
        Ok(dir) => Some(CacheOptions { most: Some(MOST), ..CacheOptions::new(dir) }),
        Err(reason) => {
            tracing::warn!(folder = %dir.display(), "compiled plugins are not kept: {reason}");
            None
        }
    }
}

/// Creates the folder if it is missing, and returns its real path.
///
/// # Errors
/// The folder cannot be created, or another user could replace it.
fn guarded(dir: &Path) -> io::Result<PathBuf> {
    let above = dir.parent().unwrap_or(dir);
    fs::create_dir_all(above)?;
    let above = fs::canonicalize(above)?;
    let ours = rustix::process::geteuid().as_raw();
    for folder in above.ancestors() {
        let meta = fs::metadata(folder)?;
        // In a folder with the sticky bit, such as /tmp, users cannot move the files of others.
        let sticky = meta.mode() & 0o1000 != 0;
        if !(sticky || meta.mode() & 0o022 == 0) || !(meta.uid() == ours || meta.uid() == 0) {
            let folder = folder.display();
            return Err(io::Error::other(format!(
                "others may write to {folder}; `chmod go-w {folder}`, or name another place with XDG_CACHE_HOME"
            )));
        }
    }
    Ok(above.join(dir.file_name().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_folder_is_where_the_environment_says() {
        let folder = |cache: Option<&str>, home: Option<&str>| {
            folder(|name| if name == "HOME" { home } else { cache }.map(PathBuf::from))
        };
        assert_eq!(folder(Some("/c"), Some("/h")), Some("/c/fanfare/compiled".into()));
        assert_eq!(folder(Some("relative"), Some("/h")), Some("/h/.cache/fanfare/compiled".into()));
        assert_eq!(folder(Some(""), Some("/h")), Some("/h/.cache/fanfare/compiled".into()));
        assert_eq!(folder(None, None), None);
    }

    #[test]
    fn a_folder_that_somebody_else_could_replace_is_not_used() {
        let home = tempfile::tempdir().unwrap();
        let open = |mode: u32| fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
        let dir = home.path().join("deep/fanfare");
        assert!(guarded(&dir).unwrap().ends_with("deep/fanfare"));
        for (mode, said) in [(0o777, true), (0o770, true), (0o1777, false), (0o755, false)] {
            open(mode);
            let refused = guarded(&dir).err().map(|error| error.to_string());
            assert_eq!(refused.is_some_and(|error| error.contains("others may write to")), said, "{mode:o}");
        }
        open(0o700);
        fs::write(home.path().join("file"), "").unwrap();
        assert!(guarded(&home.path().join("file/fanfare")).is_err());
    }
}
