//! The file: reads its end, searches it, and appends durably.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// How much of the end is read first: a few records of common size.
const WINDOW: u64 = 4 << 10;

pub struct AuditFile(File);

/// The end of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// Whole lines, including the file's last one.
    lines: Vec<u8>,
    /// Bytes after the last line break: a record whose writing was interrupted.
    pub torn: u64,
}

impl Tail {
    /// The lines without their line breaks, last line first.
    pub fn newest_first(&self) -> impl Iterator<Item = &[u8]> {
        let lines = self.lines.strip_suffix(b"\n").unwrap_or_default();
        lines.rsplit(|&byte| byte == b'\n').filter(|line| !line.is_empty())
    }
}

impl AuditFile {
    /// Opens the file, or creates it.
    pub fn open(path: &str) -> io::Result<Self> {
        let open = |create| OpenOptions::new().read(true).append(true).create_new(create).open(path);
        match open(false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let created = open(true)?;
                sync_folder(Path::new(path))?;
                Ok(Self(created))
            }
            opened => opened.map(Self),
        }
    }

    /// Reads the end: at least the last whole line, at a cost that does not grow with the file.
    pub fn tail(&mut self) -> io::Result<Tail> {
        let len = self.0.metadata()?.len();
        let mut window = WINDOW;
        loop {
            let start = len.saturating_sub(window);
            self.0.seek(SeekFrom::Start(start))?;
            let mut bytes = vec![0; (len - start).try_into().map_err(io::Error::other)?];
            self.0.read_exact(&mut bytes)?;
            if let Some(tail) = Tail::of(bytes, start == 0) {
                return Ok(tail);
            }
            window *= 8;
        }
    }

    /// Removes a torn record. Its delivery was never acknowledged and is retried.
    pub fn cut(&mut self, torn: u64) -> io::Result<()> {
        let len = self.0.metadata()?.len();
        self.0.set_len(len.saturating_sub(torn))
    }

    /// The first line of the whole file that `matches`.
    pub fn find(&mut self, matches: impl Fn(&[u8]) -> bool) -> io::Result<Option<Vec<u8>>> {
        self.0.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(64 << 10, &mut self.0);
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if matches(line.trim_ascii_end()) {
                return Ok(Some(line));
            }
        }
    }

    /// Appends a line. With `sync`, it is on disk when this returns.
    pub fn append(&mut self, line: &str, sync: bool) -> io::Result<()> {
        self.0.write_all(line.as_bytes())?;
        if sync { self.0.sync_data() } else { Ok(()) }
    }
}

impl Tail {
    /// The tail in these bytes. `None` if they contain no whole line and the file has more before them.
    fn of(mut bytes: Vec<u8>, from_the_start: bool) -> Option<Self> {
        let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let torn = (bytes.len() - end) as u64;
        bytes.truncate(end);
        if !from_the_start {
            // The first line is likely to be cut in the middle.
            let begin = bytes.iter().position(|&byte| byte == b'\n')? + 1;
            bytes.drain(..begin);
            if bytes.is_empty() {
                return None;
            }
        }
        Some(Self { lines: bytes, torn })
    }
}

/// A new file's name is durable only after its folder is synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().map(File::open) {
        Some(folder) => folder?.sync_all(),
        None => Ok(()),
    }
}
