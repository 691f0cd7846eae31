//! Lists, page by page.

use serde::Serialize;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Oldest,
    Newest,
}

/// A part of a list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page, passed as `after`. Absent at the end. A page of a filter with few matches may be
    /// short or empty and still have a next page, because scans are limited.
    pub next: Option<i64>,
    /// Where the journal is damaged and the list is incomplete.
    pub holes: Vec<Hole>,
}

impl<T> Page<T> {
    #[must_use]
    pub fn empty() -> Self {
        Self { items: vec![], next: None, holes: vec![] }
    }
}

/// An unreadable part of a list: everything between the two cursors, exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hole {
    pub after: i64,
    pub before: i64,
    pub reason: String,
}
