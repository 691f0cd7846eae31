//! The harness: the real binary in its own folder, a receiver with programmed responses, and a small HTTP client.

pub mod client;
pub mod daemon;
pub mod faults;
pub mod receiver;

use std::time::Duration;

/// The sample event of the documentation.
pub const SAMPLE: &str = r#"{"type":"user.signup","message":"New user registered","severity":"info",
"data":{"user_id":"usr_123","plan":"pro"},"tags":["user","signup"]}"#;

/// Longer than anything here takes on a busy machine; whatever waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Polls until there is a result. For state that nothing announces; everything else is awaited.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = tokio::time::Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The four shipped channels; the webhook sends to `receiver`.
pub fn four_channels(receiver: &receiver::Receiver) -> String {
    format!(
        r#"
[channels.log]
plugin = "builtin:log"

[channels.webhook]
plugin = "builtin:webhook"
backoff = {{ initial = "50ms", factor = 2.0, max = "1s" }}
settings = {{ url = "{url}" }}
grant = {{ http = ["{address}"], private_network = true }}

[channels.audit]
plugin = "builtin:audit"
grant = {{ files = [{{ host = "audit", guest = "/audit", write = true }}] }}

[channels.metrics]
plugin = "builtin:metrics"
"#,
        url = receiver.url(),
        address = receiver.address
    )
}

/// A channel of `builtin:webhook` that posts to `receiver`. `more` are other keys of the channel's table.
pub fn webhook(name: &str, receiver: &receiver::Receiver, more: &str) -> String {
    format!(
        "\n[channels.{name}]\nplugin = \"builtin:webhook\"\n{more}\nsettings = {{ url = \"{}\" }}\n\
         grant = {{ http = [\"{}\"], \
         private_network = true }}\n",
        receiver.url(),
        receiver.address
    )
}

/// A channel that runs the hostile guest in one of its modes. `more` are other keys of the channel's table.
pub fn hostile(name: &str, mode: &str, settings: &str, more: &str) -> String {
    format!("\n[channels.{name}]\nplugin = \"hostile\"\n{more}\nsettings = {{ mode = \"{mode}\", {settings} }}\n")
}
