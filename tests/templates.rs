//! Templates, which the daemon fills in for guests.

use std::fs;

use serde_json::{Value, json};

use crate::{
    reload::reload_error,
    support::{
        daemon::{Daemon, Home, fanfare},
        hostile,
        receiver::Receiver,
        until, webhook,
    },
};

const WELCOME: &str = r#"
[templates.welcome]
subject = "Welcome, {{ recipient.attributes.name }}"
file = "texts/welcome.{locale}.txt"
html = "<p>{{ data.plan }}</p>"

[templates.welcome.locales.de]
subject = "Willkommen, {{ recipient.attributes.name }}"

[recipients]
file = "recipients.toml"
defaults = { locale = "en" }
"#;

const RECIPIENTS: &str = "[usr_1]\nemail = \"ada@example.com\"\nphone = \"+49 1\"\npush = [\"t1\"]\n\
                          locale = \"de-AT\"\n\
                          attributes = { name = \"Ada\", address = { city = \"Wien\" } }\n[usr_2]\n\
                          attributes = { name = \"Bob\" }\n";

fn home(channels: &str) -> Home {
    let home = Home::new("");
    home.install("hostile", fanfare_artifacts::hostile());
    fs::create_dir(home.path("texts")).unwrap();
    fs::write(home.path("texts/welcome.txt"), "Plan: {{ data.plan }} ({{ channel }})\n").unwrap();
    fs::write(home.path("texts/welcome.de.txt"), "Tarif: {{ data.plan }} an {{ recipient.email }}\n").unwrap();
    fs::write(home.path("recipients.toml"), RECIPIENTS).unwrap();
    home.configure(&format!("{channels}{WELCOME}"));
    home
}

async fn result(daemon: &Daemon, channel: &str, event: &Value) -> Value {
    // A first start may still be compiling.
    daemon.api.publish(event.to_string()).await.json()["channels"][channel].clone()
}

fn signup(subject: &str) -> Value {
    json!({ "type": "user.signup", "subject": subject, "data": { "plan": "<pro>" } })
}

#[tokio::test]
async fn a_guest_can_read_its_event_s_recipient() {
    let home = home(&hostile("who", "recipient", "", ""));
    let daemon = home.start_quietly().await;
    let who = result(&daemon, "who", &signup("usr_1")).await["receipt"].clone();
    assert_eq!(
        who,
        json!({
            "subject": "usr_1", "email": "ada@example.com", "phone": "+49 1", "push": ["t1"], "locale": "de-AT",
            "attributes": [["address.city", "Wien"], ["name", "Ada"]],
        })
    );
    let stranger = result(&daemon, "who", &signup("nobody")).await["receipt"].clone();
    let none =
        json!({ "subject": "nobody", "email": null, "phone": null, "push": [], "locale": "en", "attributes": [] });
    assert_eq!(stranger, none, "only the defaults, without addresses");
    assert_eq!(result(&daemon, "who", &json!({ "type": "a" })).await["receipt"], json!({ "nobody": true }));
    assert!(!home.log().contains("ada@example.com"));
}

#[tokio::test]
async fn a_template_is_filled_in_for_the_recipient_s_language() {
    let home = home(&hostile("mail", "template", "template = \"welcome\"", ""));
    let daemon = home.start_quietly().await;
    let german = result(&daemon, "mail", &signup("usr_1")).await["receipt"].clone();
    let want = json!({
        "subject": "Willkommen, Ada", "text": "Tarif: <pro> an ada@example.com", "html": "<p>&lt;pro&gt;</p>",
    });
    assert_eq!(german, want, "de-AT falls back to de, and parts without it to any language");
    let english = result(&daemon, "mail", &signup("usr_2")).await["receipt"].clone();
    assert_eq!((&english["subject"], &english["text"]), (&json!("Welcome, Bob"), &json!("Plan: <pro> (mail)")));

    // Another language is added while it runs.
    fs::write(home.path("texts/welcome.en.txt"), "In English").unwrap();
    until("the new file", || async {
        let shown = result(&daemon, "mail", &signup("usr_2")).await;
        (shown["receipt"]["text"] == "In English").then_some(())
    })
    .await;
    fs::write(home.path("texts/welcome.en.txt"), "Oh {{ no").unwrap();
    reload_error(&daemon, "welcome.en.txt:1:").await;
    assert_eq!(result(&daemon, "mail", &signup("usr_2")).await["receipt"]["text"], "In English", "the older one");
}

#[tokio::test]
async fn a_missing_variable_is_named_by_the_failure_and_before_by_check() {
    let home = home(&hostile("mail", "template", "template = \"welcome\"", ""));
    let daemon = home.start_quietly().await;
    let event = json!({ "type": "user.signup", "subject": "usr_1", "data": { "plam": "pro" } });
    let failed = result(&daemon, "mail", &event).await;
    assert_eq!(
        (&failed["class"], &failed["code"], &failed["attempts"]),
        (&json!("rejected"), &json!("template"), &json!(1)),
        "{failed:#}"
    );
    let error = failed["error"].as_str().unwrap();
    assert!(
        error.contains("the template `welcome` cannot be filled in: text, line 1: `data.plan` is missing"),
        "{error}"
    );

    let check = async |event: &Value, json: bool| {
        let config = home.path("config.toml");
        let mut check = fanfare();
        check.args(["check", "--event", &event.to_string(), "--config"]).arg(config);
        let output = if json { check.arg("--json").output() } else { check.output() }.await.unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = check(&event, false).await;
    assert!(
        code == Some(1) && said.contains("mail: the template `welcome`") && said.contains("`data.plan` is missing"),
        "{said}"
    );
    let (code, said) = check(&event, true).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["ok"]), (Some(1), &json!(false)));
    assert!(said["event"]["templates"]["mail"].as_str().unwrap().contains("`data.plan` is missing"), "{said:#}");
    assert_eq!(check(&signup("usr_1"), false).await.0, Some(0));
}

#[tokio::test]
async fn a_missing_template_is_a_mistake_of_its_channel() {
    let home = home(&hostile("mail", "template", "template = \"welcome\"", ""));
    let daemon = home.start_quietly().await;
    result(&daemon, "mail", &signup("usr_1")).await;
    home.configure(&format!("{}{WELCOME}", hostile("mail", "template", "template = \"welcom\"", "")));
    let said = reload_error(&daemon, "there is no template `welcom`").await;
    assert!(said.contains("channels.mail.settings.template") && said.contains("the templates are welcome"), "{said}");
    assert_eq!(result(&daemon, "mail", &signup("usr_2")).await["status"], "success", "it keeps running as before");
}

#[tokio::test]
async fn rendering_is_bounded_for_each_attempt_and_charged_to_it() {
    let endless =
        "\n[templates.long]\ntext = \"{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}\"\n";
    let channels = [
        hostile("many", "template", "template = \"welcome\", times = 17, ignore = true", ""),
        hostile("long", "template", "template = \"long\", ignore = true", ""),
        hostile("poor", "template", "template = \"long\", ignore = true", "fuel = 1_000_000\nretries = 0\n"),
    ];
    let home = home(&(channels.concat() + endless));
    let daemon = home.start_quietly().await;
    let many = result(&daemon, "many", &signup("usr_1")).await["receipt"]["wrong"].clone();
    assert_eq!(many, "an attempt may render 16 templates");
    let long = result(&daemon, "long", &signup("usr_1")).await;
    assert!(long["receipt"]["wrong"].as_str().unwrap().contains("it does more work than a template may"), "{long:#}");
    assert_eq!(
        result(&daemon, "poor", &signup("usr_1")).await["class"],
        "fuel",
        "what the host computes is the guest's"
    );
}

#[tokio::test]
async fn shipped_channels_send_filled_in_templates() {
    let receiver = Receiver::start().await;
    let hook = webhook("hook", &receiver, "").replace("settings = {", "settings = { template = \"welcome\", ");
    let home =
        home(&format!("{hook}\n[channels.log]\nplugin = \"builtin:log\"\nsettings = {{ template = \"welcome\" }}\n"));
    let daemon = home.start().await;
    let sent = result(&daemon, "hook", &signup("usr_1")).await;
    assert_eq!(sent["receipt"]["template"], "welcome", "{sent:#}");
    let received = &receiver.received()[0];
    assert_eq!(received.body, "Tarif: <pro> an ada@example.com");
    assert_eq!(received.header("content-type"), "text/plain; charset=utf-8");
    until("the line", || async { home.log().contains("Tarif: <pro> an").then_some(()) }).await;
}

#[tokio::test]
async fn a_preview_shows_a_filled_in_template() {
    let home = home("");
    let preview = async |more: &[&str]| {
        let event = signup("usr_1").to_string();
        let mut preview = fanfare();
        preview.args(["template", "preview", "welcome", "--event", &event]).args(more);
        let output = preview.arg("--config").arg(home.path("config.toml")).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        preview(&[]).await,
        "subject  Willkommen, Ada\ntext\nTarif: <pro> an ada@example.com\nhtml\n<p>&lt;pro&gt;</p>\n"
    );
    assert_eq!(preview(&["--html"]).await, "<p>&lt;pro&gt;</p>\n");
    let english: Value = serde_json::from_str(&preview(&["--locale", "en", "--json"]).await).unwrap();
    assert_eq!(english["text"], "Plan: <pro> (preview)");
    let bob: Value = serde_json::from_str(&preview(&["--recipient", "usr_2", "--json"]).await).unwrap();
    assert_eq!(bob["subject"], "Welcome, Bob");
    let opened: Value = serde_json::from_str(&preview(&["--open", "--json"]).await).unwrap();
    let page = opened["file"].as_str().unwrap().to_owned();
    assert_eq!(fs::read_to_string(&page).unwrap(), "<p>&lt;pro&gt;</p>");
    fs::remove_file(page).unwrap();

    let listed = fanfare()
        .args(["template", "list", "--json", "--config"])
        .arg(home.path("config.toml"))
        .output()
        .await
        .unwrap();
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(
        listed["templates"],
        json!([{ "name": "welcome", "parts": ["subject", "text", "html"], "locales": ["de"] }])
    );
}

#[tokio::test]
async fn mistakes_in_templates_are_reported_once_and_before_any_event() {
    let home = home(&hostile("mail", "template", "template = \"welcome\"", ""));
    let check = async |event: Option<&str>| {
        let mut check = fanfare();
        check.args(["check", "--config"]).arg(home.path("config.toml"));
        let output =
            event.iter().fold(&mut check, |check, event| check.args(["--event", event])).output().await.unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let event = signup("usr_1").to_string();
    fs::write(home.path("texts/welcome.txt"), "Oh {{ no").unwrap();
    let (ok, said) = check(Some(&event)).await;
    assert!(!ok && said.contains("welcome.txt:1:") && said.contains("does not compile"), "{said}");
    assert!(!said.contains("there is no template"), "{said}");

    fs::write(home.path("texts/welcome.txt"), "Hi\n{% include \"footer\" %}").unwrap();
    let (ok, said) = check(None).await;
    assert!(!ok && said.contains("welcome.txt:2:") && said.contains("uses the template `footer`"), "{said}");
    home.configure(&format!(
        "{}{WELCOME}\n[templates.footer]\ntext = \"Bye\"\n",
        hostile("mail", "template", "template = \"welcome\"", "")
    ));
    let (ok, said) = check(None).await;
    assert!(ok, "{said}");
}

#[tokio::test]
async fn a_template_can_handle_events_without_a_recipient() {
    let templates = "\n[templates.who]\ntext = \"{{ recipient.attributes.name | default('friend') }}\"\n\
                     html = \"{% if recipient is defined %}known{% else %}nobody{% endif %}\
                     {% if recipient %}!{% endif %}\"\n\
                     [templates.strict]\ntext = \"{{ recipient.email }}\"\n";
    let channels = hostile("who", "template", "template = \"who\"", "")
        + &hostile("strict", "template", "template = \"strict\"", "");
    let home = home(&(channels + templates));
    let daemon = home.start_quietly().await;
    let nobody = json!({ "type": "a", "data": { "plan": "x" } });
    let filled = result(&daemon, "who", &nobody).await["receipt"].clone();
    assert_eq!((&filled["text"], &filled["html"]), (&json!("friend"), &json!("nobody")), "{filled:#}");
    let ada = result(&daemon, "who", &signup("usr_1")).await["receipt"].clone();
    assert_eq!((&ada["text"], &ada["html"]), (&json!("Ada"), &json!("known!")), "{ada:#}");
    let strict = result(&daemon, "strict", &nobody).await;
    assert!(strict["error"].as_str().unwrap().contains("`recipient.email` is missing"), "{strict:#}");
}

#[tokio::test]
async fn a_command_gets_its_template_in_its_environment() {
    let program = |template: &str| {
        format!(
            "\n[channels.mail]\nplugin = \"command\"\nsettings = {{ mode = \"echo\", template = \"{template}\" }}\n"
        )
    };
    let home = home("");
    home.install("command", fanfare_artifacts::command());
    home.configure(&(program("welcome") + WELCOME));
    let daemon = home.start_quietly().await;
    let sent = result(&daemon, "mail", &signup("usr_1")).await;
    let variables = &sent["receipt"]["variables"];
    let part = |name: &str| &variables[format!("FANFARE_TEMPLATE_{name}")];
    assert_eq!(part("SUBJECT"), "Willkommen, Ada", "{sent:#}");
    assert_eq!((part("TEXT"), part("HTML")), (&json!("Tarif: <pro> an ada@example.com"), &json!("<p>&lt;pro&gt;</p>")));
    let failed = result(&daemon, "mail", &json!({ "type": "a", "subject": "usr_1", "data": {} })).await;
    assert_eq!((&failed["class"], &failed["code"]), (&json!("rejected"), &json!("template")), "{failed:#}");
    assert!(failed["error"].as_str().unwrap().contains("`data.plan` is missing"), "{failed:#}");
    home.configure(&(program("welcom") + WELCOME));
    reload_error(&daemon, "there is no template `welcom`").await;
}
