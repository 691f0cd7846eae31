//! Jobs, and deliveries that people end: what a store promises that implements `Jobs`.

use std::collections::BTreeSet;

use fanfare_core::{
    Attribute, ChannelId, DELIVER_AT, DeliveryId, Event,
    delivery::{Next, Origin, Skip},
    rfc3339,
};
use fanfare_dispatch::Journal;
use fanfare_record::{
    CancelError, DeadLetterFilter, DropError, End, Job, JobError, JobId, JobKind, JobState, ReplayRequest, Start,
};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::{
    JobStore,
    case::{Case, event, name, offsets, sorted},
};

/// More than a store begins in one step.
const MANY: usize = 600;

fn everything_to(channel: &str) -> ReplayRequest {
    ReplayRequest { after: Start::Offset(0), until: End::Now, types: vec![], channels: vec![name(channel)] }
}

fn all_letters() -> DeadLetterFilter {
    DeadLetterFilter::default()
}

fn typed(n: usize) -> Event {
    let ty = if n.is_multiple_of(2) { "order.paid" } else { "user.signup" };
    Event { ty: ty.to_owned(), ..event(&n.to_string()) }
}

impl<S: JobStore> Case<'_, S> {
    /// Accepts events and ends their deliveries on one channel.
    async fn ended(&self, channel: ChannelId, count: usize, next: Next) {
        let entries = (1..=count).map(|n| self.entry(typed(n), &[channel])).collect();
        self.journal.accept(entries).await.unwrap();
        let claims = self.claim(channel, count).await;
        let settlements: Vec<_> = claims.iter().map(|claim| self.settlement(claim, next)).collect();
        self.settle_all(settlements).await;
        while self.journal.backlog(channel).pending > 0 {
            tokio::task::yield_now().await;
        }
    }

    async fn job(&self, id: JobId) -> Job {
        self.jobs().get(id).await.unwrap().unwrap()
    }

    /// The job once it has ended.
    async fn end_of(&self, id: JobId) -> Job {
        loop {
            let job = self.job(id).await;
            if job.state.is_final() {
                return job;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn letters(&self) -> u64 {
        self.jobs().count_dead_letters(&all_letters()).await.unwrap()
    }

    /// Delivers this many as they come: a job may keep only a few under way. Each of them is another delivery.
    async fn deliver(&self, channel: ChannelId, count: usize) -> BTreeSet<u64> {
        let mut delivered = BTreeSet::new();
        while delivered.len() < count {
            let claims = self.journal.claim(channel, 64).await.unwrap();
            for offset in offsets(&claims) {
                assert!(delivered.insert(offset), "{offset} began twice");
            }
            self.settle_all(claims.iter().map(|claim| self.settlement(claim, Next::Delivered)).collect()).await;
        }
        delivered
    }

    /// Delivers what a job that begins nothing at the moment has begun.
    async fn deliver_what_has_begun(&self, channel: ChannelId, id: JobId) -> BTreeSet<u64> {
        let pending = self.job(id).await.pending;
        self.deliver(channel, usize::try_from(pending).unwrap()).await
    }
}

pub async fn a_replay_sends_each_matching_event_once(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [old] = it.register(["old"]).await;
    it.ended(old, 10, Next::Delivered).await;
    let [new] = it.register(["new"]).await;
    let request = ReplayRequest { types: vec!["order.*".into()], until: End::Offset(8), ..everything_to("new") };
    assert_eq!(it.jobs().count_replay(&request).await.unwrap(), 4);
    let job = it.jobs().replay(request).await.unwrap();
    assert_eq!((job.kind, job.state, job.matched), (JobKind::Replay, JobState::Running, 4));
    let claims = it.claim(new, 4).await;
    assert_eq!(sorted(&claims), [2, 4, 6, 8]);
    assert!(claims.iter().all(|claim| (claim.origin, claim.attempts) == (Origin::Replay, 0)));
    assert!(it.has_nothing_for(new).await);
    assert_eq!(it.job(job.id).await.pending, 4);
    for (n, claim) in claims.iter().enumerate() {
        it.end(claim, if n == 0 { Next::Dead { attempts: 1 } } else { Next::Delivered }).await;
    }
    let job = it.end_of(job.id).await;
    assert_eq!((job.state, job.sent, job.skipped), (JobState::Done, 4, 0));
    assert_eq!((job.delivered, job.dead, job.pending), (3, 1, 0));
    assert_eq!(it.jobs().list().await.unwrap().len(), 1);
    assert_eq!((it.journal.backlog(old).pending, it.journal.backlog(new).pending), (0, 0));
}

pub async fn what_is_under_way_is_not_begun_again(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=4 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    // 1 is delivered, 2 waits, 3 is in flight, 4 has not been handed out.
    let claims = it.claim(log, 3).await;
    it.end(&claims[0], Next::Delivered).await;
    it.end(&claims[1], Next::Waiting { until: Timestamp::MAX, attempts: 1 }).await;
    let job = it.jobs().replay(everything_to("log")).await.unwrap();
    let again = it.claim(log, 2).await;
    assert_eq!(sorted(&again), [1, 4]);
    for claim in &again {
        assert_eq!(claim.origin, if claim.offset.0 == 1 { Origin::Replay } else { Origin::Live });
        it.end(claim, Next::Delivered).await;
    }
    let job = it.end_of(job.id).await;
    assert_eq!((job.sent, job.skipped, job.delivered), (1, 3, 1));
    assert_eq!(it.journal.backlog(log).pending, 2);
}

pub async fn a_replay_goes_on_after_a_crash_and_repeats_none(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.ended(log, MANY, Next::Delivered).await;
    let job = it.jobs().replay(everything_to("log")).await.unwrap();
    let first = it.deliver(log, 100).await;
    // In flight at the crash.
    it.claim(log, 10).await;

    let it = it.crash().await;
    it.register(["log"]).await;
    let rest = it.deliver(log, MANY - first.len()).await;
    assert_eq!(first.intersection(&rest).next(), None, "it began twice");
    let job = it.end_of(job.id).await;
    assert_eq!((job.state, job.sent, job.delivered), (JobState::Done, MANY as u64, MANY as u64));
    assert!(it.has_nothing_for(log).await);
}

pub async fn a_redrive_begins_dead_letters_again_under_their_delivery_ids(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.accept(event("1"), &[log]).await;
    it.accept(event("2"), &[log]).await;
    let claims = it.claim(log, 2).await;
    for claim in &claims {
        it.end(claim, Next::Dead { attempts: 3 }).await;
    }
    let one = DeadLetterFilter { delivery: Some(claims[0].delivery_id()), ..all_letters() };
    assert_eq!((it.letters().await, it.jobs().count_dead_letters(&one).await.unwrap()), (2, 1));
    let job = it.jobs().redrive(one.clone()).await.unwrap();
    assert_eq!((job.kind, job.matched), (JobKind::Redrive, 1));
    let again = it.claim_one(log).await;
    assert_eq!((again.delivery_id(), again.origin, again.attempts), (claims[0].delivery_id(), Origin::Manual, 0));
    assert_eq!(it.letters().await, 1, "a redrive takes the letter");
    it.end(&again, Next::Dead { attempts: 1 }).await;
    let job = it.end_of(job.id).await;
    assert_eq!((job.state, job.sent, job.delivered, job.dead), (JobState::Done, 1, 0, 1));

    let job = it.jobs().redrive(all_letters()).await.unwrap();
    for claim in it.claim(log, 2).await {
        it.end(&claim, Next::Delivered).await;
    }
    assert_eq!(it.end_of(job.id).await.delivered, 2);
    let it = it.crash().await;
    assert_eq!((it.letters().await, it.journal.backlog(log).pending), (0, 0));
}

pub async fn a_dead_letter_outlives_a_replay_that_is_skipped(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.ended(log, 1, Next::Dead { attempts: 3 }).await;
    for (next, letters) in [(Next::Skipped(Skip::Preference), 1), (Next::Delivered, 0)] {
        let job = it.jobs().replay(everything_to("log")).await.unwrap();
        it.end(&it.claim_one(log).await, next).await;
        let job = it.end_of(job.id).await;
        assert_eq!((job.sent, job.skipped, job.delivered), (1 - letters, letters, 1 - letters));
        assert_eq!(it.letters().await, letters, "{next:?}");
    }
}

pub async fn a_purge_deletes_what_matches_and_nothing_else(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    for n in 1..=3 {
        it.accept(event(&n.to_string()), &[log, webhook]).await;
    }
    for channel in [log, webhook] {
        for claim in it.claim(channel, 3).await {
            it.end(&claim, Next::Dead { attempts: 1 }).await;
        }
    }
    let of_webhook = DeadLetterFilter { channel: Some(name("webhook")), ..all_letters() };
    let job = it.jobs().purge(of_webhook.clone()).await.unwrap();
    assert_eq!((job.kind, job.matched), (JobKind::Purge, 3));
    let job = it.end_of(job.id).await;
    assert_eq!((job.state, job.sent, job.pending), (JobState::Done, 3, 0));
    let it = it.crash().await;
    assert_eq!((it.letters().await, it.jobs().count_dead_letters(&of_webhook).await.unwrap()), (3, 0));
    assert!(it.has_nothing_for(webhook).await, "nothing is begun");
}

pub async fn a_paused_job_begins_nothing_until_it_is_resumed(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.ended(log, MANY, Next::Delivered).await;
    let job = it.jobs().replay(everything_to("log")).await.unwrap();
    assert_eq!(it.jobs().pause(job.id).await.unwrap().unwrap().state, JobState::Paused);
    let it = it.close_and_open().await;
    it.register(["log"]).await;
    assert_eq!(it.job(job.id).await.state, JobState::Paused);
    let delivered = it.deliver_what_has_begun(log, job.id).await;
    assert!(it.has_nothing_for(log).await);
    assert!(delivered.len() < MANY, "a step is not the whole job");

    assert_eq!(it.jobs().resume(job.id).await.unwrap().unwrap().state, JobState::Running);
    let rest = it.deliver(log, MANY - delivered.len()).await;
    assert_eq!(delivered.intersection(&rest).next(), None, "it began twice");
    assert_eq!(it.end_of(job.id).await.delivered, MANY as u64);
}

pub async fn a_cancelled_job_begins_nothing_more(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    it.ended(log, MANY, Next::Delivered).await;
    let job = it.jobs().replay(everything_to("log")).await.unwrap();
    assert_eq!(it.jobs().cancel(job.id).await.unwrap().unwrap().state, JobState::Cancelled);
    let it = it.close_and_open().await;
    it.register(["log"]).await;
    let delivered = it.deliver_what_has_begun(log, job.id).await;
    assert!(it.has_nothing_for(log).await);
    assert!(delivered.len() < MANY, "a step is not the whole job");
    for change in [it.jobs().resume(job.id).await, it.jobs().pause(job.id).await] {
        assert_eq!(change.unwrap_err(), JobError::Finished(JobState::Cancelled));
    }
    assert!(it.has_nothing_for(log).await);
}

pub async fn what_does_not_exist_is_refused(store: &impl JobStore) {
    let it = Case::open(store).await;
    it.register(["log"]).await;
    let jobs = it.jobs();
    let unknown = || Err(JobError::UnknownChannel(name("nobody")));
    let of_nobody = DeadLetterFilter { channel: Some(name("nobody")), ..all_letters() };
    assert_eq!(jobs.count_replay(&everything_to("nobody")).await, unknown());
    assert_eq!(jobs.replay(everything_to("nobody")).await.map(|job| job.matched), unknown());
    assert_eq!(jobs.redrive(of_nobody.clone()).await.map(|job| job.matched), unknown());
    assert_eq!(jobs.purge(of_nobody).await.map(|job| job.matched), unknown());
    let none = JobId(99);
    let changes = [jobs.get(none).await, jobs.pause(none).await, jobs.resume(none).await, jobs.cancel(none).await];
    assert!(changes.into_iter().all(|job| job.unwrap().is_none()));
    assert_eq!(jobs.list().await.unwrap().len(), 0);
}

pub async fn an_event_for_later_is_cancelled_on_all_channels_or_on_none(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log, webhook] = it.register(["log", "webhook"]).await;
    let later = rfc3339(it.now() + 1.hour());
    let later = |id: &str| {
        let extensions = vec![(DELIVER_AT.to_owned(), Attribute::String(later.clone()))];
        it.entry(Event { extensions, ..event(id) }, &[log, webhook])
    };
    let (due, taken, free) = (event("due"), later("taken"), later("free"));
    let due = it.accept(due, &[log]).await;
    assert_eq!(it.jobs().cancel_event(due).await, Err(CancelError::Due));
    it.end(&it.claim_one(log).await, Next::Delivered).await;

    // A lane looks at it, and lets it wait.
    let taken = it.accept_entry(taken).await;
    let claim = it.claim_one(webhook).await;
    assert_eq!(it.jobs().cancel_event(taken).await, Err(CancelError::InFlight));
    assert_eq!(it.journal.backlog(log).pending, 1, "nothing of it was cancelled");
    it.journal.release(vec![claim]).await;
    it.jobs().cancel_event(taken).await.unwrap();
    assert_eq!(it.jobs().cancel_event(taken).await, Err(CancelError::NotPending));

    let free = it.accept_entry(free).await;
    it.jobs().cancel_event(free).await.unwrap();
    let it = it.crash().await;
    for channel in [log, webhook] {
        assert!(it.has_nothing_for(channel).await);
        assert_eq!(it.journal.backlog(channel).pending, 0);
    }
    assert_eq!(it.letters().await, 0, "a cancelled delivery is skipped");
}

pub async fn a_delivery_is_dropped_unless_it_is_in_flight(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log] = it.register(["log"]).await;
    for n in 1..=3 {
        it.accept(event(&n.to_string()), &[log]).await;
    }
    let mut claims = it.claim(log, 3).await;
    let drop_it = async |id: DeliveryId| it.jobs().drop_delivery(id, "not wanted".to_owned()).await;
    assert_eq!(drop_it(claims[0].delivery_id()).await, Err(DropError::InFlight));
    it.end(&claims[0], Next::Waiting { until: Timestamp::MAX, attempts: 1 }).await;
    let given_back = claims.remove(1);
    it.journal.release(vec![given_back.clone()]).await;
    for id in [claims[0].delivery_id(), given_back.delivery_id()] {
        drop_it(id).await.unwrap();
        assert_eq!(drop_it(id).await, Err(DropError::NotPending));
    }
    assert_eq!((it.letters().await, it.journal.backlog(log).pending), (2, 1));
    let unknown = DeliveryId { event: Uuid::nil(), channel: log };
    assert_eq!(drop_it(unknown).await, Err(DropError::NotPending));
    // What was handed out before it was dropped comes too late.
    let commit = it.settle(it.settlement(&given_back, Next::Delivered)).await;
    assert_eq!(commit.stale, [given_back.delivery_id()]);
    it.end(&claims[1], Next::Delivered).await;
    assert_eq!(it.letters().await, 2);
    assert!(it.has_nothing_for(log).await);
}

pub async fn a_forgotten_channel_has_nothing_pending(store: &impl JobStore) {
    let it = Case::open(store).await;
    let [log, other] = it.register(["log", "other"]).await;
    for n in 1..=4 {
        it.accept(event(&n.to_string()), &[log, other]).await;
    }
    let claims = it.claim(log, 2).await;
    it.end(&claims[0], Next::Delivered).await;
    it.end(&claims[1], Next::Waiting { until: Timestamp::MAX, attempts: 1 }).await;
    assert_eq!(it.jobs().forget(&name("log"), &|| false).await, Ok(0), "it does not go on");
    assert_eq!(it.jobs().forget(&name("log"), &|| true).await, Ok(3));
    let it = it.crash().await;
    assert!(it.has_nothing_for(log).await);
    assert_eq!((it.letters().await, it.journal.backlog(log).pending), (3, 0));
    assert_eq!(it.journal.backlog(other).pending, 4);
}
