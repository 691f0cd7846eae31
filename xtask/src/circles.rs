//! Import circles of a crate: modules that use each other, directly or through others.
//!
//! Each folder is a separate graph. Its nodes are the files and subfolders in it, and an edge `a → b` means that
//! something in `a` names something in `b`. What a `mod.rs` defines belongs to its folder, so a file may use
//! `super::Item`.
//!
//! The files are read as plain tokens: `use` trees, and paths that begin with `crate`, `super` or `self`. A name that a
//! module re-exports counts for the module that defines it. Test modules do not count.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
};

use anyhow::{Context as _, Result};

/// The crates that must not have circles.
pub const CHECKED: [&str; 6] =
    ["host/core", "host/record", "host/journal", "host/dispatch", "host/runtime", "host/daemon"];

/// The path of a module from the root of the crate, or the segments of a path in the source.
type Names = Vec<String>;

/// The modules of one folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Folder {
    /// The path of its module, empty for the root of the crate.
    pub path: Names,
    /// Its modules from leaf to root: each layer uses only the layers before it. Modules in circles are missing, and so
    /// are those that depend on one.
    pub layers: Vec<Vec<String>>,
    /// Groups of modules that use each other, with the uses inside each group.
    pub circles: Vec<Vec<Use>>,
}

/// One module of a folder uses another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub from: String,
    pub to: String,
    /// A path in the source that does it.
    pub example: String,
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", [&["crate".to_owned()], &self.path[..]].concat().join("::"))?;
        for (number, layer) in self.layers.iter().enumerate() {
            writeln!(f, "  {}. {}", number + 1, layer.join(", "))?;
        }
        for circle in &self.circles {
            writeln!(
                f,
                "  a circle of {} modules:",
                circle.iter().map(|edge| &edge.from).collect::<BTreeSet<_>>().len()
            )?;
            for Use { from, to, example } in circle {
                writeln!(f, "    {from} → {to} ({example})")?;
            }
        }
        Ok(())
    }
}

/// Reads the crate at `root` and returns its folders, the root of the crate first.
///
/// # Errors
/// If a file cannot be read.
pub fn of_crate(root: &Path) -> Result<Vec<Folder>> {
    let mut modules = Modules::default();
    modules.read(&root.join("src"), &[])?;
    Ok(modules.folders())
}

/// The paths that one module names.
#[derive(Debug, Default)]
struct Module {
    /// Names that `use` brings in, with their paths.
    imports: BTreeMap<String, Names>,
    paths: Vec<Names>,
    /// Files that it declares for tests.
    tests: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Modules(BTreeMap<Names, Module>);

impl Modules {
    fn read(&mut self, folder: &Path, module: &[String]) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let inner = match name.as_str() {
                "lib" | "mod" => module.to_vec(),
                _ => [module, &[name]].concat(),
            };
            if path.is_dir() {
                self.read(&path, &inner)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                self.0.insert(inner, Module::parse(&text));
            }
        }
        Ok(())
    }

    /// The module in which a path of `module` ends; `None` if that is another crate.
    fn resolve(&self, module: &[String], path: &[String], depth: usize) -> Option<Names> {
        let own = self.0.get(module)?;
        let mut at = module.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                at.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let is_child = self.0.contains_key(&[module, &[first.to_owned()]].concat());
                if !is_child && !own.imports.contains_key(first) {
                    return None;
                }
            }
        }
        while let Some((name, after)) = rest.split_first() {
            let child = [&at[..], std::slice::from_ref(name)].concat();
            if self.0.contains_key(&child) {
                at = child;
            } else if let Some(import) = self.0.get(&at).and_then(|module| module.imports.get(name))
                && depth > 0
                && import != path
            {
                at = self.resolve(&at, import, depth - 1)?;
            } else {
                break;
            }
            rest = after;
        }
        Some(at)
    }

    fn is_test(&self, module: &[String]) -> bool {
        let declared = |at: usize| self.0.get(&module[..at]).is_some_and(|parent| parent.tests.contains(&module[at]));
        (0..module.len()).any(declared)
    }

    fn folders(&self) -> Vec<Folder> {
        const MOST_RE_EXPORTS: usize = 8;
        let mut graphs: BTreeMap<Names, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
        for (module, content) in self.0.iter().filter(|(module, _)| !self.is_test(module)) {
            if let Some((name, folder)) = module.split_last() {
                graphs.entry(folder.to_vec()).or_default().entry(name.clone()).or_default();
            }
            for path in &content.paths {
                let Some(to) = self.resolve(module, path, MOST_RE_EXPORTS) else { continue };
                let common = module.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if let (Some(a), Some(b)) = (module.get(common), to.get(common)) {
                    let uses = graphs.entry(module[..common].to_vec()).or_default().entry(a.clone()).or_default();
                    uses.entry(b.clone()).or_insert_with(|| format!("{}: {}", module.join("/"), path.join("::")));
                }
            }
        }
        graphs.into_iter().map(|(path, uses)| folder(path, uses)).collect()
    }
}

/// Removes the leaves from a graph, layer by layer. The rest are circles, and modules that lead into one.
fn folder(path: Names, mut uses: BTreeMap<String, BTreeMap<String, String>>) -> Folder {
    let mut layers = vec![];
    loop {
        let leaves: Vec<_> = uses
            .iter()
            .filter(|(_, to)| !to.keys().any(|to| uses.contains_key(to)))
            .map(|(name, _)| name.clone())
            .collect();
        if leaves.is_empty() {
            break;
        }
        leaves.iter().for_each(|name| drop(uses.remove(name)));
        layers.push(leaves);
    }
    let reach: BTreeMap<_, _> = uses.keys().map(|name| (name.clone(), reachable(&uses, name))).collect();
    let mut circles: Vec<Vec<Use>> = vec![];
    let mut seen = BTreeSet::new();
    for name in uses.keys().filter(|name| reach[*name].contains(*name)) {
        let group: BTreeSet<_> = reach[name].iter().filter(|other| reach[*other].contains(name)).cloned().collect();
        if !seen.insert(group.clone()) {
            continue;
        }
        let inside = group.iter().flat_map(|from| uses[from].iter().map(move |(to, example)| (from, to, example)));
        let inside = inside.filter(|(_, to, _)| group.contains(*to)).map(|(from, to, example)| Use {
            from: from.clone(),
            to: to.clone(),
            example: example.clone(),
        });
        circles.push(inside.collect());
    }
    Folder { path, layers, circles }
}

/// Everything that `from` uses, directly or through others.
fn reachable(uses: &BTreeMap<String, BTreeMap<String, String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for to in uses.get(&name).into_iter().flat_map(BTreeMap::keys).filter(|to| uses.contains_key(*to)) {
            if found.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    found
}

impl Module {
    fn parse(text: &str) -> Self {
        let (tokens, tests) = without_tests(&tokens(text));
        let mut module = Self { tests, ..Self::default() };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token.as_str() {
                // `use<…>` names what an opaque type captures.
                "use" if tokens.get(at + 1).is_none_or(|next| next != "<") => at = module.tree(&tokens, at + 1, &[]),
                "crate" | "super" | "self" if tokens.get(at + 1).is_some_and(|next| next == "::") => {
                    let mut path = vec![token.clone()];
                    while tokens.get(at + 1).is_some_and(|next| next == "::")
                        && let Some(name) = tokens.get(at + 2).filter(|name| is_name(name))
                    {
                        path.push(name.clone());
                        at += 2;
                    }
                    module.paths.push(path);
                }
                _ => {}
            }
            at += 1;
        }
        module
    }

    /// Reads the tree of a `use` from `at` on, and returns where it ends.
    fn tree(&mut self, tokens: &[String], mut at: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        let mut name = None;
        while let Some(token) = tokens.get(at) {
            match token.as_str() {
                "::" => {}
                "{" => {
                    at += 1;
                    while tokens.get(at).is_some_and(|token| token != "}" && token != ";") {
                        at = self.tree(tokens, at, &path);
                        at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                    }
                    return at + 1;
                }
                "as" => {
                    name = tokens.get(at + 1).cloned();
                    at += 1;
                }
                "," | "}" | ";" => break,
                token => path.push(token.to_owned()),
            }
            at += 1;
        }
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(last) = path.last().cloned() {
            self.imports.insert(name.unwrap_or(last), path.clone());
            self.paths.push(path);
        }
        at
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Names, `::` and single characters, without comments, strings and character literals.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = literal(rest) {
            length
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a string or character literal at the beginning of a text.
fn literal(text: &str) -> Option<usize> {
    let raw = text.strip_prefix("br").or_else(|| text.strip_prefix('r')).unwrap_or_default();
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if raw[hashes..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let start = text.len() - raw.len() + hashes + 1;
        return Some(text[start..].find(&end).map_or(text.len(), |found| start + found + end.len()));
    }
    let mut characters = text.char_indices().skip(usize::from(text.starts_with('b'))).peekable();
    let (_, quote) = characters.next().filter(|(_, quote)| matches!(quote, '"' | '\''))?;
    let mut count = 0;
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            _ if character == quote => return Some(at + 1),
            // A lifetime or a label.
            _ if quote == '\'' && count > 0 => return None,
            _ => {}
        }
        count += 1;
    }
    None
}

/// Removes what `#[cfg(test)]` marks: up to the end of its braces, or to a semicolon. Also returns the names of the
/// test modules.
fn without_tests(tokens: &[String]) -> (Vec<String>, BTreeSet<String>) {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut tests) = (vec![], BTreeSet::new());
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().take(MARK.len()).eq(MARK.iter()) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += MARK.len();
        let mut depth = 0_usize;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.as_str() {
                "mod" if depth == 0 => tests.extend(tokens.get(at).cloned()),
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
        }
    }
    (kept, tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(files: &[(&str, &str)]) -> Vec<Folder> {
        let names = |path: &str| path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Modules(files.iter().map(|(path, text)| (names(path), Module::parse(text))).collect()).folders()
    }

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let all = folders(files).into_iter().flat_map(|folder| folder.circles);
        all.map(|circle| circle.iter().map(|Use { from, to, .. }| format!("{from}→{to}")).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn modules_come_in_layers_from_leaf_to_root() {
        let files = [("", "pub use a::A;"), ("a", "use crate::b::B;"), ("b", "use std::fmt;"), ("c", "use crate::A;")];
        let found = folders(&files);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].layers, [["b"], ["a"], ["c"]]);
        assert!(found[0].circles.is_empty());
    }

    #[test]
    fn a_circle_is_found_through_trees_re_exports_paths_and_macros() {
        for text in [
            "use crate::{a::{self as other, X}, Y};",
            "pub(crate) use super::A;",
            "fn f() -> crate::a::A { todo!() }",
            "fn f() { println!(\"{}\", super::a::X) }",
        ] {
            let files = [("", "mod a; mod b; pub use crate::a::A;"), ("a", "use crate::b;"), ("b", text)];
            assert_eq!(circles(&files), ["a→b b→a"], "{text}");
        }
    }

    #[test]
    fn comments_strings_and_tests_do_not_count() {
        for text in [
            "//! See [`A`](crate::a::A).",
            "/* use crate::a; */",
            "const S: &str = \"use crate::a;\"; const T: &str = r#\"\"use crate::a;\"\"#; const C: char = '\"';",
            "fn f(x: &str) -> impl Iterator<Item = u8> + use<> { x.len(); std::iter::empty() }",
            "fn f<'a>(x: &'a str) {}\n#[cfg(test)]\nmod tests { use super::*; fn g() { use crate::a::A; } }",
        ] {
            let files = [("", ""), ("a", "use crate::b;"), ("b", text), ("b/tests", "use crate::a;")];
            let declared = ("b", &*format!("{text}\n#[cfg(test)]\nmod tests;"));
            assert_eq!(circles(&[files[0], files[1], declared, files[3]]), Vec::<String>::new(), "{text}");
            assert_eq!(circles(&files[..3]), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_folder_is_one_module_from_outside_and_a_graph_inside() {
        let inside = [("", ""), ("a", "pub struct Own;"), ("a/x", "use super::{Own, y};"), ("a/y", "use super::x::X;")];
        assert_eq!(circles(&inside), ["x→y y→x"]);
        let outside = [("", ""), ("a", "mod x;"), ("a/x", "use crate::b::B;"), ("b", "use crate::a::Own;")];
        assert_eq!(circles(&outside), ["a→b b→a"]);
    }
}
