//! What goes in, what does not, and what is never shown.

use fanfare_core::Payload;

use super::*;
use crate::{egress::Received, grants::Target};

fn secret(name: &str, value: &str, body: bool) -> Secret {
    let hosts = vec![HostPattern::parse("api.example.com").unwrap()];
    Secret { name: name.to_owned(), value: value.to_owned(), hosts, body, plain: false }
}

fn vault() -> Vault {
    Vault::new(&[
        secret("token", "a/b \"c\"", false),
        secret("url", "https://api.example.com/T0/B0?x=1", false),
        secret("key", "k\"1", true),
    ])
}

fn placeholder(vault: &Vault, name: &str) -> String {
    vault.placeholders().find(|(have, _)| *have == name).unwrap().1.to_owned()
}

fn request(url: &str, headers: &[(&str, &str)], body: &str) -> Outgoing {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Outgoing { method: "POST".to_owned(), url: url.to_owned(), headers, body: body.to_owned().into(), own: vec![] }
}

fn target(url: &str) -> Target {
    Target::of(&url.parse().unwrap()).unwrap()
}

#[track_caller]
fn denied(outgoing: &mut Outgoing, vault: &Vault, says: &str) {
    let error = vault.fill(outgoing, "c").unwrap_err();
    assert_eq!(error.problem, Problem::Denied);
    assert!(error.message.contains(says), "{}", error.message);
}

#[test]
fn values_go_into_headers_and_urls_each_as_its_place_needs() {
    let vault = vault();
    let token = placeholder(&vault, "token");
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("me:{token}")));
    let url = format!("https://api.example.com/bot{token}/send");
    let mut sent = request(&url, &[("x-key", &format!("Bearer {token}")), ("Authorization", &basic)], "");
    let used = vault.fill(&mut sent, "c").unwrap();
    assert_eq!(sent.url, "https://api.example.com/bota%2Fb%20%22c%22/send");
    assert_eq!(sent.headers[0].1, "Bearer a/b \"c\"");
    assert_eq!(sent.headers[1].1, format!("Basic {}", BASE64_STANDARD.encode("me:a/b \"c\"")));
    assert_eq!(used.check(&target("https://api.example.com/"), true, "c"), Ok(()));
    let error = used.check(&target("https://evil.example/"), true, "c").unwrap_err();
    assert!(error.message.contains("channels.c.secrets.token.hosts"), "{}", error.message);
    let error = used.check(&target("http://api.example.com/"), false, "c").unwrap_err();
    assert!(error.message.contains("channels.c.secrets.token.plain"), "{}", error.message);
    let mut whole = request(&format!("{}&y=2", placeholder(&vault, "url")), &[], "");
    assert!(vault.fill(&mut whole, "c").unwrap().is_url);
    assert_eq!(whole.url, "https://api.example.com/T0/B0?x=1&y=2");
}

#[test]
fn a_body_gets_a_value_only_where_the_operator_said_so() {
    let vault = vault();
    let (key, token) = (placeholder(&vault, "key"), placeholder(&vault, "token"));
    let mut json =
        request("https://api.example.com/", &[("Content-Type", "application/json")], &format!("{{\"k\":\"{key}\"}}"));
    vault.fill(&mut json, "c").unwrap();
    assert_eq!(&json.body[..], br#"{"k":"k\"1"}"#);
    denied(&mut request("https://api.example.com/", &[], &token), &vault, "channels.c.secrets.token.body = true");
}

#[test]
fn a_forged_placeholder_and_one_in_the_host_are_denied() {
    let vault = vault();
    let forged = format!("{PREFIX}{}", "0".repeat(32));
    denied(&mut request("https://api.example.com/", &[("x", &forged)], ""), &vault, "none of this channel's");
    let token = placeholder(&vault, "token");
    for host in [
        format!("https://{token}.evil.example/"),
        format!("https://{token}@api.example.com/"),
        format!("https://x{token}"),
    ] {
        denied(&mut request(&host, &[], ""), &vault, "cannot be part of a host's name");
    }
    // Text that only begins like one is nobody's business, nor is any text where there are no secrets.
    let odd = format!("{PREFIX}{}", "\u{e9}".repeat(40));
    for (text, vault) in [(PREFIX, &vault), (&odd, &vault), (&token, &Vault::default())] {
        let mut sent = request(&format!("{text}/x"), &[("x", text)], text);
        let before = sent.clone();
        assert!(vault.fill(&mut sent, "c").unwrap().held.is_empty());
        assert_eq!(sent, before);
    }
    // What a publisher wrote into a body fails no delivery.
    let mut body = request("https://api.example.com/", &[], &forged);
    vault.fill(&mut body, "c").unwrap();
    assert_eq!(body.body, forged);
}

#[test]
fn nothing_that_is_said_shows_a_value() {
    let vault = vault();
    let token = placeholder(&vault, "token");
    let mut sent = request("https://api.example.com/", &[("x", &token)], "");
    let used = vault.fill(&mut sent, "c").unwrap();
    let echo = Received {
        status: 401,
        headers: vec![("x-echo".to_owned(), "a/b \"c\"".to_owned())],
        body: Payload::Text("bad: a/b \"c\" or a%2Fb%20%22c%22".to_owned()),
    };
    let scrubbed = used.scrub(echo);
    assert_eq!(scrubbed.headers[0].1, token);
    assert_eq!(scrubbed.body, Payload::Text(format!("bad: {token} or {token}")));
    let url = "https://api.example.com/T0/B0?x=1";
    let echo = Received { status: 404, headers: vec![], body: Payload::Text("no /T0/B0?x=1 here; k\\\"1".to_owned()) };
    let text = String::from_utf8(used.scrub(echo).body.as_bytes().to_vec()).unwrap();
    assert!(!text.contains("/T0/B0") && !text.contains("k\\\"1"), "{text} {url}");
    assert!(!format!("{vault:?}").contains("a/b"));
    let used = Used { in_url: true, is_url: true, ..used };
    let invalid = EgressError::new(Problem::Invalid, "`https://a/b`: no");
    assert!(!used.hide(invalid, "c").message.contains("a/b"));
}

#[test]
fn words_of_the_guest_s_own_in_a_url_do_not_make_an_error_show_it() {
    let vault = vault();
    let token = placeholder(&vault, "token");
    let mut sent = request(&format!("https://api.example.com/.secrets./{token}"), &[], "");
    let used = vault.fill(&mut sent, "c").unwrap();
    for problem in [Problem::Invalid, Problem::Denied] {
        let shown = used.hide(EgressError::new(problem, format!("`{}`: no", sent.url)), "c");
        assert_eq!(shown.problem, problem);
        assert!(!shown.message.contains("a%2Fb") && shown.message.contains("channels.c."), "{}", shown.message);
    }
}
