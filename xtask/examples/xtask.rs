//! `cargo xtask dist`, `deb`, `book`, `reference` and `circles`: see the modules of these names in `xtask`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use xtask::{
    book, circles,
    deb::{self, Deb},
    dist::{self, Dist},
    reference,
};

const USAGE: &str = "\
Usage: cargo xtask dist [--binary PATH] [--out DIR]
       cargo xtask deb [--binary PATH] [--out DIR]
       cargo xtask book
       cargo xtask reference
       cargo xtask circles [CRATE]...

dist makes the release archive of this machine's target, SHA256SUMS and install.sh.

  --binary PATH   take this program instead of building one with the profile `dist`
  --out DIR       where to [default: target/dist]

deb makes the Debian package, with cargo-deb. It takes the same options.

book builds the documentation as a site in target/book/site, with mdBook.

reference writes docs/reference/wit.md from wit/0.1.0.

circles prints the modules of crates (folders such as host/journal) from leaf to root, and the circles among them. It
fails if there are any.

  [CRATE]         [default: host/core and host/journal]
";

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
    match arguments.next().as_deref().and_then(|word| word.to_str()) {
        Some("dist") => run_dist(root, arguments),
        Some("deb") => run_deb(root, arguments),
        Some("book") => {
            let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
            println!("{}", book::make(root, &target.join("book"))?.join("index.html").display());
            Ok(())
        }
        Some("reference") => {
            let file = root.join("docs/reference/wit.md");
            std::fs::write(&file, reference::page(&root.join("wit/0.1.0"))?).context("docs/reference/wit.md")
        }
        Some("circles") => run_circles(root, arguments),
        Some("--help" | "-h" | "help") => {
            print!("{USAGE}");
            Ok(())
        }
        Some(other) => bail!("unknown job `{other}`\n\n{USAGE}"),
        None => bail!("which job?\n\n{USAGE}"),
    }
}

fn run_circles(root: &Path, arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let mut crates: Vec<_> = arguments.map(PathBuf::from).collect();
    if crates.is_empty() {
        crates = circles::CHECKED.iter().map(|name| root.join(name)).collect();
    }
    let mut found = 0;
    for path in crates {
        println!("{}", path.display());
        for folder in circles::of_crate(&path)? {
            print!("{folder}");
            found += folder.circles.len();
        }
    }
    if found > 0 {
        bail!("found {found} circles");
    }
    Ok(())
}

fn run_dist(root: &Path, arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let Options { binary, out } = options(root, arguments)?;
    let Dist { archive, missing_plugins } = dist::make(root, &binary, &out)?;
    println!("{}\n{}\n{}", archive.display(), out.join("SHA256SUMS").display(), out.join("install.sh").display());
    tell(&missing_plugins);
    Ok(())
}

fn run_deb(root: &Path, arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let Options { binary, out } = options(root, arguments)?;
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let Deb { package, missing_plugins } = deb::make(root, &binary, &out)?;
    println!("{}", package.display());
    tell(&missing_plugins);
    Ok(())
}

/// What to pack, and where to.
struct Options {
    binary: PathBuf,
    out: PathBuf,
}

fn options(root: &Path, mut arguments: impl Iterator<Item = OsString>) -> Result<Options> {
    let (mut binary, mut out) = (None, None);
    while let Some(option) = arguments.next() {
        let value = match option.to_str() {
            Some("--binary") => &mut binary,
            Some("--out") => &mut out,
            _ => bail!("unknown option {}\n\n{USAGE}", option.display()),
        };
        let path = arguments.next().with_context(|| format!("{} needs a path", option.display()))?;
        *value = Some(PathBuf::from(path));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let out = out.unwrap_or_else(|| target.join("dist"));
    let binary = binary.map_or_else(|| dist::build(root, &target), Ok)?;
    Ok(Options { binary, out })
}

fn tell(missing_plugins: &[String]) {
    for name in missing_plugins {
        eprintln!("the archive lacks the channel {name}; build it with `fanfare plugin build plugins/{name}`");
    }
}
