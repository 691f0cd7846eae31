//! `fanfare plugin new`: a project that builds as it stands. Everything it needs of ours comes out of this program, so that it
//! fits this daemon and nothing has to be published first.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::json;

use super::super::{
    Context,
    failure::Failure,
    output::{BOLD, DIM, print, print_json},
};

// `pub static PROJECTS: &[(path, bytes)]`: the templates under `templates/`, the SDKs under `sdk/`.
include!(concat!(env!("OUT_DIR"), "/projects.rs"));

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The plugin's name: a-z, 0-9 and `-`; also the name of the folder
    #[arg(value_parser = name)]
    name: String,

    #[arg(long, value_enum)]
    lang: Language,

    /// What it is to be
    #[arg(long, value_enum, default_value_t = Kind::Channel)]
    kind: Kind,

    /// Where the project's folder is made
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Ts,
    Js,
    Python,
    C,
    Go,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Events are delivered to it
    Channel,
    /// Many events are delivered to it in one call, as the channel's `batch` has gathered them
    Batch,
    /// Events pass it before they go to channels
    Stage,
}

impl Language {
    /// The folder of the template.
    ///
    /// # Errors
    /// There is none of that kind.
    fn template_of(self, kind: Kind) -> Result<&'static str, Failure> {
        match (kind, self) {
            (Kind::Channel, language) => Ok(language.template()),
            (Kind::Batch, Self::Rust) => Ok("rust-batch"),
            (Kind::Batch, Self::Js) => Ok("js-batch"),
            (Kind::Batch, other) => Err(Failure::usage(
                format!("there is no template of a channel for batches in `{}`", other.template()),
                "take --lang rust or js".to_owned(),
            )),
            (Kind::Stage, Self::Rust) => Ok("rust-stage"),
            (Kind::Stage, Self::Js) => Ok("js-stage"),
            (Kind::Stage, Self::Python) => Ok("python-stage"),
            (Kind::Stage, other) => Err(Failure::usage(
                format!("there is no template of a stage in `{}`", other.template()),
                "take --lang rust, js or python".to_owned(),
            )),
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Ts => "ts",
            Self::Js => "js",
            Self::Python => "python",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    /// Which SDK goes with it. A program needs none.
    fn sdk(self) -> Option<&'static str> {
        match self {
            Self::Rust => Some("rust"),
            Self::Ts | Self::Js => Some("js"),
            Self::Python => Some("python"),
            Self::C => Some("c"),
            Self::Go => None,
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain);
    // The SDK in the project has that name already.
    let taken = text == "fanfare-plugin-sdk";
    if taken {
        return Err("that is the SDK's own name".to_owned());
    }
    if fits && !text.ends_with('-') {
        Ok(text.to_owned())
    } else {
        Err("write a-z, 0-9 and `-`, a letter first".to_owned())
    }
}

pub(crate) fn run(args: &Args, context: Context) -> Result<(), Failure> {
    let project = args.dir.join(&args.name);
    if project.exists() {
        return Err(anyhow::anyhow!("{} is there already; nothing was written", project.display()).into());
    }
    let files = write(&project, &args.name, args.lang, args.lang.template_of(args.kind)?)?;
    if context.json {
        print_json(&json!({ "dir": project, "files": files }))?;
    } else {
        let dir = project.display();
        print(&format!(
            "{BOLD}{dir}{BOLD:#} {DIM}{} files{DIM:#}\n\n  cd {dir}\n  fanfare plugin build\n  fanfare plugin inspect dist/{}.wasm\n\nREADME.md there says how it goes on.\n",
            files.len(),
            args.name
        ))?;
    }
    Ok(())
}

fn write(project: &Path, name: &str, language: Language, template: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let template = format!("templates/{template}/");
    for (path, bytes) in PROJECTS {
        if let Some(rest) = path.strip_prefix(&template) {
            let text = std::str::from_utf8(bytes).with_context(|| format!("the template {path} is not text"))?;
            put(
                project,
                &fill(rest.strip_suffix(".tmpl").unwrap_or(rest), name),
                fill(text, name).as_bytes(),
                &mut files,
            )?;
        } else if let Some(sdk) = language.sdk()
            && let Some(rest) = path.strip_prefix(&format!("sdk/{sdk}/"))
        {
            put(&project.join("sdk"), rest, bytes, &mut files)?;
        }
    }
    Ok(files)
}

fn fill(text: &str, name: &str) -> String {
    text.replace("{{name}}", name).replace("{{crate}}", &name.replace('-', "_"))
}

fn put(root: &Path, path: &str, bytes: &[u8], files: &mut Vec<PathBuf>) -> Result<()> {
    let file = root.join(path);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    }
    fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
    files.push(file);
    Ok(())
}
