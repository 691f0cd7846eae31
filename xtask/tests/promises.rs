//! The documents name tests and files; each of them must exist.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text in backticks, outside of blocks of code.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2))
}

/// Whether the source has a test of this name: a function under an attribute that ends in `test]` or takes options. In
/// a script the name is a sentence. In the conformance suite it is a function that takes a store.
fn has_test(source: &str, name: &str) -> bool {
    if source.contains(&format!("\ntest('{name}', "))
        || source.contains(&format!("\npub async fn {name}(store: &impl Store) {{\n"))
    {
        return true;
    }
    let lines: Vec<_> = source.lines().map(str::trim_start).collect();
    let is_it = |line: &str| {
        let signature = line.strip_prefix("async ").unwrap_or(line);
        signature
            .strip_prefix("fn ")
            .is_some_and(|rest| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')))
    };
    lines.iter().enumerate().filter(|(_, line)| is_it(line)).any(|(at, _)| {
        let mut above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        above.any(|line| ["#[test]", "#[tokio::test]", "#[tokio::test("].iter().any(|test| line.starts_with(test)))
    })
}

/// The files and tests that one row of a table names as proof; returns what is wrong with them.
fn wrong_with(proof: &str) -> Vec<String> {
    let (mut wrong, mut file, mut tests) = (vec![], None, 0);
    for word in quoted(proof) {
        if word.ends_with(".rs") || word.ends_with(".mjs") {
            file = fs::read_to_string(root().join(word)).ok().map(|source| (word, source));
            if file.is_none() {
                wrong.push(format!("{word} does not exist"));
            }
        } else if let Some((path, source)) = &file {
            tests += 1;
            if !has_test(source, word) {
                wrong.push(format!("{path} has no test `{word}`"));
            }
        }
    }
    if wrong.is_empty() && tests == 0 {
        wrong.push(format!("`{proof}` names no test"));
    }
    wrong
}

#[test]
fn each_promise_is_proven_by_a_test_that_exists() {
    let page = read("tests/README.md");
    let (_, tables) = page.split_once("## Delivery").unwrap();
    let (mut promises, mut wrong) = (vec![], vec![]);
    for row in tables.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        match cells[..] {
            ["promise", "said in", "proof"] => {}
            [promise, _, proof] => {
                if promises.contains(&promise) {
                    wrong.push(format!("`{promise}` has two rows"));
                }
                promises.push(promise);
                wrong.extend(wrong_with(proof));
            }
            _ => wrong.push(format!("not a row of three cells: {row}")),
        }
    }
    assert!(promises.len() > 100, "the rows were found: {}", promises.len());
    assert!(wrong.is_empty(), "tests/README.md: {wrong:#?}");
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn expanded(word: &str) -> Vec<String> {
    let braces = word.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match braces {
        Some((before, (names, after))) => names.split(',').map(|name| format!("{before}{name}{after}")).collect(),
        None => vec![word.to_owned()],
    }
}

/// Where a path of the documents may be: the files of a crate in `host` without `host/` and `src/`, all others from the
/// root.
fn places(path: &str) -> Vec<PathBuf> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let host = root().join("host").join(first);
    if host.is_dir() { vec![host.join("src").join(rest), host.join(rest)] } else { vec![root().join(path)] }
}

/// What is wrong with the paths that a page names.
fn wrong_paths(page: &str) -> Vec<String> {
    let is_path = |word: &&str| {
        (word.contains('/') || word.ends_with(".rs") && *word != "lib.rs")
            && !word.contains([' ', '<', '*', ':', '…', '('])
            && !word.starts_with('/')
    };
    let paths: Vec<_> = quoted(page).filter(is_path).flat_map(expanded).collect();
    assert!(paths.len() > 50, "the paths were found: {paths:?}");
    let judge = |path: String| {
        if path.starts_with("host/") && root().join(&path).is_file() {
            return Some(format!("{path}: leave out `host/` and `src/`"));
        }
        let exists = places(&path).iter().any(|place| place.exists());
        (!exists).then(|| format!("{path} does not exist"))
    };
    paths.into_iter().filter_map(judge).collect()
}

#[test]
fn each_path_in_architecture_exists() {
    let wrong = wrong_paths(&read("ARCHITECTURE.md"));
    assert!(wrong.is_empty(), "ARCHITECTURE.md: {wrong:#?}");
}

#[test]
fn each_path_in_security_exists() {
    let wrong = wrong_paths(&read("SECURITY.md"));
    assert!(wrong.is_empty(), "SECURITY.md: {wrong:#?}");
}

#[test]
fn each_path_in_contributing_exists() {
    let wrong = wrong_paths(&read("CONTRIBUTING.md"));
    assert!(wrong.is_empty(), "CONTRIBUTING.md: {wrong:#?}");
}

#[test]
fn only_tests_count_as_proof() {
    let source = "#[test]\n/// Why.\nfn a_test() {}\n\n#[tokio::test(flavor = \"current_thread\")]\n\
                  async fn another() {}\nfn helper() {}\n";
    assert!(has_test(source, "a_test") && has_test(source, "another"));
    assert!(!has_test(source, "helper") && !has_test(source, "a_tes") && !has_test(source, "absent"));
    assert_eq!(wrong_with("`xtask/tests/promises.rs` `no_such_test`").len(), 1);
    assert_eq!(wrong_with("`xtask/tests/nowhere.rs` `no_such_test`").len(), 1);
    assert_eq!(wrong_with("`xtask/tests/promises.rs`").len(), 1);
    assert!(wrong_with("`xtask/tests/promises.rs` `only_tests_count_as_proof`").is_empty());
}
