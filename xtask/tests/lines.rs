//! No line of Rust is longer than 120 columns. rustfmt wraps code, but neither comments nor strings.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

const WIDTH: usize = 120;

/// Files with longer lines: the text of generated pages.
const EXCEPT: [&str; 2] = ["host/daemon/src/cli/man/markdown.rs", "xtask/src/reference.rs"];

/// Folders of builds and tools.
const SKIPPED: [&str; 4] = ["target", "node_modules", "dist", ".git"];

/// Every Rust file in a folder and below.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !SKIPPED.contains(&name.as_str()) {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn too_long(text: &str) -> impl Iterator<Item = usize> {
    (1..).zip(text.lines()).filter(|(_, line)| line.chars().count() > WIDTH).map(|(number, _)| number)
}

#[test]
fn no_line_is_longer_than_120_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = vec![];
    sources(root, &mut files);
    assert!(files.len() > 400, "only {} files were found", files.len());
    let mut wrong = vec![];
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_owned();
        if EXCEPT.iter().any(|except| name.starts_with(except)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        wrong.extend(too_long(&text).map(|line| format!("{}:{line}", name.display())));
    }
    assert!(wrong.is_empty(), "wrap these lines: {wrong:#?}");
}

#[test]
fn characters_are_counted_and_not_bytes() {
    let text = format!("{}\n{}\n", "ü".repeat(WIDTH), "x".repeat(WIDTH + 1));
    assert_eq!(too_long(&text).collect::<Vec<_>>(), [2]);
}
