//! `docs/reference/wit.md`: the contract with guests as a page, generated from `wit/`.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};

const HEAD: &str = "\
<!-- Generated from wit/0.1.0: `cargo xtask reference`. A test compares them. -->

# WIT

The contract between the host and plugins, package `fanfare:channel@0.1.0`. A released version never changes. The SDKs wrap it in each
language's own terms: [languages.md](../languages.md). What a plugin exports decides its kind, and the worlds at the end say
which interfaces belong together. Nothing that a plugin imports reaches anything until its channel is granted it.
";

/// The order in which a reader needs the files.
const FILES: [&str; 9] = [
    "events.wit",
    "handler.wit",
    "exchange.wit",
    "batch.wit",
    "stage.wit",
    "imports.wit",
    "recipient.wit",
    "templates.wit",
    "worlds.wit",
];

/// Generates the page from the files in `wit`.
///
/// # Errors
/// A file cannot be read, or is not in the list of files.
pub fn page(wit: &Path) -> Result<String> {
    let mut there: Vec<_> = fs::read_dir(wit)
        .with_context(|| format!("{} cannot be listed", wit.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    there.retain(|name| !FILES.contains(&name.as_str()));
    anyhow::ensure!(there.is_empty(), "xtask/src/reference.rs does not know {there:?}");
    let mut text = HEAD.to_owned();
    for file in FILES {
        let source = fs::read_to_string(wit.join(file)).with_context(|| format!("wit/0.1.0/{file} cannot be read"))?;
        for item in items(&source) {
            write!(text, "\n## {}\n\n", item.name)?;
            if !item.about.is_empty() {
                write!(text, "{}\n\n", item.about)?;
            }
            write!(text, "```wit\n{}\n```\n", item.text)?;
        }
    }
    Ok(text)
}

/// An interface or a world.
#[derive(Debug, PartialEq)]
struct Item {
    name: String,
    about: String,
    text: String,
}

fn items(source: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut about = Vec::new();
    let mut open = false;
    for line in source.lines() {
        if open {
            if let Some(item) = items.last_mut() {
                item.text.push('\n');
                item.text.push_str(line);
            }
            open = line != "}";
            continue;
        }
        let name = ["interface ", "world "].iter().find_map(|kind| line.strip_prefix(kind));
        if let Some(name) = name {
            let name = name.split([' ', '{']).next().unwrap_or_default();
            let kind = line.split(' ').next().unwrap_or_default();
            let name = format!("{kind} {name}");
            items.push(Item { name, about: about.join("\n"), text: line.to_owned() });
            about.clear();
            open = !line.trim_end().ends_with('}');
        } else if let Some(comment) = line.strip_prefix("///") {
            about.push(comment.trim().to_owned());
        } else {
            about.clear();
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_and_worlds_are_taken_with_their_comments() {
        let source = "package a:b@0.1.0;\n\n/// One.\n/// Two.\ninterface x {\n  /// Inside.\n  f: func();\n}\n// \
                      other\nworld w { }\n";
        assert_eq!(
            items(source),
            [
                Item {
                    name: "interface x".to_owned(),
                    about: "One.\nTwo.".to_owned(),
                    text: "interface x {\n  /// Inside.\n  f: func();\n}".to_owned()
                },
                Item { name: "world w".to_owned(), about: String::new(), text: "world w { }".to_owned() },
            ]
        );
    }
}
