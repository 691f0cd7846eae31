//! The place of a journal: its real path, the locks that keep other daemons out, and a note about its last use.
//!
//! All files of a journal are named after one path, and that path contains no links: two daemons that use different
//! names of one file must collide. If even the real paths differ (a file mounted twice), a lock on the file itself
//! detects it.
//!
//! The lock file contains a note about the journal that was used last. An empty file where the note names a journal is
//! not a new journal, and a journal with fewer commits than the note was restored from a copy.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::OpenError;

/// A note is one short line. Anything else in the lock file is foreign.
const LONGEST_NOTE: u64 = 1_024;

/// The locked place of a journal.
pub(crate) struct Place {
    /// Without links.
    pub(crate) path: PathBuf,
    pub(crate) guard: Arc<Guard>,
    /// What was noted when the journal was last used.
    pub(crate) note: Option<Note>,
}

/// Keeps other daemons out. Everything that has a connection to the database holds a guard and drops it after the
/// connection, because closing any descriptor of a file releases the locks that SQLite has on it.
pub(crate) struct Guard {
    notes: Mutex<File>,
    /// Never read. Dropping it releases the lock.
    _database: File,
}

/// How far a journal had come when it was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) journal: Uuid,
    pub(crate) commits: i64,
    pub(crate) last_offset: u64,
}

/// What exists at a path.
enum Found {
    Nothing,
    Empty,
    Something,
}

impl Place {
    /// Finds the place and locks it. Creates an empty file if there is none.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let unusable = |e: io::Error| OpenError::Unusable { path: path.to_owned(), reason: e.to_string() };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(unusable)?;
        }
        let path = real(path)?;
        let mut notes = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            // Whoever can open this file can also lock it, and so keep a daemon from starting.
            .mode(0o600)
            .open(beside(&path, ".lock"))
            .map_err(unusable)?;
        lock(&notes, &path)?;
        let note = read_note(&mut notes);
        check_content(&path, note.as_ref())?;
        // Each name has its own write-ahead log: a daemon that uses another name does not see what this one commits.
        if let Some(names) = fs::metadata(&path).ok().map(|found| found.nlink()).filter(|&names| names > 1) {
            return Err(OpenError::Linked { path, names });
        }
        // Events may be private, so only this user can read a new file; SQLite gives the files next to it the same
        // mode. An existing file keeps its mode.
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map(drop);
        made.or_else(|e| if e.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(e) }).map_err(unusable)?;
        let database = File::open(&path).map_err(unusable)?;
        lock_database(&database, &path)?;
        Ok(Self { path, guard: Arc::new(Guard { notes: Mutex::new(notes), _database: database }), note })
    }
}

impl Guard {
    /// Records how far the journal has come. A failure only costs a warning that may be needed later.
    pub(crate) fn write_note(&self, note: &Note) {
        let write = || -> io::Result<()> {
            let line = serde_json::to_string(note)?;
            let mut notes = self.notes();
            notes.set_len(0)?;
            notes.rewind()?;
            notes.write_all(line.as_bytes())
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "the journal's progress could not be noted in its lock file");
        }
    }

    fn notes(&self) -> MutexGuard<'_, File> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves all links of a path. The file itself need not exist.
pub(crate) fn real(path: &Path) -> Result<PathBuf, OpenError> {
    let unusable = |reason: String| OpenError::Unusable { path: path.to_owned(), reason };
    match fs::canonicalize(path) {
        Ok(real) => return Ok(real),
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(unusable(e.to_string())),
        Err(_) => {}
    }
    if let Ok(target) = fs::read_link(path) {
        let reason =
            format!("it is a link to {}, which does not exist; mount the file system of the target", target.display());
        return Err(unusable(reason));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return Err(unusable("it does not name a file".to_owned())) };
    Ok(fs::canonicalize(folder).map_err(|e| unusable(e.to_string()))?.join(name))
}

/// The path with a suffix appended.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Rejects a file that lost its contents. To SQLite it looks like a new database, and SQLite deletes a write-ahead log
/// that it finds next to a new one.
pub(crate) fn check_remains(path: &Path) -> Result<(), OpenError> {
    let note = File::open(beside(path, ".lock")).ok().and_then(|mut file| read_note(&mut file));
    check_content(path, note.as_ref())
}

fn check_content(path: &Path, note: Option<&Note>) -> Result<(), OpenError> {
    let found = look(path)?;
    let logged = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let lost = |why: &str| Err(OpenError::Lost { path: path.to_owned(), why: why.to_owned() });
    match (found, note) {
        (Found::Something, _) => Ok(()),
        (Found::Empty, _) if logged => lost(
            "it is empty, but the write-ahead log next to it contains acknowledged \
            events",
        ),
        (Found::Nothing, _) if logged => {
            lost("it does not exist, but the write-ahead log next to it contains acknowledged events")
        }
        (Found::Empty, Some(note)) => {
            lost(&format!("it is empty, but contained events up to offset {} when it was last used", note.last_offset))
        }
        (Found::Nothing, Some(note)) => {
            tracing::warn!(
                path = %path.display(), journal = %note.journal, last_offset = note.last_offset,
                "the journal last used here is gone; starting a new one"
            );
            Ok(())
        }
        (Found::Empty | Found::Nothing, None) => Ok(()),
    }
}

fn look(path: &Path) -> Result<Found, OpenError> {
    let unusable = |reason: String| OpenError::Unusable { path: path.to_owned(), reason };
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(unusable("it is not a file".to_owned())),
        Ok(found) if found.len() == 0 => Ok(Found::Empty),
        Ok(_) => Ok(Found::Something),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(e) => Err(unusable(e.to_string())),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), OpenError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(e)) => Err(OpenError::Unusable { path: path.to_owned(), reason: e.to_string() }),
    }
}

/// On Linux this lock (`flock`) and SQLite's (`fcntl`) are independent; elsewhere they may conflict.
#[cfg(target_os = "linux")]
fn lock_database(file: &File, path: &Path) -> Result<(), OpenError> {
    lock(file, path)
}

#[cfg(not(target_os = "linux"))]
fn lock_database(_: &File, _: &Path) -> Result<(), OpenError> {
    Ok(())
}

fn read_note(file: &mut File) -> Option<Note> {
    let mut text = String::new();
    file.take(LONGEST_NOTE).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}
