//! Signing in to the dashboard: a cookie instead of a token.

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    access::{Holder, secret, token},
    support::{
        PATIENCE,
        client::{Answer, Api},
        daemon::Home,
        until,
    },
};

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";
const JSON: (&str, &str) = ("content-type", "application/json");
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

async fn sign_in(api: &Api, token: &str) -> Answer {
    api.send(Method::POST, "/v1/session", &[JSON, SAME], json!({ "token": token }).to_string()).await
}

/// The `name=value` of the cookie in a response, and its attributes.
fn cookie(answer: &Answer) -> (String, String) {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    (pair.to_owned(), attributes.to_owned())
}

#[tokio::test]
async fn a_cookie_stands_for_the_token_it_was_made_with() {
    let bound = token("bound", &["operate"], "channels = [\"log\"]\nexpires = \"2099-01-01T00:00:00Z\"");
    let home = Home::new(&format!("{LOG}{}{bound}", token("boss", &["admin"], "")));
    let daemon = home.start_quietly().await;
    let api = &daemon.api;
    api.get("/v1/session").await.expect(401);
    let wrong = sign_in(api, "ff_nobody").await.expect(401);
    assert!(!wrong.headers.contains_key("set-cookie"));
    let answer = sign_in(api, &secret("boss")).await.expect(200);
    let session = answer.json();
    assert_eq!(session["name"], "boss");
    assert_eq!(session["scopes"], json!(["publish", "read", "operate", "admin"]));
    assert_eq!((&session["channels"], &session["required"]), (&Value::Null, &json!(true)));
    assert!(session["expires_at"].is_string(), "{session}");
    let (cookie, attributes) = cookie(&answer);
    assert_eq!(attributes, "HttpOnly; SameSite=Strict; Path=/; Max-Age=43200");
    assert!(!answer.text().contains(cookie.split_once('=').unwrap().1));
    let shown = api.send(Method::GET, "/v1/session", &[("cookie", &cookie)], "").await.expect(200).json();
    assert_eq!(shown, session);
    let with = format!("theme=dark; {cookie}");
    api.send(Method::GET, "/v1/events", &[("cookie", &with)], "").await.expect(200);
    api.send(Method::GET, "/v1/events", &[("cookie", "fanfare_session=made-up")], "").await.expect(401);
    // A token takes precedence over a cookie, even an invalid one.
    let both = [("cookie", cookie.as_str()), ("authorization", "Bearer ff_nobody")];
    api.send(Method::GET, "/v1/events", &both, "").await.expect(401);

    let bound = sign_in(api, &secret("bound")).await.expect(200).json();
    assert_eq!(bound["channels"], json!(["log"]));
    assert_eq!(bound["scopes"], json!(["read", "operate"]));
    let by_token = Holder::new(api, "bound").get("/v1/session").await.expect(200).json();
    assert_eq!(by_token["expires_at"], "2099-01-01T00:00:00.000000Z");
    assert_eq!(by_token["name"], "bound");
}

#[tokio::test]
async fn a_page_of_another_server_cannot_use_the_cookie() {
    let home = Home::new(&format!("{LOG}{}", token("boss", &["admin"], "")));
    let daemon = home.start_quietly().await;
    let api = &daemon.api;
    let (cookie, _) = cookie(&sign_in(api, &secret("boss")).await.expect(200));
    let address = api.base.strip_prefix("http://").unwrap();
    let (own, other) = (format!("http://{address}"), "http://evil.example".to_owned());
    let pause = |headers: Vec<(&'static str, String)>| {
        let cookie = cookie.clone();
        async move {
            let mut all = vec![("cookie", cookie.as_str())];
            all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
            api.send(Method::POST, "/v1/channels/log/pause", &all, "").await
        }
    };
    for bad in [
        vec![],
        vec![("origin", other.clone())],
        vec![("origin", "null".to_owned())],
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
        vec![("sec-fetch-site", "none".to_owned())],
    ] {
        let refused = pause(bad.clone()).await.expect(403).json();
        assert_eq!(refused["type"], "urn:fanfare:problem:cross-origin", "{bad:?}");
    }
    let state = api.send(Method::GET, "/v1/channels/log", &[("cookie", &cookie)], "").await.expect(200).json();
    assert_eq!(state["state"], "active");
    pause(vec![("origin", own)]).await.expect(200);
    pause(vec![("sec-fetch-site", "same-origin".to_owned())]).await.expect(200);
    // Another site cannot sign a user in either.
    let body = json!({ "token": secret("boss") }).to_string();
    for header in [("origin", other.as_str()), ("sec-fetch-site", "cross-site")] {
        api.send(Method::POST, "/v1/session", &[JSON, header], body.clone()).await.expect(403);
    }
    api.send(Method::POST, "/v1/session", &[], body.clone()).await.expect(415);
    api.send(Method::POST, "/v1/session", &[JSON], body).await.expect(200);
}

#[tokio::test]
async fn a_session_ends_by_signing_out_and_with_its_token() {
    let other = token("other", &["admin"], "");
    let home = Home::new(&format!("{LOG}{other}{}", token("boss", &["read"], "")));
    let daemon = home.start_quietly().await;
    let api = &daemon.api;
    let (first, _) = cookie(&sign_in(api, &secret("boss")).await.expect(200));
    let (second, _) = cookie(&sign_in(api, &secret("boss")).await.expect(200));
    let get = |cookie: &str, path: &'static str| {
        let cookie = cookie.to_owned();
        async move { api.send(Method::GET, path, &[("cookie", &cookie)], "").await }
    };
    let out = api.send(Method::DELETE, "/v1/session", &[("cookie", &first), SAME], "").await.expect(204);
    assert_eq!(cookie(&out).0, "fanfare_session=");
    get(&first, "/v1/events").await.expect(401);
    get(&second, "/v1/events").await.expect(200);
    let base = api.base.clone();
    let follower = second.clone();
    let stream = tokio::spawn(async move {
        Api::new(base).send(Method::GET, "/v1/events/stream?after=0", &[("cookie", &follower)], "").await
    });
    Holder::new(api, "other").post("/v1/events", r#"{"type":"a","id":"seen"}"#).await.expect(200);
    // The same name and secret with fewer scopes: not the token that signed in.
    home.configure(&format!("{LOG}{other}{}", token("boss", &["read"], "rate = \"5/s\"")));
    until("the end of the session", || async { (get(&second, "/v1/session").await.status == 401).then_some(()) }).await;
    let told = tokio::time::timeout(PATIENCE, stream).await.expect("the stream ends").unwrap();
    assert_eq!(told.status, 200);
    assert!(told.text().contains("\"seen\""), "{}", told.text());
}

#[tokio::test]
async fn signing_in_is_limited_and_not_needed_without_tokens() {
    let home = Home::new(&format!("{LOG}{}", token("boss", &["admin"], "")));
    let daemon = home.start_quietly().await;
    let api = &daemon.api;
    for _ in 0..10 {
        sign_in(api, "ff_guess").await.expect(401);
    }
    let limited = sign_in(api, &secret("boss")).await.expect(429);
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    assert!(!limited.headers.contains_key("set-cookie"));
    // Sign-in limits do not apply to requests with a token.
    Holder::new(api, "boss").get("/v1/events").await.expect(200);
    home.configure(LOG);
    until("no tokens", || async { (api.get("/v1/events").await.status == 200).then_some(()) }).await;
    let open = api.get("/v1/session").await.expect(200).json();
    let all = json!(["publish", "read", "operate", "admin"]);
    let want = json!({ "name": null, "scopes": all, "channels": null, "expires_at": null, "required": false });
    assert_eq!(open, want);
}
