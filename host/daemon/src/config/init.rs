//! What `fanfare init` writes into a new folder.

/// The first `config.toml`: works as it is, and shows by example what else there is.
pub const STARTER: &str = r#"# Fanfare's configuration; `fanfare check` validates it. Changes to channels and
# defaults take effect while the daemon runs, changes to [server] and [journal] at the next start. Paths are relative
# to this file.

[server]
listen = "127.0.0.1:8080"

[journal]
path = "data/journal.db"

[plugins]
dir = "plugins"             # a .wasm file in this folder becomes a channel of the same name

[defaults]                  # for every channel, unless its plugin's sidecar or its own table says otherwise
timeout = "10s"             # one attempt
retries = 2                 # further attempts after the first

# Every event goes to every channel.

[channels.log]              # writes events to the daemon's log
plugin = "builtin:log"

[channels.webhook]          # posts events to a URL; `fanfare listen` is a receiver to try it with
plugin = "builtin:webhook"
retries = 3
backoff = { initial = "1s", factor = 2.0, max = "60s", jitter = 0.2 }
settings = { url = "http://127.0.0.1:9000/hook" }
grant = { http = ["127.0.0.1:9000"] }   # the only host that it may call
# sign = { scheme = "standard-webhooks", secrets = ["env:WEBHOOK_SECRET"] }
"#;
