//! Builds the plugin of a project, whatever its language.
//!
//! The file that a language's own tools start from tells the language. Each language is built by its own tools, as its
//! users expect. Our part is to find those tools, to wrap a core module as a component where a compiler stops before
//! that, and to put the sidecar beside the result.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{
    component,
    tools::{self, Step, Tell},
};

/// What a build made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    pub file: PathBuf,
    /// Of the file, in bytes.
    pub size: usize,
    /// As people write it: `Rust`.
    pub language: &'static str,
}

/// Builds the project in a folder, and puts the plugin and its sidecar into `out`, or into `dist` in the project. The
/// tools report on stderr.
///
/// # Errors
/// The folder is not a project, a tool is missing, or a tool failed.
pub fn build(dir: &Path, out: Option<&Path>, tell: Tell<'_>) -> Result<Built> {
    let language = Language::of(dir)?;
    let name = name(dir)?;
    let built = language.build(dir, &name, tell)?;
    let core = fs::read(&built).with_context(|| format!("{} is missing after the build", built.display()))?;
    let wasm = if component::is_wanted(&core) { component::encode(&core)? } else { core };
    if built.to_string_lossy().ends_with(CORE) {
        // A compiler's intermediate file must not be taken for a plugin.
        fs::remove_file(&built).with_context(|| format!("{} cannot be removed", built.display()))?;
    }

    let out = out.map_or_else(|| dir.join("dist"), Path::to_owned);
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be created", out.display()))?;
    // The sidecar first: a daemon reads both when the plugin appears.
    let sidecar = dir.join(format!("{name}.toml"));
    if sidecar.is_file() {
        put(&out.join(format!("{name}.toml")), &fs::read(&sidecar).with_context(|| sidecar.display().to_string())?)?;
    }
    let file = out.join(format!("{name}.wasm"));
    put(&file, &wasm)?;
    Ok(Built { file, size: wasm.len(), language: language.as_str() })
}

/// Replaces a file in one step, because a daemon may be watching it.
fn put(file: &Path, bytes: &[u8]) -> Result<()> {
    let half = file.with_extension("part");
    fs::write(&half, bytes).with_context(|| format!("{} cannot be written", half.display()))?;
    fs::rename(&half, file).with_context(|| format!("{} cannot be replaced", file.display()))
}

/// A plugin has the name of its project's folder.
fn name(dir: &Path) -> Result<String> {
    let name = dir.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    name.with_context(|| format!("{} has no name that a plugin could have", dir.display()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Rust,
    JavaScript,
    Python,
    Go,
    Zig,
    C,
}

impl Language {
    fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::Zig => "Zig",
            Self::C => "C",
        }
    }

    fn of(dir: &Path) -> Result<Self> {
        let marks = [
            ("Cargo.toml", Self::Rust),
            ("package.json", Self::JavaScript),
            ("requirements.txt", Self::Python),
            ("go.mod", Self::Go),
            ("build.zig", Self::Zig),
        ];
        if let Some((_, language)) = marks.into_iter().find(|(file, _)| dir.join(file).is_file()) {
            return Ok(language);
        }
        if !sources(&dir.join("src")).is_empty() {
            return Ok(Self::C);
        }
        bail!(
            "{} is not a project of a known language: it has none of Cargo.toml, package.json, requirements.txt, \
             go.mod, build.zig \
             and src/*.c; `fanfare plugin new` starts a project",
            dir.display()
        )
    }

    /// Runs the language's tools, and returns the file they made.
    fn build(self, dir: &Path, name: &str, tell: Tell<'_>) -> Result<PathBuf> {
        match self {
            Self::Rust => rust(dir, name),
            Self::JavaScript => javascript(dir, name),
            Self::Python => python(dir, name, tell),
            Self::Go => go(dir, name, tell),
            Self::Zig => zig(dir, name, tell),
            Self::C => c(dir, name, tell),
        }
    }
}

const WASIP2: &str = "wasm32-wasip2";

fn rust(dir: &Path, name: &str) -> Result<PathBuf> {
    let installed = std::process::Command::new("rustc")
        .args(["--print", "target-libdir", "--target", WASIP2])
        .current_dir(dir)
        .output()
        .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
    if !installed {
        Step::new("rustup", dir).args(["target", "add", WASIP2]).run()?;
    }
    // Only Cargo knows where it builds to: a workspace, a setting or a variable may name another folder.
    Step::new("cargo", dir).args(["build", "--release", "--target", WASIP2]).loud().run()?;
    let metadata = std::process::Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(dir)
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata.stdout).context("the output of cargo metadata")?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    let release = Path::new(target).join(WASIP2).join("release");
    // The file of a library is named after the crate, that of a program after the package.
    let files = [release.join(format!("{}.wasm", name.replace('-', "_"))), release.join(format!("{name}.wasm"))];
    files.into_iter().find(|file| file.is_file()).with_context(|| {
        format!("no {name}.wasm in {}: is the package a `cdylib` named like its folder?", release.display())
    })
}

fn javascript(dir: &Path, name: &str) -> Result<PathBuf> {
    // npm writes it last, so an interrupted install is repeated.
    if !dir.join("node_modules/.package-lock.json").is_file() {
        let install = if dir.join("package-lock.json").is_file() { "ci" } else { "install" };
        // None of the packages needs an install script, so none may run.
        Step::new("npm", dir)
            .args([install, "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"])
            .loud()
            .run()?;
    }
    // This silences npm itself, not what it runs.
    Step::new("npm", dir).args(["run", "--silent", "build"]).loud().run()?;
    Ok(dir.join("dist").join(format!("{name}.wasm")))
}

fn python(dir: &Path, name: &str, tell: Tell<'_>) -> Result<PathBuf> {
    let venv = dir.join(".venv");
    let requirements = fs::read(dir.join("requirements.txt")).context("requirements.txt")?;
    let marker = venv.join("fanfare-requirements.txt");
    if fs::read(&marker).ok().as_ref() != Some(&requirements) {
        tell("installing what requirements.txt lists into .venv");
        tools::venv(&venv)?;
        Step::new(venv.join("bin/python"), dir)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"])
            .loud()
            .run()?;
        fs::write(&marker, requirements).context("the virtual environment cannot be marked")?;
    }
    let built = dir.join("dist").join(format!("{name}.wasm"));
    fs::create_dir_all(dir.join("dist")).context("dist cannot be created")?;
    // The name of the module says what kind of plugin it is.
    let module = if dir.join("stage.py").is_file() { "stage" } else { "channel" };
    tell(&format!("making a component of {module}.py with componentize-py"));
    Step::new(venv.join("bin/python"), dir)
        .args(["-m", "fanfare_plugin", "build", module, "-o"])
        .arg(&built)
        .loud()
        .run()?;
    Ok(built)
}

fn go(dir: &Path, name: &str, tell: Tell<'_>) -> Result<PathBuf> {
    let built = dir.join("dist").join(format!("{name}.wasm"));
    tools::go(dir, tell)?
        .env("GOOS", "wasip1")
        .env("GOARCH", "wasm")
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&built)
        .arg(".")
        .loud()
        .run()?;
    Ok(built)
}

fn zig(dir: &Path, name: &str, tell: Tell<'_>) -> Result<PathBuf> {
    tools::zig(dir, tell)?.arg("build").loud().run()?;
    Ok(dir.join("zig-out/bin").join(format!("{name}.wasm")))
}

const CORE: &str = ".core.wasm";

/// The C SDK's worlds besides `channel`: the function that identifies each, its bindings, and the definition that
/// selects it. A name that another one is a prefix of comes first.
const C_WORLDS: [(&str, &str, &str); 4] = [
    ("fanfare_compose_batch", "batch_http_channel", "-DFANFARE_BATCH_HTTP_CHANNEL"),
    ("fanfare_compose", "http_channel", "-DFANFARE_HTTP_CHANNEL"),
    ("fanfare_deliver_batch", "batch_channel", "-DFANFARE_BATCH_CHANNEL"),
    ("fanfare_process", "stage_plugin", "-DFANFARE_STAGE"),
];

/// A C source that includes the SDK is a plugin of the kind that it defines. Any other is a program.
fn c(dir: &Path, name: &str, tell: Tell<'_>) -> Result<PathBuf> {
    let sources = sources(&dir.join("src"));
    let mut text = String::new();
    for source in &sources {
        text += &fs::read_to_string(source).with_context(|| source.display().to_string())?;
    }
    let dist = dir.join("dist");
    fs::create_dir_all(&dist).context("dist cannot be created")?;
    let compile =
        tools::zig(dir, tell)?.args(["cc", "-target", "wasm32-wasi", "-Os", "-s", "-Wl,-z,stack-size=131072", "-Wall"]);
    if !text.contains("\"fanfare.h\"") {
        let built = dist.join(format!("{name}.wasm"));
        compile.arg("-std=gnu17").args(&sources).arg("-o").arg(&built).loud().run()?;
        return Ok(built);
    }
    let sdk = c_sdk(dir)?;
    let identified = C_WORLDS.into_iter().find(|(function, ..)| text.contains(function));
    let (world, flag) = identified.map_or(("channel", None), |(_, world, flag)| (world, Some(flag)));
    let bindings = sdk.join("bindings");
    let built = dist.join(format!("{name}{CORE}"));
    compile
        .args(["-mexec-model=reactor", "-std=c17"])
        .args(flag)
        .arg("-I")
        .arg(&sdk)
        .args(&sources)
        .arg(sdk.join("fanfare.c"))
        .arg(bindings.join(format!("{world}.c")))
        .arg(bindings.join(format!("{world}_component_type.o")))
        .arg("-o")
        .arg(&built)
        .loud()
        .run()?;
    Ok(built)
}

/// The SDK in the project, or that of the repository around the project.
fn c_sdk(dir: &Path) -> Result<PathBuf> {
    let own = dir.join("sdk");
    let around = dir.ancestors().map(|dir| dir.join("plugin-sdk/c"));
    std::iter::once(own).chain(around).find(|sdk| sdk.join("fanfare.h").is_file()).with_context(|| {
        format!("there is no SDK in {} (`fanfare plugin new` puts one there)", dir.join("sdk").display())
    })
}

/// The C sources in a folder, sorted.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut sources: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "c")).collect();
    sources.sort();
    sources
}
