//! Finds secret values in responses, in every form they may have there, and removes them.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD, prelude::BASE64_URL_SAFE_NO_PAD};
use memchr::memmem::Finder;

use super::{Hidden, encode, escape};
use crate::limits;

/// The base64 of shorter values would be found in arbitrary text.
const LEAST_ENCODED: usize = 8;

/// A shorter path of an address is not treated as secret.
const LEAST_PATH: usize = 8;

impl Hidden {
    /// The forms to search for.
    pub(super) fn forms(&self) -> impl Iterator<Item = String> {
        let value = self.secret.value.as_str();
        // The secret part of an address is what follows the host.
        let path = value.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        let path = path.filter(|path| path.len() >= LEAST_PATH);
        [Some(value), path].into_iter().flatten().flat_map(forms)
    }
}

/// A value as it is, and as it appears in a URL, a form, a JSON string, HTML and base64.
fn forms(value: &str) -> Vec<String> {
    let json = escape(value);
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let lowercase = |text: &str| {
        let mut lower = text.to_owned();
        for (at, _) in text.match_indices('%') {
            if let Some(digits) = lower.get_mut(at + 1..at + 3) {
                digits.make_ascii_lowercase();
            }
        }
        lower
    };
    let mut forms = vec![
        value.to_owned(),
        json.replace('/', "\\/"),
        json,
        html.replace('\'', "&#39;"),
        html.replace('\'', "&#x27;"),
        html,
    ];
    let percent = encode(value).into_owned();
    let colons = percent.replace(':', "%3A");
    for form in [lowercase(&percent), percent, lowercase(&colons), colons] {
        forms.extend([form.replace("%20", "+"), form]);
    }
    if value.len() >= LEAST_ENCODED {
        forms.extend((0..3).flat_map(|shift| base64(value, shift)));
    }
    forms
}

/// The invariant part of the base64 of a text that contains the value `shift` bytes after a multiple of three: without
/// the digits shared with the surrounding text.
fn base64(value: &str, shift: usize) -> [String; 2] {
    let bytes = [&vec![0; shift][..], value.as_bytes()].concat();
    let digits = (8 * shift).div_ceil(6)..8 * bytes.len() / 6;
    [BASE64_STANDARD_NO_PAD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes)]
        .map(|all| all[digits.clone()].to_owned())
}

/// Searches for all forms at once.
#[derive(Clone, Default)]
pub(super) struct Search {
    /// What to find and what to replace it with, longest first.
    forms: Vec<(Finder<'static>, Instead)>,
}

/// What replaces a match.
#[derive(Clone, Debug)]
pub(super) enum Instead {
    /// The placeholder of the secret at this index.
    Placeholder(usize),
    Text(Arc<str>),
}

impl Instead {
    fn text<'a>(&'a self, hidden: &'a [Hidden]) -> &'a str {
        match self {
            Self::Placeholder(index) => hidden.get(*index).map_or("", |hidden| &hidden.placeholder),
            Self::Text(text) => text,
        }
    }
}

impl Search {
    pub(super) fn new(hidden: &[Hidden]) -> Self {
        let forms = |(index, hidden): (usize, &Hidden)| {
            hidden.forms().map(|form| (form, Instead::Placeholder(index))).collect::<Vec<_>>()
        };
        Self::default().and(hidden.iter().enumerate().flat_map(forms))
    }

    /// Adds more forms.
    pub(super) fn and(mut self, more: impl Iterator<Item = (String, Instead)>) -> Self {
        let more = more.filter(|(form, _)| !form.is_empty());
        self.forms.extend(more.map(|(form, instead)| (Finder::new(&form).into_owned(), instead)));
        self.forms
            .sort_by(|(a, _), (b, _)| b.needle().len().cmp(&a.needle().len()).then_with(|| a.needle().cmp(b.needle())));
        self.forms.dedup_by(|(a, _), (b, _)| a.needle() == b.needle());
        self
    }

    pub(super) fn longest(&self) -> usize {
        self.forms.first().map_or(0, |(finder, _)| finder.needle().len())
    }

    pub(super) fn finds(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|(finder, _)| finder.find(bytes).is_some())
    }

    /// Finds values in text that was lower-cased on its way.
    pub(super) fn finds_lowercase(&self, text: &str) -> bool {
        let holds = |needle: &[u8]| text.as_bytes().windows(needle.len()).any(|part| part.eq_ignore_ascii_case(needle));
        self.forms.iter().any(|(finder, _)| finder.needle().len() <= text.len() && holds(finder.needle()))
    }

    /// The text with every match replaced, and whether it is complete: it ends where it would exceed `limit`. `None` if
    /// nothing is found.
    ///
    /// One value may be part of another, or overlap it. Overlapping matches are replaced as one, by the placeholder of
    /// the longest. `hidden` has the placeholders.
    pub(super) fn take_out(&self, text: &str, limit: usize, hidden: &[Hidden]) -> Option<(String, bool)> {
        let from = |finder: &Finder<'_>, at: usize| finder.find(&text.as_bytes()[at..]).map(|found| at + found);
        let mut next: Vec<_> = self.forms.iter().map(|(finder, _)| from(finder, 0)).collect();
        if next.iter().all(Option::is_none) {
            return None;
        }
        let (mut clean, mut at) = (String::with_capacity(text.len()), 0);
        while let Some(start) = next.iter().filter_map(|&found| found).min() {
            let (mut end, mut instead) = (start, None);
            // Each match may extend the range, so that others begin within it.
            while let Some(n) = next.iter().position(|found| found.is_some_and(|found| found < end.max(start + 1))) {
                let finder = &self.forms[n].0;
                let found = next[n].unwrap_or(start);
                end = end.max(found + finder.needle().len());
                next[n] = from(finder, found + finder.needle().len());
                instead = instead.into_iter().chain([n]).min();
            }
            clean.push_str(&text[at..start]);
            clean.push_str(instead.map_or("", |n| self.forms[n].1.text(hidden)));
            at = end;
            if clean.len() > limit {
                clean.truncate(limits::cut(&clean, limit).len());
                return Some((clean, false));
            }
        }
        clean.push_str(&text[at..]);
        let whole = clean.len() <= limit;
        clean.truncate(limits::cut(&clean, limit).len());
        Some((clean, whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(forms: &[(&str, &str)]) -> Search {
        Search::default().and(forms.iter().map(|&(form, instead)| (form.to_owned(), Instead::Text(instead.into()))))
    }

    #[test]
    fn of_values_that_contain_one_another_the_longest_is_taken_out_and_nothing_of_either_is_left() {
        for forms in [[("token", "<1>"), ("token-of-more", "<2>")], [("token-of-more", "<2>"), ("token", "<1>")]] {
            let search = search(&forms);
            let clean = |text| search.take_out(text, usize::MAX, &[]).map(|(clean, _)| clean);
            assert_eq!(clean("a token-of-more b token c").unwrap(), "a <2> b <1> c");
            assert_eq!(clean("token-of-moretoken").unwrap(), "<2><1>");
            assert_eq!(clean("toke"), None);
        }
        // They overlap without one containing the other: both are replaced.
        let chain = search(&[("abcd", "<1>"), ("cdefg", "<2>"), ("gh", "<3>")]);
        assert_eq!(chain.take_out("_abcdefgh_abcd", usize::MAX, &[]), Some(("_<2>_<1>".to_owned(), true)));
    }

    #[test]
    fn what_is_put_in_place_of_a_value_does_not_grow_without_end() {
        let (clean, whole) = search(&[("a", "<instead>")]).take_out(&"a".repeat(1 << 20), 1000, &[]).unwrap();
        assert_eq!((clean.len(), whole), (1000, false));
        assert_eq!(search(&[("a", "<>")]).take_out("bab", 4, &[]), Some(("b<>b".to_owned(), true)));
        assert_eq!(search(&[("a", "<>")]).take_out("babbb", 4, &[]), Some(("b<>b".to_owned(), false)));
    }

    #[test]
    fn a_value_is_found_in_the_forms_that_receivers_give_it() {
        let value = "s3:cr/t <\"v&'l e\">ü";
        let found = search(&forms(value).iter().map(|form| (form.as_str(), "")).collect::<Vec<_>>());
        let json = serde_json::to_string(value).unwrap();
        for echoed in [
            value.to_owned(),
            "s3%3Acr%2Ft%20%3C%22v%26%27l%20e%22%3E%C3%BC".to_owned(),
            "s3:cr%2ft%20%3c%22v%26%27l%20e%22%3e%c3%bc".to_owned(),
            "s3%3acr%2ft+%3c%22v%26%27l+e%22%3e%c3%bc".to_owned(),
            json.replace('/', "\\/"),
            json,
            "s3:cr/t &lt;&quot;v&amp;&#39;l e&quot;&gt;ü".to_owned(),
        ] {
            assert!(found.finds(echoed.as_bytes()), "{echoed}");
        }
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "z", "zz", "zzz"] {
                let text = format!("{before}{value}{after}");
                assert!(found.finds(BASE64_STANDARD_NO_PAD.encode(&text).as_bytes()), "{text}");
                assert!(found.finds(BASE64_URL_SAFE_NO_PAD.encode(&text).as_bytes()), "{text}");
            }
        }
        assert!(found.finds_lowercase("x-s3:cr/t <\"v&'l e\">ü-y") && !found.finds(b"s3:cr/t"));
    }
}
