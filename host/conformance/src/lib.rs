//! What every journal promises to dispatch, as tests. An implementation runs them all with [`conformance!`]:
//!
//! ```ignore
//! fanfare_conformance::conformance!(MyStore::new());
//! ```
//!
//! Each case gets a [`Store`], opens an empty journal and uses nothing but the traits of dispatch. Two more parts are
//! for those that have them: [`deadlines!`] for a store whose claims have deadlines, and [`jobs!`] for one that
//! implements `fanfare_record::Jobs` too. What is special to one implementation (its files, its memory, its queries)
//! has tests there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should panic")]

use std::sync::Arc;

use fanfare_dispatch::{Clock, Journal};
use fanfare_record::Jobs;

pub mod accept;
mod case;
pub mod claims;
pub mod crash;
pub mod deadlines;
pub mod ends;
pub mod holds;
pub mod jobs;
pub mod order;
pub mod release;
pub mod samples;
pub mod stale;
pub mod waits;

/// Opens journals of one kind.
pub trait Store {
    type Journal: Journal;

    /// The clock of its journals.
    fn clock(&self) -> Arc<dyn Clock>;

    /// Opens the journal: an empty one at first, and then what the last one has recorded. That one is closed.
    fn open(&self) -> impl Future<Output = Arc<Self::Journal>>;

    /// Opens the journal as a crash at this moment leaves it. The one before was not closed, and nobody uses it again.
    fn crash(&self, journal: Arc<Self::Journal>) -> impl Future<Output = Arc<Self::Journal>>;
}

/// A store whose journals have jobs.
pub trait JobStore: Store {
    fn jobs(&self, journal: &Arc<Self::Journal>) -> Arc<dyn Jobs>;
}

/// Makes a test of each case. The expression opens a new [`Store`].
#[macro_export]
macro_rules! conformance {
    ($store:expr) => {
        $crate::each_case!($store; tokio::test;
            accept: offsets_have_no_gaps_and_each_channel_gets_its_events_in_order;
            accept: a_repeat_is_a_duplicate_and_other_content_is_a_conflict;
            accept: one_conflict_refuses_all_entries_of_its_call;
            accept: an_event_for_an_unknown_channel_is_refused;
            accept: an_urgent_event_overtakes_the_backlog_of_its_channel;
            accept: a_closed_journal_refuses_everything;
            claims: a_channel_keeps_its_number;
            claims: a_delivery_is_handed_out_once_and_a_dropped_claim_takes_nothing;
            claims: a_waiting_claim_wakes_for_its_own_channel_only;
            claims: only_what_is_old_enough_is_handed_out_as_expired;
            claims: the_backlog_counts_what_is_pending_in_flight_and_waiting;
            release: what_is_given_back_comes_first_and_in_its_order;
            release: what_is_given_back_keeps_its_round;
            release: what_is_given_back_expires;
            release: giving_back_keeps_the_order_of_each_key;
            release: what_is_given_back_gets_the_order_that_is_switched_on;
            waits: a_retry_is_due_at_its_time_and_keeps_its_round;
            waits: a_deferred_delivery_says_why_until_it_is_reconsidered;
            waits: only_recipients_that_have_changed_are_reconsidered;
            holds: each_change_of_a_hold_gives_what_the_contract_says;
            holds: a_hold_is_known_to_followers_and_survives_a_crash;
            holds: a_receiver_that_is_gone_suspends_its_channel_in_the_same_commit;
            ends: a_delivery_ends_once;
            ends: followers_are_told_of_every_settlement_in_order;
            ends: what_can_wait_is_settled_without_another_call;
            ends: a_dead_delivery_falls_back_to_the_first_channel_that_has_not_had_the_event;
            ends: a_late_delivery_falls_back_once;
            ends: emitted_events_are_recorded_once_and_with_their_settlement;
            ends: writes_are_there_once_the_settlement_is_and_survive_a_crash;
            ends: writes_take_effect_in_order_and_end_with_their_time;
            order: the_next_of_a_key_waits_for_the_end_of_the_one_before_and_other_keys_do_not;
            order: the_order_survives_a_crash;
            order: nothing_urgent_overtakes_others_of_its_key;
            crash: a_crash_repeats_what_was_not_settled_under_the_same_delivery_id;
            crash: closing_writes_what_is_queued;
            stale: the_token_grows_with_each_claim;
            stale: a_settlement_of_what_was_given_back_changes_nothing;
            stale: a_settlement_of_the_claim_before_a_retry_changes_nothing;
            stale: a_settlement_of_a_claim_from_before_a_crash_changes_nothing;
            stale: an_earlier_claim_cannot_be_given_back;
            stale: of_two_settlements_of_a_claim_in_one_commit_the_first_counts;
            stale: a_stale_settlement_does_not_disturb_others_of_its_key;
        );
    };
}

/// Makes a test of each case about deadlines, under tokio's paused time. The expression opens a new [`Store`].
#[macro_export]
macro_rules! deadlines {
    ($store:expr) => {
        $crate::each_case!($store; tokio::test(start_paused = true);
            deadlines: after_its_deadline_a_delivery_is_handed_out_again;
            deadlines: what_is_settled_or_given_back_in_time_has_no_deadline_any_more;
            deadlines: after_its_deadline_a_delivery_is_not_in_flight;
        );
    };
}

/// Makes a test of each case about jobs. The expression opens a new [`JobStore`].
#[macro_export]
macro_rules! jobs {
    ($store:expr) => {
        $crate::each_case!($store; tokio::test;
            jobs: a_replay_sends_each_matching_event_once;
            jobs: what_is_under_way_is_not_begun_again;
            jobs: a_replay_goes_on_after_a_crash_and_repeats_none;
            jobs: a_redrive_begins_dead_letters_again_under_their_delivery_ids;
            jobs: a_dead_letter_outlives_a_replay_that_is_skipped;
            jobs: a_purge_deletes_what_matches_and_nothing_else;
            jobs: a_paused_job_begins_nothing_until_it_is_resumed;
            jobs: a_cancelled_job_begins_nothing_more;
            jobs: what_does_not_exist_is_refused;
            jobs: an_event_for_later_is_cancelled_on_all_channels_or_on_none;
            jobs: a_delivery_is_dropped_unless_it_is_in_flight;
            jobs: a_forgotten_channel_has_nothing_pending;
        );
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! each_case {
    ($store:expr; $test:meta; $($file:ident: $case:ident;)*) => {
        $(
            #[$test]
            async fn $case() {
                $crate::$file::$case(&$store).await;
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    #[test]
    fn each_case_is_run() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut cases = BTreeSet::new();
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let file = path.file_stem().unwrap().to_string_lossy().into_owned();
            for line in fs::read_to_string(&path).unwrap().lines() {
                let case = line.strip_prefix("pub async fn ").and_then(|rest| rest.split_once("(store: &impl "));
                cases.extend(case.map(|(name, _)| format!("{file}: {name};")));
            }
        }
        let listed: BTreeSet<_> = include_str!("lib.rs")
            .lines()
            .map(str::trim)
            .filter(|line| line.split_once(": ").is_some_and(|(file, _)| !file.contains(' ')) && line.ends_with(';'))
            .map(str::to_owned)
            .collect();
        assert!(cases.len() > 30, "{cases:?}");
        assert_eq!(cases, listed);
    }
}
