//! The channels that events go to, as one value: a reload cannot split a request, and one place decides who gets an
//! event.

use std::{fmt, sync::Arc};

use fanfare_core::{
    ChannelId, ChannelName, Event, Policy, Staged,
    filter::{Candidate, Verdict},
};

use crate::{Observer, StageSpec, piece::Piece, stages::Step};

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

/// A channel to make a route for.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) name: &'a ChannelName,
    pub(crate) id: ChannelId,
    pub(crate) policy: &'a Policy,
}

/// One channel, and which events it gets.
pub(crate) struct Route {
    pub(crate) name: ChannelName,
    pub(crate) id: ChannelId,
    pub(crate) policy: Policy,
    /// Whether it has no filter and gets only what the channels that name it as their fallback cannot deliver.
    only_fallback: bool,
    /// Its fallbacks, in order.
    pub(crate) fallback: Box<[ChannelId]>,
    /// The fallbacks for events that it got as a fallback: those after it where it is named, and its own.
    pub(crate) fallback_next: Box<[ChannelId]>,
    /// Its part of the response to a publisher that does not wait.
    pub(crate) piece: Piece,
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
    pub(crate) fn new(channels: &[Member<'_>], stages: Vec<StageSpec>) -> Self {
        let fallbacks = Fallbacks::of(channels);
        let route = |&Member { name, id, policy }: &Member<'_>| Route {
            only_fallback: policy.is_only_fallback(fallbacks.is_named(id)),
            fallback: fallbacks.own(id).into(),
            fallback_next: fallbacks.next(id).into(),
            piece: Piece::new(name, id),
            name: name.clone(),
            id,
            policy: policy.clone(),
        };
        let mut routes: Vec<_> = channels.iter().map(route).collect();
        routes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let everyone = routes.iter().map(|route| route.id).collect();
        let is_open = routes.iter().all(|route| route.policy.filter.is_open() && !route.only_fallback);
        let has_first = routes.iter().any(|route| route.policy.priority.first.is_some());
        let has_conditions = has_first || routes.iter().any(|route| route.policy.filter.when.is_some());
        let wants_system = routes.iter().any(|route| route.policy.filter.names_system_types());
        let stages = stages.into_iter().map(Step::new).collect();
        Self { routes, everyone, is_open, has_first, has_conditions, wants_system, stages }
    }

    /// Who gets each of these events.
    pub(crate) fn routings(self: &Arc<Self>, events: &[Staged], observer: &dyn Observer) -> Vec<Routing> {
        let one = |staged: &Staged| match staged.is_dropped() {
            true => self.nobody(),
            false => self.of(&staged.event, observer),
        };
        self.beside(events.iter().map(|staged| &staged.event), || events.iter().map(one).collect())
    }

    fn nobody(self: &Arc<Self>) -> Routing {
        Routing { table: Arc::clone(self), chosen: Some([].into()), targets: [].into(), first: vec![] }
    }

    /// The verdict of every channel's filter.
    pub(crate) fn judge(&self, event: &Event) -> Vec<(&Route, Verdict)> {
        self.beside(std::iter::once(event), || {
            let candidate = Candidate::new(event);
            self.routes.iter().map(|route| (route, route.judge(&candidate))).collect()
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
    pub(crate) fn of(self: &Arc<Self>, event: &Event, observer: &dyn Observer) -> Routing {
        let candidate = Candidate::new(event);
        if self.is_open && !event.is_system() {
            let first = self.first(self.routes.iter(), &candidate);
            return Routing { table: Arc::clone(self), chosen: None, targets: Arc::clone(&self.everyone), first };
        }
        let passes = |route: &Route| match route.judge(&candidate) {
            Verdict::Pass => true,
            Verdict::Mismatch(_) | Verdict::Fallback => false,
            Verdict::Failed(reason) => {
                observer.filter_failed(&route.name, event, &reason);
                false
            }
        };
        let chosen: Box<[usize]> =
            self.routes.iter().enumerate().filter(|(_, route)| passes(route)).map(|(place, _)| place).collect();
        let routes = || chosen.iter().filter_map(|&place| self.routes.get(place));
        let (targets, first) = (routes().map(|route| route.id).collect(), self.first(routes(), &candidate));
        Routing { table: Arc::clone(self), chosen: Some(chosen), targets, first }
    }

    /// Whose backlog the event overtakes. A scheduled event overtakes none.
    fn first<'a>(&self, routes: impl Iterator<Item = &'a Route>, candidate: &Candidate<'_>) -> Vec<ChannelId> {
        if !self.has_first || candidate.event.deliver_at().is_some() {
            return vec![];
        }
        let is_first =
            |route: &&Route| route.policy.priority.first.as_ref().is_some_and(|first| candidate.holds(first));
        routes.filter(is_first).map(|route| route.id).collect()
    }
}

/// Which channels are fallbacks of which.
struct Fallbacks(Vec<(ChannelId, Vec<ChannelId>)>);

impl Fallbacks {
    fn of(channels: &[Member<'_>]) -> Self {
        let id = |name: &ChannelName| channels.iter().find(|member| member.name == name).map(|member| member.id);
        let named = |member: &Member<'_>| (member.id, member.policy.fallback.iter().filter_map(id).collect());
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
        if self.only_fallback { Verdict::Fallback } else { self.policy.filter.judge(candidate) }
    }

    /// Whether the channel gets only system events.
    pub(crate) fn is_for_system_types(&self) -> bool {
        self.policy.filter.is_for_system_types()
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
