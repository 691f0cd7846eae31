//! The values in force, and where each of them comes from.

use std::{collections::BTreeMap, time::Duration};

use fanfare_core::{ChannelName, Policy};

use super::{
    Config, PolicyPatch, Sidecar, Telemetry,
    telemetry::TRACES,
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
        let before: BTreeMap<_, _> = started.values().into_iter().collect();
        let keys = self.values().into_iter().map(|(key, is)| {
            let path: Vec<_> = key.split('.').collect();
            let was = before.get(key).filter(|_| later.contains(&key)).cloned();
            let (value, at_restart) = was.map_or((is.clone(), None), |was| (was, Some(is)));
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
        let Self { server, journal, plugins, telemetry, .. } = self;
        let kept = |retention: Option<Duration>| retention.map_or_else(|| "forever".to_owned(), show_duration);
        let own = vec![
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
            ("telemetry.enabled", telemetry.is_some().to_string()),
        ];
        own.into_iter().chain(telemetry.iter().flat_map(traced)).collect()
    }
}

/// The values of `[telemetry]`, with the headers' names alone: their values are likely to be credentials.
fn traced(telemetry: &Telemetry) -> Vec<(&'static str, String)> {
    let Telemetry { traces, ca, headers, sample, service_name, attributes, timeout, queue } = telemetry;
    let list = |entries: Vec<String>| if entries.is_empty() { "none".to_owned() } else { entries.join(", ") };
    let headers = headers.keys().map(|name| format!("{name} = …"));
    let attributes = attributes.iter().map(|(name, value)| format!("{name} = {value}"));
    vec![
        ("telemetry.endpoint", traces.to_string().trim_end_matches(TRACES).to_owned()),
        ("telemetry.headers", list(headers.collect())),
        ("telemetry.ca", ca.as_ref().map_or_else(|| "none".to_owned(), |ca| ca.path.display().to_string())),
        ("telemetry.sample", sample.to_string()),
        ("telemetry.service_name", service_name.clone()),
        ("telemetry.attributes", list(attributes.collect())),
        ("telemetry.timeout", show_duration(*timeout)),
        ("telemetry.queue", queue.to_string()),
    ]
}

/// For each key, the last layer that sets it.
fn origins<const N: usize>(layers: [(Layer, Option<&PolicyPatch>); N]) -> Origins {
    let set = layers.into_iter().filter_map(|(layer, patch)| Some((layer, patch?)));
    set.flat_map(|(layer, patch)| patch.keys().into_iter().map(move |key| (key.to_owned(), layer.into()))).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use serde_json::Value;

    use super::*;
    use crate::config::{parse_sidecar, shape::config_schema};

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

    /// What is in no table of the daemon itself, and where it is shown.
    const ELSEWHERE: [(&str, &str); 6] = [
        ("defaults", "the member `defaults`"),
        ("channels", "GET /v1/channels"),
        ("stages", "GET /v1/stages"),
        ("schemas", "GET /v1/schemas"),
        ("recipients", "GET /v1/recipients"),
        // Texts for people, which may be large; `fanfare check` reads them.
        ("templates", "nowhere"),
    ];

    #[test]
    fn every_key_of_the_file_is_shown_here_or_elsewhere() {
        let config = parse("[telemetry]\nendpoint = \"http://127.0.0.1:4318\"\n");
        let shown: BTreeSet<_> = config.values().into_iter().map(|(key, _)| key.to_owned()).collect();
        let schema = config_schema();
        let keys = |of: &Value| of["properties"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        let mut all = BTreeSet::new();
        for table in keys(&schema).iter().filter(|table| !ELSEWHERE.iter().any(|(there, _)| there == table)) {
            // A table that may be absent is a choice of nothing and a reference.
            let text = schema["properties"][table].to_string();
            let name = text.split_once("#/$defs/").and_then(|(_, rest)| rest.split_once('"'));
            let (name, _) = name.unwrap_or_else(|| panic!("{table} is not a table: {text}"));
            all.extend(keys(&schema["$defs"][name]).into_iter().map(|key| format!("{table}.{key}")));
        }
        assert!(all.len() > 25, "{all:?}");
        assert_eq!(shown, all, "shown (left), and what the file may have");
    }

    #[test]
    fn telemetry_is_shown_without_credentials() {
        let text = "[telemetry]\nendpoint = \"http://127.0.0.1:4318\"\nsample = 0.25\n\
                    headers = { authorization = \"Bearer hunter2\" }\nattributes = { \"a.b\" = \"c\" }\n";
        let shown = parse(text).in_force(&parse(""));
        let value =
            |name: &str| shown.keys.iter().find(|key| key.key == name).map(|key| (key.value.as_str(), key.line));
        assert_eq!(value("telemetry.enabled"), Some(("true", None)));
        assert_eq!(value("telemetry.endpoint"), Some(("http://127.0.0.1:4318", Some(2))));
        assert_eq!(value("telemetry.sample"), Some(("0.25", Some(3))));
        assert_eq!(value("telemetry.headers"), Some(("authorization = …", Some(4))));
        assert_eq!(value("telemetry.attributes"), Some(("a.b = c", Some(5))));
        assert_eq!(value("telemetry.timeout"), Some(("10s", None)));
        assert!(!format!("{shown:?}").contains("hunter2"));
        let off = parse("").in_force(&parse(text));
        let off: Vec<_> = off.keys.iter().filter(|key| key.key.starts_with("telemetry.")).collect();
        assert_eq!((off.len(), off[0].key.as_str(), off[0].value.as_str()), (1, "telemetry.enabled", "false"));
    }
}
