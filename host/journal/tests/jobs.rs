//! Replays, redrives and purges: durable, in steps, and without delaying live traffic.
#![allow(clippy::disallowed_methods, reason = "a test may ask what time it is")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{collections::BTreeSet, time::Duration};

use common::*;
use fanfare_core::{
    ChannelId, ChannelStatus,
    delivery::{Origin, Trigger},
};
use fanfare_dispatch::{Claim, Journal};
use fanfare_journal::{
    DeadLetterFilter, DeadLetterQuery, End as Until, Job, JobError, JobId, JobKind, JobState, ReplayRequest,
    SqliteJournal, Start,
};

fn everything(channels: &[&str]) -> ReplayRequest {
    ReplayRequest {
        after: Start::Offset(0),
        until: Until::Now,
        types: vec![],
        channels: channels.iter().copied().map(name).collect(),
    }
}

/// Delivers everything, including new arrivals, until the job has ended.
async fn work_off(journal: &SqliteJournal, channel: ChannelId, id: JobId) -> (Job, Vec<Claim>) {
    let mut claims = vec![];
    loop {
        let job = journal.jobs().get(id).await.unwrap().unwrap();
        if job.state.is_final() {
            return (job, claims);
        }
        // An ended job has nothing more to claim; then the check above ends the loop.
        if let Ok(more) = tokio::time::timeout(Duration::from_millis(20), journal.claim(channel, 64)).await {
            for claim in more.unwrap() {
                settle(journal, &claim, End::delivered()).await;
                claims.push(claim);
            }
        }
    }
}

async fn delivered(journal: &SqliteJournal, channel: ChannelId, count: u64) {
    let entries = (1..=count).map(|n| {
        let mut event = event(&format!("e{n}"));
        event.ty = if n % 2 == 0 { "order.paid" } else { "user.signup" }.into();
        entry_of(event, &[channel])
    });
    accept(journal, entries.collect()).await;
    let mut last = None;
    for claim in claim(journal, channel, usize::try_from(count).unwrap()).await {
        last = Some(begin_settle(journal, &claim, End::delivered()).await);
    }
    last.unwrap().await.unwrap();
}

#[tokio::test]
async fn a_new_channel_catches_up_on_what_was_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let old = register(&journal, &["old"]).await[0];
    delivered(&journal, old, 1_000).await;
    let new = register(&journal, &["new"]).await[0];
    let request = ReplayRequest { types: vec!["order.*".into()], ..everything(&["new"]) };
    assert_eq!(journal.jobs().count_replay(&request).await.unwrap(), 500);
    let job = journal.jobs().replay(request).await.unwrap();
    assert_eq!((job.kind, job.state, job.matched), (JobKind::Replay, JobState::Running, 500));
    let (job, claims) = work_off(&journal, new, job.id).await;
    assert_eq!((job.state, job.sent, job.delivered, job.dead, job.pending), (JobState::Done, 500, 500, 0, 0));
    let offsets: BTreeSet<_> = offsets(&claims).into_iter().collect();
    assert_eq!(offsets, (1..=500).map(|n| n * 2).collect(), "each once");
    assert_eq!(claims.len(), 500);
    assert!(claims.iter().all(|claim| claim.origin == Origin::Replay && claim.attempts == 0));
    let shown = journal.history().event("e2".into(), None).await.unwrap().unwrap();
    let on_new = shown.deliveries.iter().find(|delivery| delivery.channel.as_str() == "new").unwrap();
    assert_eq!((on_new.status, on_new.origin), (ChannelStatus::Success, Origin::Replay));
    assert_eq!(on_new.attempts.len(), 1);
    assert_eq!(journal.backlog(new).pending, 0);
    assert_eq!(journal.backlog(old).pending, 0);
}

#[tokio::test]
async fn a_replay_continues_after_a_crash_and_repeats_and_omits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let after = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    delivered(&journal, channel, 2_000).await;
    let job = journal.jobs().replay(everything(&["log"])).await.unwrap();
    let mut settled = BTreeSet::new();
    for claim in claim(&journal, channel, 300).await {
        settle(&journal, &claim, End::delivered()).await;
        assert!(settled.insert(claim.offset.0));
    }
    // Some are in flight at the crash.
    let lost = claim(&journal, channel, 10).await;
    let crashed = crash(folder.path(), after.path());
    drop(lost);
    journal.close().await;

    let journal = open(crashed).await;
    let channel = register(&journal, &["log"]).await[0];
    let (job, claims) = work_off(&journal, channel, job.id).await;
    for claim in &claims {
        assert!(settled.insert(claim.offset.0), "{} began twice", claim.offset);
    }
    assert_eq!(settled.len(), 2_000);
    assert_eq!((job.state, job.sent, job.delivered), (JobState::Done, 2_000, 2_000));
}

#[tokio::test]
async fn live_events_do_not_wait_for_a_replay_and_few_of_it_are_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    delivered(&journal, channel, 5_000).await;
    let job = journal.jobs().replay(everything(&["log"])).await.unwrap();
    settle(&journal, &claim(&journal, channel, 1).await[0], End::delivered()).await;
    for n in 0..20 {
        assert!(journal.backlog(channel).pending <= 1_024, "{:?}", journal.backlog(channel));
        accept(&journal, vec![entry(&format!("live-{n}"), &[channel])]).await;
        let mut found = false;
        for _ in 0..2 {
            for claim in claim(&journal, channel, 1).await {
                found |= claim.origin == Origin::Live;
                settle(&journal, &claim, End::delivered()).await;
            }
        }
        assert!(found, "live event {n} waited behind the replay");
    }
    journal.jobs().cancel(job.id).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_job_is_paused_resumed_and_cancelled_and_remembers_that() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    delivered(&journal, channel, 3_000).await;
    let jobs = journal.jobs();
    let job = jobs.replay(everything(&["log"])).await.unwrap();
    assert_eq!(jobs.pause(job.id).await.unwrap().unwrap().state, JobState::Paused);
    journal.close().await;
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    let jobs = journal.jobs();
    let paused = jobs.get(job.id).await.unwrap().unwrap();
    assert_eq!(paused.state, JobState::Paused);
    let begun = usize::try_from(paused.pending).unwrap();
    if begun > 0 {
        for claim in claim(&journal, channel, begun).await {
            settle(&journal, &claim, End::delivered()).await;
        }
    }
    nothing_to_claim(&journal, channel).await;

    assert_eq!(jobs.resume(job.id).await.unwrap().unwrap().state, JobState::Running);
    settle(&journal, &claim(&journal, channel, 1).await[0], End::delivered()).await;
    assert_eq!(jobs.cancel(job.id).await.unwrap().unwrap().state, JobState::Cancelled);
    assert_eq!(jobs.resume(job.id).await.unwrap_err(), JobError::Finished(JobState::Cancelled));
    assert_eq!(jobs.cancel(JobId(99)).await.unwrap().map(|job| job.id), None);
    let cancelled = jobs.get(job.id).await.unwrap().unwrap();
    assert!(cancelled.sent < 3_000, "{cancelled:?}");
    assert_eq!(jobs.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_under_way_is_not_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, (1..=4).map(|n| entry(&format!("e{n}"), &[channel])).collect()).await;
    // 1 is delivered, 2 waits, 3 is in flight, 4 has not been handed out.
    let claims = claim(&journal, channel, 3).await;
    settle(&journal, &claims[0], End::delivered()).await;
    let later = jiff::Timestamp::now() + jiff::ToSpan::hour(1);
    settle(&journal, &claims[1], End::waiting(later, 1)).await;
    let job = journal.jobs().replay(everything(&["log"])).await.unwrap();
    let again = claim(&journal, channel, 2).await;
    assert_eq!(offsets(&again).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([1, 4]));
    for claim in &again {
        settle(&journal, claim, End::delivered()).await;
    }
    let (job, _) = work_off(&journal, channel, job.id).await;
    assert_eq!((job.sent, job.skipped, job.delivered), (1, 3, 1));
    assert_eq!(journal.backlog(channel).pending, 2);
}

#[tokio::test]
async fn dead_letters_are_sent_again_by_filter_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, (1..=700).map(|n| entry(&format!("e{n}"), &[channel])).collect()).await;
    for claim in claim(&journal, channel, 700).await {
        drop(begin_settle(&journal, &claim, End::dead(1)).await);
    }
    let history = journal.history();
    while journal.backlog(channel).pending > 0 {
        tokio::task::yield_now().await;
    }
    let letters = history.dead_letters(DeadLetterQuery { limit: 1, ..DeadLetterQuery::default() }).await.unwrap().items;
    let one = DeadLetterFilter { delivery: Some(letters[0].delivery_id), ..DeadLetterFilter::default() };
    let jobs = journal.jobs();
    assert_eq!(jobs.count_dead_letters(&one).await.unwrap(), 1);
    let job = jobs.redrive(one.clone()).await.unwrap();
    let again = claim(&journal, channel, 1).await.remove(0);
    assert_eq!((again.delivery_id(), again.origin, again.attempts), (letters[0].delivery_id, Origin::Manual, 0));
    settle(&journal, &again, End::dead(1)).await;
    let (job, _) = work_off(&journal, channel, job.id).await;
    assert_eq!((job.state, job.sent, job.dead), (JobState::Done, 1, 1));
    let (letter, event) = history.dead_letter(letters[0].delivery_id).await.unwrap().unwrap();
    assert_eq!(letter.attempts, 1, "counted from the redrive");
    let triggers: Vec<_> = event.unwrap().deliveries[0].attempts.iter().map(|attempt| attempt.trigger).collect();
    assert_eq!(triggers.len(), 2, "all attempts are kept: {triggers:?}");
    assert_eq!(triggers[0], Trigger::First);

    let none = DeadLetterFilter { code: Some("other".into()), ..DeadLetterFilter::default() };
    assert_eq!(jobs.count_dead_letters(&none).await.unwrap(), 0);
    let job = jobs.redrive(DeadLetterFilter::default()).await.unwrap();
    assert_eq!(job.matched, 700);
    let (job, claims) = work_off(&journal, channel, job.id).await;
    assert_eq!((job.state, job.delivered, claims.len()), (JobState::Done, 700, 700));
    assert!(history.dead_letters(DeadLetterQuery::default()).await.unwrap().items.is_empty());
    let totals = history.totals().await.unwrap();
    assert_eq!((totals.channels[0].delivered, totals.channels[0].dead), (700, 701));
    assert_eq!(journal.backlog(channel).pending, 0);
    journal.close().await;
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    assert_eq!(journal.backlog(channel).pending, 0, "the counters agree after a restart");
}

#[tokio::test]
async fn a_dead_letter_outlives_a_replay_that_is_skipped_and_goes_with_one_that_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channel = register(&journal, &["log"]).await[0];
    accept(&journal, vec![entry("e1", &[channel])]).await;
    let first = claim(&journal, channel, 1).await.remove(0);
    settle(&journal, &first, End::dead(3)).await;
    let id = first.delivery_id();
    let (letter, _) = journal.history().dead_letter(id).await.unwrap().unwrap();

    let replayed = async |journal: &SqliteJournal, end: End| {
        let job = journal.jobs().replay(everything(&["log"])).await.unwrap();
        let again = claim(journal, channel, 1).await.remove(0);
        assert_eq!(again.origin, Origin::Replay);
        settle(journal, &again, end).await;
        work_off(journal, channel, job.id).await.0
    };
    let job = replayed(&journal, End::skipped()).await;
    assert_eq!((job.sent, job.skipped, job.delivered, job.dead), (0, 1, 0, 0));
    let (kept, event) = journal.history().dead_letter(id).await.unwrap().expect("it was not delivered");
    assert_eq!((kept.code, kept.at, kept.attempts), (letter.code, letter.at, 3), "with its reason");
    let delivery = event.unwrap().deliveries.remove(0);
    assert_eq!((delivery.status, delivery.skipped), (ChannelStatus::Failed, None), "as before");
    assert!(delivery.skipped_replay.is_some());

    // A crash while it is under way again: the letter is there, and a redrive does not begin the delivery twice.
    let job = journal.jobs().replay(everything(&["log"])).await.unwrap();
    claim(&journal, channel, 1).await;
    let crashed = tempfile::tempdir().unwrap();
    let after = crash(folder.path(), crashed.path());
    journal.close().await;
    let journal = open(after).await;
    register(&journal, &["log"]).await;
    assert!(journal.history().dead_letter(id).await.unwrap().is_some());
    let redrive = journal.jobs().redrive(DeadLetterFilter::default()).await.unwrap();
    let (redrive, claims) = work_off(&journal, channel, redrive.id).await;
    assert_eq!((redrive.sent, redrive.skipped), (0, 1));
    assert!(claims.len() <= 1, "{claims:?}");
    let (job, _) = work_off(&journal, channel, job.id).await;
    assert_eq!((job.sent, job.delivered), (1, 1));
    assert!(journal.history().dead_letter(id).await.unwrap().is_none(), "it was delivered after all");
    let totals = journal.history().totals().await.unwrap();
    let counts = &totals.channels[0];
    assert_eq!((counts.dead, counts.skipped, counts.delivered, counts.dead_letters), (1, 1, 1, 0));
    journal.close().await;
    assert_eq!(recount::recount(&crashed.path().join("journal.db")), Vec::<String>::new());
}

#[tokio::test]
async fn a_purge_deletes_what_the_filter_matches_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(options(folder.path())).await;
    let channels = register(&journal, &["log", "webhook"]).await;
    accept(&journal, (1..=600).map(|n| entry(&format!("e{n}"), &channels)).collect()).await;
    for &channel in &channels {
        for claim in claim(&journal, channel, 600).await {
            drop(begin_settle(&journal, &claim, End::dead(1)).await);
        }
        while journal.backlog(channel).pending > 0 {
            tokio::task::yield_now().await;
        }
    }
    let filter = DeadLetterFilter { channel: Some(name("webhook")), ..DeadLetterFilter::default() };
    let job = journal.jobs().purge(filter.clone()).await.unwrap();
    let (job, _) = work_off(&journal, channels[1], job.id).await;
    assert_eq!((job.state, job.matched, job.sent), (JobState::Done, 600, 600));
    assert_eq!(journal.jobs().count_dead_letters(&filter).await.unwrap(), 0);
    assert_eq!(journal.jobs().count_dead_letters(&DeadLetterFilter::default()).await.unwrap(), 600);
    let unknown = DeadLetterFilter { channel: Some(name("nobody")), ..DeadLetterFilter::default() };
    assert_eq!(journal.jobs().purge(unknown).await.unwrap_err(), JobError::UnknownChannel(name("nobody")));
}
