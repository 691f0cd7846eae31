//! Secrets: named in the file, fetched from elsewhere, never shown.

use std::fs;

use fanfare_runtime::{HostPattern, SigningKey};

use super::{super::Config, BAD, GOOD, env, lines, parse};

fn signed(secrets: &str) -> String {
    format!("[channels.a]\nsign = {{ scheme = \"standard-webhooks\", secrets = {secrets} }}\n")
}

#[track_caller]
fn check(text: &str, want: &[&str]) {
    let problems = parse(text).expect_err(text);
    assert_eq!(lines(&problems), want, "{text}");
    let shown = format!("{problems}\n{problems:?}\n{}", problems.render(false));
    assert!(!shown.contains(BAD) && !shown.contains(GOOD), "{shown}");
}

#[test]
fn a_secret_that_cannot_be_fetched_is_reported() {
    let at = "2:51 channels.a.sign.secrets.0";
    let cases = [
        ("env:MISSING", "the environment variable MISSING is not set"),
        ("env:EMPTY", "the environment variable EMPTY is empty"),
        ("env:", "\"\" is not the name of an environment variable"),
        ("env:BAD", "is not a valid Standard Webhooks key: a signing secret must start with `whsec_`"),
        ("file:", "the path must not be empty"),
        ("file:/", "the file / cannot be read: it is not a regular file"),
        ("file:/nowhere/key", "the file /nowhere/key cannot be read: No such file or directory (os error 2)"),
    ];
    for (reference, want) in cases {
        check(&signed(&format!("[{reference:?}]")), &[&format!("{at} {want}")]);
    }
}

#[test]
fn a_credential_is_a_file_in_the_folder_that_systemd_names() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), format!("{GOOD}\n")).unwrap();
    let text = |name: &str| signed(&format!("[\"credential:{name}\"]"));
    let directory = folder.path().to_str().unwrap().to_owned();
    let with = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| directory.clone());
    let config = Config::parse(&text("key"), "config.toml".as_ref(), &with).unwrap();
    assert_eq!(config.channels["a"].sign, [SigningKey::parse(GOOD).unwrap()]);
    let wrong = |name: &str| Config::parse(&text(name), "config.toml".as_ref(), &with).unwrap_err().to_string();
    assert!(
        wrong("other").contains("other cannot be read") && wrong("other").contains("LoadCredential"),
        "{}",
        wrong("other")
    );
    for name in ["", "../key", ".key", "a/b"] {
        assert!(wrong(name).contains("is not the name of a credential"), "{}", wrong(name));
    }
    check(
        &text("key"),
        &["2:51 channels.a.sign.secrets.0 the credential key is not available: CREDENTIALS_DIRECTORY is not set"],
    );
}

#[test]
fn a_secret_in_the_file_is_rejected_and_not_shown() {
    let must = "must name where the secret is, not contain it";
    check(&signed(&format!("[{GOOD:?}]")), &[&format!("2:51 channels.a.sign.secrets.0 {must}")]);
    check(&signed(&format!("{GOOD:?}")), &["2:50 channels.a.sign.secrets must be a list in brackets, not a string"]);
    check(
        &signed(&format!("[{{ key = {GOOD:?} }}]")),
        &["2:51 channels.a.sign.secrets.0 must be text in quotes, not a table"],
    );
    // A mistake elsewhere on the line shows the line.
    check(
        &format!("[channels.a]\nsign = {{ scheme = 1, secrets = [{GOOD:?}] }}\n"),
        &[
            "2:19 channels.a.sign.scheme must be text in quotes, not an integer",
            &format!("2:33 channels.a.sign.secrets.0 {must}"),
        ],
    );
    // So does a syntax error.
    let problems = parse(&format!("[channels.a]\nsign = {{ secrets = [{GOOD:?}], x = }}\n")).unwrap_err();
    assert!(!problems.render(false).contains(GOOD), "{}", problems.render(false));
}

#[test]
fn a_signature_needs_a_scheme_and_a_key() {
    check(
        "[channels.a]\nsign = {}\n",
        &["2:8 channels.a.sign.scheme is missing", "2:8 channels.a.sign.secrets is missing"],
    );
    check(&signed("[]"), &["2:50 channels.a.sign.secrets must name at least one key"]);
    check(
        "[channels.a]\nsign = { scheme = \"md5\", secrets = [\"env:GOOD\"] }\n",
        &["2:19 channels.a.sign.scheme is not a known scheme"],
    );
}

#[test]
fn a_secret_file_is_relative_to_the_configuration_and_trimmed() {
    let dir = tempfile::tempdir().unwrap();
    let load = |key: &str| {
        fs::write(dir.path().join("key"), key).unwrap();
        Config::parse(&signed("[\"file:key\"]"), &dir.path().join("config.toml"), &env)
    };
    let config = load(&format!("{GOOD}\n")).unwrap();
    assert_eq!(config.channels["a"].sign, [SigningKey::parse(GOOD).unwrap()]);
    for (content, want) in [("\n".to_owned(), "is empty"), ("x".repeat(70_000), "larger than 64KiB")] {
        let problems = load(&content).unwrap_err();
        assert!(problems.to_string().contains(want), "{problems}");
    }
}

#[test]
fn debug_shows_no_secret_and_a_changed_secret_is_a_change() {
    let config = parse(&signed("[\"env:GOOD\"]")).unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("SigningKey(…)") && !shown.contains(GOOD), "{shown}");
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let changed =
        Config::parse(&signed("[\"env:GOOD\"]"), std::path::Path::new(super::FILE), &|_| Some(other.into())).unwrap();
    assert_ne!(config, changed);
}

fn bound(entry: &str) -> String {
    format!("[channels.a]\nsecrets = {{ token = {entry} }}\n")
}

#[test]
fn a_bound_secret_has_hosts_and_is_never_shown() {
    let config =
        parse(&bound("{ from = \"env:BAD\", hosts = [\"API.example.com\", \"*.x.org:8443\"], body = true }")).unwrap();
    let [secret] = config.channels["a"].secrets.as_slice() else { panic!("one secret") };
    assert_eq!((secret.name.as_str(), secret.value.as_str(), secret.body), ("token", BAD, true));
    assert_eq!(secret.hosts, ["api.example.com", "*.x.org:8443"].map(|host| HostPattern::parse(host).unwrap()));
    assert!(!format!("{config:?}").contains(BAD));
}

#[test]
fn a_bound_secret_needs_its_source_and_its_hosts() {
    check(
        &bound("{}"),
        &["2:21 channels.a.secrets.token.from is missing", "2:21 channels.a.secrets.token.hosts is missing"],
    );
    check(&bound(&format!("{BAD:?}")), &["2:21 channels.a.secrets.token must be a table, not a string"]);
    check(
        &bound(&format!("{{ from = {BAD:?}, hosts = [\"http://x\"] }}")),
        &[
            "2:30 channels.a.secrets.token.from must name where the secret is, not contain it",
            "2:58 channels.a.secrets.token.hosts.0 `http://x` is not a host: leave out the scheme and the path; write \
             `example.com`, `example.com:8080`, `*.example.com` or `[::1]:80`",
        ],
    );
    check(
        "[channels.a]\nsettings = { token = \"x\" }\nsecrets = { token = { from = \"env:BAD\", hosts = [] } }\n",
        &["3:11 channels.a.secrets `token` is also a setting"],
    );
}

#[test]
fn a_header_for_the_collector_may_be_written_down_and_is_not_shown() {
    let table = |headers: &str| format!("[telemetry]\nendpoint = \"http://127.0.0.1:1\"\nheaders = {headers}\n");
    let config = parse(&table(&format!("{{ authorization = {GOOD:?}, X-Key = \"env:GOOD\" }}"))).unwrap();
    let headers = config.telemetry.unwrap().headers;
    assert!(!format!("{headers:?}").contains(GOOD));
    assert_eq!(
        (headers.len(), &headers["x-key"], &headers["authorization"]),
        (2, &GOOD.parse().unwrap(), &GOOD.parse().unwrap())
    );
    check(
        &table(&format!("{{ a = {GOOD:?}, b = 1 }}")),
        &["3:63 telemetry.headers.b must be text in quotes, not an integer"],
    );
}
