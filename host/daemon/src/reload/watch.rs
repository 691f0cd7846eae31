//! Notices that files have changed. What has changed is found by reading them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache, new_debouncer,
    notify::{EventKind, RecommendedWatcher, RecursiveMode},
};
use tokio::sync::Notify;

use super::places::Places;

/// Editors and `cp` write in pieces, so a notification is sent only when a folder has been quiet for this long.
const QUIET: Duration = Duration::from_millis(150);

/// Which paths matter, shared with the watcher's thread, and what that noticed.
#[derive(Default)]
struct Relevant {
    /// As in [`Places`].
    names: BTreeSet<PathBuf>,
    whole: BTreeSet<PathBuf>,
    /// One of the names itself was affected. A folder that was removed and created again may look the same, inode
    /// included, but its watch is gone.
    moved: bool,
}

/// Watches folders, never files: when an editor saves by renaming, a file's watch would stay on the old file.
pub(super) struct Watch {
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    changed: Arc<Notify>,
    relevant: Arc<Mutex<Relevant>>,
    /// Which folder each watch is on. Another folder may have the same path by now.
    set: BTreeMap<PathBuf, Identity>,
}

/// Device and inode.
type Identity = (u64, u64);

/// The result of setting watches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Armed {
    /// A folder is newly watched, so changes in it until now went unnoticed.
    pub(super) anew: bool,
    /// The folders that should be watched and are not, with the reason.
    pub(super) unwatched: Vec<String>,
}

impl Watch {
    /// # Errors
    /// The system provides no watcher (for example, because too many are in use).
    pub(super) fn new() -> notify::Result<Self> {
        let changed = Arc::<Notify>::default();
        let relevant = Arc::<Mutex<Relevant>>::default();
        let (wake, seen) = (Arc::clone(&changed), Arc::clone(&relevant));
        let debouncer = new_debouncer(QUIET, None, move |result: DebounceEventResult| match result {
            Ok(events) => {
                let mut relevant = lock(&seen);
                // `any` would stop at the first, and each event may concern another folder.
                if events.iter().filter(|event| relevant.matters(event)).count() > 0 {
                    wake.notify_one();
                }
            }
            Err(errors) => {
                for error in errors {
                    tracing::warn!(%error, "cannot watch files for changes; they are compared every few seconds \
                                            instead");
                }
                wake.notify_one();
            }
        })?;
        Ok(Self { debouncer, changed, relevant, set: BTreeMap::new() })
    }

    /// Replaces the watched places by these. Blocking.
    pub(super) fn set(&mut self, places: &Places) -> Armed {
        let moved = {
            let mut relevant = lock(&self.relevant);
            relevant.names.clone_from(&places.names);
            relevant.whole.clone_from(&places.whole);
            std::mem::take(&mut relevant.moved)
        };
        let mut armed = Armed::default();
        let gone: Vec<_> = self
            .set
            .iter()
            .filter(|(path, was)| moved || !places.folders.contains(*path) || identity(path) != Some(**was))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.set.remove(&path);
            if let Err(error) = self.debouncer.unwatch(&path) {
                tracing::debug!(folder = %path.display(), %error, "the watch was already gone");
            }
        }
        for folder in &places.folders {
            if self.set.contains_key(folder) {
                continue;
            }
            // Before the watch is set: if another folder takes its place in between, the next call notices.
            let is = identity(folder);
            match (self.debouncer.watch(folder, RecursiveMode::NonRecursive), is) {
                (Ok(()), Some(is)) => {
                    self.set.insert(folder.clone(), is);
                    armed.anew = true;
                }
                (Ok(()), None) => armed.anew = true,
                (Err(error), _) if places.needed.contains(folder) => {
                    // The message has the path already.
                    let reason = notify::Error { paths: vec![], ..error };
                    armed.unwatched.push(format!("{}: {reason}", folder.display()));
                }
                (Err(error), _) => tracing::debug!(folder = %folder.display(), %error, "cannot watch an optional \
                                                                                        folder"),
            }
        }
        armed
    }

    /// Resolves when something has changed since the last call.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

fn identity(folder: &Path) -> Option<Identity> {
    fs::metadata(folder).ok().map(|found| (found.dev(), found.ino()))
}

fn lock(relevant: &Mutex<Relevant>) -> MutexGuard<'_, Relevant> {
    relevant.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Relevant {
    /// Whether an event may change what runs. Reading does not count, because a reload reads. Neither does the journal,
    /// which may be in the same folder. Otherwise each reload would cause the next.
    fn matters(&mut self, event: &DebouncedEvent) -> bool {
        // So much has happened that the system lost events.
        if event.need_rescan() {
            return true;
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return false;
        }
        let named = event.paths.iter().any(|path| self.names.contains(path));
        self.moved |= named;
        let plugin = |path: &PathBuf| {
            let extension = path.extension();
            extension.is_some_and(|extension| extension.eq_ignore_ascii_case("wasm") || extension == "toml")
        };
        // Kubernetes updates a mounted configuration by replacing a link named `..data`.
        let dots = |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
        let inside = |path: &PathBuf| path.parent().is_some_and(|folder| self.whole.contains(folder));
        named || event.paths.iter().any(|path| plugin(path) || dots(path) || inside(path))
    }
}
