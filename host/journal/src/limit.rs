//! Limits the size of the database file.

use rusqlite::Connection;

use crate::{chore::Chore, group::Group, memory::Memory};

/// Sets the maximum size of the database file.
pub(crate) fn limit(connection: &Connection, bytes: Option<u64>) -> rusqlite::Result<()> {
    let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    // SQLite's own upper bound.
    const ALL_PAGES: i64 = 0xFFFF_FFFE;
    let pages = bytes.map_or(ALL_PAGES, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1)).max(1);
    connection.query_row(&format!("PRAGMA max_page_count = {}", pages.min(ALL_PAGES)), [], |_| Ok(()))
}

/// Changes the maximum size of the database file.
pub(crate) struct Limit(pub(crate) Option<u64>);

impl Chore for Limit {
    fn write(&mut self, group: &mut Group<'_>, _: &Memory) -> rusqlite::Result<()> {
        limit(group.connection, self.0)
    }

    fn finish(self: Box<Self>, _: &Memory, result: Result<(), String>) {
        if let Err(e) = result {
            tracing::error!("the journal's maximum size could not be set: {e}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_kept_in_whole_pages() {
        let connection = Connection::open_in_memory().unwrap();
        limit(&connection, Some(10 * 4096 + 1)).unwrap();
        let pages: i64 = connection.query_row("PRAGMA max_page_count", [], |row| row.get(0)).unwrap();
        assert_eq!(pages, 10);
        limit(&connection, None).unwrap();
        let pages: i64 = connection.query_row("PRAGMA max_page_count", [], |row| row.get(0)).unwrap();
        assert_eq!(pages, 0xFFFF_FFFE);
    }
}
