//! TLS: serving, reloading, certificates that expire, and client certificates.
#![allow(clippy::disallowed_methods, reason = "the daemon's clock is the system's")]

use std::{fs, ops::Range, sync::Arc};

use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    access::{secret, token},
    support::{
        PATIENCE,
        daemon::{Daemon, Home, fanfare},
        until,
    },
};

const LOG: &str = "[channels.log]\nplugin = \"builtin:log\"\n";

/// A certificate authority.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    der: CertificateDer<'static>,
}

pub struct Pair {
    pub cert: rcgen::Certificate,
    pub key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let cert = params.self_signed(&key).unwrap();
        Self { pem: cert.pem(), der: cert.der().clone(), issuer: Issuer::new(params, key) }
    }

    pub fn sign(&self, name: &str) -> Pair {
        self.signed(Self::params(name))
    }

    /// Valid for these days, counted from now.
    fn sign_for(&self, name: &str, days: Range<i64>) -> Pair {
        let date = |days: i64| {
            let date = (Timestamp::now() + SignedDuration::from_hours(days * 24)).to_zoned(TimeZone::UTC);
            rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
        };
        let mut params = Self::params(name);
        (params.not_before, params.not_after) = (date(days.start), date(days.end));
        self.signed(params)
    }

    fn params(name: &str) -> CertificateParams {
        CertificateParams::new(vec![name.to_owned(), "127.0.0.1".to_owned()]).unwrap()
    }

    fn signed(&self, params: CertificateParams) -> Pair {
        let key = KeyPair::generate().unwrap();
        Pair { cert: params.signed_by(&key, &self.issuer).unwrap(), key }
    }
}

fn put(home: &Home, pair: &Pair) {
    fs::write(home.path("cert.pem"), pair.cert.pem()).unwrap();
    fs::write(home.path("key.pem"), pair.key.serialize_pem()).unwrap();
}

/// A home whose daemon serves this certificate. `more` adds keys to `tls`.
fn home(pair: &Pair, more: &str, rest: &str) -> Home {
    let home = Home::new("");
    put(&home, pair);
    let text = Home::configuration(&format!("{LOG}{rest}"));
    let tls = format!("[server]\ntls = {{ cert = \"cert.pem\", key = \"key.pem\"{more} }}\n");
    fs::write(home.path("config.toml"), text.replace("[server]\n", &tls)).unwrap();
    home
}

fn address(daemon: &Daemon) -> &str {
    daemon.api.base.strip_prefix("https://").expect("it says https")
}

async fn connect(daemon: &Daemon, authority: &Authority, own: Option<&Pair>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let key = PrivateKeyDer::try_from(pair.key.serialize_der()).unwrap();
            builder.with_client_auth_cert(vec![pair.cert.der().clone()], key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let tcp = TcpStream::connect(address(daemon)).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), tcp).await
}

/// The certificate that the daemon presents, and the status of `/healthz` on that connection.
async fn ask(daemon: &Daemon, authority: &Authority, own: Option<&Pair>) -> std::io::Result<(Vec<u8>, u16)> {
    let stream = connect(daemon, authority, own).await?;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
    tokio::spawn(connection);
    let request = Request::get("/healthz").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
    let answer = sender.send_request(request).await.map_err(std::io::Error::other)?;
    Ok((shown, answer.status().as_u16()))
}

#[tokio::test]
async fn a_new_certificate_takes_effect_and_open_connections_stay() {
    let authority = Authority::new();
    let (first, second) = (authority.sign("localhost"), authority.sign("localhost"));
    let home = home(&first, "", "");
    let daemon = home.start_quietly().await;
    let (shown, status) = ask(&daemon, &authority, None).await.unwrap();
    assert_eq!((shown, status), (first.cert.der().to_vec(), 200));
    let open = connect(&daemon, &authority, None).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(open)).await.unwrap();
    tokio::spawn(connection);
    put(&home, &second);
    until("the new certificate", || async {
        let shown = ask(&daemon, &authority, None).await.unwrap().0;
        (shown == second.cert.der().to_vec()).then_some(())
    })
    .await;
    let request = Request::get("/healthz").header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
    sender.ready().await.unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200, "the open connection");
    // An unusable file changes nothing and is reported.
    fs::write(home.path("cert.pem"), "no certificate").unwrap();
    until("the reload's error", || async {
        get(&daemon, &authority, "/readyz").await.contains("has no certificate").then_some(())
    })
    .await;
    assert_eq!(ask(&daemon, &authority, None).await.unwrap().0, second.cert.der().to_vec());
}

#[tokio::test]
async fn a_certificate_that_expires_is_reported_until_it_is_renewed() {
    let authority = Authority::new();
    let home = home(&authority.sign_for("localhost", -80..10), "", "");
    fs::write(home.path("ca.pem"), &authority.pem).unwrap();
    let daemon = home.start_quietly().await;
    let warning = format!("the certificate in {} expires at ", home.path("cert.pem").display());
    assert!(home.log().contains(&warning), "{}", home.log());
    let run = async |arguments: &[&str]| {
        let output = fanfare().args(arguments).current_dir(home.path("")).output().await.unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let status = ["status", "--url", &daemon.api.base, "--ca", "ca.pem"];
    let said = run(&status).await;
    assert!(said.contains("certificate: it expires at "), "{said}");
    let said = run(&["check"]).await;
    assert!(said.contains("cert.pem expires at "), "{said}");
    let metric = async |name: &str| {
        let text = get(&daemon, &authority, "/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")).map(str::to_owned));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse::<f64>().unwrap()
    };
    let now = Timestamp::now().as_second() as f64;
    let ahead = metric("fanfare_tls_certificate_not_after_timestamp_seconds").await - now;
    assert!((9.0 * 86_400.0..=10.0 * 86_400.0).contains(&ahead), "{ahead}");
    let behind = now - metric("fanfare_tls_certificate_not_before_timestamp_seconds").await;
    assert!((80.0 * 86_400.0..=81.0 * 86_400.0).contains(&behind), "{behind}");
    let ready: serde_json::Value = serde_json::from_str(&get(&daemon, &authority, "/readyz").await).unwrap();
    assert_eq!((&ready["status"], &ready["certificate"]["status"]), (&"ready".into(), &"expiring".into()), "{ready}");

    put(&home, &authority.sign_for("localhost", -1..80));
    until("the new certificate", || async {
        let said = run(&status).await;
        (!said.contains("certificate:")).then_some(())
    })
    .await;
    // One that clients refuse is used all the same: the operator may know better than this machine's clock.
    for (days, says) in [(-80..-1, " expired at "), (2..80, " is valid only from ")] {
        put(&home, &authority.sign_for("localhost", days));
        let warning = format!("the certificate in {}{says}", home.path("cert.pem").display());
        until(says, || async { home.log().contains(&warning).then_some(()) }).await;
        let refused = connect(&daemon, &authority, None).await.unwrap_err().to_string();
        assert!(refused.contains("invalid peer certificate"), "{refused}");
        let said = run(&status).await;
        assert!(said.contains("certificate"), "{said}");
        let said = run(&["check"]).await;
        assert!(said.contains(&format!("cert.pem{says}")), "{said}");
    }
}

/// The body of a response.
async fn get(daemon: &Daemon, authority: &Authority, path: &str) -> String {
    let stream = connect(daemon, authority, None).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "localhost").body(Empty::<Bytes>::new()).unwrap();
    let body = sender.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn with_a_client_ca_nobody_comes_in_without_a_certificate_of_its_own() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let home = home(&authority.sign("localhost"), ", client_ca = \"clients.pem\"", "");
    fs::write(home.path("clients.pem"), &clients.pem).unwrap();
    let daemon = home.start_quietly().await;
    assert_eq!(ask(&daemon, &authority, Some(&clients.sign("me"))).await.unwrap().1, 200);
    assert!(ask(&daemon, &authority, None).await.is_err());
    assert!(ask(&daemon, &authority, Some(&authority.sign("me"))).await.is_err());
}

#[tokio::test]
async fn the_commands_speak_tls_and_the_cookie_is_for_tls_alone() {
    let authority = Authority::new();
    let home = home(&authority.sign("localhost"), "", &token("boss", &["admin"], ""));
    fs::write(home.path("ca.pem"), &authority.pem).unwrap();
    let daemon = home.start_quietly().await;
    let url = daemon.api.base.clone();
    let status = |ca: bool| {
        let mut command = fanfare();
        command.args(["status", "--url", &url]).env("FANFARE_TOKEN", secret("boss"));
        if ca {
            command.args(["--ca", "ca.pem"]);
        }
        command.current_dir(home.path("")).output()
    };
    let trusted = status(true).await.unwrap();
    assert!(trusted.status.success(), "{}", String::from_utf8_lossy(&trusted.stderr));
    let refused = status(false).await.unwrap();
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));

    let stream = connect(&daemon, &authority, None).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let body = format!("{{\"token\":\"{}\"}}", secret("boss"));
    for (origin, status) in [("http://localhost", 403), ("https://localhost", 200)] {
        let request = Request::post("/v1/session").header("host", "localhost").header("origin", origin);
        let request = request.header("content-type", "application/json").body(body.clone()).unwrap();
        sender.ready().await.unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), status, "{origin}");
        if status == 200 {
            assert!(answer.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
        }
        answer.into_body().collect().await.unwrap();
    }
}

#[tokio::test]
async fn the_commands_present_a_client_certificate_and_say_what_is_wrong_with_it() {
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let home = home(&authority.sign("localhost"), ", client_ca = \"clients.pem\"", "");
    fs::write(home.path("clients.pem"), &clients.pem).unwrap();
    fs::write(home.path("ca.pem"), &authority.pem).unwrap();
    let write = |name: &str, pair: &Pair| {
        fs::write(home.path(&format!("{name}.pem")), pair.cert.pem()).unwrap();
        fs::write(home.path(&format!("{name}.key")), pair.key.serialize_pem()).unwrap();
        let both = format!("{}{}", pair.cert.pem(), pair.key.serialize_pem());
        fs::write(home.path(&format!("{name}.both")), both).unwrap();
    };
    write("me", &clients.sign("me"));
    write("stranger", &strangers.sign("me"));
    let daemon = home.start_quietly().await;
    let status = async |options: &[&str], environment: &[(&str, &str)]| {
        let mut command = fanfare();
        command.args(["status", "--url", &daemon.api.base, "--ca", "ca.pem"]).args(options);
        command.envs(environment.iter().copied()).current_dir(home.path(""));
        let output = command.output().await.unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for (options, environment) in [
        (&["--client-cert", "me.pem", "--client-key", "me.key"][..], &[][..]),
        (&["--client-cert", "me.both"], &[]),
        (&[], &[("FANFARE_CLIENT_CERT", "me.pem"), ("FANFARE_CLIENT_KEY", "me.key")]),
    ] {
        let (code, said) = status(options, environment).await;
        assert_eq!(code, 0, "{options:?}: {said}");
    }
    for (options, code, says) in [
        (&[][..], 1, "requires a client certificate; give one with --client-cert and --client-key"),
        (&["--client-cert", "stranger.both"], 1, "does not accept the client certificate"),
        (&["--client-cert", "me.pem"], 1, "me.pem has no private key that can be used"),
        (&["--client-cert", "me.key"], 1, "me.key has no certificates that can be used"),
        (&["--client-cert", "none.pem"], 1, "none.pem has no certificates that can be used"),
        (
            &["--client-cert", "me.pem", "--client-key", "stranger.key"],
            1,
            "cannot be used with the key of stranger.key",
        ),
        (&["--client-key", "me.key"], 2, "--client-cert <FILE>"),
    ] {
        let (got, said) = status(options, &[]).await;
        assert!(got == code && said.contains(says), "{options:?}: {got} {said}");
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_cut_and_plain_http_gets_nothing() {
    let authority = Authority::new();
    let home = home(&authority.sign("localhost"), "", "");
    let text = fs::read_to_string(home.path("config.toml")).unwrap();
    let text = text.replace("[server]\n", "[server]\nheader_timeout = \"300ms\"\nmax_connections = 4\n");
    fs::write(home.path("config.toml"), text).unwrap();
    let daemon = home.start_quietly().await;
    let mut silent = vec![];
    for _ in 0..4 {
        silent.push(TcpStream::connect(address(&daemon)).await.unwrap());
    }
    // Silent clients occupy all connections, but one becomes free soon.
    let asked = tokio::time::timeout(PATIENCE, ask(&daemon, &authority, None)).await.expect("a place");
    assert_eq!(asked.unwrap().1, 200);
    for mut stream in silent {
        let mut rest = vec![];
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("it is cut");
        assert!(read.is_err() || rest.is_empty());
    }
    let mut plain = TcpStream::connect(address(&daemon)).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = vec![];
    drop(plain.read_to_end(&mut answer).await);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1"), "{answer:?}");
}

#[tokio::test]
async fn what_is_wrong_with_the_files_is_said_before_a_start() {
    let authority = Authority::new();
    let (pair, other) = (authority.sign("localhost"), authority.sign("localhost"));
    let home = home(&pair, "", "");
    let check = || async {
        let output = fanfare().arg("check").current_dir(home.path("")).output().await.unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    assert!(check().await.contains("chmod 600"), "{}", check().await);
    fs::write(home.path("key.pem"), other.key.serialize_pem()).unwrap();
    assert!(check().await.contains("cannot be used with"), "{}", check().await);
    fs::write(home.path("key.pem"), "").unwrap();
    assert!(check().await.contains("has no private key"), "{}", check().await);
    fs::remove_file(home.path("cert.pem")).unwrap();
    assert!(check().await.contains("cannot be read"), "{}", check().await);
}
