//! The cost of recipients and templates: a hundred thousand recipients in a file, a lookup, a reload under load, a
//! rendered text.
//!
//! `cargo bench -p fanfare --bench recipients [-- CASE [COUNT]]`. `CASE` is part of a case's name: only those run, with
//! `COUNT` recipients (100,000).
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on should panic")]

#[path = "../../../tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests use more of the harness than a benchmark does")]
mod support;

use std::{
    fmt::Write as _,
    fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fanfare::{config::Config, templates::Given};
use fanfare_core::{ChannelName, Defaults, Event, Rules};
use serde_json::json;
use support::{
    daemon::{Daemon, Home},
    until,
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let wanted = arguments.next().unwrap_or_default();
    let count = arguments.next().map_or(100_000, |count| count.parse().unwrap());
    let wants = |name: &str| name.contains(&wanted);
    if wants("load") {
        load(count);
    }
    if wants("look-up") {
        look_up(count);
    }
    if wants("template") {
        template();
    }
    if wants("reload") {
        reload(count).await;
    }
}

/// A typical recipient: addresses, a language, a name, one preference and quiet hours.
fn recipient(n: usize, off: &str) -> serde_json::Value {
    json!({
        "email": format!("user{n}@example.com"), "phone": format!("+49 30 {n:07}"), "push": [format!("token-{n:032x}")],
        "locale": if n.is_multiple_of(2) { "de" } else { "pt-BR" },
        "attributes": { "name": format!("User {n}"), "plan": "pro" },
        // So short that no run falls into them.
        "quiet": { "from": "03:00", "to": "03:00:01", "zone": "Europe/Berlin" },
        "channels": { "mail": { "off": [off] } },
    })
}

fn as_json(count: usize, off: &str) -> String {
    let entries: Vec<_> = (0..count).map(|n| format!("\"usr_{n:07}\":{}", recipient(n, off))).collect();
    format!("{{{}}}", entries.join(",\n"))
}

fn as_toml(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        writeln!(
            text,
            "[usr_{n:07}]\nemail = \"user{n}@example.com\"\nphone = \"+49 30 {n:07}\"\npush = [\"token-{n:032x}\"]\n\
             locale = \"de\"\n\
             attributes = {{ name = \"User {n}\", plan = \"pro\" }}\n\
             quiet = {{ from = \"03:00\", to = \"03:00:01\", zone = \"Europe/Berlin\" }}\n\
             channels.mail = {{ off = [\"promo.*\"] }}\n"
        )
        .unwrap();
    }
    text
}

fn config(folder: &Path, file: &str) -> Config {
    let text = format!("[recipients]\nfile = \"{file}\"\n");
    Config::parse(&text, &folder.join("config.toml"), &|_| None).unwrap()
}

/// The resident memory of this process, in bytes.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn load(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("r.json", as_json(count, "promo.*")), ("r.toml", as_toml(count))] {
        let size = text.len();
        fs::write(folder.path().join(name), text).unwrap();
        let before = resident();
        let started = Instant::now();
        let config = config(folder.path(), name);
        let took = started.elapsed();
        let book = &config.recipients.on_file.book;
        assert_eq!(book.len(), count);
        println!(
            "load {name}: {count} recipients, {:.1} MiB of text, in {took:.2?}; kept in {:.1} MiB, the process grew by \
             {:.1} MiB",
            mib(size as u64),
            mib(book.bytes() as u64),
            mib(resident().saturating_sub(before)),
        );
        let before = config.recipients.clone();
        let text = format!("[recipients]\nfile = \"{name}\"\n");
        fs::write(folder.path().join("config.toml"), text).unwrap();
        let started = Instant::now();
        let again = Config::load_after(&folder.path().join("config.toml"), &|_| None, Some(&before)).unwrap();
        assert!(Arc::ptr_eq(&again.recipients.on_file.book, &before.on_file.book));
        println!("load {name} again, unchanged: {:.2?}", started.elapsed());
    }
}

fn event(subject: Option<&str>) -> Event {
    let defaults = Defaults { now: jiff::Timestamp::UNIX_EPOCH, id: uuid::Uuid::nil() };
    let subject = subject.map(|subject| format!(",\"subject\":\"{subject}\"")).unwrap_or_default();
    let text = format!(r#"{{"type":"promo.spring"{subject},"data":{{"plan":"pro","items":[1,2,3]}}}}"#);
    Event::from_simple(text.as_bytes(), defaults).unwrap()
}

/// The median of many runs, per call.
fn per_call(mut call: impl FnMut(usize)) -> Duration {
    const CALLS: usize = 2_000;
    let mut runs: Vec<_> = (0..15)
        .map(|_| {
            let started = Instant::now();
            (0..CALLS).for_each(&mut call);
            started.elapsed() / u32::try_from(CALLS).unwrap()
        })
        .collect();
    runs.sort_unstable();
    runs[runs.len() / 2]
}

fn look_up(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.json"), as_json(count, "promo.*")).unwrap();
    let config = config(folder.path(), "r.json");
    let file = &config.recipients.on_file;
    let channel = ChannelName::new("mail").unwrap();
    let events: Vec<_> = (0..1_000).map(|n| event(Some(&format!("usr_{:07}", n * 7_919 % count)))).collect();
    let of = |n: usize| events.get(n % events.len()).unwrap();
    println!("look-up of a recipient's wishes: {:.2?}", per_call(|n| drop(black_box(file.wishes(of(n), &channel)))));
    let stranger = event(Some("nobody"));
    println!("look-up of a stranger: {:.2?}", per_call(|_| drop(black_box(file.wishes(&stranger, &channel)))));
    let nobody = event(None);
    println!("an event without a subject: {:.2?}", per_call(|_| drop(black_box(file.wishes(&nobody, &channel)))));
}

const WELCOME: &str = r#"
[templates.welcome]
subject = "Welcome, {{ recipient.attributes.name }}"
text = "Hello {{ recipient.attributes.name }}, plan: {{ data.plan }}.{% for i in data['items'] %} {{ i }}{% endfor %}"
html = "<p>Hello <b>{{ recipient.attributes.name }}</b>, your plan is {{ data.plan }}.</p>"
"#;

fn template() {
    let config = Config::parse(WELCOME, Path::new("config.toml"), &|_| None).unwrap();
    let event = Arc::new(event(Some("usr_1")));
    let recipient = fanfare::recipients::read("usr_1", &recipient(1, "promo.*")).unwrap();
    let locales = Rules::default().locales(Some("pt-BR"));
    let events = [event];
    let given = Given {
        events: &events,
        recipient: Some(&recipient),
        locales: &locales,
        channel: "mail",
        delivery_id: "dlv_1",
    };
    let set = &config.templates.set;
    let (rendered, work) = set.render("welcome", &given);
    assert!(rendered.is_ok(), "{rendered:?}");
    let took = per_call(|_| drop(black_box(set.render("welcome", &given))));
    println!("template of three parts: {took:.2?} for each delivery, charged as {work} of fuel");
}

/// The longest response time of publishers, before and during reloads of the whole file.
async fn reload(count: usize) {
    let home = Home::new("");
    home.install("smallest", fanfare_artifacts::smallest());
    let put = |off: &str| {
        fs::write(home.path("r.new"), as_json(count, off)).unwrap();
        fs::rename(home.path("r.new"), home.path("r.json")).unwrap();
    };
    put("promo.*");
    home.configure("[recipients]\nfile = \"r.json\"\n[channels.mail]\nplugin = \"smallest\"\n");
    let daemon = home.start_quietly().await;
    answers(&daemon, "warm", 200).await;
    let (middle, longest) = answers(&daemon, "before", 1_000).await;
    println!(
        "reload: {:.1} MiB resident; before it, responses take {middle:.2?} (median), at most {longest:.2?}",
        mib(daemon.resident()),
    );
    put("news.*");
    let started = Instant::now();
    let (mut slowest, mut n) = (Duration::ZERO, 0);
    loop {
        let (_, longest) = answers(&daemon, &format!("during-{n}"), 20).await;
        slowest = slowest.max(longest);
        n += 1;
        let shown = daemon.api.get("/v1/recipients/usr_0000000").await.expect(200).json();
        if shown["channels"]["mail"]["off"][0] == "news.*" {
            break;
        }
        assert!(started.elapsed() < support::PATIENCE, "it is not reloaded");
    }
    println!(
        "reload: in force {:.2?} after the file was written, {} responses meanwhile, at most {slowest:.2?}; {:.1} MiB \
         resident",
        started.elapsed(),
        n * 20,
        mib(daemon.resident()),
    );
    until("the backlog", || async { (daemon.api.pending().await == 0).then_some(()) }).await;
}

async fn answers(daemon: &Daemon, round: &str, events: usize) -> (Duration, Duration) {
    let mut took = Vec::with_capacity(events);
    for n in 0..events {
        let body = format!(r#"{{"type":"order.paid","id":"{round}-{n}","subject":"usr_{:07}","data":{{}}}}"#, n % 100);
        let started = Instant::now();
        daemon.api.publish(body).await;
        took.push(started.elapsed());
    }
    took.sort_unstable();
    (took[took.len() / 2], took[took.len() - 1])
}
