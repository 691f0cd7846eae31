//! Recent rates, for charts: the counters, sampled into rings of fixed size.
//!
//! A step is a fixed interval of the wall clock, so the steps of two responses line up. What was counted since the
//! previous sample belongs to the step that has just ended. After the clock is set back, counts go to the newest step
//! until it catches up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fanfare_core::ChannelName;
use fanfare_dispatch::Clock;
use fanfare_record::{History, Totals};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Rates, Series as Shown, Window},
    metrics::{Counters, Metrics},
};

impl Window {
    const fn step(self) -> i64 {
        match self {
            Self::Hour => 10,
            Self::Day => 300,
        }
    }

    const fn steps(self) -> usize {
        match self {
            Self::Hour => 360,
            Self::Day => 288,
        }
    }
}

/// The rings, and where the counts come from.
pub struct Series {
    rings: Mutex<Rings>,
    metrics: Arc<Metrics>,
    history: Arc<dyn History>,
    clock: Arc<dyn Clock>,
}

/// How many events each channel has accepted.
type Accepted = BTreeMap<ChannelName, u64>;

impl Series {
    /// Empty rings that begin when the daemon starts, with what the journal has counted before.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, history: Arc<dyn History>, clock: Arc<dyn Clock>, before: &Totals) -> Self {
        let rings = Rings::new(metrics.started(), accepted(before));
        Self { rings: Mutex::new(rings), metrics, history, clock }
    }

    /// Samples the counters at the end of each step, until the daemon stops.
    pub async fn follow(self: Arc<Self>, stopping: CancellationToken) {
        loop {
            let step = Window::Hour.step() * 1_000;
            let wait = step - self.clock.now().as_millisecond().rem_euclid(step);
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())) => self.sample().await,
            }
        }
    }

    /// Records what was counted since the previous sample.
    pub async fn sample(&self) {
        let (counters, now) = (self.metrics.counters(), self.clock.now());
        // What cannot be read now is part of the next sample.
        let accepted = self.history.totals().await.map(|totals| accepted(&totals)).unwrap_or_default();
        self.rings().record(now, counters, &accepted);
    }

    /// The rates of a window: of these channels, as if there were no others, or of all.
    #[must_use]
    pub fn show(&self, window: Window, visible: Option<&BTreeSet<ChannelName>>) -> Shown {
        self.rings().show(window, visible)
    }

    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The metrics do not count these, and the journal's counts are those of `/v1/stats`.
fn accepted(totals: &Totals) -> Accepted {
    totals.channels.iter().map(|channel| (channel.channel.clone(), channel.accepted)).collect()
}

/// Both windows.
struct Rings {
    hour: Ring,
    day: Ring,
    last: Counters,
    accepted: Accepted,
}

impl Rings {
    fn new(start: Timestamp, accepted: Accepted) -> Self {
        let [hour, day] = [Window::Hour, Window::Day].map(|window| Ring::new(window, start));
        Self { hour, day, last: Counters::default(), accepted }
    }

    fn record(&mut self, now: Timestamp, counters: Counters, accepted: &Accepted) {
        for ring in [&mut self.hour, &mut self.day] {
            ring.advance(now);
            ring.accepted.add(ring.newest, counters.accepted - self.last.accepted.min(counters.accepted));
            for (name, is) in &counters.channels {
                let was = self.last.channels.get(name).copied().unwrap_or_default();
                let (newest, tracks) = (ring.newest, ring.tracks(name));
                tracks.delivered.add(newest, is.delivered.saturating_sub(was.delivered));
                tracks.failed.add(newest, is.failed.saturating_sub(was.failed));
                tracks.dead.add(newest, is.dead.saturating_sub(was.dead));
            }
            for (name, is) in accepted {
                let more = is.saturating_sub(self.accepted.get(name).copied().unwrap_or_default());
                if more > 0 {
                    let newest = ring.newest;
                    ring.tracks(name).accepted.add(newest, more);
                }
            }
        }
        self.last = counters;
        self.accepted.extend(accepted.iter().map(|(name, count)| (name.clone(), *count)));
    }

    fn show(&self, window: Window, visible: Option<&BTreeSet<ChannelName>>) -> Shown {
        match window {
            Window::Hour => self.hour.show(visible),
            Window::Day => self.day.show(visible),
        }
    }
}

/// The ring of one window. Steps are numbered from the epoch.
struct Ring {
    window: Window,
    /// The step that the daemon started in.
    first: i64,
    /// The newest step with a sample. It has ended in the hour's ring and is in progress in the day's.
    newest: i64,
    accepted: Track,
    channels: BTreeMap<ChannelName, Tracks>,
}

struct Tracks {
    accepted: Track,
    delivered: Track,
    failed: Track,
    dead: Track,
}

impl Tracks {
    fn new(window: Window) -> Self {
        let [accepted, delivered, failed, dead] = std::array::from_fn(|_| Track::new(window));
        Self { accepted, delivered, failed, dead }
    }

    fn each(&mut self) -> [&mut Track; 4] {
        [&mut self.accepted, &mut self.delivered, &mut self.failed, &mut self.dead]
    }
}

/// A count per step, at the step's number modulo the length.
struct Track(Box<[u32]>);

impl Track {
    fn new(window: Window) -> Self {
        Self(vec![0; window.steps()].into())
    }

    fn at(&mut self, step: i64) -> Option<&mut u32> {
        let place = usize::try_from(step.rem_euclid(self.0.len() as i64)).ok()?;
        self.0.get_mut(place)
    }

    fn add(&mut self, step: i64, count: u64) {
        if let Some(slot) = self.at(step) {
            *slot = slot.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }

    fn clear(&mut self, step: i64) {
        if let Some(slot) = self.at(step) {
            *slot = 0;
        }
    }

    fn get(&self, step: i64) -> u32 {
        let place = usize::try_from(step.rem_euclid(self.0.len() as i64)).unwrap_or_default();
        self.0.get(place).copied().unwrap_or_default()
    }
}

impl Ring {
    fn new(window: Window, start: Timestamp) -> Self {
        let first = start.as_second().div_euclid(window.step());
        Self { window, first, newest: first, accepted: Track::new(window), channels: BTreeMap::new() }
    }

    fn tracks(&mut self, name: &ChannelName) -> &mut Tracks {
        self.channels.entry(name.clone()).or_insert_with(|| Tracks::new(self.window))
    }

    /// Makes the step that has just ended the newest one. A sample is slightly late, because the timer fires at the end
    /// of the step or after it.
    fn advance(&mut self, now: Timestamp) {
        let step = now.as_second().saturating_sub(Window::Hour.step() / 2).div_euclid(self.window.step());
        // Older slots are overwritten.
        let from = (self.newest + 1).max(step + 1 - self.window.steps() as i64);
        for cleared in from..=step {
            self.accepted.clear(cleared);
            for tracks in self.channels.values_mut() {
                tracks.each().into_iter().for_each(|track| track.clear(cleared));
            }
        }
        self.newest = self.newest.max(step);
    }

    fn show(&self, visible: Option<&BTreeSet<ChannelName>>) -> Shown {
        let channels = self.channels.iter().filter(|(name, _)| visible.is_none_or(|visible| visible.contains(*name)));
        let channels: Vec<_> = channels.collect();
        let rates = |tracks: &Tracks| Rates {
            delivered: self.rates(|step| tracks.delivered.get(step).into()),
            failed: self.rates(|step| tracks.failed.get(step).into()),
            dead: self.rates(|step| tracks.dead.get(step).into()),
        };
        let sum = |count: fn(&Tracks) -> &Track| {
            self.rates(|step| channels.iter().map(|(_, tracks)| u64::from(count(tracks).get(step))).sum())
        };
        let until = (self.newest + 1) * self.window.step();
        Shown {
            window: self.window.into(),
            step_seconds: u32::try_from(self.window.step()).unwrap_or_default(),
            until: Timestamp::from_second(until).unwrap_or(Timestamp::MAX),
            accepted: match visible {
                None => self.rates(|step| self.accepted.get(step).into()),
                Some(_) => sum(|tracks| &tracks.accepted),
            },
            totals: Rates {
                delivered: sum(|tracks| &tracks.delivered),
                failed: sum(|tracks| &tracks.failed),
                dead: sum(|tracks| &tracks.dead),
            },
            channels: channels.iter().map(|(name, tracks)| (name.to_string(), rates(tracks))).collect(),
        }
    }

    /// Oldest step first, rounded to three decimal places.
    fn rates(&self, count: impl Fn(i64) -> u64) -> Vec<Option<f64>> {
        let oldest = self.newest + 1 - self.window.steps() as i64;
        let rate = |step| (count(step) as f64 / self.window.step() as f64 * 1e3).round() / 1e3;
        (oldest..=self.newest).map(|step| (step >= self.first).then(|| rate(step))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::ChannelCounters;

    /// A time on the boundary of a step of both windows.
    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn counters(accepted: u64, delivered: u64, failed: u64, dead: u64) -> Counters {
        let name = ChannelName::new("hook").unwrap();
        Counters { accepted, channels: [(name, ChannelCounters { delivered, failed, dead })].into() }
    }

    fn last(values: &[Option<f64>], count: usize) -> &[Option<f64>] {
        &values[values.len() - count..]
    }

    #[test]
    fn a_step_has_what_was_counted_in_it_and_none_is_known_before_the_start() {
        let mut rings = Rings::new(at(0), Accepted::default());
        rings.record(at(10), counters(50, 20, 5, 1), &Accepted::default());
        rings.record(at(20), counters(50, 30, 5, 2), &Accepted::default());
        let hour = rings.show(Window::Hour, None);
        assert_eq!((hour.step_seconds, hour.until, hour.accepted.len()), (10, at(20), 360));
        assert_eq!(last(&hour.accepted, 3), [None, Some(5.0), Some(0.0)]);
        assert_eq!(last(&hour.totals.delivered, 3), [None, Some(2.0), Some(1.0)]);
        assert_eq!(last(&hour.totals.failed, 2), [Some(0.5), Some(0.0)]);
        assert_eq!(last(&hour.channels["hook"].dead, 2), [Some(0.1), Some(0.1)]);
        let day = rings.show(Window::Day, None);
        assert_eq!((day.step_seconds, day.until, day.accepted.len()), (300, at(300), 288));
        assert_eq!(last(&day.accepted, 2), [None, Some(0.167)]);
    }

    #[test]
    fn a_sample_that_comes_late_belongs_to_the_step_that_has_ended() {
        let mut rings = Rings::new(at(0), Accepted::default());
        let late = |seconds: i64, millis: i64| at(seconds) + jiff::SignedDuration::from_millis(millis);
        for (n, millis) in [(1, 0), (2, 3), (3, 900), (4, 1)] {
            rings.record(late(n * 10, millis), counters(10 * n.unsigned_abs(), 0, 0, 0), &Accepted::default());
        }
        let hour = rings.show(Window::Hour, None);
        assert_eq!((hour.until, last(&hour.accepted, 4)), (at(40), &[Some(1.0); 4][..]));
    }

    #[test]
    fn a_gap_is_empty_and_what_is_older_than_the_window_is_gone() {
        let mut rings = Rings::new(at(0), Accepted::default());
        rings.record(at(10), counters(10, 0, 0, 0), &Accepted::default());
        rings.record(at(40), counters(20, 0, 0, 0), &Accepted::default());
        assert_eq!(last(&rings.show(Window::Hour, None).accepted, 4), [Some(1.0), Some(0.0), Some(0.0), Some(1.0)]);
        rings.record(at(40 + 3_600), counters(20, 0, 0, 0), &Accepted::default());
        assert!(rings.show(Window::Hour, None).accepted.iter().all(|rate| *rate == Some(0.0)));
        rings.record(at(90_000), counters(30, 0, 0, 0), &Accepted::default());
        let hour = rings.show(Window::Hour, None).accepted;
        assert_eq!(hour.iter().flatten().sum::<f64>(), 1.0);
    }

    #[test]
    fn a_clock_that_is_set_back_loses_no_count() {
        let mut rings = Rings::new(at(0), Accepted::default());
        rings.record(at(20), counters(10, 0, 0, 0), &Accepted::default());
        rings.record(at(5), counters(20, 0, 0, 0), &Accepted::default());
        let hour = rings.show(Window::Hour, None);
        assert_eq!((hour.until, last(&hour.accepted, 2)), (at(20), &[Some(0.0), Some(2.0)][..]));
    }

    #[test]
    fn who_sees_some_channels_gets_their_sums() {
        let [a, b, c] = ["a", "b", "c"].map(|name| ChannelName::new(name).unwrap());
        let mut rings = Rings::new(at(0), [(a.clone(), 1_000)].into());
        let delivered = |delivered| ChannelCounters { delivered, failed: 0, dead: 10 };
        let channels = [(a.clone(), delivered(10)), (b.clone(), delivered(20)), (c.clone(), delivered(30))].into();
        let accepted = [(a.clone(), 1_030), (b.clone(), 20), (c, 500)].into();
        rings.record(at(10), Counters { accepted: 900, channels }, &accepted);
        let seen = rings.show(Window::Hour, Some(&[a, b].into()));
        assert_eq!(last(&seen.accepted, 2), [None, Some(5.0)], "what was accepted before the start is not counted");
        assert_eq!(last(&seen.totals.delivered, 2), [None, Some(3.0)]);
        assert_eq!(last(&seen.totals.dead, 2), [None, Some(2.0)]);
        assert_eq!(seen.channels.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(last(&rings.show(Window::Hour, None).accepted, 2), [None, Some(90.0)]);
        // A sample that could not be read is made up for.
        rings.record(at(20), Counters { accepted: 900, ..Counters::default() }, &Accepted::default());
        let b = ChannelName::new("b").unwrap();
        rings.record(at(30), Counters { accepted: 900, ..Counters::default() }, &[(b.clone(), 40)].into());
        assert_eq!(last(&rings.show(Window::Hour, Some(&[b].into())).accepted, 2), [Some(0.0), Some(2.0)]);
    }
}
