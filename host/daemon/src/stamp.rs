//! The metadata of a file. Equal stamps mean equal content, so unchanged files need not be read.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::Path};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    File {
        device: u64,
        inode: u64,
        length: u64,
        modified: (i64, i64),
        /// Seconds and nanoseconds. Unlike the time above, it cannot be set back.
        changed: (i64, i64),
    },
    /// A folder's times change with every file in it, whether the file counts or not.
    Folder {
        device: u64,
        inode: u64,
    },
    Unreadable(io::ErrorKind),
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> Self {
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
