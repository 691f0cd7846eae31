//! Compiled plugins on disk, so that a restart does not compile again.
//!
//! An entry is native code that this process will run. So only this user may access the folder, and an entry is used
//! only if the digest stored with it matches: that detects torn writes and bad disks, which the engine's own header
//! check would not. The key covers the file's bytes and every engine setting that the code depends on.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, Module, component::Component};

use crate::image::Image;

/// Why a folder cannot be the cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("the cache folder {} cannot be used: {reason}", path.display())]
    Unusable { path: PathBuf, reason: io::Error },
    #[error(
        "other users can access the cache folder {}, whose files run as native code: `chmod 700` it, or set another \
         folder",
        path.display()
    )]
    Open { path: PathBuf },
    #[error("the cache folder {} belongs to another user: set a folder of this user", path.display())]
    Foreign { path: PathBuf },
}

/// The cache of compiled code.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// The folder is made accessible to this user only, and must stay so: its contents run as native code.
    pub dir: PathBuf,
    /// The maximum bytes to keep; beyond it, the least recently used entries are removed. `None` keeps everything.
    pub most: Option<u64>,
    /// The cache of another process of this user, to copy entries from. Ignored if it does not exist, or if other users
    /// can access it.
    pub also: Option<PathBuf>,
}

impl CacheOptions {
    /// A cache that keeps everything, and copies from no other.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, most: None, also: None }
    }
}

pub(crate) struct Cache {
    dir: PathBuf,
    most: Option<u64>,
    also: Option<PathBuf>,
    /// Identifies the engine's version, target and settings.
    engine: String,
}

impl Cache {
    pub(crate) fn open(options: CacheOptions, engine: &Engine) -> Result<Self, CacheError> {
        let CacheOptions { dir, most, also } = options;
        let unusable = |reason| CacheError::Unusable { path: dir.clone(), reason };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(unusable)?;
        let meta = fs::metadata(&dir).map_err(unusable)?;
        if meta.mode() & 0o077 != 0 {
            return Err(CacheError::Open { path: dir });
        }
        // Creating a file shows both the current user and whether the folder is writable.
        let probe = temporary(&dir);
        let owner = create(&probe).and_then(|file| file.metadata()).map_err(unusable)?.uid();
        fs::remove_file(&probe).map_err(unusable)?;
        if owner != meta.uid() {
            return Err(CacheError::Foreign { path: dir });
        }
        // As for the folder itself, but one that cannot be used only costs time.
        let is_own = |dir: &PathBuf| {
            fs::metadata(dir).is_ok_and(|meta| meta.is_dir() && meta.mode() & 0o077 == 0 && meta.uid() == owner)
        };
        let also = also.filter(|also| *also != dir).filter(is_own);
        Ok(Self { dir, most, also, engine: compatibility(engine) })
    }

    /// Whether there is an entry for this file.
    pub(crate) fn has(&self, wasm: &[u8]) -> bool {
        let digest = hex(&Sha256::digest(wasm));
        std::iter::once(&self.dir).chain(&self.also).any(|dir| self.path_in(dir, &digest).exists())
    }

    /// Waits until no other process compiles this file. The result stops others until it is dropped. `None` if the
    /// folder has no locks; then several may compile it. Blocking.
    pub(crate) fn lock(&self, digest: &str) -> Option<Lock> {
        let path = self.dir.join(format!(".{digest}.lock"));
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).ok()?;
        file.lock().ok()?;
        Some(Lock { path, _file: file })
    }

    /// The compiled form of the file with this digest; `None` if it is missing or damaged.
    pub(crate) fn get(&self, engine: &Engine, digest: &str, is_module: bool) -> Option<Image> {
        let path = self.path(digest);
        if !path.exists()
            && let Some(also) = &self.also
        {
            self.put(digest, &read(&self.path_in(also, digest))?);
        }
        read(&path)?;
        match of_file(engine, &path, is_module) {
            Ok(image) => {
                if self.most.is_some() {
                    used(&path);
                }
                Some(image)
            }
            Err(reason) => {
                let (path, reason) = (path.display(), format!("{reason:#}"));
                tracing::warn!(%path, reason, "a compiled plugin in the cache is unusable: compiling it again");
                None
            }
        }
    }

    /// Stores a compiled file. A failure only costs time at the next start, so it is logged.
    pub(crate) fn put(&self, digest: &str, code: &[u8]) {
        let keep = || -> io::Result<()> {
            let path = self.path(digest);
            replace(&path, code)?;
            replace(&path.with_extension("sha256"), hex(&Sha256::digest(code)).as_bytes())?;
            self.most.map_or(Ok(()), |most| self.shrink(most, &path))
        };
        if let Err(reason) = keep() {
            tracing::warn!(dir = %self.dir.display(), %reason, "a compiled plugin could not be stored in the cache");
        }
    }

    /// Removes the least recently used entries until the rest is within `most`; keeps `newest`. Entries that other
    /// processes have mapped stay mapped.
    fn shrink(&self, most: u64, newest: &Path) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "cwasm") && path != newest {
                // Another process may have removed it meanwhile.
                entries
                    .extend(fs::metadata(&path).ok().and_then(|meta| Some((meta.modified().ok()?, meta.len(), path))));
            }
        }
        entries.sort();
        let mut sum = fs::metadata(newest)?.len() + entries.iter().map(|(_, size, _)| size).sum::<u64>();
        for (_, size, path) in entries {
            if sum <= most {
                break;
            }
            sum -= size;
            tracing::debug!(path = %path.display(), size, "removing a compiled plugin from the cache");
            drop(fs::remove_file(path.with_extension("sha256")));
            drop(fs::remove_file(path));
        }
        Ok(())
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.path_in(&self.dir, digest)
    }

    fn path_in(&self, dir: &Path, digest: &str) -> PathBuf {
        dir.join(format!("{digest}-{}.cwasm", self.engine))
    }
}

/// The right to compile a file.
pub(crate) struct Lock {
    path: PathBuf,
    _file: fs::File,
}

impl Drop for Lock {
    /// If another process still waits with the removed file, one more may compile at the same time, which only costs
    /// time.
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

/// Compiled code, if its digest matches.
fn read(path: &Path) -> Option<Vec<u8>> {
    let code = fs::read(path).ok()?;
    let sum = fs::read_to_string(path.with_extension("sha256")).ok()?;
    if sum != hex(&Sha256::digest(&code)) {
        tracing::warn!(path = %path.display(), "a compiled plugin in the cache is damaged: compiling it again");
        return None;
    }
    Some(code)
}

/// Marks an entry as used now. On failure it is merely removed sooner.
fn used(path: &Path) {
    #[allow(clippy::disallowed_methods, reason = "the time of a file, and no decision about an event")]
    let now = std::time::SystemTime::now();
    drop(fs::File::options().append(true).open(path).and_then(|file| file.set_modified(now)));
}

/// Maps compiled code into memory.
#[allow(unsafe_code, reason = "running compiled code is what a cache is for; the argument stands at the block")]
fn of_file(engine: &Engine, path: &Path, is_module: bool) -> wasmtime::Result<Image> {
    // SAFETY: the file must be what the compiler produced and must not change while it is mapped. It is in a folder
    // that only this user can enter (checked when it was opened), `put` placed it there with one rename, it is never
    // written in place, and its digest has just been compared. Anyone who can violate that can already run code as this
    // user.
    unsafe {
        Ok(match is_module {
            true => Image::Module(Module::deserialize_file(engine, path)?),
            false => Image::Component(Component::deserialize_file(engine, path)?),
        })
    }
}

/// Loads the compiler's output.
#[allow(unsafe_code, reason = "running compiled code is what it was compiled for; the argument stands at the block")]
pub(crate) fn of_compiled(engine: &Engine, code: &[u8], is_module: bool) -> wasmtime::Result<Image> {
    // SAFETY: the bytes must be what the compiler produced. They come from the compiler in this process, or over a pipe
    // from a child process that runs this same program as this user.
    unsafe {
        Ok(match is_module {
            true => Image::Module(Module::deserialize(engine, code)?),
            false => Image::Component(Component::deserialize(engine, code)?),
        })
    }
}

/// Writes a file completely or not at all.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path.parent().unwrap_or(Path::new(".")));
    let write = || {
        create(&temporary)?.write_all(bytes)?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))
}

fn create(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn temporary(dir: &Path) -> PathBuf {
    dir.join(format!(".{:016x}.tmp", fastrand::u64(..)))
}

fn compatibility(engine: &Engine) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_entry_leaves_a_full_cache() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let engine = crate::engine::for_compiling().unwrap();
        let cache =
            Cache::open(CacheOptions { most: Some(250), ..CacheOptions::new(dir.path().to_owned()) }, &engine).unwrap();
        let there = || {
            ["a", "b", "c"]
                .map(|digest| cache.path(digest).exists() && cache.path(digest).with_extension("sha256").exists())
        };
        for (age, digest) in [(200, "a"), (100, "b")] {
            cache.put(digest, &[0; 100]);
            let file = fs::File::options().append(true).open(cache.path(digest)).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            file.set_modified(now - std::time::Duration::from_secs(age)).unwrap();
        }
        assert_eq!(there(), [true, true, false]);
        used(&cache.path("a"));
        cache.put("c", &[0; 100]);
        assert_eq!(there(), [true, false, true]);
        cache.put("b", &[0; 1000]);
        assert_eq!(there(), [false, true, false], "one alone may be larger");
    }

    #[test]
    fn only_one_process_at_a_time_may_compile_a_file() {
        let dir = private();
        let engine = crate::engine::for_compiling().unwrap();
        let cache = Cache::open(CacheOptions::new(dir.path().to_owned()), &engine).unwrap();
        let first = cache.lock("a").unwrap();
        let other = fs::File::open(&first.path).unwrap();
        assert!(other.try_lock().is_err(), "the first one has it");
        drop(first);
        assert!(other.try_lock().is_ok());
        assert!(cache.lock("a").is_some() && cache.lock("b").is_some());
    }

    #[test]
    fn another_cache_is_only_used_if_it_is_closed_to_other_users() {
        let (own, commands) = (private(), private());
        let engine = crate::engine::for_compiling().unwrap();
        let open = |dir: &tempfile::TempDir, also: &tempfile::TempDir| {
            let options =
                CacheOptions { also: Some(also.path().to_owned()), ..CacheOptions::new(dir.path().to_owned()) };
            Cache::open(options, &engine).unwrap()
        };
        let wasm = b"a file";
        let digest = hex(&Sha256::digest(wasm));
        Cache::open(CacheOptions::new(commands.path().to_owned()), &engine).unwrap().put(&digest, b"code");
        assert!(open(&own, &commands).has(wasm));
        fs::set_permissions(commands.path(), std::os::unix::fs::PermissionsExt::from_mode(0o750)).unwrap();
        assert!(!open(&own, &commands).has(wasm));
    }

    fn private() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        dir
    }
}
