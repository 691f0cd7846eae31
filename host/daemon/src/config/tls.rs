//! `server.tls`: the certificate, its key, and the authorities for client certificates. The files are part of the
//! configuration: if they cannot be used, the running configuration stays in force.

use std::{
    fmt, fs,
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use sha2::{Digest as _, Sha256};
use x509_parser::{certificate::Validity as Period, parse_x509_certificate};

use super::{
    Sources, paths,
    reader::{Field, Section},
};
use crate::certificate::Validity;

/// Far larger than any certificate chain.
const LARGEST: u64 = 1 << 20;

/// A usable certificate with its key.
#[derive(Clone)]
pub struct Tls {
    pub cert: PathBuf,
    pub key: PathBuf,
    pub client_ca: Option<PathBuf>,
    /// The digest of the files' contents.
    digest: [u8; 32],
    /// Whether other users of this machine can read the key.
    pub key_is_exposed: bool,
    /// When the certificate is valid; not those of its chain, in which an expired root does no harm.
    pub validity: Validity,
    pub server: Arc<ServerConfig>,
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        (&self.cert, &self.key, &self.client_ca, self.digest)
            == (&other.cert, &other.key, &other.client_ca, other.digest)
    }
}

impl Eq for Tls {}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("cert", &self.cert).field("key", &self.key).finish_non_exhaustive()
    }
}

impl Tls {
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.cert, &self.key].into_iter().chain(&self.client_ca)
    }

    /// What the operator should know about the certificate, if anything.
    #[must_use]
    pub fn warning(&self, now: Timestamp) -> Option<String> {
        self.validity.warning(&self.cert, now)
    }
}

pub(super) fn read(section: &mut Section<'_>, sources: &Sources<'_>) -> Option<Tls> {
    let whole = section.get("tls")?;
    let mut section = whole.section()?;
    let mut file = |key: &'static str, required: bool| {
        let field = section.get(key);
        if field.is_none() && required {
            section.problem(key, "is missing", "write tls = { cert = \"cert.pem\", key = \"key.pem\" }");
        }
        File::read(field?, sources)
    };
    let (cert, key, client_ca) = (file("cert", true), file("key", true), file("client_ca", false));
    let has_ca = section.has("client_ca");
    section.finish();
    let (cert, key) = (cert?, key?);
    if has_ca && client_ca.is_none() {
        return None;
    }
    let (server, validity) = server(&cert, &key, client_ca.as_ref())?;
    let mut digest = Sha256::new();
    for file in [&cert, &key].into_iter().chain(&client_ca) {
        digest.update(Sha256::digest(&file.bytes));
    }
    Some(Tls {
        key_is_exposed: fs::metadata(&key.path).is_ok_and(|metadata| metadata.mode() & 0o077 != 0),
        cert: cert.path,
        key: key.path,
        client_ca: client_ca.map(|file| file.path),
        digest: digest.finalize().into(),
        validity,
        server,
    })
}

struct File<'a> {
    path: PathBuf,
    bytes: Vec<u8>,
    field: Field<'a>,
}

impl<'a> File<'a> {
    fn read(field: Field<'a>, sources: &Sources<'_>) -> Option<Self> {
        let path = paths::read(&field, sources.dir)?;
        let bytes = bytes(&path).map_err(|error| field.problem_of(&path, format_args!("cannot be read: {error}"), ""));
        Some(Self { bytes: bytes.ok()?, path, field })
    }

    fn problem(&self, message: impl fmt::Display, help: &str) {
        self.field.problem_of(&self.path, message, help);
    }

    fn certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        match CertificateDer::pem_slice_iter(&self.bytes).collect::<Result<Vec<_>, _>>() {
            Ok(found) if !found.is_empty() => Some(found),
            Ok(_) => {
                self.problem("has no certificate", "it must be PEM: -----BEGIN CERTIFICATE-----");
                None
            }
            Err(error) => {
                self.problem(format_args!("is not PEM: {error}"), "");
                None
            }
        }
    }

    fn roots(&self) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates()? {
            roots.add(certificate).map_err(|error| self.problem(format_args!("cannot be used: {error}"), "")).ok()?;
        }
        Some(roots)
    }
}

/// Certificates of authorities, in one file.
#[derive(Clone)]
pub struct Authorities {
    pub path: PathBuf,
    digest: [u8; 32],
    pub roots: Arc<RootCertStore>,
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.digest) == (&other.path, other.digest)
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

pub(super) fn authorities(field: Field<'_>, sources: &Sources<'_>) -> Option<Authorities> {
    let file = File::read(field, sources)?;
    let roots = Arc::new(file.roots()?);
    Some(Authorities { digest: Sha256::digest(&file.bytes).into(), path: file.path, roots })
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    // Reading a pipe or a device could block or never end.
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let mut bytes = vec![];
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it is larger than 1MiB"));
    }
    Ok(bytes)
}

fn server(cert: &File<'_>, key: &File<'_>, client_ca: Option<&File<'_>>) -> Option<(Arc<ServerConfig>, Validity)> {
    let chain = cert.certificates();
    let validity = chain.as_ref().and_then(|chain| validity(cert, chain));
    let private = PrivateKeyDer::from_pem_slice(&key.bytes)
        .map_err(|error| key.problem(format_args!("has no private key: {error}"), "it must be PEM and not encrypted"));
    let provider = Arc::new(ring::default_provider());
    let verifier = match client_ca {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(file) => clients(file, &provider)?,
    };
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| cert.problem(format_args!("cannot be used: {error}"), "")).ok()?;
    let made = builder.with_client_cert_verifier(verifier).with_single_cert(chain?, private.ok()?);
    let mut made = made
        .map_err(|error| cert.problem(format_args!("cannot be used with {}: {error}", key.path.display()), ""))
        .ok()?;
    made.alpn_protocols = vec![b"http/1.1".to_vec()];
    Some((Arc::new(made), validity?))
}

/// When the first certificate of a chain is valid.
fn validity(file: &File<'_>, chain: &[CertificateDer<'_>]) -> Option<Validity> {
    let (_, certificate) = parse_x509_certificate(chain.first()?)
        .map_err(|error| file.problem(format_args!("has a certificate that cannot be read: {error}"), ""))
        .ok()?;
    let Period { not_before, not_after } = certificate.validity();
    Some(Validity::from_seconds(not_before.timestamp(), not_after.timestamp()))
}

/// Requires a client certificate signed by one of these authorities.
fn clients(
    file: &File<'_>,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<dyn rustls::server::danger::ClientCertVerifier>> {
    let roots = Arc::new(file.roots()?);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(provider)).build();
    verifier.map_err(|error| file.problem(format_args!("cannot be used: {error}"), "")).ok()
}
