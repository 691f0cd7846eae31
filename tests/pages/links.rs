//! Links between the pages: each leads to an existing file or folder of the repository, and to an existing heading.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn every_link_resolves() {
    let root = Path::new(ROOT);
    let mut pages = BTreeMap::new();
    let docs = root.join("docs");
    for folder in [root.to_owned(), docs.clone(), root.join("plugin-sdk"), root.join("tests")]
        .into_iter()
        .chain([docs.join("howto"), docs.join("reference")])
        .chain(folders(&docs.join("examples")))
        .chain(folders(&root.join("plugins")))
    {
        for file in entries(&folder).into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "md")) {
            pages.insert(fs::canonicalize(&file).unwrap(), fs::read_to_string(&file).unwrap());
        }
    }
    assert!(pages.len() > 10, "the pages were found");
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut wrong = vec![];
    for (page, text) in &pages {
        for target in link.captures_iter(&prose(text)).map(|found| found.get(1).map_or("", |target| target.as_str())) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
            let file = if file.is_empty() { Ok(page.clone()) } else { fs::canonicalize(page.with_file_name(file)) };
            let leads = file.is_ok_and(|file| match anchor {
                Some(anchor) => pages.get(&file).is_some_and(|text| anchors(text).contains(anchor)),
                None => true,
            });
            if !leads {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "these links lead nowhere: {wrong:#?}");
}

#[test]
fn the_summary_of_the_site_names_every_page() {
    let docs = Path::new(ROOT).join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let folders =
        [docs.clone(), docs.join("howto"), docs.join("reference")].into_iter().chain(folders(&docs.join("examples")));
    let pages =
        folders.flat_map(|folder| entries(&folder)).filter(|file| file.extension().is_some_and(|end| end == "md"));
    let names = pages.map(|page| page.strip_prefix(&docs).unwrap().to_str().unwrap().to_owned());
    let lacking: Vec<_> =
        names.filter(|name| name != "SUMMARY.md" && !summary.contains(&format!("]({name})"))).collect();
    assert!(lacking.is_empty(), "docs/SUMMARY.md does not name {lacking:?}");
}

/// A page without its blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The anchor of a heading: lower case, without punctuation, with `-` for spaces.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    entries(dir).into_iter().filter(|entry| entry.is_dir()).collect()
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}
