//! A client of the daemon's HTTP interface for the commands.

use std::{
    error::Error as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use fanfare_core::essence;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    AlertDescription, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use serde::{Serialize, de::DeserializeOwned};
use sse_stream::SseStream;

use super::{
    failure::{Failure, ProblemDetails},
    json,
};
use crate::text::percent_encoded;

/// Where the daemon is.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ClientArgs {
    /// The daemon's address; by default the one in ./config.toml, or http://127.0.0.1:8080
    #[arg(long, env = "FANFARE_URL", value_name = "URL")]
    url: Option<String>,

    /// A file that contains the access token; by default, the token is in FANFARE_TOKEN
    #[arg(long, env = "FANFARE_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// For https: trust these certificates (PEM) instead of the public authorities
    #[arg(long, env = "FANFARE_CA", value_name = "FILE")]
    ca: Option<PathBuf>,

    /// With https: the certificate to present, in PEM, with its chain
    #[arg(long, env = "FANFARE_CLIENT_CERT", value_name = "FILE")]
    client_cert: Option<PathBuf>,

    /// The private key of --client-cert, in PEM; without it, the key is in that file too
    #[arg(long, env = "FANFARE_CLIENT_KEY", value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
}

impl ClientArgs {
    /// The arguments for a daemon at this address.
    pub(crate) fn to(url: &str) -> Self {
        Self { url: Some(url.to_owned()), ..Self::default() }
    }

    /// The token to send.
    fn token(&self) -> Result<Option<HeaderValue>, Failure> {
        let (token, from) = match &self.token_file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                (text.with_context(|| format!("{} cannot be read", path.display()))?, path.display().to_string())
            }
            None => match std::env::var("FANFARE_TOKEN") {
                Ok(token) => (token, "FANFARE_TOKEN".to_owned()),
                Err(_) => return Ok(None),
            },
        };
        let token = token.trim();
        if token.is_empty() {
            return Err(Failure::usage(
                format!("{from} has no token"),
                "put one there, as `fanfare token new` printed it",
            ));
        }
        let value = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut value =
            value.map_err(|_| anyhow!("what {from} has is not a token: it has characters that no header may have"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// The daemon's address.
    pub(crate) fn url(&self) -> String {
        let beside = || url_of(&std::fs::read_to_string("config.toml").ok()?);
        self.url.clone().or_else(beside).unwrap_or_else(|| USUAL.to_owned())
    }
}

/// The address that a daemon uses by default.
const USUAL: &str = "http://127.0.0.1:8080";

/// The address in this configuration, if it has one. Other mistakes in the file are reported elsewhere.
fn url_of(config: &str) -> Option<String> {
    let document: toml::Table = config.parse().ok()?;
    let listen = document.get("server")?.get("listen")?.as_str()?.parse::<SocketAddr>().ok()?;
    // A `config.toml` of another program must not make this one send anything to another machine.
    let scheme = if document.get("server")?.get("tls").is_some() { "https" } else { "http" };
    (listen.ip().is_loopback() && listen.port() != 0).then(|| format!("{scheme}://{listen}"))
}

/// A connection to one daemon.
pub(crate) struct Client {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    token: Option<HeaderValue>,
    /// Scheme, authority and a path that precedes every other, without a trailing slash.
    base: String,
}

/// A response of the daemon that is not a refusal.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
}

/// The timeout for connecting.
const CONNECT: Duration = Duration::from_secs(5);

/// The timeout for responses that need no waiting.
pub(crate) const QUICK: Duration = Duration::from_secs(10);

/// The timeout for counting.
const COUNTING: Duration = Duration::from_secs(120);

const EVENT_STREAM: &str = "text/event-stream";

/// The most bytes read of a response. A page of events with large data stays well below.
const LONGEST_ANSWER: usize = 256 << 20;

impl Client {
    /// # Errors
    /// [`Failure::Usage`] for a URL that is not HTTP or HTTPS; [`Failure::Failed`] for a token or certificates that
    /// cannot be read.
    pub(crate) fn new(args: &ClientArgs) -> Result<Self, Failure> {
        let base = base(&args.url())?;
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(CONNECT));
        plain.set_nodelay(true);
        plain.enforce_http(false);
        let token = args.token()?;
        if token.is_some() && is_in_clear(&base) {
            tracing::warn!("the token travels to {base} in clear text; use https if you can");
        }
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls(args)?).https_or_http();
        let connector = connector.enable_http1().wrap_connector(plain);
        Ok(Self { http: legacy::Client::builder(TokioExecutor::new()).build(connector), token, base })
    }

    /// # Errors
    /// [`Failure::Unreachable`], [`Failure::Refused`], or [`Failure::Failed`] for any other failure in between.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.call(Request::builder().method(Method::GET), path, Bytes::new(), QUICK).await
    }

    /// Sends a body and waits up to `patience` for the response.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Bytes,
        patience: Duration,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(Method::POST);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.call(request, path, body, patience).await
    }

    /// Posts JSON to a route that responds at once.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn command(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        let body = serde_json::to_vec(body).context("the request cannot be written as JSON")?;
        // Counting the matches of a filter may take a while in a long history.
        self.post(path, &[(CONTENT_TYPE, "application/json".to_owned())], body.into(), COUNTING).await
    }

    /// Puts JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<Answer, Failure> {
        let body = serde_json::to_vec(body).context("the request cannot be written as JSON")?;
        let request = Request::builder().method(Method::PUT).header(CONTENT_TYPE, "application/json");
        self.call(request, path, body.into(), QUICK).await
    }

    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn delete(&self, path: &str) -> Result<Answer, Failure> {
        self.call(Request::builder().method(Method::DELETE), path, Bytes::new(), QUICK).await
    }

    /// Opens a stream of server-sent events, which lasts until either side ends it.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) async fn stream(
        &self,
        path: &str,
        headers: &[(HeaderName, String)],
    ) -> Result<SseStream<Incoming>, Failure> {
        let url = format!("{}{path}", self.base);
        let mut request = Request::builder().method(Method::GET).uri(&url).header(ACCEPT, EVENT_STREAM);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::default()).with_context(|| format!("the request to {url} is not valid"))?;
        let response = self.http.request(request).await.map_err(|error| self.broken(&error))?;
        let status = response.status();
        if status.is_success() {
            if !is(response.headers(), EVENT_STREAM) {
                return Err(anyhow!("{url} did not return a stream; is it Fanfare that listens there?").into());
            }
            return Ok(SseStream::new(response.into_body()));
        }
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        match serde_json::from_slice::<ProblemDetails>(&body) {
            Ok(problem) => Err(Failure::Refused(Box::new(problem))),
            Err(_) => {
                Err(anyhow!("{url} returned {status} without a reason; is it Fanfare that listens there?").into())
            }
        }
    }

    async fn call(
        &self,
        request: http::request::Builder,
        path: &str,
        body: Bytes,
        patience: Duration,
    ) -> Result<Answer, Failure> {
        let url = format!("{}{path}", self.base);
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, token),
            None => request,
        };
        let request = request
            .uri(&url)
            .header(ACCEPT, "application/json")
            .body(Full::new(body))
            .with_context(|| format!("the request to {url} is not valid"))?;
        let exchange = async {
            let response = self.http.request(request).await.map_err(|error| self.broken(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER)
                .collect()
                .await
                .map_err(|error| anyhow!("{url} broke off its response: {error}"))?
                .to_bytes();
            Ok::<_, Failure>((head, body))
        };
        let (head, body) = tokio::time::timeout(patience, exchange)
            .await
            .map_err(|_| anyhow!("{url} has not responded within {} s", patience.as_secs()))??;
        // A refusal is a problem document. `/readyz` also uses 503.
        if head.status.is_success()
            || (head.status == StatusCode::SERVICE_UNAVAILABLE && is(&head.headers, "application/json"))
        {
            return Ok(Answer { body });
        }
        let is_problem = is(&head.headers, "application/problem+json");
        let problem = is_problem.then(|| serde_json::from_slice::<ProblemDetails>(&body).ok()).flatten();
        let Some(problem) = problem else {
            let status = head.status;
            return Err(anyhow!("{url} returned {status} without a reason; is it Fanfare that listens there?").into());
        };
        Err(Failure::Refused(Box::new(problem)))
    }

    fn broken(&self, error: &legacy::Error) -> Failure {
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            reason = inner.to_string();
            source = inner.source();
        }
        if let Some(refusal) = refused_certificate(error) {
            return anyhow!("{} {refusal}", self.base).into();
        }
        if error.is_connect() {
            Failure::Unreachable { url: self.base.clone(), reason, advice: advice(tls_error(error)) }
        } else {
            anyhow!("{} broke off: {reason}", self.base).into()
        }
    }
}

impl Answer {
    /// # Errors
    /// The response does not have the form that this version expects. The message names the position where it differs.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let read = json::read(&self.body)
            .context("the daemon's response has an unexpected form; is it another version? --json shows it unchanged");
        Ok(read?)
    }
}

/// Whether a message has this content type.
fn is(headers: &HeaderMap, content_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| essence(value).eq_ignore_ascii_case(content_type))
}

/// The parameters that are set, as a query: `?a=1&b=2`.
pub(crate) fn query(parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters.iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(value.as_deref()?))));
    let given = given.collect::<Vec<_>>().join("&");
    if given.is_empty() { given } else { format!("?{given}") }
}

/// Escapes text for a path segment or a query value.
pub(crate) fn escaped(text: &str) -> String {
    percent_encoded(text).to_string()
}

fn base(url: &str) -> Result<String, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("--url {url:?} {why}"), "write it like http://127.0.0.1:8080 (or set FANFARE_URL)")
    };
    let uri: Uri = url.parse().map_err(|_| wrong("is not a URL"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(_)) if uri.query().is_none() => Ok(url.trim_end_matches('/').to_owned()),
        (Some("http" | "https"), Some(_)) => Err(wrong("has a query")),
        _ => Err(wrong("has no http:// or https://")),
    }
}

/// Whether traffic to this address is unencrypted on a network.
fn is_in_clear(base: &str) -> bool {
    let uri: Uri = base.parse().unwrap_or_default();
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    uri.scheme_str() == Some("http") && !is_here
}

/// Which certificates are trusted to identify the daemon, and which one is presented to it.
fn tls(args: &ClientArgs) -> anyhow::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().context("TLS cannot be used")?;
    let builder = match &args.ca {
        None => builder.with_webpki_roots(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).with_context(|| unusable(path))?;
            }
            builder.with_root_certificates(roots)
        }
    };
    let Some(path) = &args.client_cert else { return Ok(builder.with_no_client_auth()) };
    let chain = certificates(path)?;
    let key_path = args.client_key.as_ref().unwrap_or(path);
    let key = PrivateKeyDer::from_pem_file(key_path).with_context(|| {
        format!("{} has no private key that can be used; it must be PEM and not encrypted", key_path.display())
    })?;
    let made = builder.with_client_auth_cert(chain, key);
    made.with_context(|| format!("{} cannot be used with the key of {}", path.display(), key_path.display()))
}

fn unusable(path: &Path) -> String {
    format!("{} has no certificates that can be used", path.display())
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_file_iter(path).with_context(|| unusable(path))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().with_context(|| unusable(path))?;
    anyhow::ensure!(!found.is_empty(), unusable(path));
    Ok(found)
}

/// The TLS error behind an error, if there is one. I/O errors contain it, one within the other.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let inner = |error: &'a (dyn std::error::Error + 'static)| match error.downcast_ref::<std::io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static)),
        None => error.source(),
    };
    std::iter::successors(Some(error), |&error| inner(error)).find_map(|error| error.downcast_ref())
}

/// What to do if there is no connection.
pub(super) fn advice(error: Option<&rustls::Error>) -> &'static str {
    match error {
        Some(rustls::Error::InvalidCertificate(_)) => {
            "the daemon's certificate is not accepted: renew it, use a name that it is for, or give its authority \
             with --ca"
        }
        Some(rustls::Error::InvalidMessage(_)) => "what listens there does not speak TLS: write http:// in --url",
        _ => "is the daemon running? start it with `fanfare serve`, or use --url for another address",
    }
}

/// What to do if the daemon closed the connection because of the client's certificate.
fn refused_certificate(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let rustls::Error::AlertReceived(alert) = tls_error(error)? else { return None };
    match alert {
        AlertDescription::CertificateRequired => {
            Some("requires a client certificate; give one with --client-cert and --client-key".to_owned())
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => Some(format!("does not accept the client certificate ({alert:?})")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_http_and_may_carry_a_path() {
        let good = [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:1/", "http://localhost:1"),
            ("http://proxy/fanfare/", "http://proxy/fanfare"),
            ("https://example.com", "https://example.com"),
        ];
        for (url, want) in good {
            assert_eq!(base(url).unwrap(), want);
        }
        for bad in ["", "127.0.0.1:8080", "localhost", "http://", "http://a/?b", "ftp://a"] {
            assert_eq!(base(bad).unwrap_err().code(), 2, "{bad}");
        }
    }

    #[test]
    fn a_token_on_its_way_to_another_machine_is_in_clear_text_without_tls() {
        for (url, clear) in [
            ("http://example.com", true),
            ("http://192.0.2.1:8080", true),
            ("https://example.com", false),
            ("http://localhost:8080", false),
            ("http://127.0.0.1", false),
            ("http://[::1]:1", false),
        ] {
            assert_eq!(is_in_clear(url), clear, "{url}");
        }
    }

    #[test]
    fn an_id_is_one_segment_whatever_it_holds() {
        assert_eq!(escaped("a/b?c=d e%ü"), "a%2Fb%3Fc%3Dd%20e%25%C3%BC");
        assert_eq!(escaped("0193-abc_.~"), "0193-abc_.~");
    }

    #[test]
    fn the_address_of_a_configuration_is_the_one_it_listens_on() {
        let of = |text: &str| url_of(text);
        assert_eq!(of("[server]\nlisten = \"127.0.0.1:9090\"\n").as_deref(), Some("http://127.0.0.1:9090"));
        assert_eq!(of("[server]\nlisten = \"[::1]:9090\"\n").as_deref(), Some("http://[::1]:9090"));
        for none in [
            "",
            "[server]\n",
            "[server]\nlisten = \"127.0.0.1:0\"\n",
            "[server]\nlisten = 1\n",
            "[server]\nlisten = \"192.0.2.1:80\"\n",
            "listen =",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
