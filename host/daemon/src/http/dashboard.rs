//! Serves the dashboard, which is embedded in the binary: the sources are in `dashboard/`, the built files in
//! `dashboard/dist`.
//!
//! The files contain nothing about this daemon, so they need no token. Everything that the pages show comes from `/v1`.

use std::{io::Write as _, sync::LazyLock};

use axum::{Router, body::Body, extract::Request, response::Response, routing::get};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
        IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use sha2::{Digest, Sha256};

/// Scripts, styles and connections are limited to this server. Inline scripts and styles, form submissions and frames
/// are blocked, and only lit's templates can turn text into markup (Trusted Types).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; \
                      require-trusted-types-for 'script'; trusted-types lit-html";

const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // Browsers revalidate each file (304), so an upgraded daemon never runs with old files.
    (CACHE_CONTROL, "no-cache"),
];

struct Asset {
    path: &'static str,
    media: &'static str,
    content: &'static [u8],
    /// Computed at the first request.
    ready: LazyLock<Ready>,
}

/// A file, ready to be sent.
struct Ready {
    etag: HeaderValue,
    /// The gzipped content. `None` if compression failed; then the file is sent as it is.
    packed: Option<Bytes>,
}

impl Ready {
    fn of(content: &[u8]) -> Self {
        let digest = Sha256::digest(content);
        let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let etag = HeaderValue::from_str(&format!("\"{digits}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let packed = packer.write_all(content).and_then(|()| packer.finish()).ok().map(Bytes::from);
        Self { etag, packed }
    }
}

macro_rules! asset {
    ($path:literal, $media:literal, $file:literal) => {{
        const CONTENT: &[u8] = include_bytes!(concat!("../../dashboard/dist/", $file));
        Asset { path: $path, media: $media, content: CONTENT, ready: LazyLock::new(|| Ready::of(CONTENT)) }
    }};
}

static PAGE: Asset = asset!("/", "text/html; charset=utf-8", "index.html");
static FILES: [Asset; 3] = [
    asset!("/dashboard.js", "text/javascript; charset=utf-8", "dashboard.js"),
    asset!("/dashboard.css", "text/css; charset=utf-8", "dashboard.css"),
    asset!("/dashboard.svg", "image/svg+xml", "dashboard.svg"),
];

/// The files that the page loads. They are not part of the API, so they are not in the table of routes.
pub(super) fn files<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, asset| {
        router.route(asset.path, get(async |request: Request| answer(asset, request.headers())))
    })
}

/// The page itself.
pub(super) fn page(headers: &HeaderMap) -> Response {
    answer(&PAGE, headers)
}

/// Whether the client is a browser. A program that accepts anything gets text.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    lists(headers, &ACCEPT, "text/html")
}

fn answer(asset: &Asset, headers: &HeaderMap) -> Response {
    let known = lists(headers, &IF_NONE_MATCH, asset.ready.etag.to_str().unwrap_or_default());
    let packed = asset.ready.packed.clone().filter(|_| lists(headers, &ACCEPT_ENCODING, "gzip"));
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    out.insert(ETAG, asset.ready.etag.clone());
    out.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    out.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media));
    if packed.is_some() {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = packed.unwrap_or_else(|| Bytes::from_static(asset.content)).into();
    response
}

/// Whether a list header contains this value. Parameters such as `q=0` are ignored.
fn lists(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let each = values.flat_map(|value| value.split(','));
    each.map(|one| one.split(';').next().unwrap_or(one).trim().trim_start_matches("W/")).any(|one| one == wanted)
}
