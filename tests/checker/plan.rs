//! What will happen, as a value that follows from a seed: lives of a journal, each with its channels and some rounds,
//! each with its disturbances and its end.

use std::{fmt, time::Duration};

use crate::support::faults::{Disk, Point};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To a receiver that fails at random.
    Webhook,
    /// Counts in its state, and emits an event for each delivery.
    Tally,
    /// The guest rejects every delivery.
    Rejects,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    pub name: &'static str,
    pub kind: Kind,
    pub order: bool,
    pub retries: u32,
    pub reuse: u32,
    pub concurrency: u32,
    pub expires: bool,
    /// The operator removes it from the configuration now and then.
    pub comes_and_goes: bool,
    /// Its breaker opens after some failures.
    pub breaker: bool,
    /// It has a rate.
    pub rate: bool,
    /// It has a rate per subject.
    pub rate_per: bool,
    /// Its filter matches what [`Channel::gets`] says.
    pub picks: bool,
    /// Deliveries are sent in batches.
    pub batch: bool,
    /// Every delivery waits first.
    pub delay: bool,
    /// One event per subject and window is delivered.
    pub once: bool,
    /// This channel gets what it cannot deliver, and nothing else.
    pub fallback: Option<&'static str>,
    pub only_fallback: bool,
    /// It gets system events of dead letters, and nothing else.
    pub system_events: bool,
}

/// The most deliveries in one batch.
pub const BATCH: u32 = 7;

impl Channel {
    /// Whether an event with this subject goes to it.
    pub fn gets(&self, subject: &str) -> bool {
        !self.system_events && !self.only_fallback && (!self.picks || subject.ends_with(['1', '2', '7']))
    }
}

/// Something that an operator, a disk or a clock does while events come in.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Pause(&'static str),
    ResumeAll,
    /// That many of the newest events, to this channel.
    Replay(&'static str, u32),
    Redrive,
    Purge,
    /// Removes the channels from the configuration that come and go.
    Remove,
    Restore,
    /// Writes half of the configuration, and the rest some time later.
    TornConfig,
    InvalidConfig,
    ReplacePlugin(u8),
    BrokenPlugin,
    Disk(Disk),
    Slow(Duration),
    /// Seconds, relative to the current time.
    Clock(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `kill -9` after this time.
    Kill(Duration),
    /// At such a point, after this many like it.
    KillAt(Point, u32),
    /// The same, and what was not synced is lost.
    PowerCut(Point, u32),
    /// SIGTERM after this time.
    Stop(Duration),
    /// At such a point, while old events are being removed.
    KillTidying(Point, u32),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    pub acts: Vec<(Duration, Act)>,
    pub end: End,
    /// How much longer each sync takes, from the beginning.
    pub slow: Duration,
    /// The daemon is killed at such a point while it starts, before the actual round.
    pub killed_at_start: Option<(Point, u32)>,
    /// The disk is full while it starts.
    pub full_at_start: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    pub seed: u64,
    pub channels: Vec<Channel>,
    /// Few subjects make long queues, many make short ones.
    pub subjects: u32,
    /// Old events are removed.
    pub retention: bool,
    pub rounds: Vec<Round>,
}

/// Rounds in one life: enough for the effects of one to meet the next, and few enough to try many combinations.
const ROUNDS_PER_LIFE: u64 = 5;

/// A daemon removes old events once a minute, which is too slow if only few rounds are run. From this many on, it is
/// done.
const AT_LENGTH: u64 = 100;

/// When a daemon first removes them.
pub const TIDIES_AFTER: Duration = Duration::from_secs(60);

pub fn lives(seed: u64, rounds: u64) -> Vec<Life> {
    let mut random = fastrand::Rng::with_seed(seed);
    let lives = rounds.div_ceil(ROUNDS_PER_LIFE);
    (0..lives)
        .map(|life| {
            let mut planned = Life::new(random.u64(..), ROUNDS_PER_LIFE.min(rounds - life * ROUNDS_PER_LIFE));
            if rounds >= AT_LENGTH && life % 8 == 0 {
                planned.tidy(&mut random);
            }
            planned
        })
        .collect()
}

impl Life {
    fn new(seed: u64, rounds: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let channels = channels(&mut random);
        let rounds = (0..rounds).map(|_| Round::new(&mut random, &channels)).collect();
        let subjects = *random.choice(&[3, 20, 60]).unwrap();
        Self { seed, channels, subjects, retention: false, rounds }
    }
}

impl Life {
    /// In its last round but one, earlier events are old and are removed while some of them are replayed.
    fn tidy(&mut self, random: &mut fastrand::Rng) {
        self.retention = true;
        let Some(round) = self.rounds.iter_mut().nth_back(1) else { return };
        round.acts = vec![(Duration::ZERO, Act::Clock(7_200)), (Duration::from_millis(1), Act::ResumeAll)];
        for _ in 0..4 {
            let early = Duration::from_millis(random.u64(0..600));
            round.acts.push((TIDIES_AFTER - early, Act::Replay("steady", random.u32(1..500))));
        }
        round.acts.sort_by_key(|(at, _)| *at);
        round.end = End::KillTidying(point(random), random.u32(0..40));
    }
}

impl Life {
    /// By how many seconds the clock is set back in total.
    pub fn set_back(&self) -> i64 {
        let back = |act: &Act| if let Act::Clock(seconds) = act { (-seconds).max(0) } else { 0 };
        self.rounds.iter().flat_map(|round| &round.acts).map(|(_, act)| back(act)).sum()
    }
}

fn channels(random: &mut fastrand::Rng) -> Vec<Channel> {
    let mut channel = |name, kind| Channel {
        name,
        kind,
        order: random.bool(),
        retries: *random.choice(&[0, 1, 3, 1_000]).unwrap(),
        reuse: *random.choice(&[0, 5]).unwrap(),
        concurrency: *random.choice(&[1, 4, 16]).unwrap(),
        expires: false,
        comes_and_goes: false,
        breaker: random.bool(),
        rate: random.u8(0..3) == 0,
        rate_per: false,
        picks: false,
        batch: false,
        delay: random.u8(0..4) == 0,
        once: false,
        fallback: None,
        only_fallback: false,
        system_events: false,
    };
    let steady = Channel { order: true, retries: 1_000, ..channel("steady", Kind::Webhook) };
    let plain = Channel { rate_per: true, rate: false, ..channel("plain", Kind::Webhook) };
    let brief = Channel { expires: true, ..channel("brief", Kind::Webhook) };
    let few = Channel { picks: true, ..channel("few", Kind::Webhook) };
    let guest = Channel { comes_and_goes: true, ..channel("guest", Kind::Webhook) };
    let system = Channel { system_events: true, ..channel("system", Kind::Webhook) };
    let tally = channel("tally", Kind::Tally);
    let rejects = Channel { fallback: Some("spare"), ..channel("rejects", Kind::Rejects) };
    let spare = Channel { only_fallback: true, retries: 1_000, ..channel("spare", Kind::Webhook) };
    let once = Channel { once: true, ..channel("once", Kind::Webhook) };
    let many = Channel { batch: true, ..channel("many", Kind::Webhook) };
    vec![steady, plain, brief, few, guest, system, tally, rejects, spare, once, many]
}

impl Round {
    fn new(random: &mut fastrand::Rng, channels: &[Channel]) -> Self {
        let slow = Duration::from_millis(*random.choice(&[0, 0, 1, 5, 20]).unwrap());
        let mut acts: Vec<_> = (0..random.u32(0..7)).map(|_| (moment(random), act(random, channels))).collect();
        acts.sort_by_key(|(at, _)| *at);
        let killed_at_start = (random.u32(0..5) == 0).then(|| (point(random), random.u32(0..4)));
        let full_at_start = random.u32(0..8) == 0;
        Self { acts, end: end(random), slow, killed_at_start, full_at_start }
    }
}

impl Round {
    pub fn breaks_the_disk(&self) -> bool {
        self.full_at_start || self.acts.iter().any(|(_, act)| matches!(act, Act::Disk(_)))
    }
}

fn moment(random: &mut fastrand::Rng) -> Duration {
    Duration::from_millis(random.u64(0..500))
}

fn point(random: &mut fastrand::Rng) -> Point {
    *random.choice(&[Point::BeforeSync, Point::AfterSync, Point::BeforeWrite, Point::AfterWrite]).unwrap()
}

fn end(random: &mut fastrand::Rng) -> End {
    // A commit writes some ten pages.
    let mut at = || match point(random) {
        point @ (Point::BeforeSync | Point::AfterSync) => (point, random.u32(0..120)),
        point => (point, random.u32(0..1_200)),
    };
    let (point, more) = at();
    match random.u32(0..10) {
        0..2 => End::Kill(moment(random) + Duration::from_millis(20)),
        2..3 => End::Stop(moment(random)),
        3..5 => End::PowerCut(point, more),
        _ => End::KillAt(point, more),
    }
}

fn act(random: &mut fastrand::Rng, channels: &[Channel]) -> Act {
    let channel = random.choice(channels).unwrap().name;
    match random.u32(0..32) {
        0..3 => Act::Pause(channel),
        3..7 => Act::ResumeAll,
        7..12 => Act::Replay(channel, random.u32(1..80)),
        12..15 => Act::Redrive,
        15..17 => Act::Purge,
        17..19 => Act::Remove,
        19..21 => Act::Restore,
        21..22 => Act::TornConfig,
        22..23 => Act::InvalidConfig,
        23..25 => Act::ReplacePlugin(random.u8(0..2)),
        25..26 => Act::BrokenPlugin,
        26..27 => Act::Disk(Disk::FailsToSync),
        27..28 => Act::Disk(Disk::Full),
        28..30 => Act::Disk(Disk::Works),
        30..31 => Act::Slow(Duration::from_millis(random.u64(0..30))),
        _ => Act::Clock(*random.choice(&[3_600, 2, -3_600]).unwrap()),
    }
}

/// The features that this life combines.
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", format!("{:?}", self.kind).to_lowercase())?;
        let features = [
            ("order", self.order),
            ("retries", self.retries > 0),
            ("reuse", self.reuse > 0),
            ("expires", self.expires),
            ("one at a time", self.concurrency == 1),
            ("comes and goes", self.comes_and_goes),
            ("breaker", self.breaker),
            ("rate", self.rate),
            ("rate of a subject", self.rate_per),
            ("filter", self.picks),
            ("batch", self.batch),
            ("delay", self.delay),
            ("once", self.once),
            ("fallback", self.fallback.is_some()),
            ("system events", self.system_events),
        ];
        features.iter().filter(|(_, is)| *is).try_for_each(|(word, _)| write!(f, ", {word}"))
    }
}
