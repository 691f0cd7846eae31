//! A channel's deliveries in flight. Each stays here until a commit has recorded what follows for it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use fanfare_core::delivery::Wait;
use fanfare_dispatch::{Claim, Token};
use jiff::Timestamp;

use crate::{
    keys::{Key, Keys},
    retries::{Due, Round},
};

/// A delivery in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flight {
    pub(crate) round: Round,
    /// Present if it has a row in `retries`.
    pub(crate) retry: Option<Due>,
    /// That of the claim in force. What no lane has claimed, because the journal itself ends it, has the default one.
    pub(crate) token: Token,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    HandedOut,
    /// Never handed out: about to be recorded as waiting behind another delivery of its key.
    HeldBack,
    /// No longer handed out. It is handed out again before all others, and remains the active delivery of its key.
    GivenBack,
}

impl Flight {
    /// A first attempt that is handed out, or buried.
    pub(crate) fn fresh(round: Round) -> Self {
        Self { round, retry: None, token: Token::default(), stage: Stage::HandedOut }
    }

    /// A first attempt that has to wait for another of its key.
    pub(crate) fn held_back(round: Round) -> Self {
        Self { stage: Stage::HeldBack, ..Self::fresh(round) }
    }

    /// A delivery with a row in `retries`.
    pub(crate) fn again(round: Round, due: Due) -> Self {
        Self { retry: Some(due), ..Self::fresh(round) }
    }
}

/// The deliveries in flight, by offset.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    /// First attempts. They keep the floor down.
    fresh: BTreeMap<u64, Flight>,
    /// Those with a row in `retries`.
    again: HashMap<u64, Flight>,
    /// The claims of those that were given back, the next one first.
    given_back: VecDeque<Claim>,
    /// The token of the newest claim.
    last_token: Token,
}

/// The token before the first one of a journal that is opened after so many commits. So tokens grow from one run to the
/// next: every run commits something, and no channel makes 2²⁴ claims per commit.
pub(crate) fn token_after(commits: i64) -> Token {
    Token(u64::try_from(commits).unwrap_or_default() << 24)
}

impl Flights {
    pub(crate) fn new(last_token: Token) -> Self {
        Self { last_token, ..Self::default() }
    }

    /// Begins a flight that a lane claims. Returns the claim's token.
    pub(crate) fn hand_out(&mut self, offset: u64, flight: Flight) -> Token {
        let token = self.next_token();
        self.begin(offset, Flight { token, ..flight });
        token
    }

    fn next_token(&mut self) -> Token {
        self.last_token.0 += 1;
        self.last_token
    }

    pub(crate) fn begin(&mut self, offset: u64, flight: Flight) {
        let _replaced = match flight.retry {
            None => self.fresh.insert(offset, flight),
            Some(_) => self.again.insert(offset, flight),
        };
    }

    /// Ends a flight: a commit has recorded what follows.
    pub(crate) fn land(&mut self, offset: u64) {
        if self.fresh.remove(&offset).is_none() {
            self.again.remove(&offset);
        }
    }

    /// The delivery at `offset`, unless it was given back.
    pub(crate) fn get(&self, offset: u64) -> Option<Flight> {
        let flight = self.fresh.get(&offset).or_else(|| self.again.get(&offset)).copied();
        flight.filter(|flight| flight.stage != Stage::GivenBack)
    }

    /// Whether the delivery at `offset` is in flight or was given back.
    pub(crate) fn has(&self, offset: u64) -> bool {
        self.fresh.contains_key(&offset) || self.has_again(offset)
    }

    /// The same, for deliveries with a row in `retries`.
    pub(crate) fn has_again(&self, offset: u64) -> bool {
        self.again.contains_key(&offset)
    }

    /// How many are handed out or being held back.
    pub(crate) fn len(&self) -> usize {
        self.fresh.len() + self.again.len() - self.given_back.len()
    }

    pub(crate) fn has_given_back(&self) -> bool {
        !self.given_back.is_empty()
    }

    /// When the delivery with the lowest offset of those that keep the floor down began.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.fresh.values().next().map(|flight| flight.round.since)
    }

    /// The lowest offset that keeps the floor down once `leaving`, in ascending order, have landed.
    pub(crate) fn lowest(&self, leaving: &[u64]) -> Option<u64> {
        let mut leaving = leaving.iter().copied().peekable();
        let stays = |offset: &&u64| {
            while leaving.next_if(|left| left < *offset).is_some() {}
            leaving.peek() != Some(*offset)
        };
        self.fresh.keys().find(stays).copied()
    }

    /// Since when the first of those that were given back is due.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.given_back.iter().map(|claim| claim.due).min()
    }

    /// Takes claims back, ahead of those that were given back before. One that is not handed out is ignored.
    pub(crate) fn give_back(&mut self, claims: Vec<Claim>, keys: &mut Keys) {
        for claim in claims.into_iter().rev() {
            match self.get_mut(claim.offset.0) {
                Some(flight) if flight.stage == Stage::HandedOut && flight.token == claim.token => {
                    flight.stage = Stage::GivenBack;
                    flight.round.key.into_iter().for_each(|key| keys.give_back(key));
                    self.given_back.push_front(claim);
                }
                _ => {
                    let (offset, delivery) = (claim.offset, claim.delivery_id());
                    tracing::error!(%offset, %delivery, "a delivery that is not in flight was given back; ignoring it");
                }
            }
        }
    }

    /// Hands out again what was given back, in its order, until there are `max` claims. Of a key, the next one waits
    /// until no other is out. With `before`, only what began then or earlier, and without waiting: it has expired.
    pub(crate) fn hand_out_again(
        &mut self,
        max: usize,
        before: Option<Timestamp>,
        keys: &mut Keys,
        claims: &mut Vec<Claim>,
    ) {
        let mut next = 0;
        while claims.len() < max
            && let Some(claim) = self.given_back.get(next)
        {
            let key = self.fresh.get(&claim.offset.0).or_else(|| self.again.get(&claim.offset.0));
            let key = key.and_then(|flight| flight.round.key);
            let may_go = match before {
                Some(before) => claim.since <= before,
                None => key.is_none_or(|key| keys.out(key) == 0),
            };
            if may_go {
                let token = self.next_token();
                claims.extend(self.take_given_back(next, token, keys));
            } else {
                next += 1;
            }
        }
    }

    /// Takes a delivery that was given back out of turn; it is in flight from now on. Returns whether there is one.
    pub(crate) fn take_out_of_turn(&mut self, offset: u64, keys: &mut Keys) -> bool {
        let place = self.given_back.iter().position(|claim| claim.offset.0 == offset);
        place.and_then(|place| self.take_given_back(place, Token::default(), keys)).is_some()
    }

    fn take_given_back(&mut self, place: usize, token: Token, keys: &mut Keys) -> Option<Claim> {
        let claim = self.given_back.remove(place)?;
        if let Some(flight) = self.get_mut(claim.offset.0) {
            (flight.stage, flight.token) = (Stage::HandedOut, token);
            flight.round.key.into_iter().for_each(|key| keys.hand_out_again(key));
        }
        Some(Claim { token, ..claim })
    }

    fn get_mut(&mut self, offset: u64) -> Option<&mut Flight> {
        match self.fresh.get_mut(&offset) {
            Some(flight) => Some(flight),
            None => self.again.get_mut(&offset),
        }
    }

    /// Deliveries that were given back are no longer deferred for a reason that `applies` selects.
    pub(crate) fn reconsidered(&mut self, applies: impl Fn(u64, Wait) -> bool) {
        for claim in &mut self.given_back {
            claim.deferred = claim.deferred.filter(|wait| !applies(claim.offset.0, *wait));
        }
    }

    /// The offsets of those that are or were handed out, and of those that are being held back.
    pub(crate) fn by_stage(&self) -> (Vec<u64>, Vec<u64>) {
        let flights = self.fresh.iter().chain(&self.again);
        let (held_back, others): (Vec<_>, Vec<_>) = flights.partition(|(_, flight)| flight.stage == Stage::HeldBack);
        let offsets = |flights: Vec<(&u64, &Flight)>| flights.into_iter().map(|(&offset, _)| offset).collect();
        (offsets(others), offsets(held_back))
    }

    /// Follows a change of the order. Returns the keys of those that were given back.
    pub(crate) fn rekey(&mut self, keys: &BTreeMap<u64, Key>) -> Vec<Key> {
        for (offset, flight) in self.fresh.iter_mut() {
            flight.round.key = keys.get(offset).copied();
        }
        for (offset, flight) in &mut self.again {
            flight.round.key = keys.get(offset).copied();
        }
        self.given_back.iter().filter_map(|claim| keys.get(&claim.offset.0).copied()).collect()
    }
}
