//! The journal against a model that holds everything in plain collections: whatever the order of accepts, claims,
//! settlements and restarts, and however small the memory, the same deliveries come out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use common::*;
use fanfare_core::{ChannelId, ChannelStatus};
use fanfare_dispatch::{Claim, Journal};
use fanfare_journal::{Options, SqliteJournal};
use jiff::Timestamp;
use proptest::prelude::*;

const CHANNELS: [&str; 3] = ["a", "b", "c"];

/// What a test does next. Numbers choose among what there is to choose from.
#[derive(Clone, Debug)]
enum Act {
    /// Accepts so many events, each for the channels in its bits.
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
    Close,
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Delivered,
    Dead,
    /// Due at once.
    Again,
    /// Due in some other age.
    Later,
}

fn act() -> impl Strategy<Value = Act> {
    let ending = prop_oneof![
        6 => Just(Ending::Delivered),
        1 => Just(Ending::Dead),
        3 => Just(Ending::Again),
        1 => Just(Ending::Later),
    ];
    prop_oneof![
        4 => prop::collection::vec(0..8_u8, 1..6).prop_map(Act::Accept),
        5 => (0..3_usize, 1..5_usize).prop_map(|(channel, max)| Act::Claim { channel, max }),
        8 => (0..3_usize, any::<usize>(), ending).prop_map(|(channel, which, end)| Act::Settle { channel, which, end }),
        1 => Just(Act::Close),
        1 => Just(Act::Crash),
    ]
}

/// Memory from none at all to more than enough.
fn sizes() -> impl Strategy<Value = (usize, usize, usize)> {
    (prop_oneof![Just(0), Just(3_000), Just(32 << 20)], 1..4_usize, 1..4_usize)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// May be claimed, with so many attempts spent.
    Due(u32),
    Later(u32),
    Out(u32),
    Ended(ChannelStatus),
}

/// What should be true of one channel.
#[derive(Default)]
struct Model {
    deliveries: BTreeMap<u64, Stand>,
    /// Given out for the first time; fresh ones come in order.
    seen: BTreeSet<u64>,
}

impl Model {
    fn count(&self, wanted: impl Fn(&Stand) -> bool) -> u64 {
        self.deliveries.values().filter(|stand| wanted(stand)).count() as u64
    }

    fn due(&self) -> u64 {
        self.count(|stand| matches!(stand, Stand::Due(_)))
    }

    fn claimed(&mut self, claim: &Claim) {
        let offset = claim.offset.0;
        let stand = self.deliveries.get_mut(&offset).expect("a claim of what was never accepted");
        assert_eq!(*stand, Stand::Due(claim.attempts), "offset {offset}");
        *stand = Stand::Out(claim.attempts);
        if claim.attempts == 0 && self.seen.insert(offset) {
            let earlier = self
                .deliveries
                .range(..offset)
                .find(|(offset, stand)| matches!(stand, Stand::Due(0)) && !self.seen.contains(offset));
            assert_eq!(earlier, None, "a fresh delivery was passed over");
        }
    }

    fn settled(&mut self, offset: u64, end: Ending) -> End {
        let Some(Stand::Out(attempts)) = self.deliveries.get(&offset).copied() else { panic!("not out: {offset}") };
        let (stand, end) = match end {
            Ending::Delivered => (Stand::Ended(ChannelStatus::Success), End::delivered()),
            Ending::Dead => (Stand::Ended(ChannelStatus::Failed), End::dead(attempts + 1)),
            Ending::Again => (Stand::Due(attempts + 1), End::waiting(Timestamp::UNIX_EPOCH, attempts + 1)),
            Ending::Later => (Stand::Later(attempts + 1), End::waiting(Timestamp::MAX, attempts + 1)),
        };
        self.deliveries.insert(offset, stand);
        end
    }

    /// What was out is due again.
    fn restarted(&mut self) {
        for stand in self.deliveries.values_mut() {
            if let Stand::Out(attempts) = *stand {
                *stand = Stand::Due(attempts);
            }
        }
    }
}

struct World {
    folder: tempfile::TempDir,
    options: Options,
    journal: Arc<SqliteJournal>,
    channels: Vec<ChannelId>,
    models: Vec<Model>,
    out: Vec<Vec<Claim>>,
    accepted: u64,
}

impl World {
    async fn new((window_bytes, page_events, retry_front): (usize, usize, usize)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { window_bytes, page_events, retry_front, ..options(folder.path()) };
        let journal = open(options.clone()).await;
        let channels = register(&journal, &CHANNELS).await;
        let models = CHANNELS.iter().map(|_| Model::default()).collect();
        Self { folder, options, journal, channels, models, out: vec![vec![]; 3], accepted: 0 }
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Accept(masks) => self.accept(&masks).await,
            Act::Claim { channel, max } => {
                if self.models[channel].due() > 0 {
                    self.claim(channel, max).await;
                }
            }
            Act::Settle { channel, which, end } => {
                if !self.out[channel].is_empty() {
                    let which = which % self.out[channel].len();
                    let claim = self.out[channel].swap_remove(which);
                    let end = self.models[channel].settled(claim.offset.0, end);
                    settle(&self.journal, &claim, end).await;
                }
            }
            Act::Close => {
                self.journal.close().await;
                self.reopen().await;
            }
            Act::Crash => {
                let folder = tempfile::tempdir().unwrap();
                let path = crash(self.folder.path(), folder.path()).path;
                self.options = Options { path, ..self.options.clone() };
                self.folder = folder;
                self.reopen().await;
            }
        }
        self.check_backlogs();
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
            entries.push(entry(&format!("e{}", self.accepted), &targets));
        }
        let from = self.accepted - masks.len() as u64;
        let offsets = accept(&self.journal, entries).await;
        assert!(offsets.iter().map(|offset| offset.0).eq(from + 1..=self.accepted));
    }

    async fn claim(&mut self, channel: usize, max: usize) {
        let claiming = self.journal.claim(self.channels[channel], max);
        let claims = tokio::time::timeout(std::time::Duration::from_secs(20), claiming)
            .await
            .expect("something is due and nothing comes")
            .unwrap();
        assert!((1..=max).contains(&claims.len()));
        for claim in claims {
            assert_eq!(claim.event.id, format!("e{}", claim.offset));
            self.models[channel].claimed(&claim);
            self.out[channel].push(claim);
        }
    }

    async fn reopen(&mut self) {
        self.journal = open(self.options.clone()).await;
        self.models.iter_mut().for_each(Model::restarted);
        self.out = vec![vec![]; 3];
    }

    fn check_backlogs(&self) {
        for (model, &channel) in self.models.iter().zip(&self.channels) {
            let backlog = self.journal.backlog(channel);
            let pending = model.count(|stand| !matches!(stand, Stand::Ended(_)));
            let out = model.count(|stand| matches!(stand, Stand::Out(_)));
            assert_eq!((backlog.pending, backlog.in_flight), (pending, out));
            assert_eq!(backlog.oldest.is_some(), pending > 0);
        }
    }

    /// Everything that is due comes out, nothing else does, and history tells the same story.
    async fn finish(mut self) {
        for channel in 0..CHANNELS.len() {
            while self.models[channel].due() > 0 {
                self.claim(channel, 4).await;
            }
            // Everything is at hand or on disk alone; a claim that finds nothing waits.
            let more = tokio::time::timeout(
                std::time::Duration::from_millis(5),
                self.journal.claim(self.channels[channel], 4),
            );
            assert!(more.await.is_err(), "more is handed out than was accepted");
        }
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
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

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
