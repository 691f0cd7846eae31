//! One daemon per journal, whatever the file is called; and a file that lost its contents is not a new journal.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{fs, os::unix::fs::symlink, path::Path};

use common::*;
use fanfare_dispatch::Journal;
use fanfare_journal::{BackupError, OpenError, Options, backup};

/// Creates a journal with this many events and closes it.
async fn journal_of(folder: &Path, events: usize) {
    let journal = open(options(folder)).await;
    let channels = register(&journal, &["log"]).await;
    accept(&journal, (0..events).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    journal.close().await;
}

#[tokio::test]
async fn a_journal_in_use_is_refused_under_every_name_that_leads_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("other.db");
    symlink(folder.path().join("journal.db"), &link).unwrap();
    symlink(folder.path(), elsewhere.path().join("folder")).unwrap();
    for name in [
        folder.path().join("journal.db"),
        link,
        elsewhere.path().join("folder/journal.db"),
        folder.path().join("../").join(folder.path()).join("journal.db"),
    ] {
        let error = refused(Options::new(&name)).await;
        assert!(matches!(error, OpenError::InUse(_)), "{}: {error}", name.display());
        assert!(error.to_string().contains("journal.db"), "{error}");
    }
    journal.close().await;
    open(options(folder.path())).await.close().await;
}

#[tokio::test]
async fn a_journal_used_through_a_link_continues_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    fs::write(folder.path().join("real/data.db"), "").unwrap();
    symlink("real/data.db", folder.path().join("journal.db")).unwrap();
    journal_of(folder.path(), 3).await;
    assert!(!folder.path().join("journal.db.lock").exists(), "all files are next to the real file");
    let journal = open(Options::new(folder.path().join("real/data.db"))).await;
    assert_eq!(journal.history().totals().await.unwrap().last_offset, 3);
    journal.close().await;
}

#[tokio::test]
async fn a_file_with_two_names_is_refused_under_both() {
    let folder = tempfile::tempdir().unwrap();
    journal_of(folder.path(), 1).await;
    fs::hard_link(folder.path().join("journal.db"), folder.path().join("second.db")).unwrap();
    for name in ["journal.db", "second.db"] {
        let error = refused(Options::new(folder.path().join(name))).await;
        assert!(matches!(error, OpenError::Linked { names: 2, .. }), "{error}");
    }
    fs::remove_file(folder.path().join("second.db")).unwrap();
    open(options(folder.path())).await.close().await;
}

#[tokio::test]
async fn a_link_to_nothing_is_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    symlink(folder.path().join("not-mounted/journal.db"), folder.path().join("journal.db")).unwrap();
    let error = refused(options(folder.path())).await;
    assert!(error.to_string().contains("not-mounted"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_database_file_itself_is_locked_as_long_as_the_journal_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let path = folder.path().join("journal.db");
    // From another process: opening and closing the file in this one would release SQLite's locks.
    let free = || {
        let status =
            std::process::Command::new("flock").args(["--nonblock", "--exclusive"]).arg(&path).arg("true").status();
        status.expect("flock(1) is installed").success()
    };
    assert!(!free());
    let history = journal.history();
    journal.close().await;
    assert!(free(), "released by close, although a {} still exists", std::any::type_name_of_val(&history));
}

#[tokio::test]
async fn an_empty_file_beside_a_log_is_not_a_new_journal_and_the_log_stays() {
    for gone in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(options(folder.path())).await;
        let channels = register(&journal, &["log"]).await;
        accept(&journal, vec![entry("e1", &channels)]).await;
        let after = tempfile::tempdir().unwrap();
        let options = crash(folder.path(), after.path());
        let wal = after.path().join("journal.db-wal");
        let length = fs::metadata(&wal).unwrap().len();
        assert!(length > 0);
        if gone {
            fs::remove_file(&options.path).unwrap();
        } else {
            fs::write(&options.path, "").unwrap();
            let copied = backup(&options.path, &after.path().join("copy.db"));
            assert!(matches!(copied, Err(BackupError::Journal(OpenError::Lost { .. }))), "{copied:?}");
        }
        let error = refused(options).await;
        assert!(matches!(error, OpenError::Lost { .. }), "{error}");
        assert!(error.to_string().contains("backup"), "{error}");
        assert_eq!(fs::metadata(&wal).unwrap().len(), length, "the log is unchanged");
    }
}

#[tokio::test]
async fn an_empty_file_where_a_journal_was_is_refused_and_one_made_with_touch_is_new() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.db"), "").unwrap();
    journal_of(folder.path(), 2).await;
    fs::write(folder.path().join("journal.db"), "").unwrap();
    let error = refused(options(folder.path())).await;
    assert!(matches!(&error, OpenError::Lost { why, .. } if why.contains("events up to offset 2")), "{error}");
    // Once the remains are moved away, as the message says, a new journal begins.
    fs::remove_file(folder.path().join("journal.db")).unwrap();
    fs::remove_file(folder.path().join("journal.db.lock")).unwrap();
    journal_of(folder.path(), 1).await;
}

#[tokio::test]
async fn an_empty_journal_is_not_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("journal.db"), folder.path().join("copy.db"));
    fs::write(&from, "").unwrap();
    let copied = backup(&from, &to);
    assert!(matches!(copied, Err(BackupError::Empty(_))), "{copied:?}");
    assert!(!to.exists());
}

#[tokio::test]
async fn a_journal_restored_from_a_backup_says_so_and_a_restart_does_not() {
    let folder = tempfile::tempdir().unwrap();
    journal_of(folder.path(), 5).await;
    let to = folder.path().join("copy.db");
    backup(&folder.path().join("journal.db"), &to).unwrap();
    let journal = open(options(folder.path())).await;
    assert_eq!(journal.history().restored(), None, "the original is unaffected");
    let before = journal.history().journal_id().await.unwrap();
    accept(&journal, vec![entry("later", &[])]).await;
    journal.close().await;

    fs::copy(&to, folder.path().join("journal.db")).unwrap();
    let journal = open(options(folder.path())).await;
    let restored = journal.history().restored().unwrap();
    assert_eq!(restored.last_offset.0, 5);
    assert!(restored.copied_at.is_some_and(|at| at <= restored.at));
    let id = journal.history().journal_id().await.unwrap();
    assert_ne!(id, before, "the copy is another journal now");
    journal.close().await;
    let journal = open(options(folder.path())).await;
    assert_eq!(journal.history().restored(), Some(restored), "reported once, remembered from then on");
    assert_eq!(journal.history().journal_id().await.unwrap(), id);
    journal.close().await;
}

#[tokio::test]
async fn an_older_copy_of_the_file_is_noticed_by_what_the_lock_file_remembers() {
    let folder = tempfile::tempdir().unwrap();
    journal_of(folder.path(), 5).await;
    let copy = fs::read(folder.path().join("journal.db")).unwrap();
    let journal = open(options(folder.path())).await;
    accept(&journal, vec![entry("later", &[])]).await;
    journal.close().await;
    fs::write(folder.path().join("journal.db"), copy).unwrap();
    let journal = open(options(folder.path())).await;
    let restored = journal.history().restored().unwrap();
    assert_eq!((restored.last_offset.0, restored.copied_at), (5, None));
    journal.close().await;
}
