//! A project that builds as it stands. All that it needs from Fanfare is embedded in this crate, so it fits this
//! daemon, and nothing has to be published first.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

// `pub static PROJECTS: &[(path, bytes)]`: the templates under `templates/`, the SDKs under `sdk/`.
include!(concat!(env!("OUT_DIR"), "/projects.rs"));

/// The language of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    Rust,
    Ts,
    Js,
    Python,
    C,
    Go,
}

/// What the plugin of a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Events are delivered to it
    Channel,
    /// Many events are delivered to it in one call, as the channel's `batch` has gathered them
    Batch,
    /// Events pass it before they go to channels
    Stage,
}

/// A language whose tools cannot build that kind of plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{language}` has no template for a {kind}")]
pub struct NoTemplate {
    pub language: &'static str,
    pub kind: &'static str,
    /// The languages that have one.
    pub others: Vec<&'static str>,
}

/// A template that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    language: Language,
    kind: Kind,
}

impl Template {
    /// The template for this language and kind.
    ///
    /// # Errors
    /// There is none.
    pub fn of(language: Language, kind: Kind) -> Result<Self, NoTemplate> {
        let template = Self { language, kind };
        if template.exists() {
            return Ok(template);
        }
        let others = Language::value_variants().iter().filter(|&&language| Self { language, kind }.exists());
        let others = others.map(|language| language.name()).collect();
        Err(NoTemplate { language: language.name(), kind: kind.words().1, others })
    }

    fn exists(self) -> bool {
        let folder = self.folder();
        PROJECTS.iter().any(|(path, _)| path.starts_with(&folder))
    }

    fn folder(self) -> String {
        format!("templates/{}{}/", self.language.name(), self.kind.words().0)
    }

    /// Writes a project of this name into the folder, and returns its files.
    ///
    /// # Errors
    /// A file that cannot be written; those before it stay.
    pub fn write(self, project: &Path, name: &str) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let template = self.folder();
        for (path, bytes) in PROJECTS {
            if let Some(rest) = path.strip_prefix(&template) {
                let text = std::str::from_utf8(bytes).with_context(|| format!("the template {path} is not text"))?;
                let to = fill(rest.strip_suffix(".tmpl").unwrap_or(rest), name);
                put(project, &to, fill(text, name).as_bytes(), &mut files)?;
            } else if let Some(sdk) = self.language.sdk()
                && let Some(rest) = path.strip_prefix(&format!("sdk/{sdk}/"))
            {
                put(&project.join("sdk"), rest, bytes, &mut files)?;
            }
        }
        Ok(files)
    }
}

impl Kind {
    /// The suffix of its templates, and its name in a sentence.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Channel => ("", "channel"),
            Self::Batch => ("-batch", "channel for batches"),
            Self::Stage => ("-stage", "stage"),
        }
    }
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Ts => "ts",
            Self::Js => "js",
            Self::Python => "python",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    /// The SDK that a project of it contains. A program needs none.
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

/// A valid name for a project.
///
/// # Errors
/// What a name may consist of.
pub fn name(text: &str) -> Result<String, String> {
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

fn fill(text: &str, name: &str) -> String {
    text.replace("{{name}}", name).replace("{{crate}}", &name.replace('-', "_"))
}

fn put(root: &Path, path: &str, bytes: &[u8], files: &mut Vec<PathBuf>) -> Result<()> {
    let file = root.join(path);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be created", parent.display()))?;
    }
    fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
    files.push(file);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_kinds_that_its_tools_can_build() {
        for &language in Language::value_variants() {
            for kind in [Kind::Channel, Kind::Batch, Kind::Stage] {
                let exists = Template::of(language, kind).is_ok();
                let builds_programs = language == Language::Go;
                assert_eq!(exists, kind == Kind::Channel || !builds_programs, "{language:?} {kind:?}");
            }
        }
    }

    #[test]
    fn where_a_kind_has_no_template_the_languages_that_have_it_are_named() {
        let error = Template::of(Language::Go, Kind::Stage).unwrap_err();
        assert_eq!(error.to_string(), "`go` has no template for a stage");
        assert_eq!(error.others, ["rust", "ts", "js", "python", "c"]);
    }

    #[test]
    fn a_name_is_lower_case_and_not_the_sdks() {
        for good in ["a", "my-channel-2"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in ["", "A", "1a", "a_b", "a-", "ä", "fanfare-plugin-sdk", &"a".repeat(65)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
