//! The plugins' folder: every `<name>.wasm` in it is a plugin, a `<name>.toml` beside it its sidecar.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{SidecarText, Source, digest};
use crate::config::PluginRef;

/// Larger files are not read: the heaviest engines (Python, JavaScript) make plugins of 20 MB.
pub const LARGEST_PLUGIN: u64 = 64 << 20;
const LARGEST_SIDECAR: u64 = 1 << 20;

/// What is in the folder now.
#[derive(Debug, Default)]
pub struct Folder {
    pub sources: BTreeMap<PluginRef, Source>,
    /// Files that could not be read, with the reason; they stand for a plugin all the same.
    pub unreadable: BTreeMap<PluginRef, Unreadable>,
}

#[derive(Debug)]
pub struct Unreadable {
    pub file: PathBuf,
    pub reason: String,
}

/// Reads the whole folder. Subfolders and other files are passed over. Blocking.
///
/// # Errors
/// When the folder itself cannot be listed.
pub fn scan(dir: &Path) -> io::Result<Folder> {
    let mut folder = Folder::default();
    for entry in fs::read_dir(dir)? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else {
            tracing::warn!(file = %file.display(), "passed over: a plugin's file name must be UTF-8");
            continue;
        };
        let name = PluginRef::File(stem);
        match read(&name, &file) {
            Ok(Some(source)) => drop(folder.sources.insert(name, source)),
            Ok(None) => {}
            Err(error) => {
                let reason = format!("it could not be read: {error}");
                folder.unreadable.insert(name, Unreadable { file, reason });
            }
        }
    }
    Ok(folder)
}

/// `None` for a file that went away between listing and reading, or is a folder.
fn read(name: &PluginRef, file: &Path) -> io::Result<Option<Source>> {
    let Some(wasm) = read_capped(file, LARGEST_PLUGIN)? else { return Ok(None) };
    let sidecar_file = file.with_extension("toml");
    let sidecar = match read_capped(&sidecar_file, LARGEST_SIDECAR)? {
        None => None,
        Some(bytes) => {
            let text = String::from_utf8(bytes)
                .map_err(|_| io::Error::other(format!("{} is not UTF-8", sidecar_file.display())))?;
            Some(SidecarText { file: sidecar_file, text })
        }
    };
    let digest = digest(&wasm);
    Ok(Some(Source { name: name.clone(), file: Some(file.to_owned()), digest, wasm: wasm.into(), sidecar }))
}

fn read_capped(file: &Path, cap: u64) -> io::Result<Option<Vec<u8>>> {
    let metadata = match fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if metadata.is_dir() {
        return Ok(None);
    }
    if metadata.len() > cap {
        return Err(io::Error::other(format!("{} is larger than {} MiB", file.display(), cap >> 20)));
    }
    fs::read(file).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wasm_file_is_a_plugin_and_the_rest_is_passed_over() {
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
}
