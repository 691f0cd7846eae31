//! Where the journal is: its real path, the locks that keep a second daemon out, and what stood there last.
//!
//! Everything that belongs to a journal is named after one path, so that path has no links in it: two daemons that are given
//! different names of one file must meet. Where even the real paths differ (a file that is mounted twice), a lock on the file
//! itself tells.
//!
//! The lock file keeps a note of the journal that was used last. An empty file where the note says that a journal was is not a
//! new journal, and a journal that has fewer commits than the note says was put back from a copy.

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

/// A note is one short line. Whatever else stands in the lock file is not ours.
const LONGEST_NOTE: u64 = 1_024;

/// A journal's place, locked.
pub(crate) struct Place {
    /// Without links.
    pub(crate) path: PathBuf,
    pub(crate) guard: Arc<Guard>,
    /// What was noted when the journal was used last.
    pub(crate) note: Option<Note>,
}

/// Keeps other daemons out. Everyone who has a connection to the database holds one, and drops it after the connection: to close
/// any descriptor of a file ends the locks that SQLite has on it.
pub(crate) struct Guard {
    notes: Mutex<File>,
    /// Only ever dropped: then the system ends the lock.
    _database: File,
}

/// How far a journal had come when it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) journal: Uuid,
    pub(crate) commits: i64,
    pub(crate) last_offset: u64,
}

/// What stands at a path.
enum Found {
    Nothing,
    Empty,
    Something,
}

impl Place {
    /// Finds the place and locks it; makes an empty file where there is none.
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
            .open(beside(&path, ".lock"))
            .map_err(unusable)?;
        lock(&notes, &path)?;
        let note = read_note(&mut notes);
        check_content(&path, note.as_ref())?;
        // Each name has a write-ahead log of its own: a daemon that uses another name does not see what this one commits.
        if let Some(names) = fs::metadata(&path).ok().map(|found| found.nlink()).filter(|&names| names > 1) {
            return Err(OpenError::Linked { path, names });
        }
        // Events are this user's alone; SQLite gives the files beside it the same mode. What is there keeps its own.
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map(drop);
        made.or_else(|e| if e.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(e) }).map_err(unusable)?;
        let database = File::open(&path).map_err(unusable)?;
        lock_database(&database, &path)?;
        Ok(Self { path, guard: Arc::new(Guard { notes: Mutex::new(notes), _database: database }), note })
    }
}

impl Guard {
    /// Notes how far the journal has come. A note that cannot be written costs a warning that may be needed later, nothing else.
    pub(crate) fn write_note(&self, note: &Note) {
        let write = || -> io::Result<()> {
            let line = serde_json::to_string(note)?;
            let mut notes = self.notes();
            notes.set_len(0)?;
            notes.rewind()?;
            notes.write_all(line.as_bytes())
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "how far the journal has come could not be noted in its lock file");
        }
    }

    fn notes(&self) -> MutexGuard<'_, File> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A path without links. What it names need not exist.
pub(crate) fn real(path: &Path) -> Result<PathBuf, OpenError> {
    let unusable = |reason: String| OpenError::Unusable { path: path.to_owned(), reason };
    match fs::canonicalize(path) {
        Ok(real) => return Ok(real),
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(unusable(e.to_string())),
        Err(_) => {}
    }
    if let Ok(target) = fs::read_link(path) {
        let reason = format!("it is a link to {}, which does not exist; mount what holds it", target.display());
        return Err(unusable(reason));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else { return Err(unusable("it does not name a file".to_owned())) };
    Ok(fs::canonicalize(folder).map_err(|e| unusable(e.to_string()))?.join(name))
}

/// The file of this name with something behind it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Refuses a file that lost what it held: to SQLite it looks like a new database, and SQLite deletes a write-ahead log that it
/// finds beside a new one.
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
        (Found::Empty, _) if logged => lost("it is empty, and the write-ahead log beside it holds acknowledged events"),
        (Found::Nothing, _) if logged => {
            lost("it does not exist, and the write-ahead log beside it holds acknowledged events")
        }
        (Found::Empty, Some(note)) => {
            lost(&format!("it is empty, and held {} events when it was last used", note.last_offset))
        }
        (Found::Nothing, Some(note)) => {
            tracing::warn!(
                path = %path.display(), journal = %note.journal, last_offset = note.last_offset,
                "the journal that was used here last is gone; a new one begins"
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

/// On Linux this lock (`flock`) and those of SQLite (`fcntl`) do not see each other; elsewhere they may.
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
