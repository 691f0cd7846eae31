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

impl Kind {
    /// What a template of it is called, after its language, and what it is to people.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Channel => ("", "channel"),
            Self::Batch => ("-batch", "channel for batches"),
            Self::Stage => ("-stage", "stage"),
        }
    }
}

impl Language {
    /// The folder of the template.
    ///
    /// # Errors
    /// There is none of that kind: what its tools make cannot be one.
    fn template_of(self, kind: Kind) -> Result<String, Failure> {
        let (suffix, word) = kind.words();
        let folder = |language: Self| format!("{}{suffix}", language.template());
        let exists = |language: &Self| {
            let within = format!("templates/{}/", folder(*language));
            PROJECTS.iter().any(|(path, _)| path.starts_with(&within))
        };
        if exists(&self) {
            return Ok(folder(self));
        }
        let others = Self::value_variants().iter().filter(|language| exists(language));
        let others: Vec<_> = others.map(|language| language.template()).collect();
        Err(Failure::usage(
            format!("`{}` has no template for a {word}", self.template()),
            format!("take --lang {}", one_of(&others)),
        ))
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

/// `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        words => words.concat(),
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
    let files = write(&project, &args.name, args.lang, &args.lang.template_of(args.kind)?)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_kinds_that_its_tools_can_make() {
        for language in Language::value_variants() {
            for kind in [Kind::Channel, Kind::Batch, Kind::Stage] {
                let is_there = language.template_of(kind).is_ok();
                let makes_programs = *language == Language::Go;
                assert_eq!(is_there, kind == Kind::Channel || !makes_programs, "{language:?} {kind:?}");
            }
        }
    }

    #[test]
    fn where_a_kind_has_no_template_the_languages_that_have_it_are_named() {
        let Err(Failure::Usage { message, help }) = Language::Go.template_of(Kind::Stage) else {
            panic!("a stage in Go")
        };
        assert_eq!(message, "`go` has no template for a stage");
        assert_eq!(help.as_deref(), Some("take --lang rust, ts, js, python or c"));
    }
}
