//! Where the commands keep compiled plugins: one folder for each user, so that a file is compiled once and not by each
//! command.
//!
//! What lies there is run as native code, so nobody else may be able to put anything there: the folder itself is this
//! user's and closed to others (the runtime sees to that), and none of the folders above it may be one in which
//! somebody else could put another in its place.

use std::{
    env, fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use fanfare_runtime::CacheOptions;

/// Of all compiled code together. An author compiles a new version every few minutes, and one of Python takes 60 MB.
const MOST: u64 = 1 << 30;

/// The folder that `XDG_CACHE_HOME` or `HOME` leads to; `None` where neither does.
fn folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("fanfare/compiled"))
}

/// The cache, if this machine has a place for it.
pub(super) fn cache() -> Option<CacheOptions> {
    let dir = folder(|name| env::var_os(name).map(PathBuf::from))?;
    match guarded(&dir) {
        Ok(dir) => Some(CacheOptions { dir, most: Some(MOST) }),
        Err(reason) => {
            tracing::warn!(folder = %dir.display(), "compiled plugins are not kept: {reason}");
            None
        }
    }
}

/// The folder by its real path, made if it is not there.
///
/// # Errors
/// Why it cannot be, or who else could put another in its place.
fn guarded(dir: &Path) -> io::Result<PathBuf> {
    let above = dir.parent().unwrap_or(dir);
    fs::create_dir_all(above)?;
    let above = fs::canonicalize(above)?;
    let ours = rustix::process::geteuid().as_raw();
    for folder in above.ancestors() {
        let meta = fs::metadata(folder)?;
        // In a folder with the sticky bit, as /tmp has, nobody can move what is another's.
        let sticky = meta.mode() & 0o1000 != 0;
        if !(sticky || meta.mode() & 0o022 == 0) || !(meta.uid() == ours || meta.uid() == 0) {
            let folder = folder.display();
            return Err(io::Error::other(format!(
                "others may write to {folder}; `chmod go-w {folder}`, or name another place by XDG_CACHE_HOME"
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
