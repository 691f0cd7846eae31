//! The plugins' folder: every `<name>.wasm` in it is a plugin, and a `<name>.toml` beside it is its sidecar.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::{SidecarText, Source, digest};
use crate::config::{PluginRef, units};

/// Larger files are not read. The largest language runtimes (Python, JavaScript) make plugins of 20 MB.
pub const LARGEST_PLUGIN: u64 = 32 << 20;
/// The limit for all files together, which are in memory while they are compared with what runs.
const LARGEST_FOLDER: usize = 512 << 20;
/// Parsing a sidecar takes some hundred times its size for a moment.
const LARGEST_SIDECAR: u64 = 256 << 10;

/// The content of the folder.
#[derive(Debug, Default)]
pub struct Folder {
    pub sources: BTreeMap<PluginRef, Source>,
    /// Files that could not be read, with the reason. Each still counts as a plugin.
    pub unreadable: BTreeMap<PluginRef, Unreadable>,
}

#[derive(Debug)]
pub struct Unreadable {
    pub file: PathBuf,
    pub reason: String,
    /// A passing failure of the system (for example, too many open files).
    pub passing: bool,
}

/// Whether a file is a plugin, by its name.
#[must_use]
pub fn is_plugin(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wasm"))
}

/// The path of a plugin's sidecar, whether or not it exists.
#[must_use]
pub fn sidecar(plugin: &Path) -> PathBuf {
    plugin.with_extension("toml")
}

/// Reads the whole folder. Ignores subfolders and other files. Blocking.
///
/// # Errors
/// The folder itself cannot be listed.
pub fn scan(dir: &Path) -> io::Result<Folder> {
    scan_within(dir, LARGEST_FOLDER)
}

/// The same with another limit for all files together, in bytes.
fn scan_within(dir: &Path, largest: usize) -> io::Result<Folder> {
    let mut folder = Folder::default();
    let root = fs::canonicalize(dir)?;
    // Names that differ only in case are one file on some systems, and confuse people on all.
    let mut spellings: BTreeMap<String, Vec<(PluginRef, PathBuf)>> = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        let file = entry?.path();
        if !is_plugin(&file) {
            continue;
        }
        let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else {
            // Escaped, so that a file name cannot forge a line of the log.
            tracing::warn!(?file, "ignoring a file: a plugin's file name must be UTF-8");
            continue;
        };
        if !file.is_dir() {
            spellings.entry(stem.to_lowercase()).or_default().push((PluginRef::File(stem), file));
        }
    }
    let mut total = 0;
    for (_, files) in spellings {
        if let [(_, first), (_, second), ..] = files.as_slice() {
            let reason = format!(
                "two files have this name, {} and {}; remove one",
                first.file_name().unwrap_or_default().display(),
                second.file_name().unwrap_or_default().display()
            );
            for (name, file) in files {
                folder.unreadable.insert(name, Unreadable { file, reason: reason.clone(), passing: false });
            }
            continue;
        }
        for (name, file) in files {
            match read(&root, &name, &file) {
                Ok(Some(source)) if total + source.wasm.len() > largest => {
                    let largest = units::show_size(largest as u64);
                    let reason = format!("the files of the folder exceed {largest}; remove some");
                    folder.unreadable.insert(name, Unreadable { file, reason, passing: false });
                }
                Ok(Some(source)) => {
                    total += source.wasm.len();
                    folder.sources.insert(name, source);
                }
                Ok(None) => {}
                Err(error) => {
                    let reason = format!("it could not be read: {error}");
                    let passing = error.raw_os_error().is_some() && error.kind() != io::ErrorKind::PermissionDenied;
                    folder.unreadable.insert(name, Unreadable { file, reason, passing });
                }
            }
        }
    }
    Ok(folder)
}

/// `None` if the file was removed between listing and reading.
fn read(root: &Path, name: &PluginRef, file: &Path) -> io::Result<Option<Source>> {
    let Some(wasm) = read_capped(root, file, LARGEST_PLUGIN)? else { return Ok(None) };
    let sidecar_file = sidecar(file);
    let sidecar = match read_capped(root, &sidecar_file, LARGEST_SIDECAR)? {
        None => None,
        Some(bytes) => {
            let text = String::from_utf8(bytes)
                .map_err(|_| io::Error::other(format!("{} is not UTF-8; save it in UTF-8", sidecar_file.display())))?;
            Some(SidecarText { file: sidecar_file, text })
        }
    };
    let digest = digest(&wasm);
    Ok(Some(Source { name: name.clone(), file: Some(file.to_owned()), digest, wasm: wasm.into(), sidecar }))
}

fn read_capped(root: &Path, file: &Path, cap: u64) -> io::Result<Option<Vec<u8>>> {
    let real = match fs::canonicalize(file) {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Some deploy tools replace files atomically through links within the folder. A link to the outside would let
    // anyone who can write here make the daemon read files that they cannot.
    if !real.starts_with(root) {
        return Err(io::Error::other(format!("{} is a link to a file outside the folder", file.display())));
    }
    // Neither a pipe, which would block, nor a link that was created meanwhile.
    let mut opened = fs::OpenOptions::new()
        .read(true)
        .custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed())
        .open(&real)?;
    let before = opened.metadata()?;
    if !before.is_file() {
        return Err(io::Error::other(format!("{} is not a regular file", file.display())));
    }
    if before.len() > cap {
        return Err(io::Error::other(format!("{} is larger than {}", file.display(), units::show_size(cap))));
    }
    let mut bytes = Vec::new();
    (&mut opened).take(cap + 1).read_to_end(&mut bytes)?;
    let after = opened.metadata()?;
    if bytes.len() as u64 != after.len() || after.len() != before.len() || after.modified()? != before.modified()? {
        return Err(io::Error::other(format!("{} changed while it was read; it will be read again", file.display())));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wasm_file_is_a_plugin_and_other_files_are_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("a.wasm"), b"A").unwrap();
        fs::write(at("a.toml"), "retries = 1").unwrap();
        fs::write(at("b.wasm"), b"B").unwrap();
        fs::write(at("bad.wasm"), b"C").unwrap();
        fs::write(at("bad.toml"), b"\xff").unwrap();
        fs::write(at("notes.txt"), b"").unwrap();
        fs::create_dir(at("folder.wasm")).unwrap();

        let folder = scan(dir.path()).unwrap();
        let names: Vec<_> = folder.sources.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(folder.sources[&PluginRef::File("a".into())].sidecar.as_ref().unwrap().text, "retries = 1");
        assert!(folder.unreadable[&PluginRef::File("bad".into())].reason.contains("bad.toml is not UTF-8"));
        assert!(scan(&at("nowhere")).is_err());
    }

    #[test]
    fn files_past_their_size_or_that_of_the_folder_are_not_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let sized = |name: &str, size: u64| {
            fs::File::create(dir.path().join(name)).unwrap().set_len(size).unwrap();
        };
        sized("a.wasm", 600);
        sized("b.wasm", 600);
        sized("c.wasm", 400);
        sized("plugin.wasm", LARGEST_PLUGIN + 1);
        sized("sidecar.wasm", 1);
        sized("sidecar.toml", LARGEST_SIDECAR + 1);
        let folder = scan_within(dir.path(), 1_000).unwrap();
        let names: Vec<_> = folder.sources.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["a", "c"]);
        let reason = |name: &str| folder.unreadable[&PluginRef::File(name.into())].reason.clone();
        assert_eq!(reason("b"), "the files of the folder exceed 1000B; remove some");
        assert!(reason("plugin").ends_with("plugin.wasm is larger than 32MiB"), "{}", reason("plugin"));
        assert!(reason("sidecar").ends_with("sidecar.toml is larger than 256KiB"), "{}", reason("sidecar"));
    }

    #[test]
    fn two_files_with_one_name_and_a_link_to_the_outside_are_rejected() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| dir.path().join(name);
        for name in ["Slack.wasm", "slack.wasm", "real.bin"] {
            fs::write(at(name), b"A").unwrap();
        }
        fs::write(other.path().join("secret"), b"S").unwrap();
        std::os::unix::fs::symlink(at("real.bin"), at("inside.wasm")).unwrap();
        std::os::unix::fs::symlink(other.path().join("secret"), at("outside.wasm")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dangling.wasm")).unwrap();
        let folder = scan(dir.path()).unwrap();
        let names: Vec<_> = folder.sources.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["inside"]);
        let reason = |name: &str| folder.unreadable[&PluginRef::File(name.into())].reason.clone();
        assert!(reason("outside").contains("outside the folder"));
        assert!(reason("Slack").contains("two files have this name") && reason("slack").contains("remove one"));
        assert_eq!(folder.unreadable.len(), 3);
    }
}
