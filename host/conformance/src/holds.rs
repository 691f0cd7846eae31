//! Holds. The journal records them and obeys none of them.

use std::sync::{Arc, Mutex};

use fanfare_core::{ChannelId, delivery::Next};
use fanfare_dispatch::{Commit, Follower, Hold, HoldChange, HoldKind, Journal, Registration};
use jiff::Timestamp;

use crate::{
    Store,
    case::{Case, event, name},
};

fn hold(kind: HoldKind, reason: &str) -> Hold {
    Hold { kind, reason: reason.to_owned(), since: "2026-11-20T10:30:00.123456Z".parse().unwrap() }
}

pub async fn each_change_of_a_hold_gives_what_the_contract_says(store: &impl Store) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    let (paused, suspended, open) =
        (hold(HoldKind::Paused, "p"), hold(HoldKind::Suspended, "s"), hold(HoldKind::Open, "o"));
    let newer = hold(HoldKind::Open, "again");
    let changes = |before: Option<&Hold>| {
        let other_than_paused = before.filter(|hold| hold.kind == HoldKind::Paused).cloned();
        let opened = match before {
            Some(hold) if hold.kind != HoldKind::Open => hold.clone(),
            _ => newer.clone(),
        };
        [
            (HoldChange::Pause(paused.clone()), Some(paused.clone())),
            (HoldChange::Resume, None),
            (HoldChange::EndSuspension, other_than_paused),
            (HoldChange::Open(newer.clone()), Some(opened)),
            (HoldChange::Close, before.filter(|hold| hold.kind != HoldKind::Open).cloned()),
        ]
    };
    for before in [None, Some(&paused), Some(&suspended), Some(&open)] {
        for (change, after) in changes(before) {
            it.journal.change_hold(log, HoldChange::Resume).await.unwrap();
            match before.map(|hold| hold.kind) {
                None => {}
                Some(HoldKind::Open) => {
                    it.journal.change_hold(log, HoldChange::Open(open.clone())).await.unwrap();
                }
                // Whoever records it: a suspension comes with a settlement, or from another process.
                Some(_) => {
                    let hold = before.unwrap().clone();
                    it.journal.change_hold(log, HoldChange::Pause(hold)).await.unwrap();
                }
            }
            assert_eq!(it.journal.hold(log).as_ref(), before);
            let changed = it.journal.change_hold(log, change.clone()).await.unwrap();
            assert_eq!(changed, after, "{change:?} of {before:?}");
            assert_eq!(it.journal.hold(log), after, "{change:?} of {before:?}");
        }
    }
}

/// The hold of each channel whose hold a commit has changed, as the journal has it when it tells of the commit.
struct Changes<J> {
    journal: Arc<J>,
    seen: Mutex<Vec<(ChannelId, Option<HoldKind>)>>,
}

impl<J: Journal> Follower for Changes<J> {
    fn committed(&self, commit: &Commit) {
        let now = |&channel: &ChannelId| (channel, self.journal.hold(channel).map(|hold| hold.kind));
        self.seen.lock().unwrap().extend(commit.hold_changes.iter().map(now));
    }
}

pub async fn a_hold_is_known_to_followers_and_survives_a_crash(store: &impl Store) {
    let it = Case::open(store).await;
    let [log, other] = it.register(["log", "other"]).await;
    let changes = Arc::new(Changes { journal: Arc::clone(&it.journal), seen: Mutex::default() });
    let follower: Arc<dyn Follower> = changes.clone();
    it.journal.follow(Arc::downgrade(&follower));
    // Someone other than the lane changes it.
    it.journal.change_hold(other, HoldChange::Pause(hold(HoldKind::Paused, "maintenance"))).await.unwrap();
    it.accept(event("1"), &[log, other]).await;
    // Followers are notified in the order of the commits, so this one comes after the change.
    it.end(&it.claim_one(log).await, Next::Delivered).await;
    assert_eq!(*changes.seen.lock().unwrap(), [(other, Some(HoldKind::Paused))]);
    assert_eq!(it.claim_one(other).await.offset.0, 1, "callers obey it, the journal does not");
    drop((changes, follower));

    let it = it.crash().await;
    assert_eq!(it.journal.hold(other), Some(hold(HoldKind::Paused, "maintenance")));
    let plain = |of: &str| Registration { name: name(of), order: None };
    let [log, other] = it.register_as([plain("log"), plain("other")]).await;
    assert_eq!((log.hold, other.hold), (None, Some(hold(HoldKind::Paused, "maintenance"))));
    it.journal.change_hold(other.id, HoldChange::Resume).await.unwrap();
    let it = it.close_and_open().await;
    assert_eq!(it.journal.hold(other.id), None);
}

pub async fn a_receiver_that_is_gone_suspends_its_channel_in_the_same_commit(store: &impl Store) {
    let it = Case::open(store).await;
    let [gone, paused] = it.register(["gone", "paused"]).await;
    it.accept(event("1"), &[gone, paused]).await;
    let by_hand = Hold { kind: HoldKind::Paused, reason: "by hand".into(), since: Timestamp::UNIX_EPOCH };
    for channel in [gone, paused] {
        let claim = it.claim_one(channel).await;
        if channel == paused {
            it.journal.change_hold(channel, HoldChange::Pause(by_hand.clone())).await.unwrap();
        }
        let commit = it.settle(it.settlement(&claim, Next::Suspended { attempts: 0 })).await;
        assert_eq!(commit.hold_changes.contains(&channel), channel == gone);
        assert_eq!(it.journal.backlog(channel).pending, 1);
    }
    let hold = it.journal.hold(gone).unwrap();
    assert_eq!((hold.kind, hold.reason.as_str()), (HoldKind::Suspended, "the receiver is busy"));
    assert_eq!(it.journal.hold(paused), Some(by_hand), "a pause is not overwritten");
    assert_eq!(it.claim_one(gone).await.attempts, 0);
}
