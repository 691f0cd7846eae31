//! The response to a publisher that does not wait: recorded, and pending on every channel. Everything except the
//! event's own part is rendered once per table of channels.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use fanfare_core::{ChannelName, ChannelResult, DeliveryId, Event, EventResult, Offset, Summary};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{result, table::Routing};

/// A recorded event without any results yet.
#[derive(Debug)]
pub struct Queued {
    pub(crate) event: Arc<Event>,
    pub(crate) key: Uuid,
    pub(crate) offset: Offset,
    pub(crate) at: Timestamp,
    pub(crate) routing: Routing,
}

impl Queued {
    /// The JSON of [`result`](Self::result), as the HTTP API returns it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (time, key) = (format!("{:.6}", self.at), self.key.simple().to_string());
        let routes = self.routing.len();
        let mut json = String::with_capacity(320 + routes * 160);
        json.push_str(r#"{"event_id":"#);
        quote(&mut json, &self.event.id);
        json.push_str(r#","event_type":"#);
        quote(&mut json, &self.event.ty);
        // Writing to a string cannot fail.
        let _ok = write!(json, r#","offset":{},"broadcast_at":"{time}","overall_status":"#, self.offset.0).is_ok();
        json.push_str(if routes == 0 { r#""unrouted""# } else { r#""pending""# });
        json.push_str(r#","duplicate":false,"channels":{"#);
        for (n, piece) in self.routing.routes().map(|route| &route.piece).enumerate() {
            if n > 0 {
                json.push(',');
            }
            json.push_str(&piece.before_time);
            json.push_str(&time);
            json.push_str(r#"","delivery_id":"dlv_"#);
            json.push_str(&key);
            json.push_str(&piece.after_key);
        }
        let _ok = write!(
            json,
            r#"}},"summary":{{"total_channels":{routes},"successful":0,"failed":0,"pending":{routes},"skipped":0}}}}"#
        )
        .is_ok();
        json
    }

    /// The same as a value.
    #[must_use]
    pub fn result(&self) -> EventResult {
        self.result_so_far(BTreeMap::new())
    }

    /// The result when these channels have reported; the others are pending.
    pub(crate) fn result_so_far(&self, mut channels: BTreeMap<ChannelName, ChannelResult>) -> EventResult {
        for route in self.routing.routes() {
            channels.entry(route.name.clone()).or_insert_with(|| {
                let delivery_id = DeliveryId { event: self.key, channel: route.id };
                result::pending(&route.name, delivery_id, self.at)
            });
        }
        let summary = Summary::of(channels.values().map(|result| &result.status));
        EventResult {
            event_id: self.event.id.clone(),
            event_type: self.event.ty.clone(),
            offset: self.offset,
            broadcast_at: self.at,
            overall_status: summary.overall(),
            duplicate: false,
            channels,
            summary,
        }
    }

    /// Whether the event has no targets.
    #[must_use]
    pub fn is_unrouted(&self) -> bool {
        self.routing.len() == 0
    }
}

/// Writes a JSON string.
fn quote(json: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}
