//! The journal against a model in plain collections. Whatever the order of accepts, claims, settlements, jobs, holds,
//! changes of the order and restarts, and however small the memory, the same deliveries come out. After every commit
//! the tables are recounted, as a crash at that moment would leave them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use common::{recount::recount, *};
use fanfare_core::{ChannelId, ChannelStatus, Event, delivery::Next};
use fanfare_dispatch::{Claim, Hold, HoldChange, HoldKind, Journal, Registration};
use fanfare_journal::{
    CommitHook, DeadLetterFilter, DeadLetterQuery, End as Until, Job, JobId, Options, ReplayRequest, SqliteJournal,
    Start,
};
use jiff::Timestamp;
use proptest::prelude::*;

const CHANNELS: [&str; 3] = ["a", "b", "c"];

/// The channel whose order is switched on and off.
const ORDERED: usize = 2;

/// The next action of a test. Numbers choose among the available options.
#[derive(Clone, Debug)]
enum Act {
    /// Accepts this many events, each for the channels in its lower bits and with the key in its upper ones.
    Accept(Vec<u8>),
    Claim {
        channel: usize,
        max: usize,
    },
    Settle {
        channel: usize,
        which: usize,
        end: Ending,
    },
    /// Gives all but this many claims back.
    Release {
        channel: usize,
        keep: usize,
    },
    Replay {
        channel: usize,
    },
    Redrive {
        channel: usize,
    },
    Purge {
        channel: usize,
    },
    Order(bool),
    Hold {
        channel: usize,
        change: u8,
    },
    Close,
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Delivered,
    Dead,
    /// Due at once.
    Again,
    /// Due in the far future; on the ordered channel, due at once.
    Later,
    /// The receiver is gone.
    Suspended,
    /// Its recipient does not want it.
    Skipped,
}

fn act() -> impl Strategy<Value = Act> {
    let ending = prop_oneof![
        6 => Just(Ending::Delivered),
        2 => Just(Ending::Dead),
        3 => Just(Ending::Again),
        1 => Just(Ending::Later),
        1 => Just(Ending::Suspended),
        1 => Just(Ending::Skipped),
    ];
    let channel = 0..3_usize;
    prop_oneof![
        4 => prop::collection::vec(0..32_u8, 1..6).prop_map(Act::Accept),
        6 => (channel.clone(), 1..5_usize).prop_map(|(channel, max)| Act::Claim { channel, max }),
        9 => (channel.clone(), any::<usize>(), ending)
            .prop_map(|(channel, which, end)| Act::Settle { channel, which, end }),
        2 => (channel.clone(), 0..3_usize).prop_map(|(channel, keep)| Act::Release { channel, keep }),
        1 => channel.clone().prop_map(|channel| Act::Replay { channel }),
        1 => channel.clone().prop_map(|channel| Act::Redrive { channel }),
        1 => channel.clone().prop_map(|channel| Act::Purge { channel }),
        1 => any::<bool>().prop_map(Act::Order),
        1 => (channel, 0..3_u8).prop_map(|(channel, change)| Act::Hold { channel, change }),
        1 => Just(Act::Close),
        1 => Just(Act::Crash),
    ]
}

/// From no memory at all to more than enough.
fn sizes() -> impl Strategy<Value = (usize, usize, usize)> {
    (prop_oneof![Just(0), Just(3_000), Just(32 << 20)], 1..4_usize, 1..4_usize)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// May be claimed, with this many attempts spent.
    Due(u32),
    Later(u32),
    Out(u32),
    Ended(ChannelStatus),
}

/// The expected state of one channel.
#[derive(Default)]
struct Model {
    deliveries: BTreeMap<u64, Stand>,
    /// Handed out for the first time; new deliveries come in order.
    seen: BTreeSet<u64>,
    /// Begun again by a job since they ended.
    again: BTreeSet<u64>,
    /// Existing dead letters.
    letters: BTreeSet<u64>,
    ordered: bool,
    /// Some may have been held back, and be due since the order was switched off.
    was_ordered: bool,
    /// In flight when the order was switched on: they return in any order.
    unordered: BTreeSet<u64>,
    hold: Option<HoldKind>,
}

/// The key of each event that has one.
type Keys = BTreeMap<u64, u8>;

impl Model {
    fn count(&self, wanted: impl Fn(&Stand) -> bool) -> u64 {
        self.deliveries.values().filter(|stand| wanted(stand)).count() as u64
    }

    fn key(&self, keys: &Keys, offset: u64) -> Option<u8> {
        keys.get(&offset).copied().filter(|_| self.ordered)
    }

    /// Keys with a delivery in flight.
    fn busy(&self, keys: &Keys) -> BTreeSet<u8> {
        let out = self.deliveries.iter().filter(|(_, stand)| matches!(stand, Stand::Out(_)));
        out.filter_map(|(&offset, _)| self.key(keys, offset)).collect()
    }

    /// Whether something can be claimed.
    fn has_due(&self, keys: &Keys) -> bool {
        let busy = self.busy(keys);
        let mut due = self.deliveries.iter().filter(|(_, stand)| matches!(stand, Stand::Due(_)));
        due.any(|(&offset, _)| self.key(keys, offset).is_none_or(|key| !busy.contains(&key)))
    }

    fn claimed(&mut self, claim: &Claim, keys: &Keys) {
        let offset = claim.offset.0;
        if let Some(key) = self.key(keys, offset) {
            assert!(!self.busy(keys).contains(&key), "{offset} was handed out while another of its key is in flight");
            let earlier = self.deliveries.range(..offset).find(|(earlier, stand)| {
                self.key(keys, **earlier) == Some(key)
                    && !matches!(stand, Stand::Ended(_))
                    && !self.again.contains(earlier)
            });
            let free = self.again.contains(&offset) || self.unordered.contains(&offset);
            assert!(earlier.is_none() || free, "{offset} has overtaken {earlier:?} of its key");
        }
        let stand = self.deliveries.get_mut(&offset).expect("claimed but never accepted");
        assert_eq!(*stand, Stand::Due(claim.attempts), "offset {offset}");
        *stand = Stand::Out(claim.attempts);
        assert_eq!(claim.origin.is_repeat(), self.again.contains(&offset), "offset {offset}");
        let fresh = claim.attempts == 0 && !self.again.contains(&offset) && self.seen.insert(offset);
        if fresh && !self.was_ordered {
            let earlier = self.deliveries.range(..offset).find(|(offset, stand)| {
                matches!(stand, Stand::Due(0)) && !self.seen.contains(offset) && !self.again.contains(offset)
            });
            assert_eq!(earlier, None, "a new delivery was skipped");
        }
    }

    fn given_back(&mut self, claim: &Claim) {
        self.deliveries.insert(claim.offset.0, Stand::Due(claim.attempts));
    }

    fn settled(&mut self, offset: u64, end: Ending) -> End {
        let Some(Stand::Out(attempts)) = self.deliveries.get(&offset).copied() else {
            panic!("not in flight: {offset}")
        };
        let (stand, end) = match end {
            Ending::Delivered => (Stand::Ended(ChannelStatus::Success), End::delivered()),
            Ending::Skipped => (Stand::Ended(ChannelStatus::Skipped), End::skipped()),
            Ending::Dead => (Stand::Ended(ChannelStatus::Failed), End::dead(attempts + 1)),
            Ending::Later => (Stand::Later(attempts + 1), End::waiting(Timestamp::MAX, attempts + 1)),
            Ending::Again => (Stand::Due(attempts + 1), End::waiting(Timestamp::UNIX_EPOCH, attempts + 1)),
            Ending::Suspended => {
                self.hold.get_or_insert(HoldKind::Suspended);
                let next = Next::Suspended { attempts };
                (Stand::Due(attempts), End { next, ..End::waiting(Timestamp::UNIX_EPOCH, attempts) })
            }
        };
        if matches!(stand, Stand::Ended(_)) {
            self.unordered.remove(&offset);
        }
        match stand {
            Stand::Ended(ChannelStatus::Failed) => drop(self.letters.insert(offset)),
            Stand::Ended(ChannelStatus::Success) => drop(self.letters.remove(&offset)),
            _ => {}
        }
        self.deliveries.insert(offset, stand);
        end
    }

    /// A job begins it again.
    fn begin_again(&mut self, offset: u64) {
        self.deliveries.insert(offset, Stand::Due(0));
        self.again.insert(offset);
    }

    fn order(&mut self, ordered: bool) {
        if ordered != self.ordered {
            let out = self.deliveries.iter().filter(|(_, stand)| matches!(stand, Stand::Out(_)));
            self.unordered = if ordered { out.map(|(offset, _)| *offset).collect() } else { BTreeSet::new() };
        }
        self.ordered = ordered;
        self.was_ordered |= ordered;
    }

    /// Deliveries in flight are due again.
    fn restarted(&mut self) {
        self.unordered.clear();
        for stand in self.deliveries.values_mut() {
            if let Stand::Out(attempts) = *stand {
                *stand = Stand::Due(attempts);
            }
        }
    }
}

/// Runs after every commit, on the writer's thread: recounts the tables and, if a crash is requested, copies the files
/// as a crash would leave them.
#[derive(Default)]
struct Watcher {
    wrong: Mutex<Vec<String>>,
    crash: Mutex<Option<(PathBuf, PathBuf)>>,
}

impl Watcher {
    fn watch(self: &Arc<Self>, options: Options) -> Options {
        let (path, watcher) = (options.path.clone(), Arc::clone(self));
        let hook = move |_, _| {
            watcher.wrong.lock().unwrap().extend(recount(&path));
            let mut crash = watcher.crash.lock().unwrap();
            if let Some((from, to)) = crash.take_if(|(from, _)| path.starts_with(from)) {
                common::crash(&from, &to);
            }
        };
        Options { on_commit: Some(CommitHook(Arc::new(hook))), ..options }
    }
}

struct World {
    /// The last one is in use; crashed journals may still be running in the others.
    folders: Vec<tempfile::TempDir>,
    options: Options,
    journal: Arc<SqliteJournal>,
    channels: Vec<ChannelId>,
    models: Vec<Model>,
    keys: Keys,
    out: Vec<Vec<Claim>>,
    accepted: u64,
    watcher: Arc<Watcher>,
}

impl World {
    async fn new((window_bytes, page_events, retry_front): (usize, usize, usize)) -> Self {
        let (folder, watcher) = (tempfile::tempdir().unwrap(), Arc::<Watcher>::default());
        let options = watcher.watch(Options { window_bytes, page_events, retry_front, ..options(folder.path()) });
        let journal = open(options.clone()).await;
        let models: Vec<_> = CHANNELS.iter().map(|_| Model::default()).collect();
        let out = vec![vec![]; 3];
        let (channels, keys) = (vec![], Keys::new());
        let folders = vec![folder];
        let mut world = Self { folders, options, journal, channels, models, keys, out, accepted: 0, watcher };
        world.register().await;
        world
    }

    async fn register(&mut self) {
        let order = |model: &Model| model.ordered.then(|| "subject".to_owned());
        let registration = |(of, model): (&&str, &Model)| Registration { name: name(of), order: order(model) };
        let registered = self.journal.register(CHANNELS.iter().zip(&self.models).map(registration).collect()).await;
        let registered = registered.unwrap();
        for (known, model) in registered.iter().zip(&self.models) {
            assert_eq!(known.hold.as_ref().map(|hold| hold.kind), model.hold);
        }
        self.channels = registered.into_iter().map(|known| known.id).collect();
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Accept(masks) => self.accept(&masks).await,
            Act::Claim { channel, max } => {
                if self.models[channel].has_due(&self.keys) {
                    self.claim(channel, max).await;
                }
            }
            Act::Settle { channel, which, end } => {
                if !self.out[channel].is_empty() {
                    let which = which % self.out[channel].len();
                    let claim = self.out[channel].swap_remove(which);
                    let end = match end {
                        Ending::Later if channel == ORDERED => Ending::Again,
                        end => end,
                    };
                    let end = self.models[channel].settled(claim.offset.0, end);
                    settle(&self.journal, &claim, end).await;
                }
            }
            Act::Release { channel, keep } => {
                let kept = keep.min(self.out[channel].len());
                let claims = self.out[channel].split_off(kept);
                claims.iter().for_each(|claim| self.models[channel].given_back(claim));
                self.journal.release(claims).await;
            }
            Act::Replay { channel } => self.replay(channel).await,
            Act::Redrive { channel } => {
                let job = self.journal.jobs().redrive(letters_of(channel)).await.unwrap();
                self.worked_through(job).await;
                let model = &mut self.models[channel];
                // What a replay has under way stays where it is.
                let under_way = |offset: &u64| !matches!(model.deliveries[offset], Stand::Ended(_));
                let (stay, taken) = std::mem::take(&mut model.letters).into_iter().partition(under_way);
                model.letters = stay;
                let taken: BTreeSet<u64> = taken;
                for offset in taken {
                    model.begin_again(offset);
                }
            }
            Act::Purge { channel } => {
                let job = self.journal.jobs().purge(letters_of(channel)).await.unwrap();
                self.worked_through(job).await;
                self.models[channel].letters.clear();
            }
            Act::Order(ordered) => {
                self.models[ORDERED].order(ordered);
                self.register().await;
            }
            Act::Hold { channel, change } => self.hold(channel, change).await,
            Act::Close => {
                self.journal.close().await;
                self.reopen().await;
            }
            Act::Crash => {
                let folder = tempfile::tempdir().unwrap();
                let from = self.folders.last().unwrap().path().to_owned();
                *self.watcher.crash.lock().unwrap() = Some((from, folder.path().to_owned()));
                // Any commit will do.
                self.register().await;
                let path = common::options(folder.path()).path;
                self.options = self.watcher.watch(Options { path, ..self.options.clone() });
                self.folders.push(folder);
                self.reopen().await;
            }
        }
        self.check();
    }

    async fn accept(&mut self, masks: &[u8]) {
        let mut entries = vec![];
        for mask in masks {
            self.accepted += 1;
            let mut targets = vec![];
            for (n, model) in self.models.iter_mut().enumerate() {
                if mask & (1 << n) != 0 {
                    targets.push(self.channels[n]);
                    model.deliveries.insert(self.accepted, Stand::Due(0));
                }
            }
            let key = mask >> 3;
            let subject = (key > 0).then(|| format!("s{key}"));
            if key > 0 {
                self.keys.insert(self.accepted, key);
            }
            entries.push(entry_of(Event { subject, ..event(&format!("e{}", self.accepted)) }, &targets));
        }
        let from = self.accepted - masks.len() as u64;
        let offsets = accept(&self.journal, entries).await;
        assert!(offsets.iter().map(|offset| offset.0).eq(from + 1..=self.accepted));
    }

    async fn claim(&mut self, channel: usize, max: usize) {
        let claiming = self.journal.claim(self.channels[channel], max);
        let claims = tokio::time::timeout(Duration::from_secs(20), claiming)
            .await
            .expect("something is due but nothing was claimed")
            .unwrap();
        assert!((1..=max).contains(&claims.len()));
        for claim in claims {
            assert_eq!(claim.event.id, format!("e{}", claim.offset));
            self.models[channel].claimed(&claim, &self.keys);
            self.out[channel].push(claim);
        }
    }

    async fn replay(&mut self, channel: usize) {
        let request = ReplayRequest {
            after: Start::Offset(0),
            until: Until::Now,
            types: vec![],
            channels: vec![name(CHANNELS[channel])],
        };
        let job = self.journal.jobs().replay(request).await.unwrap();
        self.worked_through(job).await;
        let model = &mut self.models[channel];
        for offset in 1..=self.accepted {
            // Deliveries that were not the channel's belong to it from now on.
            if matches!(model.deliveries.get(&offset), None | Some(Stand::Ended(_))) {
                model.begin_again(offset);
            }
        }
    }

    /// Waits until a job has processed everything.
    async fn worked_through(&mut self, job: Job) {
        let JobId(id) = job.id;
        let waiting = async {
            loop {
                let job = self.journal.jobs().get(JobId(id)).await.unwrap().unwrap();
                if job.state.is_final() || job.sent + job.skipped >= job.matched {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the job made no progress");
        // Readers see a commit slightly before memory has followed it; later work in the queue does not.
        self.register().await;
    }

    async fn hold(&mut self, channel: usize, change: u8) {
        let model = &mut self.models[channel];
        let (change, kind) = match change {
            0 => {
                let hold = Hold { kind: HoldKind::Paused, reason: "a test".into(), since: Timestamp::UNIX_EPOCH };
                (HoldChange::Pause(hold), Some(HoldKind::Paused))
            }
            1 => (HoldChange::Resume, None),
            _ => (HoldChange::EndSuspension, model.hold.filter(|kind| *kind != HoldKind::Suspended)),
        };
        model.hold = kind;
        let held = self.journal.change_hold(self.channels[channel], change).await.unwrap();
        assert_eq!(held.map(|hold| hold.kind), kind);
    }

    async fn reopen(&mut self) {
        self.journal = open(self.options.clone()).await;
        self.models.iter_mut().for_each(Model::restarted);
        self.out = vec![vec![]; 3];
        self.register().await;
    }

    fn check(&self) {
        for (model, &channel) in self.models.iter().zip(&self.channels) {
            let backlog = self.journal.backlog(channel);
            let pending = model.count(|stand| !matches!(stand, Stand::Ended(_)));
            assert_eq!(backlog.pending, pending);
            if !model.ordered {
                // On an ordered channel, deliveries being held back are briefly in flight.
                assert_eq!(backlog.in_flight, model.count(|stand| matches!(stand, Stand::Out(_))));
            }
            assert_eq!(self.journal.hold(channel).map(|hold| hold.kind), model.hold);
        }
        let wrong = self.watcher.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// Everything due comes out, nothing else does, and the history agrees.
    async fn finish(mut self) {
        for channel in 0..CHANNELS.len() {
            loop {
                if self.models[channel].ordered {
                    // Deliveries in flight block the others of their key.
                    for claim in std::mem::take(&mut self.out[channel]) {
                        let end = self.models[channel].settled(claim.offset.0, Ending::Delivered);
                        settle(&self.journal, &claim, end).await;
                    }
                }
                if !self.models[channel].has_due(&self.keys) {
                    break;
                }
                self.claim(channel, 4).await;
            }
            nothing_to_claim(&self.journal, self.channels[channel]).await;
        }
        self.check();
        let history = self.journal.history();
        for offset in 1..=self.accepted {
            let stored = history.at(fanfare_core::Offset(offset)).await.unwrap().unwrap();
            for delivery in stored.deliveries {
                let n = CHANNELS.iter().position(|name| *name == delivery.channel.as_str()).unwrap();
                let want = match self.models[n].deliveries[&offset] {
                    Stand::Ended(status) => status,
                    _ => ChannelStatus::Pending,
                };
                assert_eq!(delivery.status, want, "offset {offset} channel {n}");
            }
        }
        for (channel, model) in self.models.iter().enumerate() {
            let query = DeadLetterQuery { filter: letters_of(channel), limit: 1_000, ..DeadLetterQuery::default() };
            let letters = history.dead_letters(query).await.unwrap().items;
            let letters: BTreeSet<_> = letters.iter().map(|letter| letter.offset.0).collect();
            assert_eq!(letters, model.letters, "dead letters of {channel}");
        }
    }
}

fn letters_of(channel: usize) -> DeadLetterFilter {
    DeadLetterFilter { channel: Some(name(CHANNELS[channel])), ..DeadLetterFilter::default() }
}

/// `PROPTEST_CASES` sets the number of cases.
fn config() -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig { max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() };
    if asked { config } else { ProptestConfig { cases: 32, ..config } }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_delivery_comes_out_as_the_model_says(sizes in sizes(), acts in prop::collection::vec(act(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(sizes).await;
            for act in acts {
                world.act(act).await;
            }
            world.finish().await;
        });
    }
}
