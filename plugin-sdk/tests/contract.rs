//! The crate carries a copy of the contract, because a published crate holds only what lies inside its own folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{collections::BTreeMap, fs, path::Path};

fn files(dir: &str) -> BTreeMap<String, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let entries = fs::read_dir(&dir).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read_to_string(e.path()).unwrap())).collect()
}

#[test]
fn the_copy_of_the_contract_matches_the_repository() {
    let original = files("../wit/0.1.0");
    assert!(!original.is_empty());
    assert_eq!(files("wit/0.1.0"), original, "copy wit/0.1.0 to plugin-sdk/wit/0.1.0");
}
