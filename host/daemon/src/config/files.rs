//! Files that the configuration names: read within bounds, and with places for mistakes in them.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    ops::Range,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use rustix::fs::OFlags;
use serde_json::value::RawValue;

use super::{Diagnostic, Diagnostics, units};

/// What a file is, for messages.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    /// For example, `the schema`.
    pub(super) what: &'a str,
    /// Which key names it.
    pub(super) by: &'a str,
    /// The largest size in bytes.
    pub(super) most: usize,
}

/// Reads a regular text file.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn text(file: &Path, named: Named<'_>) -> Result<String, Diagnostics> {
    let refused = |reason: &dyn std::fmt::Display, passing: bool| {
        let problem = Diagnostic::with_file(file, format!("{} cannot be read: {reason}", named.what), named.by);
        Diagnostics { passing, ..problem.into() }
    };
    let failed = |error: &io::Error| {
        let lasting = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
        refused(error, error.raw_os_error().is_some() && !lasting)
    };
    // Opening a pipe would block.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let opened = fs::OpenOptions::new().read(true).custom_flags(flags).open(file).map_err(|error| failed(&error))?;
    let metadata = opened.metadata().map_err(|error| failed(&error))?;
    if !metadata.is_file() {
        return Err(refused(&"it is not a regular file", false));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default().min(named.most) + 1);
    opened.take(named.most as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() > named.most {
        return Err(refused(&format!("it is larger than {}", units::show_size(named.most as u64)), false));
    }
    String::from_utf8(bytes).map_err(|_| refused(&"it is not UTF-8", false))
}

/// The byte offset of a line and a column, both from 1, the latter in bytes.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// The place of a pointer in a JSON text, or of as much of the pointer as exists.
pub(super) fn place(text: &str, pointer: &str) -> Range<usize> {
    let mut at = text;
    for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
        let below = match at.trim_ascii_start().as_bytes().first() {
            Some(b'{') => {
                serde_json::from_str::<BTreeMap<String, &RawValue>>(at).ok().and_then(|mut all| all.remove(&step))
            }
            Some(b'[') => {
                let all = serde_json::from_str::<Vec<&RawValue>>(at).ok();
                all.and_then(|all| all.get(step.parse::<usize>().ok()?).copied())
            }
            _ => None,
        };
        match below {
            Some(below) => at = below.get(),
            None => break,
        }
    }
    // The raw value is a part of the text.
    let start = at.as_ptr() as usize - text.as_ptr() as usize;
    if at.len() == text.len() { 0..0 } else { start..start + at.len() }
}

/// Configurations that name files, for tests.
#[cfg(test)]
pub(super) mod testing {
    use super::{
        super::{Config, Diagnostic, Diagnostics},
        fs,
    };

    /// Reads a configuration with these files beside it.
    pub(in super::super) fn config_beside(files: &[(&str, &str)], text: &str) -> Result<Config, Diagnostics> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Config::parse(text, &folder.path().join("config.toml"), &|_| None)
    }

    /// What is wrong with it, one line each.
    pub(in super::super) fn said(files: &[(&str, &str)], text: &str) -> Vec<String> {
        let line = |problem: Diagnostic| {
            let name = problem.file.file_name().unwrap().to_string_lossy().into_owned();
            format!("{name}:{}:{} {}: {}", problem.line, problem.column, problem.key, problem.message)
        };
        config_beside(files, text).unwrap_err().problems.into_iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_found_in_the_text() {
        let text = "{\n  \"a\": [1, {\"b/c\": \"x\"}],\n  \"d\": {}\n}";
        for (pointer, want) in
            [("/a/1/b~1c", "\"x\""), ("/a/0", "1"), ("/d", "{}"), ("/d/none", "{}"), ("/a/7", "[1, {\"b/c\": \"x\"}]")]
        {
            assert_eq!(&text[place(text, pointer)], want, "{pointer}");
        }
        assert_eq!(place(text, ""), 0..0);
        assert_eq!((offset("ab\ncd", 2, 2), offset("ab", 9, 9)), (4, 2));
    }
}
