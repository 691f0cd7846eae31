//! The types that describe the file, held to what reads it and to the documentation.

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use serde_json::{Map, Value};

use super::{super::parse_sidecar, env};
use crate::config::{Config, shape};

static CONFIG: LazyLock<jsonschema::Validator> = LazyLock::new(|| validator(&shape::config_schema()));
static SIDECAR: LazyLock<jsonschema::Validator> = LazyLock::new(|| validator(&shape::sidecar_schema()));

fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::validator_for(schema).unwrap()
}

/// Nothing for a file with a number that `toml::Value` cannot hold.
fn wrong(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let parsed = toml::from_str::<toml::Value>(text.trim_start_matches('\u{feff}'));
    let Ok(json) = parsed.map(|value| serde_json::to_value(value).unwrap()) else { return vec![] };
    validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Whatever is read is valid. Each test of this module's neighbours that reads a file passes through here.
#[track_caller]
pub(super) fn assert_valid(text: &str) {
    assert_eq!(wrong(&CONFIG, text), Vec::<String>::new(), "{text}");
}

#[test]
fn the_shipped_configurations_and_sidecars_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert_valid(&text(&root.join("config.toml")));
    assert_valid(crate::config::STARTER);
    let mut sidecars = 0;
    for entry in std::fs::read_dir(root.join("plugins")).unwrap() {
        let folder = entry.unwrap().path();
        let sidecar = folder.join(folder.file_name().unwrap()).with_extension("toml");
        if sidecar.is_file() {
            assert_eq!(wrong(&SIDECAR, &text(&sidecar)), Vec::<String>::new(), "{}", sidecar.display());
            sidecars += 1;
        }
    }
    assert!(sidecars > 5, "{sidecars}");
}

/// Each table: a text in which `?` stands for a key of it, and the name of its type.
const TABLES: &[(&str, &str)] = &[
    ("?", ""),
    ("[server]\n?", "Server"),
    ("[[server.tokens]]\nname = \"a\"\nscopes = [\"read\"]\n?", "Token"),
    ("[server.tls]\ncert = \"a\"\nkey = \"b\"\n?", "Tls"),
    ("[journal]\n?", "Journal"),
    ("[plugins]\n?", "Plugins"),
    ("[defaults]\n?", "Policy"),
    ("[defaults.backoff]\n?", "Backoff"),
    ("[defaults.filter]\n?", "Filter"),
    ("[[defaults.filter.any]]\nexact = { type = \"a\" }\n?", "Expression"),
    ("[defaults.breaker]\nfailures = 5\n?", "Breaker"),
    ("[defaults.rate]\nlimit = \"1/s\"\n?", "Rate"),
    ("[defaults.batch]\n?", "Batch"),
    ("[defaults.priority]\n?", "Priority"),
    ("[defaults.quiet]\nfrom = \"01:00\"\nto = \"02:00\"\nzone = \"UTC\"\n?", "Quiet"),
    ("[defaults.once]\nper = \"id\"\nwithin = \"1m\"\n?", "Once"),
    ("[channels.a]\n?", "Channel"),
    ("[channels.a.secrets.s]\nfrom = \"env:GOOD\"\nhosts = [\"a\"]\n?", "Secret"),
    ("[channels.a.sign]\nscheme = \"standard-webhooks\"\nsecrets = [\"env:GOOD\"]\n?", "Sign"),
    ("[channels.a.grant]\n?", "Grant"),
    ("[[channels.a.grant.files]]\nhost = \"a\"\nguest = \"/a\"\n?", "Folder"),
    ("[[stages]]\nname = \"a\"\n?", "Stage"),
    ("[schemas.a]\nfile = \"a.json\"\n?", "EventSchema"),
    ("[recipients]\n?", "Recipients"),
    ("[telemetry]\nendpoint = \"http://127.0.0.1:4318\"\n?", "Telemetry"),
    ("[templates.a]\ntext = \"a\"\n?", "Template"),
    ("[templates.a.locales.de]\ntext = \"a\"\n?", "LocaleTexts"),
];

fn definition<'a>(schema: &'a Value, name: &str) -> &'a Map<String, Value> {
    let found = if name.is_empty() { Some(schema) } else { schema.pointer(&format!("/$defs/{name}")) };
    found.and_then(Value::as_object).unwrap_or_else(|| panic!("there is no type {name}"))
}

fn properties(schema: &Value, name: &str) -> BTreeSet<String> {
    definition(schema, name)["properties"].as_object().unwrap().keys().cloned().collect()
}

/// What the reader lists when it finds a key that it does not know.
fn known(problems: &crate::config::Diagnostics, text: &str) -> BTreeSet<String> {
    let unknown = problems.problems.iter().find(|problem| problem.key.ends_with("zzzzzzzzzz"));
    let help = unknown.and_then(|problem| problem.help.clone()).unwrap_or_else(|| panic!("{text}: {problems:?}"));
    let keys = help.strip_prefix("the keys here are ").unwrap_or_else(|| panic!("{text}: {help}"));
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_reader_and_the_types_know_the_same_keys() {
    let schema = shape::config_schema();
    for (text, name) in TABLES {
        let text = text.replace('?', "zzzzzzzzzz = 1\n");
        let problems = Config::parse(&text, Path::new(super::FILE), &env).unwrap_err();
        assert_eq!(known(&problems, &text), properties(&schema, name), "{name}");
        let refused = wrong(&CONFIG, &text);
        assert!(refused.iter().any(|error| error.contains("zzzzzzzzzz") || error.contains("anyOf")), "{refused:?}");
    }
    let schema = shape::sidecar_schema();
    for (text, name) in [("?", ""), ("[[tests]]\nevent = { type = \"a\" }\n?", "SelfTest")] {
        let text = text.replace('?', "zzzzzzzzzz = 1\n");
        let problems = parse_sidecar(&text, Path::new("a.toml")).unwrap_err();
        assert_eq!(known(&problems, &text), properties(&schema, name), "{name}");
        assert!(!wrong(&SIDECAR, &text).is_empty());
    }
}

#[test]
fn every_table_of_the_file_has_a_type_that_is_compared() {
    let schema = shape::config_schema();
    let compared: BTreeSet<&str> = TABLES.iter().map(|(_, name)| *name).collect();
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        // Recipients' defaults are read by the same code as recipients, whose test is beside it.
        let is_table = definition.get("properties").is_some() && name != "RecipientDefaults";
        assert!(!is_table || compared.contains(name.as_str()), "{name} is not in TABLES");
    }
}

#[test]
fn what_an_editor_would_underline_is_refused_by_the_reader_too() {
    for text in [
        "[server]\nwait = 30\n",
        "[server]\nmax_body = \"1\"\n",
        "[server]\nmax_batch = 0\n",
        "[journal]\nretention = \"always\"\n",
        "[journal]\nmax_hops = 101\n",
        "[plugins]\nauto = \"yes\"\n",
        "[defaults]\npriority = 11\n",
        "[defaults]\nbreaker = \"off\"\n",
        "[defaults]\nfilter = { types = [] }\n",
        "[defaults]\nquiet = { from = \"01:00\", to = \"02:00\" }\n",
        "[defaults]\nonce = { per = \"id\" }\n",
        "[channels.A]\n",
        "[channels.a]\nsign = { scheme = \"hmac\", secrets = [\"env:GOOD\"] }\n",
        "[channels.a]\nsecrets = { a = { from = \"hunter2\", hosts = [] } }\n",
        "[channels.a]\ngrant = { files = [{ host = \"a\", guest = \"a\" }] }\n",
        "[[stages]]\nplugin = \"a\"\n",
        "[schemas.a]\nmode = \"warn\"\n",
    ] {
        assert!(!wrong(&CONFIG, text).is_empty(), "{text}");
        assert!(Config::parse(text, Path::new(super::FILE), &env).is_err(), "{text}");
    }
}

const ACCESS: &str = include_str!("../../../../../docs/access.md");

/// The tables of docs/config.md with the type that each is made from, and how many columns it has.
const DOCUMENTED: &[(&str, usize)] = &[
    ("Server", 3),
    ("Token", 2),
    ("Journal", 3),
    ("Plugins", 3),
    ("Policy", 4),
    ("Batch", 2),
    ("Filter", 2),
    ("ChannelKeys", 2),
    ("Grant", 2),
    ("EventSchema", 3),
    ("Stage", 3),
    ("Recipients", 3),
    ("Template", 3),
    ("Telemetry", 3),
];

fn row(key: &str, property: &Value, columns: usize) -> String {
    let text = |name: &str| property.get(name).and_then(Value::as_str).unwrap_or_default();
    let default = match property.get("default") {
        Some(Value::Number(number)) => format!("`{}`", grouped(&number.to_string())),
        Some(value) => format!("`{value}`"),
        None => text("x-fanfare-default").to_owned(),
    };
    let cells: &[&str] = match columns {
        2 => &[text("description")],
        3 => &[&default, text("description")],
        _ => &[&default, text("x-fanfare-sidecar"), text("description")],
    };
    let cells: String = cells.iter().map(|cell| format!(" {cell} |").replace("|  |", "| |")).collect();
    format!("| `{key}` |{cells}").replace("|  |", "| |")
}

/// As TOML lets one write it: `1_000_000_000`.
fn grouped(number: &str) -> String {
    if number.len() < 7 {
        return number.to_owned();
    }
    let parts: Vec<&[u8]> = number.as_bytes().rchunks(3).rev().collect();
    parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join("_")
}

#[test]
fn the_reference_in_the_documentation_is_made_from_the_types() {
    let page = include_str!("../../../../../docs/config.md");
    let schema = shape::config_schema();
    let policies = properties(&schema, "Policy");
    let mut missing = vec![];
    for (name, columns) in DOCUMENTED {
        let of = if *name == "ChannelKeys" { "Channel" } else { name };
        let properties = definition(&schema, of)["properties"].as_object().unwrap();
        for (key, property) in properties.iter().filter(|(key, _)| of != "Channel" || !policies.contains(*key)) {
            let row = row(key, property, *columns);
            let page = if *name == "Token" { ACCESS } else { page };
            if !page.lines().any(|line| line == row) {
                missing.push(row);
            }
        }
    }
    assert!(missing.is_empty(), "docs/config.md or docs/access.md does not have these rows:\n{}", missing.join("\n"));
}
