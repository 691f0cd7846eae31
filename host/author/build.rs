//! Lists the templates and SDKs of `fanfare plugin new` for the crate, which embeds them:
//! `static PROJECTS: &[(path, bytes)]` in `$OUT_DIR/projects.rs`.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("Cargo sets CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").context("Cargo sets OUT_DIR")?);
    let projects = projects(&here.join("templates"), &here.join("../../plugin-sdk"))?;
    let file = out_dir.join("projects.rs");
    fs::write(&file, projects).with_context(|| format!("cannot write {}", file.display()))
}

/// The files of each SDK, and their path in `PROJECTS`. The crate's own `Cargo.toml` belongs to this workspace, so
/// projects get another one.
const SDKS: [(&str, &str, &[&str]); 4] = [
    ("sdk/rust", ".", &["README.md", "src", "wit"]),
    ("sdk/js", "js", &["package.json", "README.md", "index.d.ts", "testing.d.ts", "bin", "src", "wit"]),
    ("sdk/python", "python", &["pyproject.toml", "README.md", "src"]),
    ("sdk/c", "c", &["README.md", "fanfare.h", "fanfare.c", "bindings", "testing"]),
];

fn projects(templates: &Path, sdks: &Path) -> Result<String> {
    let mut files = Vec::new();
    println!("cargo::rerun-if-changed={}", templates.display());
    walk(templates, "templates", &mut files)?;
    for (to, from, parts) in SDKS {
        for part in parts {
            let path = sdks.join(from).join(part);
            println!("cargo::rerun-if-changed={}", path.display());
            walk(&path, &format!("{to}/{part}"), &mut files)?;
        }
    }
    files.push(("sdk/rust/Cargo.toml".to_owned(), templates.join("sdk-rust-Cargo.toml.tmpl")));
    let mut list =
        String::from("/// Templates and SDKs: path and content.\npub static PROJECTS: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        let path = fs::canonicalize(&path).with_context(|| format!("{} is missing", path.display()))?;
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    list.push_str("];\n");
    Ok(list)
}

/// Every file in a folder and below, or the file itself, sorted, without the output of tools.
fn walk(path: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    if !path.is_dir() {
        files.push((name.to_owned(), path.to_owned()));
        return Ok(());
    }
    let list = || -> std::io::Result<Vec<_>> { fs::read_dir(path)?.collect() };
    let mut entries = list().with_context(|| format!("cannot list {}", path.display()))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let entry_name = entry.file_name().to_string_lossy().into_owned();
        if !["node_modules", "__pycache__", ".venv", "dist", "target"].contains(&entry_name.as_str()) {
            walk(&entry.path(), &format!("{name}/{entry_name}"), files)?;
        }
    }
    Ok(())
}
