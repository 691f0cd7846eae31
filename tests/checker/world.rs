//! Executes a life: a home, its receivers, daemons one after another, and everything that the plan has for them.

use std::{
    collections::BTreeSet,
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    audit,
    ledger::{self, Ledger},
    operator::{PATIENCE, command, drained, pages, resume_all},
    plan::{Act, BATCH, Channel, End, Kind, Life, Round, TIDIES_AFTER},
    publishers::{Desk, Publisher, Responses},
    receivers::{Hit, Mood, Receivers},
};
use crate::support::{
    client::Api,
    daemon::{Daemon, Home},
    faults::{Disk, Faults},
};

const PUBLISHERS: u64 = 6;

/// Marks each event that is published.
const STAGE: &str = "[[stages]]\nname = \"mark\"\nplugin = \"hostile-stage\"\ntypes = [\"order.*\"]\n\
                     settings = { mode = \"mark\", mark = \"once\" }\ntimeout = \"10s\"\n";

/// The most that each publisher publishes in one round: a backlog that a debug build can drain in time.
const ENOUGH: u32 = 60;

/// A kill at a chosen commit may never happen: the disk fails, or there is nothing to write.
const LONGEST_ROUND: Duration = Duration::from_millis(2_500);

/// How long before a daemon removes old events its kill is prepared.
const ALMOST: Duration = Duration::from_secs(1);

pub struct World {
    home: Home,
    receivers: Receivers,
    faults: Faults,
    desk: Desk,
    life: Life,
    kills: u32,
    wrong: Vec<String>,
    /// What the last check has found; the next one finds it again.
    found: BTreeSet<String>,
    /// Channels that an operator has paused and nobody has resumed.
    paused: Mutex<BTreeSet<&'static str>>,
    /// The channels that come and go are in the configuration.
    all: AtomicBool,
}

/// The evidence at the end, read when everything has drained.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub channels: Vec<Channel>,
    pub kills: u32,
    /// Settlements that waited for the failing disk are repeated if the daemon was killed before the disk worked again.
    pub disk_failed: bool,
    pub responses: Responses,
    /// Every published event passes a stage.
    pub staged: bool,
    pub hits: Vec<Hit>,
    pub ledger: Ledger,
    /// The journal's file at the last daemon's start, from which its own counters count.
    pub before: Ledger,
    /// All pages of `/v1/events`.
    pub history: Vec<Value>,
    pub letters: Vec<Value>,
    pub stats: Value,
    pub metrics: String,
}

impl World {
    pub async fn new(life: Life) -> Self {
        let receivers = Receivers::start().await;
        let home = Home::new("");
        let faults = Faults::new(&home);
        home.install("hostile", fanfare_artifacts::hostile());
        home.install("hostile-stage", fanfare_artifacts::hostile_stage());
        let world = Self {
            home,
            receivers,
            faults,
            desk: Desk::default(),
            life,
            kills: 0,
            wrong: vec![],
            found: BTreeSet::new(),
            paused: Mutex::default(),
            all: AtomicBool::new(true),
        };
        world.configure();
        world
    }

    pub fn feel(&self, mood: Mood) {
        self.receivers.feel(mood);
    }

    fn configure(&self) {
        self.place(&self.configuration());
    }

    /// In one step, like a careful operator.
    fn place(&self, configuration: &str) {
        fs::write(self.home.path(".config.new"), configuration).unwrap();
        fs::rename(self.home.path(".config.new"), self.home.path("config.toml")).unwrap();
    }

    /// The same, with or without the channels that come and go.
    fn configure_all(&self, all: bool) {
        self.all.store(all, Ordering::Relaxed);
        self.configure();
    }

    fn configuration(&self) -> String {
        let all = self.all.load(Ordering::Relaxed);
        let channels = self.life.channels.iter().filter(|channel| all || !channel.comes_and_goes);
        let retention = if self.life.retention { "1h" } else { "7d" };
        let tables: String = channels.map(|channel| self.table(channel)).collect();
        Home::configuration(&format!("[journal]\nretention = \"{retention}\"\n{STAGE}{tables}"))
    }

    fn table(&self, channel: &Channel) -> String {
        let Channel {
            name,
            kind,
            order,
            retries,
            reuse,
            concurrency,
            expires,
            breaker,
            rate,
            picks,
            batch,
            delay,
            once,
            system_events,
            ..
        } = channel;
        let address = self.receivers.address;
        let order = if *order { "subject" } else { "none" };
        let expires = if *expires { "expires = \"1s\"\n" } else { "" };
        let breaker = if *breaker { "breaker = { failures = 3, open = \"200ms\", probes = 2 }\n" } else { "" };
        let rate = match (rate, channel.rate_per) {
            (true, _) => "rate = { limit = \"400/s\", burst = 20 }\n",
            (_, true) => "rate = { limit = \"100/s\", per = \"subject\", burst = 5 }\n",
            _ => "",
        };
        // Emitted events have no subject, so they are not predictable here.
        let filter = match (picks, system_events) {
            (true, _) => "filter = { when = \"event.subject.matches('[127]$')\" }\n",
            (_, true) => "filter = { types = [\"fanfare.delivery.dead\"] }\n",
            _ => "",
        };
        let batch = match *batch {
            true => format!("batch = {{ max = {BATCH}, linger = \"30ms\" }}\n"),
            false => String::new(),
        };
        let delay = if *delay { "delay = \"30ms\"\n" } else { "" };
        let once = if *once { "once = { per = \"subject\", within = \"1s\" }\n" } else { "" };
        let fallback = channel.fallback.map_or_else(String::new, |other| format!("fallback = [\"{other}\"]\n"));
        let what = match kind {
            Kind::Webhook => format!(
                "plugin = \"builtin:webhook\"\nsettings = {{ url = \"http://{address}/{name}\" }}\n\
                 grant = {{ http = [\"{address}\"], private_network = true }}"
            ),
            Kind::Tally => "plugin = \"hostile\"\ngrant = { emit = [\"tallied\"] }\n\
                 settings = { mode = \"tally\", type = \"tallied\", fails = 15 }"
                .to_owned(),
            Kind::Rejects => {
                "plugin = \"hostile\"\nsettings = { mode = \"fail\", disposition = \"reject\" }".to_owned()
            }
        };
        format!(
            "\n[channels.{name}]\norder = \"{order}\"\nretries = {retries}\nreuse = {reuse}\n\
             concurrency = {concurrency}\nbackoff = {{ schedule = [\"10ms\", \"40ms\"], jitter = 0.0 }}\n\
             {expires}{breaker}{rate}{filter}{batch}{delay}{once}{fallback}{what}\n"
        )
    }

    /// The next daemon; it may be killed while it starts.
    async fn start(&mut self) -> Daemon {
        // The previous daemon may have been killed while the configuration was incomplete, and a daemon does not start
        // with that.
        self.configure();
        for _ in 0..5 {
            if let Some(daemon) = self.home.try_start("warn", self.faults.environment()).await {
                return daemon;
            }
            self.kills += 1;
            self.faults.heal();
            self.look("killed at its start");
        }
        panic!("it does not start:\n{}", self.home.log());
    }

    pub async fn round(&mut self, number: usize, round: &Round) {
        if let Some((point, more)) = round.killed_at_start {
            self.faults.kill_at(point, more);
        }
        if round.full_at_start {
            self.faults.disk(Disk::Full);
        }
        let mut daemon = self.start().await;
        self.faults.heal();
        self.faults.slow(round.slow);
        match round.end {
            End::KillAt(point, more) | End::PowerCut(point, more) => self.faults.kill_at(point, more),
            End::Kill(_) | End::Stop(_) | End::KillTidying(..) => {}
        }
        let api = daemon.api.clone();
        let publishing = self.publishers(&api, number);
        let acts = self.acts(&api, &round.acts);
        let longest = match round.end {
            End::Kill(after) | End::Stop(after) => after,
            End::KillAt(..) | End::PowerCut(..) => LONGEST_ROUND,
            End::KillTidying(..) => TIDIES_AFTER - ALMOST,
        };
        let killed = tokio::select! {
            killed = daemon.ends_within(longest) => killed,
            () = acts => daemon.ends_within(longest).await,
        };
        match round.end {
            _ if killed => {}
            End::KillTidying(point, more) => {
                self.faults.kill_at(point, more);
                if !daemon.ends_within(2 * ALMOST).await {
                    daemon.kill().await;
                }
            }
            End::Stop(_) => {
                self.faults.heal();
                if !daemon.stop().await.success() {
                    self.wrong.push(format!("round {number}: the shutdown failed"));
                }
            }
            _ => daemon.kill().await,
        }
        self.kills += u32::from(!matches!(round.end, End::Stop(_)));
        for publisher in publishing {
            publisher.await.unwrap();
        }
        self.faults.heal();
        if matches!(round.end, End::PowerCut(..)) {
            self.cut_power();
        }
        self.look(&format!("round {number}, {:?}", round.end));
    }

    fn publishers(&self, api: &Api, round: usize) -> Vec<tokio::task::JoinHandle<()>> {
        (0..PUBLISHERS)
            .map(|worker| {
                let publisher = Publisher {
                    api: api.clone(),
                    desk: Arc::clone(&self.desk),
                    name: format!("r{round}-w{worker}"),
                    random: fastrand::Rng::with_seed(self.life.seed ^ ((round as u64) << 8) ^ worker),
                    subjects: self.life.subjects,
                    made: 0,
                };
                tokio::spawn(publisher.run(ENOUGH))
            })
            .collect()
    }

    /// Executes everything that the plan has for this round. Rejected or interrupted requests do not matter: the
    /// journal shows their effect.
    async fn acts(&self, api: &Api, acts: &[(Duration, Act)]) {
        let begun = tokio::time::Instant::now();
        for (at, act) in acts {
            tokio::time::sleep_until(begun + *at).await;
            match act {
                Act::Pause(channel) => {
                    if command(api, &format!("/v1/channels/{channel}/pause"), json!({})).await {
                        self.paused.lock().unwrap().insert(channel);
                    }
                }
                Act::ResumeAll => {
                    self.paused.lock().unwrap().clear();
                    resume_all(api).await;
                }
                Act::Replay(channel, newest) => {
                    let last = self.desk.lock().unwrap().newest();
                    let request = json!({ "channels": [channel], "after": last.saturating_sub((*newest).into()) });
                    command(api, "/v1/replays", request).await;
                }
                Act::Redrive => drop(command(api, "/v1/dead-letters/replay", json!({ "all": true })).await),
                Act::Purge => drop(command(api, "/v1/dead-letters/purge", json!({ "channel": "rejects" })).await),
                Act::Remove => self.configure_all(false),
                Act::Restore => self.configure_all(true),
                Act::TornConfig => {
                    let whole = self.configuration();
                    fs::write(self.home.path("config.toml"), &whole[..whole.len() / 2]).unwrap();
                    // The daemon may read the half or not; both have to end well.
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    fs::write(self.home.path("config.toml"), &whole).unwrap();
                }
                Act::InvalidConfig => {
                    self.place(&format!("{}\n[channels.steady]\ntimeout = \"soon\"\n", self.configuration()));
                    command(api, "/v1/reload", json!({})).await;
                    self.configure();
                }
                Act::ReplacePlugin(mark) => {
                    // Another digest: one more custom section.
                    self.home.install("hostile", &[fanfare_artifacts::hostile(), &[0, 3, 1, b'x', *mark]].concat());
                }
                Act::BrokenPlugin => {
                    let whole = fanfare_artifacts::hostile();
                    self.home.install("hostile", &whole[..whole.len() / 2]);
                    command(api, "/v1/reload", json!({})).await;
                    self.home.install("hostile", whole);
                }
                Act::Disk(disk) => self.faults.disk(*disk),
                Act::Slow(by) => self.faults.slow(*by),
                Act::Clock(seconds) => self.faults.turn_clock(*seconds),
            }
        }
    }

    /// What was written but not synced is lost.
    fn cut_power(&self) {
        let log = fs::File::options().write(true).open(self.home.path("data/journal.db-wal")).unwrap();
        if log.metadata().unwrap().len() > self.faults.synced_bytes() {
            log.set_len(self.faults.synced_bytes()).unwrap();
        }
    }

    fn ledger(&self) -> Ledger {
        ledger::read(&self.home.path("data"))
    }

    /// Checks the journal while no daemon has it open: the next daemon starts from this state.
    fn look(&mut self, when: &str) {
        let tallies: Vec<_> = self.life.channels.iter().filter(|c| c.kind == Kind::Tally).map(|c| c.name).collect();
        let ledger = self.ledger();
        let mut wrong = audit::check(&ledger, &tallies);
        for paused in self.paused.lock().unwrap().iter() {
            let hold = ledger.channel(paused).and_then(|(_, channel)| channel.hold.as_deref());
            if hold != Some("paused") {
                wrong.push(format!("{paused} was paused, but its recorded hold is {hold:?}"));
            }
        }
        for found in wrong {
            if self.found.insert(found.clone()) {
                self.wrong.push(format!("after {when}: {found}"));
            }
        }
    }

    /// Lets everything drain, and reads the evidence; once more after another restart, which must change nothing.
    pub async fn end(mut self) -> (Evidence, Vec<String>) {
        self.receivers.feel(Mood::Healthy);
        self.configure_all(true);
        self.paused.lock().unwrap().clear();
        self.home.install("hostile", fanfare_artifacts::hostile());
        // Scheduled events have to become due in the end, however far the clock was set back.
        self.faults.turn_clock(self.life.set_back() + 60);
        let before = self.ledger();
        let daemon = self.start().await;
        self.publish_what_is_doubtful(&daemon.api).await;
        if let Err(left) = drained(&daemon.api).await {
            self.wrong.push(format!("with everything healthy and resumed, this is left after {PATIENCE:?}: {left}"));
        }
        let mut evidence = self.evidence(&daemon.api).await;
        if !daemon.stop().await.success() {
            self.wrong.push("the shutdown failed".to_owned());
        }
        (evidence.before, evidence.ledger) = (before, self.ledger());
        self.look("the last stop");

        let daemon = self.start().await;
        if let Err(left) = drained(&daemon.api).await {
            self.wrong.push(format!("after another restart, this is left: {left}"));
        }
        let again = self.evidence(&daemon.api).await;
        daemon.kill().await;
        self.look("the last kill");
        if again.hits.len() != evidence.hits.len() {
            self.wrong.push(format!("a restart sent {} requests", again.hits.len() - evidence.hits.len()));
        }
        if again.history != evidence.history || again.letters != evidence.letters {
            self.wrong.push("a restart has changed the history".to_owned());
        }
        if self.ledger() != evidence.ledger {
            self.wrong.push("a restart has changed the journal".to_owned());
        }
        let wrong = std::mem::take(&mut self.wrong);
        (evidence, wrong)
    }

    /// So that every event with an unknown outcome gets a response in the end.
    async fn publish_what_is_doubtful(&self, api: &Api) {
        let publisher = Publisher {
            api: api.clone(),
            desk: Arc::clone(&self.desk),
            name: "last".to_owned(),
            random: fastrand::Rng::with_seed(self.life.seed),
            subjects: self.life.subjects,
            made: 0,
        };
        let doubtful = self.desk.lock().unwrap().doubtful.len();
        publisher.run(u32::try_from(doubtful).unwrap()).await;
    }

    async fn evidence(&self, api: &Api) -> Evidence {
        let responses = self.desk.lock().unwrap().clone();
        Evidence {
            channels: self.life.channels.clone(),
            kills: self.kills,
            disk_failed: self.life.rounds.iter().any(Round::breaks_the_disk),
            responses,
            staged: true,
            hits: self.receivers.hits(),
            ledger: Ledger::default(),
            before: Ledger::default(),
            history: pages(api, "events").await,
            letters: pages(api, "dead-letters").await,
            stats: api.get("/v1/stats").await.expect(200).json(),
            metrics: api.get("/metrics").await.expect(200).text(),
        }
    }
}
