//! Limits sign-in attempts: per address, and over all addresses.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use fanfare_core::rate::{Meter, Rate};
use tokio::time::Instant;

const FROM_ONE: Rate = Rate { count: 10, period: Duration::from_mins(1), burst: 10 };
const FROM_ALL: Rate = Rate { count: 120, period: Duration::from_mins(1), burst: 120 };

/// Addresses that are remembered. When the table is full, the one with the oldest attempt is forgotten.
const MOST: usize = 1_024;

/// The attempts of the last minute.
pub struct Attempts {
    made: Instant,
    meters: Mutex<Meters>,
}

struct Meters {
    all: Meter,
    each: HashMap<IpAddr, Meter>,
}

impl Default for Attempts {
    fn default() -> Self {
        let meters = Meters { all: Meter::used_until(Duration::ZERO), each: HashMap::new() };
        Self { made: Instant::now(), meters: Mutex::new(meters) }
    }
}

impl Attempts {
    /// Counts one attempt from this address.
    ///
    /// # Errors
    /// How long to wait before the next attempt.
    pub fn take(&self, from: Option<IpAddr>) -> Result<(), Duration> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.take(from, self.made.elapsed())
    }
}

/// Refused attempts to sign in, reported once a minute, so that guessing cannot fill the audit trail.
#[derive(Default)]
pub struct Refusals(Mutex<(u64, Option<Instant>)>);

impl Refusals {
    /// Counts one attempt. Returns the number since the last report when the next report is due.
    pub fn add(&self) -> Option<u64> {
        let mut refusals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, reported) = &mut *refusals;
        *count += 1;
        if reported.is_some_and(|at| at.elapsed() < FROM_ONE.period) {
            return None;
        }
        *reported = Some(Instant::now());
        Some(std::mem::take(count))
    }
}

impl Meters {
    fn take(&mut self, from: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        let from = network(from.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)));
        if self.each.len() >= MOST && !self.each.contains_key(&from) {
            self.each.retain(|_, meter| meter.until() > now);
            let idlest = self.each.iter().min_by_key(|(_, meter)| meter.until()).map(|(address, _)| *address);
            if let Some(idlest) = idlest.filter(|_| self.each.len() >= MOST) {
                self.each.remove(&idlest);
            }
        }
        let one = self.each.entry(from).or_insert_with(|| Meter::used_until(Duration::ZERO));
        // Refused attempts from one address do not count towards the limit over all addresses.
        if !one.take(now, &FROM_ONE) {
            return Err(one.wait(now, &FROM_ONE));
        }
        if self.all.take(now, &FROM_ALL) { Ok(()) } else { Err(self.all.wait(now, &FROM_ALL)) }
    }
}

/// The owner of an IPv6 address controls the 2^64 addresses of its network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meters() -> Meters {
        Meters { all: Meter::used_until(Duration::ZERO), each: HashMap::new() }
    }

    #[test]
    fn one_address_tries_ten_times_a_minute_and_keeps_nobody_else_out() {
        let mut meters = meters();
        let (one, other) = ("192.0.2.1".parse().ok(), "192.0.2.2".parse().ok());
        let now = Duration::from_secs(100);
        for _ in 0..10 {
            assert_eq!(meters.take(one, now), Ok(()));
        }
        let wait = meters.take(one, now).unwrap_err();
        assert!((5..=6).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(meters.take(other, now), Ok(()));
        assert_eq!(meters.take(one, now + wait), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_are_reported_once_a_minute() {
        let refusals = Refusals::default();
        assert_eq!([refusals.add(), refusals.add(), refusals.add()], [Some(1), None, None]);
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!([refusals.add(), refusals.add()], [Some(3), None]);
    }

    #[test]
    fn addresses_of_one_network_count_as_one_and_all_together_have_a_limit() {
        let mut meters = meters();
        let now = Duration::from_secs(100);
        for n in 0..10 {
            assert_eq!(meters.take(format!("2001:db8::{n}").parse().ok(), now), Ok(()));
        }
        assert!(meters.take("2001:db8::ffff".parse().ok(), now).is_err());
        let taken = (0..5_000).filter(|n| meters.take(format!("2001:db8:{n:x}:1::1").parse().ok(), now).is_ok());
        assert_eq!(taken.count(), 110);
        assert!(meters.each.len() <= MOST);
    }
}
