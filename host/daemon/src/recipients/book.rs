//! Many recipients in about as much memory as their text: each is kept as compact JSON and parsed when it is needed.

use std::{fmt, ops::Range};

/// Recipients by subject.
#[derive(Default, PartialEq, Eq)]
pub struct Book {
    /// Each subject, followed by its recipient.
    text: Box<str>,
    /// In the order of the subjects.
    places: Box<[Place]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    start: u32,
    /// The lengths of the subject and the recipient, in bytes.
    subject: u16,
    body: u16,
}

/// A recipient as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    pub subject: &'a str,
    pub body: &'a str,
}

impl Book {
    /// Keeps recipients, each with its subject. Of several with the same subject, one is kept. Omits recipients that
    /// are too long, which readers have rejected already.
    #[must_use]
    pub fn new(mut recipients: Vec<(String, String)>) -> Self {
        recipients.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        recipients.dedup_by(|(one, _), (other, _)| one == other);
        let bytes = recipients.iter().map(|(subject, body)| subject.len() + body.len()).sum();
        let (mut text, mut places) = (String::with_capacity(bytes), Vec::with_capacity(recipients.len()));
        for (subject, body) in recipients {
            let sizes = (u32::try_from(text.len()), u16::try_from(subject.len()), u16::try_from(body.len()));
            if let (Ok(start), Ok(subject_length), Ok(body_length)) = sizes {
                places.push(Place { start, subject: subject_length, body: body_length });
                text.push_str(&subject);
                text.push_str(&body);
            }
        }
        Self { text: text.into(), places: places.into() }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Bytes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len() + size_of_val(&*self.places)
    }

    #[must_use]
    pub fn get(&self, subject: &str) -> Option<&str> {
        let place = self.places.binary_search_by(|place| self.kept(place).subject.cmp(subject)).ok()?;
        Some(self.kept(self.places.get(place)?).body)
    }

    /// The recipients whose subjects come after this one, in order.
    pub fn after<'a>(&'a self, subject: &str) -> impl Iterator<Item = Kept<'a>> {
        self.from(self.places.partition_point(|place| self.kept(place).subject <= subject))
    }

    /// The recipients whose subjects are this one or come after it, in order.
    pub fn at_or_after<'a>(&'a self, subject: &str) -> impl Iterator<Item = Kept<'a>> {
        self.from(self.places.partition_point(|place| self.kept(place).subject < subject))
    }

    fn from(&self, place: usize) -> impl Iterator<Item = Kept<'_>> {
        self.places.get(place..).unwrap_or_default().iter().map(|place| self.kept(place))
    }

    pub fn iter(&self) -> impl Iterator<Item = Kept<'_>> {
        self.from(0)
    }

    /// Subjects whose recipients differ. `None` if there are more than `most`.
    #[must_use]
    pub fn differing(&self, other: &Self, most: usize) -> Option<Vec<String>> {
        let (mut these, mut those) = (self.iter().peekable(), other.iter().peekable());
        let mut differing = vec![];
        loop {
            let next = match (these.peek(), those.peek()) {
                (None, None) => return Some(differing),
                (Some(this), None) => this.subject,
                (None, Some(that)) => that.subject,
                (Some(this), Some(that)) => this.subject.min(that.subject),
            };
            let this = these.next_if(|kept| kept.subject == next);
            if this != those.next_if(|kept| kept.subject == next) {
                if differing.len() == most {
                    return None;
                }
                differing.push(next.to_owned());
            }
        }
    }

    fn kept(&self, place: &Place) -> Kept<'_> {
        let start = place.start as usize;
        let end = start + usize::from(place.subject);
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        Kept { subject: part(start..end), body: part(end..end + usize::from(place.body)) }
    }
}

/// Without the content, which contains addresses.
impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("recipients", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(recipients: &[(&str, &str)]) -> Book {
        Book::new(recipients.iter().map(|(subject, body)| ((*subject).to_owned(), (*body).to_owned())).collect())
    }

    #[test]
    fn recipients_are_found_by_subject_and_listed_in_order() {
        let book = book(&[("b", "{2}"), ("a", "{1}"), ("ab", "{3}"), ("ä", "{4}")]);
        let get = |subject: &str| book.get(subject);
        assert_eq!(
            [get("a"), get("ab"), get("b"), get("ä"), get("")],
            [Some("{1}"), Some("{3}"), Some("{2}"), Some("{4}"), None]
        );
        let subjects =
            |kept: &mut dyn Iterator<Item = Kept<'_>>| kept.map(|kept| kept.subject.to_owned()).collect::<Vec<_>>();
        assert_eq!(subjects(&mut book.after("a")), ["ab", "b", "ä"]);
        assert_eq!(subjects(&mut book.at_or_after("ab")), ["ab", "b", "ä"]);
        assert_eq!(subjects(&mut book.after("ä")), [""; 0]);
        assert_eq!((Book::default().get("a"), Book::default().len()), (None, 0));
    }

    #[test]
    fn differing_recipients_are_found() {
        let before = book(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let after = book(&[("b", "2"), ("c", "4"), ("d", "5")]);
        assert_eq!(before.differing(&after, 9).unwrap(), ["a", "c", "d"]);
        assert_eq!(before.differing(&after, 2), None);
        assert_eq!(before.differing(&before, 0), Some(vec![]));
    }

    #[test]
    fn memory_is_about_the_size_of_the_text() {
        let body = "x".repeat(300);
        let many: Vec<_> = (0..1_000).map(|n| (format!("usr_{n:04}"), body.clone())).collect();
        let text: usize = many.iter().map(|(subject, body)| subject.len() + body.len()).sum();
        assert_eq!(Book::new(many).bytes(), text + 8 * 1_000);
    }
}
