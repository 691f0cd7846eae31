//! A channel's result, as publishers and followers see it.

use fanfare_core::{ChannelName, ChannelResult, ChannelStatus, DeliveryId, Failure, Skipped, delivery::Next};
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::{Settlement, Why};

/// The channel's result after this settlement.
pub(crate) fn result(channel: &ChannelName, settlement: &Settlement) -> ChannelResult {
    let (status, attempts, next_attempt_at) = match settlement.next {
        Next::Delivered => (ChannelStatus::Success, None, None),
        Next::Dead { attempts } => (ChannelStatus::Failed, Some(attempts), None),
        Next::Waiting { until, attempts } => (ChannelStatus::Pending, Some(attempts), Some(until)),
        Next::Suspended { attempts } => (ChannelStatus::Pending, Some(attempts), None),
        Next::Deferred { until, attempts, wait } => {
            return ChannelResult {
                attempts,
                waiting_for: Some(wait.into()),
                until: Some(until),
                ..pending(channel, settlement.delivery_id(), settlement.at)
            };
        }
        Next::Skipped(reason) => {
            let detail = settlement.detail.clone().unwrap_or_default();
            return ChannelResult {
                status: ChannelStatus::Skipped,
                skipped: Some(Skipped { reason, detail }),
                ..pending(channel, settlement.delivery_id(), settlement.at)
            };
        }
    };
    let attempt = settlement.attempt.as_ref();
    let failure = settlement.why().map(|Why { class, code, error }| {
        let (code, error) = (code.to_owned(), error.to_owned());
        Failure { class, code, error, next_attempt_at }
    });
    ChannelResult {
        status,
        attempts: attempts.or_else(|| attempt.map(|attempt| attempt.number)).unwrap_or_default(),
        duration_ms: attempt.map(|attempt| attempt.duration_ms),
        receipt: settlement.receipt.clone().and_then(|text| RawValue::from_string(text).ok()),
        failure,
        ..pending(channel, settlement.delivery_id(), settlement.at)
    }
}

/// A delivery before its first attempt, as the publisher sees it.
pub(crate) fn pending(channel: &ChannelName, delivery_id: DeliveryId, at: Timestamp) -> ChannelResult {
    ChannelResult {
        status: ChannelStatus::Pending,
        channel: channel.clone(),
        timestamp: at,
        delivery_id,
        attempts: 0,
        duration_ms: None,
        receipt: None,
        failure: None,
        waiting_for: None,
        until: None,
        skipped: None,
        skipped_replay: None,
        fallback_for: None,
    }
}
