//! What files look like from outside. Equal stamps stand for equal content, so nothing has to be read to see that nothing has
//! changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use super::places::Followed;
use crate::plugins::folder;

/// The files that are followed, and the folder with those in it that count, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps(BTreeMap<PathBuf, Stamp>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stamp {
    File {
        device: u64,
        inode: u64,
        length: u64,
        modified: (i64, i64),
        /// Seconds and nanoseconds. Unlike the time above, nobody can set it back.
        changed: (i64, i64),
    },
    /// A folder's times tell of every file that comes and goes, whether it counts or not.
    Folder {
        device: u64,
        inode: u64,
    },
    Unreadable(io::ErrorKind),
}

impl Stamps {
    /// Looks, following links as a reader would. Blocking.
    pub(super) fn of(followed: &Followed) -> Self {
        let Followed { config, plugins, schemas } = followed;
        let files = [config, plugins].into_iter().chain(schemas);
        let mut stamps: BTreeMap<_, _> = files.map(|file| (file.clone(), Stamp::of(file))).collect();
        match fs::read_dir(plugins) {
            Ok(entries) => {
                for file in entries.flatten().map(|entry| entry.path()).filter(|file| folder::is_plugin(file)) {
                    // That there is none is worth knowing too.
                    let sidecar = folder::sidecar(&file);
                    stamps.insert(sidecar.clone(), Stamp::of(&sidecar));
                    stamps.insert(file.clone(), Stamp::of(&file));
                }
            }
            Err(error) => drop(stamps.insert(plugins.clone(), Stamp::Unreadable(error.kind()))),
        }
        Self(stamps)
    }

    /// Of the configuration alone. Blocking, for as long as the system takes to look one file up.
    pub(super) fn of_config(config: &Path) -> Self {
        Self(BTreeMap::from([(config.to_owned(), Stamp::of(config))]))
    }

    /// How long it takes until the youngest of these files is `age` old. `None` when it is already.
    pub(super) fn ripens(&self, age: Duration, now: Timestamp) -> Option<Duration> {
        let missing = |stamp: &Stamp| {
            let Stamp::File { changed: (seconds, nanoseconds), .. } = stamp else { return None };
            let changed = Timestamp::new(*seconds, i32::try_from(*nanoseconds).ok()?).ok()?;
            // A time to come is a clock that was set: the pause is then as long as it can be.
            let old = Duration::try_from(now.duration_since(changed)).unwrap_or_default();
            age.checked_sub(old).filter(|missing| !missing.is_zero())
        };
        self.0.values().filter_map(missing).max()
    }

    /// The paths that look different there.
    pub(super) fn differing(&self, other: &Self) -> BTreeSet<PathBuf> {
        let paths = self.0.keys().chain(other.0.keys());
        paths.filter(|path| self.0.get(*path) != other.0.get(*path)).cloned().collect()
    }
}

impl Stamp {
    fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Self::Folder { device: found.dev(), inode: found.ino() },
            Ok(found) => Self::File {
                device: found.dev(),
                inode: found.ino(),
                length: found.len(),
                modified: (found.mtime(), found.mtime_nsec()),
                changed: (found.ctime(), found.ctime_nsec()),
            },
            Err(error) => Self::Unreadable(error.kind()),
        }
    }
}
