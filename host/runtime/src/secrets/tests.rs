//! What is filled in, what is not, and what is never shown.

use fanfare_core::Payload;

use super::*;
use crate::{grants::Target, message::Received};

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

fn fill<'a>(vault: &'a Vault, outgoing: &mut Outgoing) -> Result<Used<'a>, EgressError> {
    let mut used = vault.fill_head(outgoing, "channels.c")?;
    vault.fill_body(outgoing, &mut used, "channels.c")?;
    Ok(used)
}

fn received(body: Payload, headers: &[(&str, &str)], truncated: bool) -> Received {
    let head = headers.iter().fold(http::Response::builder(), |head, (name, value)| head.header(*name, *value));
    Received::new(&head.body(()).unwrap().into_parts().0, body.as_bytes().to_vec(), truncated)
}

#[track_caller]
fn denied(outgoing: &mut Outgoing, vault: &Vault, says: &str) {
    let error = fill(vault, outgoing).unwrap_err();
    assert_eq!(error.cause, Cause::Denied);
    assert!(error.message.contains(says), "{}", error.message);
}

#[test]
fn values_go_into_headers_and_urls_each_as_its_place_needs() {
    let vault = vault();
    let token = placeholder(&vault, "token");
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("me:{token}")));
    let url = format!("https://api.example.com/bot{token}/send");
    let mut sent = request(&url, &[("x-key", &format!("Bearer {token}")), ("Authorization", &basic)], "");
    let used = fill(&vault, &mut sent).unwrap();
    assert_eq!(sent.url, "https://api.example.com/bota%2Fb%20%22c%22/send");
    assert_eq!(sent.headers[0].1, "Bearer a/b \"c\"");
    assert_eq!(sent.headers[1].1, format!("Basic {}", BASE64_STANDARD.encode("me:a/b \"c\"")));
    assert_eq!(used.check(&target("https://api.example.com/"), true), Ok(()));
    let error = used.check(&target("https://evil.example/"), true).unwrap_err();
    assert!(error.message.contains("channels.c.secrets.token.hosts"), "{}", error.message);
    let error = used.check(&target("http://api.example.com/"), false).unwrap_err();
    assert!(error.message.contains("channels.c.secrets.token.plain"), "{}", error.message);
    let mut whole = request(&format!("{}&y=2", placeholder(&vault, "url")), &[], "");
    assert!(fill(&vault, &mut whole).unwrap().is_url);
    assert_eq!(whole.url, "https://api.example.com/T0/B0?x=1&y=2");
}

#[test]
fn a_body_gets_a_value_only_where_the_operator_said_so() {
    let vault = vault();
    let (key, token) = (placeholder(&vault, "key"), placeholder(&vault, "token"));
    let mut json =
        request("https://api.example.com/", &[("Content-Type", "application/json")], &format!("{{\"k\":\"{key}\"}}"));
    fill(&vault, &mut json).unwrap();
    assert_eq!(&json.body[..], br#"{"k":"k\"1"}"#);
    denied(&mut request("https://api.example.com/", &[], &token), &vault, "channels.c.secrets.token.body = true");
}

#[test]
fn a_body_that_its_secrets_make_too_large_is_not_sent() {
    let vault = Vault::new(&[secret("key", &"k".repeat(100), true)]);
    let placeholders =
        |count: usize| request("https://api.example.com/", &[], &placeholder(&vault, "key").repeat(count));
    let most = limits::REQUEST_BODY / 100;
    assert_eq!(fill_all(&vault, placeholders(most)).unwrap(), most * 100);
    let error = fill_all(&vault, placeholders(most + 1)).unwrap_err();
    assert_eq!(error.cause, Cause::LargeBody);
}

fn fill_all(vault: &Vault, mut outgoing: Outgoing) -> Result<usize, EgressError> {
    fill(vault, &mut outgoing)?;
    Ok(outgoing.body.len())
}

#[test]
fn a_forged_placeholder_and_one_in_the_host_are_denied() {
    let vault = vault();
    let forged = format!("{PREFIX}{}", "0".repeat(32));
    denied(&mut request("https://api.example.com/", &[("x", &forged)], ""), &vault, "does not belong to this instance");
    let token = placeholder(&vault, "token");
    for host in [
        format!("https://{token}.evil.example/"),
        format!("https://{token}@api.example.com/"),
        format!("https://x{token}"),
    ] {
        denied(&mut request(&host, &[], ""), &vault, "cannot be part of a host name");
    }
    // Text that merely begins like a placeholder is left alone, as is any text where there are no secrets.
    let odd = format!("{PREFIX}{}", "\u{e9}".repeat(40));
    for (text, vault) in [(PREFIX, &vault), (&odd, &vault), (&token, &Vault::default())] {
        let mut sent = request(&format!("{text}/x"), &[("x", text)], text);
        let before = sent.clone();
        assert!(fill(vault, &mut sent).unwrap().hidden.is_empty());
        assert_eq!(sent, before);
    }
    // A publisher's text in a body does not fail a delivery.
    let mut body = request("https://api.example.com/", &[], &forged);
    fill(&vault, &mut body).unwrap();
    assert_eq!(body.body, forged);
}

#[test]
fn nothing_that_is_said_shows_a_value() {
    let vault = vault();
    let token = placeholder(&vault, "token");
    let mut sent = request("https://api.example.com/", &[("x", &token)], "");
    let used = fill(&vault, &mut sent).unwrap();
    let body = Payload::Text("bad: a/b \"c\" or a%2Fb%20%22c%22".to_owned());
    let scrubbed = used.scrub(received(body, &[("x-echo", "a/b \"c\"")], false));
    assert_eq!(scrubbed.headers[0].1, token);
    assert_eq!(scrubbed.body, Payload::Text(format!("bad: {token} or {token}")));
    let url = "https://api.example.com/T0/B0?x=1";
    let echo = received(Payload::Text("no /T0/B0?x=1 here; k\\\"1".to_owned()), &[], false);
    let text = String::from_utf8(used.scrub(echo).body.as_bytes().to_vec()).unwrap();
    assert!(!text.contains("/T0/B0") && !text.contains("k\\\"1"), "{text} {url}");
    assert!(!format!("{vault:?}").contains("a/b"));
    let used = Used { in_url: true, is_url: true, ..used };
    let invalid = EgressError::new(Cause::Invalid, "`https://a/b`: no");
    assert!(!used.hide(invalid).message.contains("a/b"));
}

#[test]
fn words_of_the_guest_s_own_in_a_url_do_not_make_an_error_show_it() {
    let vault = vault();
    let token = placeholder(&vault, "token");
    let mut sent = request(&format!("https://api.example.com/.secrets./{token}"), &[], "");
    let used = fill(&vault, &mut sent).unwrap();
    for cause in [Cause::Invalid, Cause::Denied] {
        let shown = used.hide(EgressError::new(cause, format!("`{}`: no", sent.url)));
        assert_eq!(shown.cause, cause);
        assert!(!shown.message.contains("a%2Fb") && shown.message.contains("channels.c."), "{}", shown.message);
    }
}

#[test]
fn a_value_that_a_cut_goes_through_is_gone_with_the_end_of_the_body() {
    let vault = Vault::new(&[secret("token", "0123456789", false)]);
    let used = vault.fill_head(&mut request("https://api.example.com/", &[], ""), "channels.c").unwrap();
    let cut = used.scrub(received(Payload::Text(format!("{}01234567", "x".repeat(100))), &[], true));
    assert_eq!(cut.body, Payload::Text("x".repeat(cut.body.as_bytes().len())));
    assert!(cut.truncated && cut.body.as_bytes().len() > 50);
}

#[test]
fn a_short_value_makes_no_response_larger_than_its_limit() {
    let vault = Vault::new(&[secret("pin", "1", false)]);
    let used = vault.fill_head(&mut request("https://api.example.com/", &[], ""), "channels.c").unwrap();
    let grown = used.scrub(received(Payload::Text("1".repeat(1 << 20)), &[], false));
    assert!(grown.truncated && grown.body.as_bytes().len() <= limits::RESPONSE_BODY);
}

#[test]
fn of_two_values_one_within_the_other_neither_is_left_in_part() {
    for (one, other) in [("tok", "tok-secret"), ("tok-secret", "tok")] {
        let vault = Vault::new(&[secret("one", one, true), secret("other", other, true)]);
        let (first, second) = (placeholder(&vault, "one"), placeholder(&vault, "other"));
        let mut sent = request("https://api.example.com/", &[("x", &first)], &format!("{first}{second}"));
        let used = fill(&vault, &mut sent).unwrap();
        assert_eq!(sent.body, format!("{one}{other}"));
        let echo = used.scrub(received(Payload::Text(format!("{one} {other}")), &[], false));
        assert_eq!(echo.body, Payload::Text(format!("{first} {second}")));
    }
}

#[test]
fn a_channel_with_secrets_never_asks_for_a_part_or_for_what_is_compressed() {
    let asks = [("Accept-Encoding", "gzip"), ("range", "bytes=1-"), ("x", "y")];
    let mut sent = request("https://api.example.com/", &asks, "");
    vault().fill_head(&mut sent, "channels.c").unwrap();
    assert_eq!(sent.headers, [("x".to_owned(), "y".to_owned())]);
    let mut sent = request("https://api.example.com/", &asks, "");
    Vault::default().fill_head(&mut sent, "channels.c").unwrap();
    assert_eq!(sent.headers.len(), 3);
}
