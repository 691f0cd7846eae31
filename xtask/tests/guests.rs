//! The guests' own tests, which `cargo test --workspace` does not run, because they are in other workspaces.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::path::{Path, PathBuf};

use xtask::guests;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("guests")
}

#[test]
fn the_plugins_own_tests_pass() {
    for workspace in ["plugins", "docs/examples/saga"] {
        guests::test(&root().join(workspace), &target()).unwrap();
    }
}

#[test]
fn every_plugin_becomes_a_component_of_its_folders_name() {
    let built = guests::build(&root().join("plugins"), &target()).unwrap();
    let names: Vec<_> = built.iter().map(|guest| guest.name.as_str()).collect();
    assert!(["audit", "log", "metrics", "webhook"].iter().all(|name| names.contains(name)), "{names:?}");
    for guest in &built {
        let bytes = std::fs::read(&guest.wasm).unwrap();
        assert_eq!(&bytes[..8], b"\0asm\x0d\0\x01\0", "{} is not a component", guest.name);
    }
}

#[test]
fn a_guest_that_does_not_compile_is_reported_with_the_compilers_output() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken");
    std::fs::create_dir_all(dir.join("oops/src")).unwrap();
    std::fs::write(dir.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"oops\"]\n").unwrap();
    std::fs::write(dir.join("Cargo.lock"), "version = 4\n\n[[package]]\nname = \"oops\"\nversion = \"0.1.0\"\n")
        .unwrap();
    let manifest =
        "[package]\nname = \"oops\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n";
    std::fs::write(dir.join("oops/Cargo.toml"), manifest).unwrap();
    std::fs::write(dir.join("oops/src/lib.rs"), "fn f() -> u8 { \"text\" }\n").unwrap();

    let error = format!("{:#}", guests::build(&dir, &target()).unwrap_err());

    assert!(error.contains("mismatched types") && error.contains("broken"), "{error}");
}
