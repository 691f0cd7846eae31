//! The values in force, and where each of them comes from.

use std::time::Duration;

use fanfare_core::{ChannelName, Policy};

use super::{
    Config, PolicyPatch, Sidecar,
    units::{show_duration, show_size},
};
use crate::{
    api::{ConfigKey, Layer},
    overview::{ConfigInfo, Origins},
};

impl Config {
    /// The values in force for the configuration that the process was started with.
    #[must_use]
    pub fn in_force(&self, started: &Self) -> ConfigInfo {
        let later = started.needs_restart(self);
        let keys = self.values().into_iter().zip(started.values()).map(|((key, is), (_, was))| {
            let path: Vec<_> = key.split('.').collect();
            let (value, at_restart) = if later.contains(&key) { (was, Some(is)) } else { (is, None) };
            ConfigKey { key: key.to_owned(), value, line: self.text.line(&path), at_restart }
        });
        ConfigInfo {
            file: self.path.clone(),
            keys: keys.collect(),
            defaults: self.defaults.over(Policy::default()),
            defaults_from: origins([(Layer::Defaults, Some(&self.defaults))]),
        }
    }

    /// The layer that sets each key of a channel's policy. Absent keys have their built-in values.
    #[must_use]
    pub fn origins(&self, name: &ChannelName, sidecar: Option<&Sidecar>) -> Origins {
        origins([
            (Layer::Defaults, Some(&self.defaults)),
            (Layer::Sidecar, sidecar.map(|sidecar| &sidecar.policy)),
            (Layer::Channel, self.channels.get(name).map(|table| &table.policy)),
        ])
    }

    /// The values of the tables that configure the daemon itself.
    fn values(&self) -> Vec<(&'static str, String)> {
        let Self { server, journal, plugins, .. } = self;
        let kept = |retention: Option<Duration>| retention.map_or_else(|| "forever".to_owned(), show_duration);
        vec![
            ("server.listen", server.listen.to_string()),
            ("server.wait", show_duration(server.wait)),
            ("server.max_body", show_size(server.max_body)),
            ("server.max_batch", server.max_batch.to_string()),
            ("server.max_streams", server.max_streams.to_string()),
            ("server.max_connections", server.max_connections.to_string()),
            ("server.header_timeout", show_duration(server.header_timeout)),
            ("server.body_timeout", show_duration(server.body_timeout)),
            ("server.write_timeout", show_duration(server.write_timeout)),
            ("server.drain", show_duration(server.drain)),
            ("server.tokens", server.tokens.len().to_string()),
            ("server.tls", server.tls.as_ref().map_or_else(|| "none".to_owned(), |tls| tls.cert.display().to_string())),
            ("journal.path", journal.path.display().to_string()),
            ("journal.retention", kept(journal.retention)),
            ("journal.dead_letter_retention", kept(journal.dead_letter_retention)),
            ("journal.audit_retention", kept(journal.audit_retention)),
            ("journal.max_hops", journal.max_hops.to_string()),
            ("plugins.dir", plugins.dir.display().to_string()),
            ("plugins.auto", plugins.auto.to_string()),
            ("plugins.cache", plugins.cache.display().to_string()),
            ("plugins.compile_memory", show_size(plugins.compile.memory)),
            ("plugins.compile_time", show_duration(Duration::from_secs(plugins.compile.cpu))),
        ]
    }
}

/// For each key, the last layer that sets it.
fn origins<const N: usize>(layers: [(Layer, Option<&PolicyPatch>); N]) -> Origins {
    let set = layers.into_iter().filter_map(|(layer, patch)| Some((layer, patch?)));
    set.flat_map(|(layer, patch)| patch.keys().into_iter().map(move |key| (key.to_owned(), layer.into()))).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::parse_sidecar;

    fn parse(text: &str) -> Config {
        Config::parse(text, Path::new("config.toml"), &|_| None).unwrap()
    }

    #[test]
    fn a_key_has_the_value_in_force_its_line_and_what_waits_for_a_restart() {
        let started = parse("[server]\nwait = \"5s\"\n");
        let now = parse("# new\n[server]\nwait = \"7s\"\n[plugins]\nauto = false\n").in_force(&started);
        let key = |name: &str| now.keys.iter().find(|key| key.key == name).unwrap();
        let shown = |key: &ConfigKey| (key.value.clone(), key.line, key.at_restart.clone());
        assert_eq!(shown(key("server.wait")), ("5s".into(), Some(3), Some("7s".into())));
        assert_eq!(shown(key("plugins.auto")), ("false".into(), Some(5), None));
        assert_eq!(shown(key("server.max_body")), ("1MiB".into(), None, None));
        assert_eq!(shown(key("journal.retention")), ("7d".into(), None, None));
    }

    #[test]
    fn the_layer_that_sets_a_key_last_is_named() {
        let config =
            parse("[defaults]\ntimeout = \"1s\"\nretries = 1\nfuel = 1_000_000\n[channels.a]\ntimeout = \"2s\"\n");
        let sidecar = parse_sidecar("timeout = \"3s\"\nretries = 3\nreuse = 2\n", Path::new("a.toml")).unwrap();
        let origins = config.origins(&ChannelName::new("a").unwrap(), Some(&sidecar));
        let shown: Vec<_> = origins.iter().map(|(key, layer)| (key.as_str(), layer.as_str())).collect();
        let want = [("fuel", "defaults"), ("retries", "sidecar"), ("reuse", "sidecar"), ("timeout", "channel")];
        assert_eq!(shown, want);
    }

    #[test]
    fn every_key_of_these_tables_is_shown() {
        let shown = parse("").values();
        for table in ["server", "journal", "plugins"] {
            let text = format!("[{table}]\nzzzzzzzzzz = 1\n");
            let problems = Config::parse(&text, Path::new("config.toml"), &|_| None).unwrap_err();
            let help = problems.problems[0].help.clone().unwrap();
            for key in help.strip_prefix("the keys here are ").unwrap().split(", ") {
                let key = format!("{table}.{key}");
                assert!(shown.iter().any(|(shown, _)| *shown == key), "{key} is not shown");
            }
        }
    }
}
