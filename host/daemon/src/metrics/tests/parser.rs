//! A strict parser of text format 0.0.4 that rejects what `promtool check metrics` rejects.

use std::collections::{BTreeMap, HashMap, HashSet};

/// A complete exposition.
pub(crate) struct Exposition {
    types: HashMap<String, String>,
    /// By the sample's name and its labels, sorted and as written.
    values: BTreeMap<(String, String), f64>,
}

impl Exposition {
    /// Panics on anything that a scraper would reject.
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no line break");
        let mut read = Self { types: HashMap::new(), values: BTreeMap::new() };
        let (mut helped, mut family): (HashSet<&str>, Option<&str>) = (HashSet::new(), None);
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help text");
                assert!(helped.insert(name), "{name} is described twice");
                assert!(!help.is_empty());
                family = None;
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, ty) = rest.split_once(' ').expect("a type");
                assert!(["counter", "gauge", "histogram", "untyped"].contains(&ty), "{line}");
                assert!(helped.contains(name), "{name} has no help before its type");
                let counts = name.ends_with("_total") && !["gauge", "untyped"].contains(&ty);
                assert_eq!(ty == "counter", counts, "{name} as {ty}");
                assert!(read.types.insert(name.to_owned(), ty.to_owned()).is_none(), "{name} has two types");
                family = Some(name);
            } else {
                assert!(!line.starts_with('#'), "{line}");
                read.sample(line, family.expect("a sample without a type before it"));
            }
        }
        read.check_histograms();
        read
    }

    fn sample(&mut self, line: &str, family: &str) {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = match series.split_once('{') {
            Some((name, rest)) => (name, labels(rest.strip_suffix('}').expect("a closing brace"))),
            None => (series, vec![]),
        };
        let suffix = name.strip_prefix(family).unwrap_or_else(|| panic!("{name} does not belong under {family}"));
        match self.types[family].as_str() {
            "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&suffix), "{line}"),
            _ => assert_eq!(suffix, "", "{line}"),
        }
        assert!(is_name(name), "{name}");
        let mut names: Vec<_> = labels.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), labels.len(), "a label appears twice: {line}");
        let mut labels: Vec<_> = labels.into_iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        labels.sort();
        let value = value.parse().unwrap_or_else(|_| panic!("not a number: {line}"));
        let before = self.values.insert((name.to_owned(), labels.join(",")), value);
        assert!(before.is_none(), "a series appears twice: {line}");
    }

    fn check_histograms(&self) {
        for ((name, labels), count) in &self.values {
            let Some(family) = name
                .strip_suffix("_count")
                .filter(|family| self.types.get(*family).is_some_and(|ty| ty == "histogram"))
            else {
                continue;
            };
            let infinite = if labels.is_empty() { "le=\"+Inf\"".to_owned() } else { format!("{labels},le=\"+Inf\"") };
            let mut parts: Vec<_> =
                infinite.split("\",").map(|part| format!("{}\"", part.trim_end_matches('"'))).collect();
            parts.sort();
            let last = self.value(&format!("{family}_bucket"), &parts.join(","));
            assert_eq!(last, Some(*count), "{family}{{{labels}}}: the last bucket counts everything");
        }
    }

    pub(crate) fn value(&self, name: &str, labels: &str) -> Option<f64> {
        self.values.get(&(name.to_owned(), labels.to_owned())).copied()
    }

    /// The type of the family that a sample of this name belongs to.
    pub(crate) fn type_of(&self, name: &str) -> Option<&str> {
        let families = ["", "_bucket", "_sum", "_count"].iter().filter_map(|suffix| name.strip_suffix(suffix));
        families.filter_map(|family| self.types.get(family)).map(String::as_str).next()
    }

    /// How many series of this name there are.
    pub(crate) fn series(&self, name: &str) -> usize {
        self.values.keys().filter(|(have, _)| have == name).count()
    }
}

/// `a="1",b="2"`, with the values still escaped.
fn labels(mut text: &str) -> Vec<(String, String)> {
    let mut labels = vec![];
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"").expect("a label's value");
        assert!(is_name(name) && !name.contains(':') && !name.starts_with("__"), "{name}");
        let mut escaped = false;
        let end = rest
            .char_indices()
            .find(|&(_, c)| {
                let end = c == '"' && !escaped;
                assert!(!escaped || matches!(c, '\\' | '"' | 'n'), "an unknown escape in {rest}");
                escaped = c == '\\' && !escaped;
                end
            })
            .expect("a closing quote")
            .0;
        labels.push((name.to_owned(), rest[..end].to_owned()));
        text = rest[end + 1..].trim_start_matches(',');
    }
    labels
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    name.chars().all(plain) && name.starts_with(|c: char| !c.is_ascii_digit())
}
