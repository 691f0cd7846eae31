//! The channels that events go to, as one value: a reload cannot split a request, and one place decides who gets an
//! event.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use fanfare_core::{
    ChannelId, ChannelName, Event, Policy, Staged,
    delivery::Origin,
    filter::{Candidate, Condition, Filter, Verdict},
};

use crate::{
    StageSpec,
    lane::{Lane, Shared},
    queued::Piece,
    stages::Step,
};

/// The channels that events go to, by name.
pub(crate) struct Table {
    pub(crate) routes: Vec<Route>,
    /// Every channel's number, built once instead of per event.
    everyone: Arc<[ChannelId]>,
    /// No channel has a filter.
    is_open: bool,
    /// Some channel lets events overtake its backlog.
    has_first: bool,
    /// Some channel has a condition.
    has_conditions: bool,
    /// Some filter names types of system events.
    pub(crate) wants_system: bool,
    /// What events pass before they reach the channels, in order.
    pub(crate) stages: Vec<Step>,
}

/// The bytes of data from which evaluating conditions takes long: a loop takes milliseconds.
const LONG: usize = 32 << 10;

/// One channel, and which events it gets.
pub(crate) struct Route {
    pub(crate) lane: Arc<Lane>,
    filter: Filter,
    /// Whether it has no filter and gets only what the channels that name it as their fallback cannot deliver.
    only_fallback: bool,
    /// Events that overtake its backlog.
    first: Option<Condition>,
    /// Its fallbacks, in order.
    fallback: Box<[ChannelId]>,
    /// The fallbacks for events that it got as a fallback: those after it where it is named, and its own.
    fallback_next: Box<[ChannelId]>,
    /// Its part of the answer to a publisher that does not wait.
    pub(crate) piece: Piece,
    /// Whether a failure of its condition has been logged.
    reported: AtomicBool,
}

/// Who gets one event.
#[derive(Clone, Debug)]
pub(crate) struct Routing {
    table: Arc<Table>,
    /// Indexes into the table's routes; `None` if every channel gets it.
    chosen: Option<Box<[usize]>>,
    pub(crate) targets: Arc<[ChannelId]>,
    /// The targets that get it ahead of their backlogs.
    pub(crate) first: Vec<ChannelId>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Table").field(&self.everyone).finish()
    }
}

/// Which table of channels is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableState {
    /// The requested one.
    Current,
    /// An older one, for this reason. Events go to its channels; if it has none, they are rejected.
    Behind { reason: Arc<String>, refuses: bool },
    /// None yet, for this reason: events are rejected.
    Missing { reason: Arc<String> },
}

impl Table {
    pub(crate) fn new(channels: &[(&Arc<Lane>, &Policy)], stages: Vec<StageSpec>) -> Self {
        let fallbacks = Fallbacks::of(channels);
        let route = |(lane, policy): &(&Arc<Lane>, &Policy)| Route {
            only_fallback: policy.is_only_fallback(fallbacks.is_named(lane.id)),
            fallback: fallbacks.own(lane.id).into(),
            fallback_next: fallbacks.next(lane.id).into(),
            piece: Piece::new(&lane.name, lane.id),
            lane: Arc::clone(lane),
            filter: policy.filter.clone(),
            first: policy.priority.first.clone(),
            reported: AtomicBool::new(false),
        };
        let mut routes: Vec<_> = channels.iter().map(route).collect();
        routes.sort_unstable_by(|one, other| one.lane.name.cmp(&other.lane.name));
        let everyone = routes.iter().map(|route| route.lane.id).collect();
        let is_open = routes.iter().all(|route| route.filter.is_open() && !route.only_fallback);
        let has_first = routes.iter().any(|route| route.first.is_some());
        let has_conditions = has_first || routes.iter().any(|route| route.filter.when.is_some());
        let wants_system = routes.iter().any(|route| route.filter.names_system_types());
        let stages = stages.into_iter().map(Step::new).collect();
        Self { routes, everyone, is_open, has_first, has_conditions, wants_system, stages }
    }

    /// Who gets each of these events.
    pub(crate) fn routings(self: &Arc<Self>, events: &[Staged], shared: &Shared) -> Vec<Routing> {
        let one = |staged: &Staged| match staged.is_dropped() {
            true => self.nobody(),
            false => self.of(&staged.event, shared),
        };
        self.beside(events.iter().map(|staged| &staged.event), || events.iter().map(one).collect())
    }

    fn nobody(self: &Arc<Self>) -> Routing {
        Routing { table: Arc::clone(self), chosen: Some([].into()), targets: [].into(), first: vec![] }
    }

    /// The verdict of every channel's filter.
    pub(crate) fn judge(&self, event: &Event) -> Vec<(Arc<Lane>, Verdict)> {
        self.beside(std::iter::once(event), || {
            let candidate = Candidate::new(event);
            self.routes.iter().map(|route| (Arc::clone(&route.lane), route.judge(&candidate))).collect()
        })
    }

    /// Judges these events. If that may take long, hands the other tasks of this thread over first.
    fn beside<'e, T>(&self, events: impl Iterator<Item = &'e Event>, judge: impl FnOnce() -> T) -> T {
        let length = |event: &Event| event.data.as_ref().map_or(0, |data| data.as_bytes().len());
        let is_long = self.has_conditions && events.map(length).sum::<usize>() > LONG;
        // A single-threaded runtime, as in tests, cannot hand tasks over.
        let can_hand_over = || {
            tokio::runtime::Handle::try_current()
                .is_ok_and(|handle| handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread)
        };
        if is_long && can_hand_over() { tokio::task::block_in_place(judge) } else { judge() }
    }

    /// Who gets this event.
    pub(crate) fn of(self: &Arc<Self>, event: &Event, shared: &Shared) -> Routing {
        let candidate = Candidate::new(event);
        if self.is_open && !event.is_system() {
            let first = self.first(self.routes.iter(), &candidate);
            return Routing { table: Arc::clone(self), chosen: None, targets: Arc::clone(&self.everyone), first };
        }
        let passes = |route: &Route| match route.judge(&candidate) {
            Verdict::Pass => true,
            Verdict::Mismatch(_) | Verdict::Fallback => false,
            Verdict::Failed(reason) => {
                route.failed(&reason, shared);
                false
            }
        };
        let chosen: Box<[usize]> =
            self.routes.iter().enumerate().filter(|(_, route)| passes(route)).map(|(place, _)| place).collect();
        let routes = || chosen.iter().filter_map(|&place| self.routes.get(place));
        let (targets, first) = (routes().map(|route| route.lane.id).collect(), self.first(routes(), &candidate));
        Routing { table: Arc::clone(self), chosen: Some(chosen), targets, first }
    }

    /// Whose backlog the event overtakes. A scheduled event overtakes none.
    fn first<'a>(&self, routes: impl Iterator<Item = &'a Route>, candidate: &Candidate<'_>) -> Vec<ChannelId> {
        if !self.has_first || candidate.event.deliver_at().is_some() {
            return vec![];
        }
        let is_first = |route: &&Route| route.first.as_ref().is_some_and(|first| candidate.holds(first));
        routes.filter(is_first).map(|route| route.lane.id).collect()
    }
}

/// Which channels are fallbacks of which.
struct Fallbacks(Vec<(ChannelId, Vec<ChannelId>)>);

impl Fallbacks {
    fn of(channels: &[(&Arc<Lane>, &Policy)]) -> Self {
        let id = |name: &ChannelName| channels.iter().find(|(lane, _)| lane.name == *name).map(|(lane, _)| lane.id);
        let named = |(lane, policy): &(&Arc<Lane>, &Policy)| (lane.id, policy.fallback.iter().filter_map(id).collect());
        Self(channels.iter().map(named).collect())
    }

    fn own(&self, channel: ChannelId) -> &[ChannelId] {
        self.0.iter().find(|(of, _)| *of == channel).map_or(&[], |(_, list)| list)
    }

    fn is_named(&self, channel: ChannelId) -> bool {
        self.0.iter().any(|(_, list)| list.contains(&channel))
    }

    /// All that a channel leads to, in the order in which they are asked: those that it names, then those that these
    /// name.
    fn chain(&self, channel: ChannelId) -> Vec<ChannelId> {
        let mut chain = self.own(channel).to_vec();
        let mut asked = 0;
        while let Some(&of) = chain.get(asked) {
            let new: Vec<_> = self.own(of).iter().filter(|named| !chain.contains(named)).copied().collect();
            chain.extend(new);
            asked += 1;
        }
        chain
    }

    /// What comes after a channel in the chains that it is in.
    fn next(&self, channel: ChannelId) -> Vec<ChannelId> {
        let chains = self.0.iter().map(|(of, _)| self.chain(*of));
        let after = chains.flat_map(|chain| chain.into_iter().skip_while(|named| *named != channel).skip(1));
        let mut next = Vec::new();
        for named in after.chain(self.chain(channel)) {
            if !next.contains(&named) {
                next.push(named);
            }
        }
        next
    }
}

impl Route {
    fn judge(&self, candidate: &Candidate<'_>) -> Verdict {
        if self.only_fallback { Verdict::Fallback } else { self.filter.judge(candidate) }
    }

    /// Whether the channel gets only system events.
    pub(crate) fn is_for_system_types(&self) -> bool {
        self.filter.is_for_system_types()
    }

    /// Counts each failure and logs the first, until the table changes: otherwise a publisher could fill the log.
    fn failed(&self, reason: &str, shared: &Shared) {
        shared.observer.filter_failed(&self.lane.name);
        if !self.reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                channel = %self.lane.name, reason,
                "`filter.when` cannot be evaluated for an event, which therefore does not go to this channel; further \
                 such events are only counted, in fanfare_filter_errors_total"
            );
        }
    }
}

impl Routing {
    /// How many channels get the event.
    pub(crate) fn len(&self) -> usize {
        self.targets.len()
    }

    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        let everyone = self.chosen.is_none().then_some(&self.table.routes).into_iter().flatten();
        let chosen = self.chosen.iter().flatten().filter_map(|&place| self.table.routes.get(place));
        everyone.chain(chosen)
    }
}

impl Shared {
    /// Who gets what this channel cannot deliver.
    pub(crate) fn fallback(&self, channel: ChannelId, origin: Origin) -> Vec<ChannelId> {
        let table = self.table.load();
        let route = table.iter().flat_map(|table| &table.routes).find(|route| route.lane.id == channel);
        let of = |route: &Route| match origin {
            Origin::Fallback => route.fallback_next.to_vec(),
            _ => route.fallback.to_vec(),
        };
        route.map(of).unwrap_or_default()
    }

    /// The table in force.
    ///
    /// # Errors
    /// Why there is none that may be used: an event without targets, only because the table is outdated, would be lost.
    pub(crate) fn table(&self) -> Result<Arc<Table>, Arc<String>> {
        let table = self.table.load_full();
        match (table, self.behind.load_full()) {
            (Some(table), Some(reason)) if table.routes.is_empty() => Err(reason),
            (Some(table), _) => Ok(table),
            (None, reason) => Err(reason.unwrap_or_else(|| Arc::new("the channels are not registered yet".to_owned()))),
        }
    }

    pub(crate) fn table_state(&self) -> TableState {
        let refusal = self.table().err();
        match (self.table.load().is_some(), self.behind.load_full(), refusal) {
            (false, _, Some(reason)) => TableState::Missing { reason },
            (_, Some(reason), refusal) => TableState::Behind { reason, refuses: refusal.is_some() },
            _ => TableState::Current,
        }
    }
}
