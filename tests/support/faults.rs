//! A disk and a clock that tests can break under the daemon, through `tests/preload/faults.c`.

use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use super::daemon::Home;

/// What the journal's disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    Works,
    /// Every sync fails with EIO.
    FailsToSync,
    /// Every write fails with ENOSPC.
    Full,
}

/// At which point of a commit a daemon kills itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    BeforeSync,
    AfterSync,
    BeforeWrite,
    AfterWrite,
}

/// The words of the shared file, in the library's order.
#[derive(Clone, Copy)]
enum Word {
    Disk,
    SlowUs,
    KillPoint,
    KillAfter,
    ClockUs,
    Syncs,
    Writes,
    SyncedBytes,
}

const WORDS: u64 = 8;

/// Shared with the daemons that run in one home.
pub struct Faults {
    file: File,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Faults {
    /// At first, everything works.
    pub fn new(home: &Home) -> Self {
        let path = home.path("fault");
        let file = File::options().create(true).truncate(true).read(true).write(true).open(&path).unwrap();
        file.set_len(WORDS * 8).unwrap();
        let environment = vec![("LD_PRELOAD", library().to_owned()), ("FANFARE_FAULT", path)];
        Self { file, environment }
    }

    /// The environment that a daemon has to be started with.
    pub fn environment(&self) -> &[(&'static str, PathBuf)] {
        &self.environment
    }

    /// Records syncs and acknowledgements in this file.
    pub fn trace(mut self, path: PathBuf) -> Self {
        self.environment.push(("FANFARE_TRACE", path));
        self
    }

    pub fn disk(&self, disk: Disk) {
        self.set(
            Word::Disk,
            match disk {
                Disk::Works => 0,
                Disk::FailsToSync => 1,
                Disk::Full => 2,
            },
        );
    }

    /// Each sync takes this much longer.
    pub fn slow(&self, by: Duration) {
        self.set(Word::SlowUs, i64::try_from(by.as_micros()).unwrap());
    }

    /// The daemon kills itself when it reaches this point, after `more` times before.
    pub fn kill_at(&self, point: Point, more: u32) {
        self.set(Word::KillPoint, 0);
        self.set(Word::KillAfter, more.into());
        self.set(
            Word::KillPoint,
            match point {
                Point::BeforeSync => 1,
                Point::AfterSync => 2,
                Point::BeforeWrite => 3,
                Point::AfterWrite => 4,
            },
        );
    }

    /// Sets the daemon's wall clock forward, or back.
    pub fn turn_clock(&self, seconds: i64) {
        self.set(Word::ClockUs, self.get(Word::ClockUs) + seconds * 1_000_000);
    }

    /// Everything works again, and no daemon is killed. The clock stays as it is.
    pub fn heal(&self) {
        for word in [Word::KillPoint, Word::Disk, Word::SlowUs] {
            self.set(word, 0);
        }
    }

    /// Commits so far, of all daemons.
    pub fn syncs(&self) -> i64 {
        self.get(Word::Syncs)
    }

    /// How much of the write-ahead log is certainly on the disk.
    pub fn synced_bytes(&self) -> u64 {
        u64::try_from(self.get(Word::SyncedBytes)).unwrap()
    }

    fn set(&self, word: Word, value: i64) {
        self.file.write_all_at(&value.to_ne_bytes(), word as u64 * 8).unwrap();
    }

    fn get(&self, word: Word) -> i64 {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, word as u64 * 8).unwrap();
        i64::from_ne_bytes(bytes)
    }
}

/// The library, compiled once.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/preload/faults.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
        // The C compiler that SQLite was built with.
        let built = std::process::Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl")
            .status()
            .unwrap();
        assert!(built.success(), "{} cannot be compiled", source.display());
        library
    })
}
