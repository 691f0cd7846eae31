//! Only a few files of the daemon know which journal it runs on: what opens it, and the commands that work on its file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const KNOW: [&str; 4] = ["app.rs", "cli/backup.rs", "cli/doctor/mod.rs", "http/tests/support.rs"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn only_what_opens_copies_or_examines_the_journal_names_sqlite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("host/daemon/src");
    let mut files = vec![];
    sources(&root, &mut files);
    assert!(files.len() > 100, "the files were found: {}", files.len());
    let names = |file: &&PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        text.contains("fanfare_journal::") || text.contains("rusqlite")
    };
    let name = |file: &PathBuf| file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    let naming: BTreeSet<String> = files.iter().filter(names).map(name).collect();
    let known: BTreeSet<String> = KNOW.map(str::to_owned).into();
    assert_eq!(naming, known, "the others use the traits of fanfare_record and fanfare_dispatch");
}
