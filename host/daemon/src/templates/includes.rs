//! Which templates a text names literally.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// Everything outside of tags, and a tag up to the name: `include`, `extends`, `import` and `from`.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let raw = r"\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}";
    let tag = r#"\{%[-+]?\s*(?:include|extends|import|from)\s+(?:"([^"]*)"|'([^']*)')(.*?)%\}"#;
    Regex::new(&format!(r"(?s)\{{#.*?#\}}|{raw}|{tag}")).ok()
});

/// The names, each with its place. Omits those that may be missing.
pub(super) fn named(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let tags = TAG.iter().flat_map(|tag| tag.captures_iter(text));
    tags.filter_map(|found| {
        let name = found.get(1).or(found.get(2))?;
        let rest = found.get(3).map_or("", |rest| rest.as_str());
        // A name may also be an expression, which only the engine can evaluate.
        let is_plain =
            !rest.trim_start().starts_with(['~', '+', '%', '|', '.', '[']) && !rest.contains("ignore missing");
        is_plain.then(|| (name.as_str(), name.range()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_the_engine_looks_for_them() {
        for (text, want) in [
            ("{% include \"footer\" %}", &["footer"][..]),
            ("{%- extends 'layout' -%} {% import \"m\" as m %}{% from \"n\" import a %}", &["layout", "m", "n"]),
            ("{% include \"a\" ignore missing %}{% include data.name %}{% include \"a\" ~ data.name %}", &[]),
            ("{# {% include \"a\" %} #}{% raw %}{% include \"b\" %}{% endraw %} include \"c\"", &[]),
            ("{% include [\"a\", \"b\"] %}", &[]),
        ] {
            assert_eq!(named(text).map(|(name, _)| name).collect::<Vec<_>>(), want, "{text}");
        }
        let text = "{% include \"footer\" %}";
        assert_eq!(named(text).next().map(|(_, at)| &text[at]), Some("footer"));
    }
}
