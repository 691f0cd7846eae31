//! Recipients set through the API.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use common::*;
use fanfare_dispatch::Journal as _;
use fanfare_journal::RecipientRow;
use jiff::Timestamp;

fn row(subject: &str, address: &str) -> RecipientRow {
    let body = format!(r#"{{"email":"{address}@example.com"}}"#);
    RecipientRow { subject: subject.to_owned(), body, changed_at: Timestamp::UNIX_EPOCH }
}

#[tokio::test]
async fn what_was_replaced_or_removed_is_nowhere_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let recipients = journal.recipients();
    let long = "long".repeat(3_000);
    for (subject, address) in [("a", "first"), ("b", "second"), ("c", &long), ("a", "third"), ("d", "fourth")] {
        recipients.set(row(subject, address)).await.unwrap();
    }
    for subject in ["b", "c"] {
        recipients.remove(subject.to_owned()).await.unwrap();
    }
    assert_eq!(recipients.all().await.unwrap(), [row("a", "third"), row("d", "fourth")]);
    drop(recipients);
    journal.close().await;
    drop(journal);

    let mut bytes = vec![];
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("third@example.com") && has("fourth@example.com"));
    for gone in ["first@", "second@", "longlonglong"] {
        assert!(!has(gone), "{gone}");
    }
}
