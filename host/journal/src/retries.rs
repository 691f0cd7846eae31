//! The due times of a channel's waiting deliveries.
//!
//! The table `retries` contains all of them. Memory keeps the ones that are due first, so that nothing is read from
//! disk while nothing is due, and a million waiting deliveries take no more memory than a thousand.

use std::collections::{BTreeMap, HashSet};

use fanfare_core::delivery::{Origin, Wait};
use jiff::Timestamp;

use crate::keys::Key;

/// A due time and an offset. Due times may be equal; offsets are unique.
pub(crate) type Due = (i64, u64);

/// A waiting delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) attempts: u32,
    pub(crate) round: Round,
    /// Why it is deferred; `None` if it waits for a retry.
    pub(crate) wait: Option<Wait>,
}

/// The part that stays the same from attempt to attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    /// When the event was accepted, or the later time that it names. For a delivery that is begun again, when that was
    /// requested.
    pub(crate) since: Timestamp,
    pub(crate) origin: Origin,
    /// The job that began it.
    pub(crate) job: Option<i64>,
    /// Its key, on a channel with an order.
    pub(crate) key: Option<Key>,
}

impl Round {
    pub(crate) fn live(since: Timestamp, key: Option<Key>) -> Self {
        Self { since, origin: Origin::Live, job: None, key }
    }
}

/// The front of a channel's waiting deliveries, ordered by due time.
///
/// Every waiting delivery that is due at or before `horizon` and not claimed is in `front`. Later ones are only on
/// disk.
#[derive(Debug)]
pub(crate) struct Retries {
    front: BTreeMap<Due, Waiting>,
    /// `None`: the front is complete.
    horizon: Option<Due>,
    filling: Option<Fill>,
    limit: usize,
    /// Counts rewrites of the whole table. A page that was read before a rewrite is useless.
    edition: u64,
}

/// Where a page of waiting deliveries begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FillFrom {
    pub(crate) after: Due,
    edition: u64,
}

/// Changes while a page is being read, which the snapshot of the read does not show.
#[derive(Debug, Default)]
struct Fill {
    late: Vec<(Due, Waiting)>,
    touched: HashSet<u64>,
}

impl Retries {
    /// `on_disk` says whether the table has rows for this channel.
    pub(crate) fn new(limit: usize, on_disk: bool) -> Self {
        Self { front: BTreeMap::new(), horizon: on_disk.then_some((i64::MIN, 0)), filling: None, limit, edition: 0 }
    }

    /// An empty front after the table was rewritten: what memory knew is outdated.
    pub(crate) fn renewed(&self, limit: usize, on_disk: bool) -> Self {
        Self { edition: self.edition + 1, ..Self::new(limit, on_disk) }
    }

    pub(crate) fn in_memory(&self) -> usize {
        self.front.len() + self.filling.as_ref().map_or(0, |fill| fill.late.len())
    }

    /// The earliest due time in memory.
    pub(crate) fn first_due(&self) -> Option<i64> {
        self.front.keys().next().map(|due| due.0)
    }

    /// The deliveries that are due, in order.
    pub(crate) fn due(&self, now: i64) -> impl Iterator<Item = u64> {
        self.front.range(..=(now, u64::MAX)).map(|((_, offset), _)| *offset)
    }

    /// Hands out the earliest due delivery that `wanted` accepts.
    pub(crate) fn take(&mut self, now: i64, wanted: impl Fn(u64, &Waiting) -> bool) -> Option<(Due, Waiting)> {
        let due = *self.front.range(..=(now, u64::MAX)).find(|((_, offset), waiting)| wanted(*offset, waiting))?.0;
        self.front.remove(&due).map(|waiting| (due, waiting))
    }

    /// Adds a waiting delivery whose row is committed.
    pub(crate) fn insert(&mut self, due: Due, waiting: Waiting) {
        if let Some(fill) = &mut self.filling {
            fill.touched.insert(due.1);
        }
        if self.horizon.is_some_and(|horizon| due > horizon) {
            if let Some(fill) = &mut self.filling {
                fill.late.push((due, waiting));
            }
            return;
        }
        self.front.insert(due, waiting);
        self.trim();
    }

    /// Removes a claimed delivery that has ended; its row is gone.
    pub(crate) fn ended(&mut self, offset: u64) {
        if let Some(fill) = &mut self.filling {
            fill.touched.insert(offset);
        }
    }

    fn trim(&mut self) {
        // While a page is being read, the front keeps everything: the page begins after the current horizon.
        while self.filling.is_none() && self.front.len() > self.limit {
            self.front.pop_last();
            self.horizon = self.front.keys().next_back().copied();
        }
    }

    /// Where to continue reading, if the front is empty and there is more on disk. Must be followed by `filled` or
    /// `not_filled`.
    pub(crate) fn begin_fill(&mut self) -> Option<FillFrom> {
        if !self.front.is_empty() || self.filling.is_some() {
            return None;
        }
        let after = self.horizon?;
        self.filling = Some(Fill::default());
        Some(FillFrom { after, edition: self.edition })
    }

    /// Adds a page that was read: the earliest ones after the horizon. `complete` means that there are no more.
    /// `claimed` tells which ones are handed out.
    pub(crate) fn filled(
        &mut self,
        from: FillFrom,
        page: Vec<(Due, Waiting)>,
        complete: bool,
        claimed: impl Fn(u64) -> bool,
    ) {
        let Some(fill) = self.filling.take_if(|_| from.edition == self.edition) else { return };
        let last = page.last().map(|(due, _)| *due);
        for (due, waiting) in page {
            if !fill.touched.contains(&due.1) && !claimed(due.1) {
                self.front.insert(due, waiting);
            }
        }
        if complete {
            self.horizon = None;
        } else if last.is_some() {
            self.horizon = last;
        }
        for (due, waiting) in fill.late {
            if !claimed(due.1) {
                self.insert(due, waiting);
            }
        }
        self.trim();
    }

    pub(crate) fn is_filling(&self) -> bool {
        self.filling.is_some()
    }

    /// The page could not be read. What was added meanwhile is on disk, after the horizon.
    pub(crate) fn not_filled(&mut self, from: FillFrom) {
        if from.edition == self.edition {
            self.filling = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: Waiting = Waiting {
        attempts: 1,
        wait: None,
        round: Round { since: Timestamp::UNIX_EPOCH, origin: Origin::Live, job: None, key: None },
    };

    fn drain(retries: &mut Retries, now: i64) -> Vec<Due> {
        std::iter::from_fn(|| retries.take(now, |_, _| true).map(|(due, _)| due)).collect()
    }

    fn free(_: u64) -> bool {
        false
    }

    fn from(after: Due) -> FillFrom {
        FillFrom { after, edition: 0 }
    }

    #[test]
    fn they_come_out_in_the_order_of_their_due_times_and_not_before() {
        let mut retries = Retries::new(10, false);
        for due in [(30, 1), (10, 2), (20, 3), (10, 1)] {
            retries.insert(due, W);
        }
        assert_eq!(retries.first_due(), Some(10));
        assert_eq!(drain(&mut retries, 20), [(10, 1), (10, 2), (20, 3)]);
        assert_eq!(drain(&mut retries, 20), []);
        assert_eq!(retries.begin_fill(), None, "the front is not empty");
        assert_eq!(drain(&mut retries, 30), [(30, 1)]);
        assert_eq!(retries.begin_fill(), None, "nothing is only on disk");
    }

    #[test]
    fn what_does_not_fit_is_read_again_from_disk() {
        let mut retries = Retries::new(2, false);
        for n in 1..=5 {
            retries.insert((n, n.unsigned_abs()), W);
        }
        assert_eq!(retries.in_memory(), 2);
        assert_eq!(drain(&mut retries, 99), [(1, 1), (2, 2)]);
        assert_eq!(retries.begin_fill(), Some(from((2, 2))));
        assert_eq!(retries.begin_fill(), None, "one page at a time");
        retries.filled(from((2, 2)), vec![((3, 3), W), ((4, 4), W)], false, free);
        assert_eq!(drain(&mut retries, 99), [(3, 3), (4, 4)]);
        assert_eq!(retries.begin_fill(), Some(from((4, 4))));
        retries.filled(from((4, 4)), vec![((5, 5), W)], true, free);
        assert_eq!(drain(&mut retries, 99), [(5, 5)]);
        assert_eq!(retries.begin_fill(), None);
    }

    #[test]
    fn what_changes_while_a_page_is_read_is_neither_lost_nor_handed_out_twice() {
        let mut retries = Retries::new(4, true);
        assert_eq!(retries.begin_fill(), Some(from((i64::MIN, 0))));
        retries.insert((25, 9), W); // committed after the snapshot
        retries.insert((99, 2), W); // the snapshot shows it at 10
        retries.ended(3); // the snapshot still shows it
        let page = vec![((10, 2), W), ((20, 3), W), ((30, 4), W), ((40, 5), W)];
        retries.filled(from((i64::MIN, 0)), page, false, |offset| offset == 5);
        assert_eq!(drain(&mut retries, 1000), [(25, 9), (30, 4)], "5 is out, 2 is now due after the horizon");
        assert_eq!(retries.begin_fill(), Some(from((40, 5))));
        retries.not_filled(from((40, 5)));
        assert_eq!(retries.begin_fill(), Some(from((40, 5))), "a failed page is read again");
    }

    #[test]
    fn a_page_from_before_the_table_was_rewritten_is_dropped() {
        let mut retries = Retries::new(4, true);
        let before = retries.begin_fill().unwrap();
        let mut retries = retries.renewed(4, true);
        let after = retries.begin_fill().unwrap();
        retries.filled(before, vec![((10, 1), W)], true, free);
        assert!(retries.is_filling());
        retries.filled(after, vec![((20, 2), W)], true, free);
        assert_eq!(drain(&mut retries, 99), [(20, 2)]);
    }
}
