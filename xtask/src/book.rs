//! Builds the documentation site with mdBook: the pages of `docs` in the order of `docs/SUMMARY.md`, followed by the
//! other pages that they link to. Pages keep their paths, so the repository's links work unchanged.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::run;

/// Builds the site, and returns its folder.
///
/// # Errors
/// mdBook is missing, or it fails.
pub fn make(root: &Path, out: &Path) -> Result<PathBuf> {
    let source = out.join("src");
    if source.exists() {
        fs::remove_dir_all(&source).with_context(|| format!("cannot remove {}", source.display()))?;
    }
    let listed =
        run(Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root))?;
    let is_page = |path: &&str| path.ends_with(".md") || path.ends_with(".svg");
    let is_kept = |path: &&str| !path.starts_with("host/") && !path.starts_with("tests/guests/");
    let pages: Vec<_> = listed.lines().filter(is_page).filter(is_kept).collect();
    for page in &pages {
        let to = source.join(page);
        let folder = to.parent().context("a page has a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::copy(root.join(page), &to).with_context(|| format!("cannot copy {page}"))?;
    }
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).context("docs/SUMMARY.md cannot be read")?;
    let summary = whole(&summary, &pages);
    fs::write(source.join("SUMMARY.md"), summary).context("the summary cannot be written")?;
    fs::copy(root.join("docs/book.toml"), out.join("book.toml")).context("docs/book.toml cannot be copied")?;
    let site = out.join("site");
    let mut build = Command::new(tool(root)?);
    run(build.arg("build").arg(out).arg("--dest-dir").arg(&site).env("MDBOOK_BOOK__SRC", "src"))?;
    Ok(site)
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
fn whole(summary: &str, pages: &[&str]) -> String {
    let mut text = summary.replace("](../", "](\0").replace("](", "](docs/").replace("](docs/\0", "](");
    let mut rest = String::new();
    for page in pages.iter().filter(|page| page.ends_with(".md") && !page.ends_with("SUMMARY.md")) {
        if !text.contains(&format!("]({page})")) {
            rest.push_str(&format!("- [{}]({page})\n", page.trim_end_matches(".md").trim_end_matches("/README")));
        }
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
        let pages =
            ["SECURITY.md", "docs/README.md", "docs/SUMMARY.md", "docs/a.md", "docs/x.svg", "plugins/log/README.md"];
        let want = "# Summary\n\n[Start](docs/README.md)\n- [A](docs/a.md)\n- [Security](SECURITY.md)\n\n# Pages of \
                    the \
                    repository\n\n- [plugins/log](plugins/log/README.md)\n";
        assert_eq!(whole(summary, &pages), want);
    }
}
