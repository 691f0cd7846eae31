//! The page on WIT matches the files.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

use std::{fs, path::Path};

#[test]
fn the_page_on_wit_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let written = fs::read_to_string(root.join("docs/reference/wit.md")).unwrap();
    let page = xtask::reference::page(&root.join("wit/0.1.0")).unwrap();
    assert!(written == page, "docs/reference/wit.md is out of date: `cargo xtask reference` writes it");
}
