//! Builds the documentation site with mdBook: the pages of `docs` in the order of `docs/SUMMARY.md`, followed by the
//! other pages that they link to. Pages keep their paths. Files that they link to are copied. A link to a folder leads
//! to its README, and a folder without one gets a page that lists its files. At the end, every link of the site is
//! followed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::run;

/// Builds the site, and returns its folder.
///
/// # Errors
/// mdBook is missing or fails, or a link leads nowhere.
pub fn make(root: &Path, out: &Path) -> Result<PathBuf> {
    let listed =
        run(Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root))?;
    let read = |path: &str| fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"));
    let Source { mut pages, files } = prepare(&listed.lines().collect(), read)?;
    let summary = whole(&read("docs/SUMMARY.md")?, pages.keys().map(String::as_str));
    pages.insert("SUMMARY.md".to_owned(), summary);

    let source = out.join("src");
    let site = out.join("site");
    for folder in [&source, &site] {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
    }
    let place = |path: &str| {
        let to = source.join(path);
        let folder = to.parent().context("a file has a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        anyhow::Ok(to)
    };
    for (path, text) in &pages {
        fs::write(place(path)?, text).with_context(|| format!("cannot write {path}"))?;
    }
    for path in &files {
        fs::copy(root.join(path), place(path)?).with_context(|| format!("cannot copy {path}"))?;
    }
    fs::copy(root.join("docs/book.toml"), out.join("book.toml")).context("docs/book.toml cannot be copied")?;
    let mut build = Command::new(tool(root)?);
    run(build.arg("build").arg(out).arg("--dest-dir").arg(&site).env("MDBOOK_BOOK__SRC", "src"))?;
    follow(&site)?;
    Ok(site)
}

/// What mdBook gets.
struct Source {
    /// The text of each page, by its path in the repository.
    pages: BTreeMap<String, String>,
    /// The files that pages link to.
    files: BTreeSet<String>,
}

/// Templates and test guests have pages too, which are not about this repository.
fn is_page(path: &str) -> bool {
    path.ends_with(".md") && !path.starts_with("host/") && !path.starts_with("tests/guests/")
}

/// Makes the source of the site from the files of the repository.
fn prepare(listed: &BTreeSet<&str>, read: impl Fn(&str) -> Result<String>) -> Result<Source> {
    let names: BTreeSet<_> = listed.iter().copied().filter(|path| is_page(path)).collect();
    let mut source = Source { pages: BTreeMap::new(), files: BTreeSet::new() };
    let mut folders = BTreeSet::new();
    for page in names.iter().filter(|page| !page.ends_with("SUMMARY.md")) {
        let text = relinked(&read(page)?, |target| {
            let path = resolved(page, target).with_context(|| format!("{page}: {target} leaves the repository"))?;
            if names.contains(path.as_str()) {
                return Ok(on_site(target));
            }
            if listed.contains(path.as_str()) {
                source.files.insert(path);
                return Ok(target.to_owned());
            }
            let is_folder =
                listed.iter().any(|file| file.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/')));
            ensure!(is_folder, "{page}: {target} is not in the repository");
            let index = format!("{path}/README.md");
            if !names.contains(index.as_str()) {
                folders.insert(path);
            }
            Ok(on_site(&format!("{}/README.md", target.trim_end_matches('/'))))
        })?;
        source.pages.insert((*page).to_owned(), text);
    }
    for folder in folders {
        let (page, files) = index(&folder, listed, &names);
        source.pages.insert(format!("{folder}/README.md"), page);
        source.files.extend(files);
    }
    Ok(source)
}

/// mdBook makes `index.html` of a README, and leaves links to it alone.
fn on_site(page: &str) -> String {
    match page.strip_suffix("README.md") {
        Some(folder) => format!("{folder}index.md"),
        None => page.to_owned(),
    }
}

/// A page that lists the files of a folder and the pages of the folders in it, and the listed files.
fn index(folder: &str, listed: &BTreeSet<&str>, pages: &BTreeSet<&str>) -> (String, Vec<String>) {
    let mut page = format!("# {folder}\n\n");
    let mut files = vec![];
    for path in listed {
        let Some(name) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else { continue };
        if let Some((inner, "README.md")) = name.split_once('/')
            && pages.contains(path)
        {
            page.push_str(&format!("- [{inner}]({})\n", on_site(name)));
        } else if !name.contains('/') {
            page.push_str(&format!("- [{name}]({name})\n"));
            files.push((*path).to_owned());
        }
    }
    (page, files)
}

/// The text with each of its links within the repository replaced. Code is left alone.
fn relinked(text: &str, mut replace: impl FnMut(&str) -> Result<String>) -> Result<String> {
    let mut whole = String::with_capacity(text.len());
    for (n, block) in text.split("```").enumerate() {
        if n > 0 {
            whole.push_str("```");
        }
        if n % 2 == 1 {
            whole.push_str(block);
            continue;
        }
        let mut parts = block.split("](");
        whole.extend(parts.next());
        for part in parts {
            let (target, rest) = part.split_at(part.find([')', ' ', '\n']).unwrap_or(part.len()));
            let (path, anchor) = target.split_at(target.find('#').unwrap_or(target.len()));
            let is_elsewhere = path.is_empty() || path.contains(':');
            let path = if is_elsewhere { path.to_owned() } else { replace(path)? };
            whole.push_str("](");
            whole.extend([&path, anchor, rest]);
        }
    }
    Ok(whole)
}

/// The path in the repository that a link of a page leads to.
fn resolved(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<_> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Follows every link of the site to its file.
fn follow(site: &Path) -> Result<()> {
    let mut broken = vec![];
    let mut folders = vec![site.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "html") {
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let lost = |target: &&str| !folder.join(target).is_file();
                let page = path.strip_prefix(site).unwrap_or(&path).display().to_string();
                broken.extend(targets(&text).filter(lost).map(|target| format!("{page}: {target}")));
            }
        }
    }
    ensure!(broken.is_empty(), "these links of the site lead nowhere:\n{}", broken.join("\n"));
    Ok(())
}

/// The files of the site that a page refers to.
fn targets(html: &str) -> impl Iterator<Item = &str> {
    let after = ["href=\"", "src=\""].into_iter().flat_map(|attribute| html.split(attribute).skip(1));
    let values = after.filter_map(|rest| rest.split('"').next());
    let paths = values.map(|value| value.split(['#', '?']).next().unwrap_or(value));
    // The page for errors has `/` as its base.
    paths.filter(|path| !path.is_empty() && *path != "/" && !path.contains(':'))
}

fn tool(root: &Path) -> Result<PathBuf> {
    let own = root.join("target/tools/bin/mdbook");
    if own.exists() {
        return Ok(own);
    }
    let found = Command::new("mdbook").arg("--version").output();
    if !found.is_ok_and(|found| found.status.success()) {
        bail!("there is no mdbook: `cargo install mdbook --locked --root target/tools` installs it");
    }
    Ok("mdbook".into())
}

/// The summary with paths from the root, and with the pages that it does not list.
fn whole<'a>(summary: &str, pages: impl Iterator<Item = &'a str>) -> String {
    let mut text = summary.replace("](../", "](\0").replace("](", "](docs/").replace("](docs/\0", "](");
    let mut rest = String::new();
    for page in pages.filter(|page| !text.contains(&format!("]({page})"))) {
        rest.push_str(&format!("- [{}]({page})\n", page.trim_end_matches(".md").trim_end_matches("/README")));
    }
    if !rest.is_empty() {
        text.push_str("\n# Pages of the repository\n\n");
        text.push_str(&rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_seen_from_the_root_and_names_every_page() {
        let summary = "# Summary\n\n[Start](README.md)\n- [A](a.md)\n- [Security](../SECURITY.md)\n";
        let pages = ["SECURITY.md", "docs/README.md", "docs/a.md", "plugins/log/README.md"];
        let want = "# Summary\n\n[Start](docs/README.md)\n- [A](docs/a.md)\n- [Security](SECURITY.md)\n\n# Pages of \
                    the \
                    repository\n\n- [plugins/log](plugins/log/README.md)\n";
        assert_eq!(whole(summary, pages.into_iter()), want);
    }

    /// A repository: paths and texts.
    fn prepared(files: &[(&str, &str)]) -> Result<Source> {
        let listed = files.iter().map(|(path, _)| *path).collect();
        prepare(&listed, |path| Ok(files.iter().find(|(name, _)| *name == path).unwrap().1.to_owned()))
    }

    #[test]
    fn links_lead_to_pages_copied_files_readmes_and_lists_of_files() {
        let page = "[b](b.md#x) [out](https://example.com) [here](#here)\n![picture](p.png)\n\
                    [file](../host/Dockerfile) [plugin](../plugins/log) [wit](../wit/0.1.0#types) [all](../plugins/)\n\
                    [top](../README.md)\n\
                    ```sh\n[code](nowhere)\n```\nand [b](./b.md)\n";
        let source = prepared(&[
            ("README.md", ""),
            ("docs/a.md", page),
            ("docs/b.md", ""),
            ("docs/p.png", "not a text"),
            ("host/Dockerfile", ""),
            ("host/templates/README.md", "[broken](broken)"),
            ("plugins/Cargo.toml", ""),
            ("plugins/log/README.md", ""),
            ("plugins/log/src/lib.rs", ""),
            ("wit/0.1.0/events.wit", ""),
            ("wit/0.1.0/worlds.wit", ""),
        ])
        .unwrap();
        assert_eq!(
            source.pages["docs/a.md"],
            page.replace("../README.md", "../index.md")
                .replace("../plugins/log)", "../plugins/log/index.md)")
                .replace("0.1.0#", "0.1.0/index.md#")
                .replace("../plugins/)", "../plugins/index.md)")
        );
        assert_eq!(
            source.pages["wit/0.1.0/README.md"],
            "# wit/0.1.0\n\n- [events.wit](events.wit)\n- [worlds.wit](worlds.wit)\n"
        );
        assert_eq!(
            source.pages["plugins/README.md"],
            "# plugins\n\n- [Cargo.toml](Cargo.toml)\n- [log](log/index.md)\n"
        );
        let copied: Vec<_> = source.files.iter().map(String::as_str).collect();
        let want =
            ["docs/p.png", "host/Dockerfile", "plugins/Cargo.toml", "wit/0.1.0/events.wit", "wit/0.1.0/worlds.wit"];
        assert_eq!(copied, want);
        assert!(!source.pages.contains_key("host/templates/README.md"));
    }

    /// The files in a folder and below, without those of builds and tools.
    fn walk(root: &Path, folder: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            match root.join(&path).is_dir() {
                true if [".git", "target", "node_modules"].contains(&name.as_str()) => {}
                true => walk(root, &path, found),
                false => found.push(path),
            }
        }
    }

    #[test]
    fn every_link_of_this_repositorys_pages_is_kept() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = vec![];
        walk(root, "", &mut found);
        let listed = found.iter().map(String::as_str).collect();
        let source = prepare(&listed, |path| Ok(fs::read_to_string(root.join(path))?)).unwrap();
        for page in ["docs/README.md", "docs/config.md", "wit/0.1.0/README.md", "plugins/log/README.md"] {
            assert!(source.pages.contains_key(page), "{page}");
        }
        for file in ["docs/dashboard/overview.png", "config.toml", "host/daemon/packaging/Dockerfile"] {
            assert!(source.files.contains(file), "{file}");
        }
    }

    #[test]
    fn a_link_out_of_the_repository_or_to_nothing_is_an_error() {
        for (page, want) in [
            ("[a](gone.rs)", "docs/a.md: gone.rs is not in the repository"),
            ("[a](../../etc/passwd)", "docs/a.md: ../../etc/passwd leaves the repository"),
        ] {
            assert_eq!(prepared(&[("docs/a.md", page)]).err().unwrap().to_string(), want);
        }
    }

    #[test]
    fn the_files_that_a_page_of_the_site_needs_are_found() {
        let html = "<base href=\"/\"><a href=\"a.html#b\"><a href=\"#c\"><a href=\"https://x.example/\">\
                    <a href=\"\"><img src=\"p/q.png?v=1\">";
        assert_eq!(targets(html).collect::<Vec<_>>(), ["a.html", "p/q.png"]);
    }
}
