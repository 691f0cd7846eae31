//! A stage that does what its setting `mode` says, or what the event's data says, `{"stage": "<mode>"}`:
//!
//! | mode | does |
//! |---|---|
//! | `pass` (default) | returns the event as it is |
//! | `mark` | appends the setting `mark` to the list `marks` of the data |
//! | `remove` | removes the member of the data that the setting `member` names |
//! | `attributes` | gives the event another type, a subject, an extension and a time |
//! | `drop` | returns none |
//! | `reject` `retry` `suspend` | fails like this; `reject` with the setting `message` |
//! | `trap` `panic` `spin` `sleep` `memory` | ends without a result |
//! | `giant` | returns an event of 8 MiB |
//! | `id` `source` `type` `control` `system` `hops` `twice` `data` `deep` | returns an event with this error |
//! | `emit` `state` | does something that is not allowed, and fails with the result |
//! | `http` | requests the setting `url`, or an address that is not granted |
//! | `metrics` | measures one number |
//! | `count` | sets the extension `served` to the number of events that this instance has had |
//! | `published` | sets the extension `seen` to the type in the event as the host shows it |

use std::sync::atomic::{AtomicU32, Ordering};

use fanfare_plugin_sdk::{
    Event, Failure, Request, Stage, emit, export_stage, json, metrics, published_json, setting, state,
};
use serde_json::Value;

struct Hostile;

export_stage!(Hostile);

static SERVED: AtomicU32 = AtomicU32::new(0);

impl Stage for Hostile {
    fn process(mut event: Event) -> Result<Option<Event>, Failure> {
        let mut data: Value = event.data_json().unwrap_or_default();
        let said = data.get("stage").and_then(Value::as_str).map(ToOwned::to_owned);
        let mode = said.or_else(|| setting("mode")).unwrap_or_else(|| "pass".to_owned());
        let text = |name: &str| setting(name).unwrap_or_else(|| name.to_owned());
        match mode.as_str() {
            "pass" => {}
            "mark" => {
                if let Some(marks) = data["marks"].as_array_mut() {
                    marks.push(text("mark").into());
                } else {
                    data["marks"] = json!([text("mark")]);
                }
                event.set_data_json(&data)?;
            }
            "remove" => {
                if let Some(members) = data.as_object_mut() {
                    members.remove(&text("member"));
                }
                event.set_data_json(&data)?;
            }
            "attributes" => {
                event.type_ = format!("{}.checked", event.type_);
                event.subject = Some("s-1".to_owned());
                event.time = "2026-01-01T00:00:00Z".to_owned();
                event.set_extension("checked", "yes");
            }
            "drop" => return Ok(None),
            "reject" => return Err(Failure::reject("not_wanted", text("message"))),
            "retry" => return Err(Failure::retry("again", "retried on purpose")),
            "suspend" => return Err(Failure::suspend("gone", "suspended on purpose")),
            "trap" => std::process::abort(),
            "panic" => panic!("panicked on purpose"),
            "spin" => loop {
                std::hint::black_box(());
            },
            "sleep" => std::thread::sleep(std::time::Duration::from_secs(3_600)),
            "memory" => {
                let mut held = vec![];
                loop {
                    held.push(vec![1_u8; 1 << 20]);
                    std::hint::black_box(&held);
                }
            }
            "giant" => event.set_data_json(&"x".repeat(8 << 20))?,
            "id" => event.id.push('2'),
            "source" => event.source = "/elsewhere".to_owned(),
            "type" => event.type_.clear(),
            "control" => event.subject = Some("a\u{7}b".to_owned()),
            "system" => event.type_ = "fanfare.reload.failed".to_owned(),
            "hops" => event.set_extension("hopcount", "7"),
            "twice" => event.extensions.extend([("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]),
            "data" => event.data = Some("{".into()),
            "deep" => event.data = Some(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).into()),
            "emit" => drop(emit::emit(&emit::event("from.stage"))?),
            "state" => drop(state::increment("n", 1)?),
            "http" => {
                let url = setting("url").unwrap_or_else(|| "http://denied.example/".to_owned());
                Request::get(url).send()?;
            }
            "metrics" => metrics::counter("staged", 1.0, &[]),
            "count" => {
                let served = SERVED.fetch_add(1, Ordering::Relaxed) + 1;
                event.set_extension("served", &served.to_string());
            }
            "published" => {
                let published: Value = serde_json::from_str(&published_json()).unwrap_or_default();
                event.set_extension("seen", published["type"].as_str().unwrap_or_default());
            }
            unknown => return Err(Failure::reject("unknown_mode", format!("`{unknown}` is not a mode of this stage"))),
        }
        Ok(Some(event))
    }
}
