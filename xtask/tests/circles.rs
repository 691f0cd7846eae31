//! Crates that can be read from leaf to root.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::path::Path;

use xtask::circles;

#[test]
fn no_module_uses_itself_through_others() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in circles::CHECKED {
        let folders = circles::of_crate(&root.join(name)).unwrap();
        assert!(folders.iter().any(|folder| folder.path.is_empty() && folder.layers.len() > 2), "{name}: {folders:?}");
        for folder in folders {
            assert!(folder.circles.is_empty(), "{name}: {folder}");
        }
    }
}
