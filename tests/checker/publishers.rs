//! Publishers of all kinds: one event or many, a repeat, another event with the same identity. Their responses are
//! recorded, and nothing else counts as acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use hyper::Method;
use serde_json::{Value, json};

use crate::support::client::{Answer, Api};

/// The responses that publishers got.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Responses {
    pub acknowledged: BTreeMap<String, Acknowledged>,
    /// Neither acknowledged nor finally rejected: the daemon was gone, or its disk failed. They are published again.
    pub doubtful: BTreeMap<String, Value>,
    /// Events of batches that were rejected, and not published otherwise.
    pub refused: BTreeSet<String>,
    /// Scheduled events that were to be cancelled; whether that was confirmed.
    pub cancelled: BTreeMap<String, bool>,
    pub duplicates: u64,
    pub conflicts: u64,
    /// Responses that are wrong in themselves.
    pub wrong: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acknowledged {
    pub offset: u64,
    /// The channels in the response.
    pub channels: BTreeSet<String>,
    /// The response was for a repeat, so a replay may have sent the event to other channels meanwhile.
    pub repeat: bool,
    /// As published.
    pub event: Value,
}

pub type Desk = Arc<Mutex<Responses>>;

/// One publisher.
pub struct Publisher {
    pub api: Api,
    pub desk: Desk,
    /// The prefix of its events' ids.
    pub name: String,
    pub random: fastrand::Rng,
    /// How many subjects there are; each is a key of the ordered channels.
    pub subjects: u32,
    pub made: u32,
}

impl Publisher {
    /// Publishes until the daemon is gone, or `enough` times.
    pub async fn run(mut self, enough: u32) {
        for _ in 0..enough {
            let doubtful = self.desk.lock().unwrap().doubtful.pop_first().map(|(_, event)| event);
            let gone = match (doubtful, self.random.u32(0..100)) {
                (Some(event), _) => self.publish(vec![event]).await,
                (None, 0..8) => {
                    let batch = (0..self.random.u32(2..8)).map(|_| self.new_event()).collect();
                    self.publish(batch).await
                }
                (None, 8..16) => {
                    let again = self.known();
                    let event = again.unwrap_or_else(|| self.new_event());
                    self.publish(vec![event]).await
                }
                (None, 16..20) => self.contradict().await,
                (None, 20..24) => self.change_its_mind().await,
                (None, _) => {
                    let event = self.new_event();
                    self.publish(vec![event]).await
                }
            }
            .is_err();
            if gone {
                return;
            }
            // So that commits contain different kinds of work.
            tokio::time::sleep(Duration::from_micros(self.random.u64(0..3_000))).await;
        }
    }

    fn new_event(&mut self) -> Value {
        self.made += 1;
        json!({
            "specversion": "1.0", "source": "/", "type": "order.paid", "id": format!("{}-{}", self.name, self.made),
            "subject": format!("s{}", self.random.u32(0..self.subjects)), "data": { "n": self.made },
        })
    }

    /// An event that was acknowledged before.
    fn known(&mut self) -> Option<Value> {
        let responses = self.desk.lock().unwrap();
        let at = self.random.usize(0..responses.acknowledged.len().max(1));
        responses.acknowledged.values().nth(at).map(|known| known.event.clone())
    }

    /// `Err` if the daemon is gone.
    async fn publish(&mut self, events: Vec<Value>) -> Result<(), ()> {
        let answer = self.send(&events).await;
        let mut responses = self.desk.lock().unwrap();
        match &answer {
            Some(answer) if matches!(answer.status.as_u16(), 200 | 202) => {
                let body = answer.json();
                let results = body.as_array().map_or(std::slice::from_ref(&body), Vec::as_slice);
                for (event, result) in events.into_iter().zip(results) {
                    responses.acknowledge(event, result);
                }
            }
            _ => {
                if let Some(answer) = &answer
                    && answer.status != 503
                {
                    responses.wrong.push(format!("{events:?} was answered {}: {}", answer.status, answer.text()));
                }
                responses.doubtful.extend(events.into_iter().map(|event| (text(&event["id"]), event)));
            }
        }
        answer.map(drop).ok_or(())
    }

    /// Publishes an event with another one's identity, alone or among new ones.
    async fn contradict(&mut self) -> Result<(), ()> {
        let Some(mut other) = self.known() else { return Ok(()) };
        other["data"] = json!({ "another": true });
        let events = match self.random.bool() {
            true => vec![other],
            false => vec![self.new_event(), other, self.new_event()],
        };
        let answer = self.send(&events).await;
        let mut responses = self.desk.lock().unwrap();
        match &answer {
            Some(answer) if answer.status == 422 => responses.conflicts += 1,
            Some(answer) if answer.status != 503 => {
                responses.wrong.push(format!(
                    "{events:?} has another event's identity, but the response was {}: {}",
                    answer.status,
                    answer.text()
                ));
            }
            _ => {}
        }
        if events.len() > 1 {
            responses.refused.extend([&events[0], &events[2]].map(|event| text(&event["id"])));
        }
        answer.map(drop).ok_or(())
    }

    /// Publishes a scheduled event and cancels it, mostly before it is due.
    async fn change_its_mind(&mut self) -> Result<(), ()> {
        let event = self.new_event();
        let id = text(&event["id"]);
        let answer = self.send_by(std::slice::from_ref(&event), "respond-async, delay=200ms").await;
        let published = answer.as_ref().is_some_and(|answer| answer.status == 202);
        {
            let mut responses = self.desk.lock().unwrap();
            match &answer {
                Some(answer) if published => responses.acknowledge(event, &answer.json()),
                _ => drop(responses.doubtful.insert(id.clone(), event)),
            }
        }
        answer.ok_or(())?;
        if !published {
            return Ok(());
        }
        if self.random.bool() {
            // So that some are cancelled before they are due, some while they are attempted and some afterwards.
            tokio::time::sleep(Duration::from_millis(self.random.u64(0..250))).await;
        }
        self.desk.lock().unwrap().cancelled.insert(id.clone(), false);
        let answer = self.api.try_send(Method::DELETE, &format!("/v1/events/{id}"), &[], "").await.ok().ok_or(())?;
        let mut responses = self.desk.lock().unwrap();
        match answer.status.as_u16() {
            200 => responses.cancelled.extend([(id, true)]),
            // It was due already, or the disk fails.
            404 | 409 | 500 | 503 => {}
            other => responses.wrong.push(format!("cancelling {id} was answered {other}: {}", answer.text())),
        }
        Ok(())
    }

    async fn send(&mut self, events: &[Value]) -> Option<Answer> {
        let prefer = match self.random.u32(0..24) {
            0 | 1 => "wait=1",
            2 => "respond-async, delay=150ms",
            _ => "respond-async",
        };
        self.send_by(events, prefer).await
    }

    async fn send_by(&self, events: &[Value], prefer: &str) -> Option<Answer> {
        let (form, body) = match events {
            [one] => ("application/cloudevents+json", one.to_string()),
            many => ("application/cloudevents-batch+json", json!(many).to_string()),
        };
        self.api.try_send(Method::POST, "/v1/events", &[("content-type", form), ("prefer", prefer)], body).await.ok()
    }
}

impl Responses {
    /// The offset of the newest acknowledged event.
    pub fn newest(&self) -> u64 {
        self.acknowledged.values().map(|known| known.offset).max().unwrap_or_default()
    }

    fn acknowledge(&mut self, event: Value, result: &Value) {
        let id = text(&event["id"]);
        let offset = result["offset"].as_u64().unwrap_or_default();
        let channels: BTreeSet<String> =
            result["channels"].as_object().into_iter().flat_map(|channels| channels.keys().cloned()).collect();
        if result["event_id"] != id.as_str() {
            self.wrong.push(format!("the response to {id} was {result}"));
        }
        let duplicate = result["duplicate"] == true;
        let known = Acknowledged { offset, channels, repeat: duplicate, event };
        self.duplicates += u64::from(duplicate);
        match self.acknowledged.get(&id) {
            None => drop(self.acknowledged.insert(id, known)),
            Some(before) if before.offset != offset || !duplicate => {
                self.wrong.push(format!("{id} was event {}, but the response is now {result}", before.offset));
            }
            Some(_) => {}
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
