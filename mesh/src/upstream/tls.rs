//! How TLS connections are secured: with any certificate, with the system's roots, or as an `HTTPEndpoint` says.

use std::io;
use std::sync::{Arc, LazyLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// What a client shows and trusts, as PEM.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct ClientTls {
    /// The roots to trust in place of the system's.
    pub(crate) root_ca: Option<String>,
    /// The client's own certificate, with those that vouch for it.
    pub(crate) certificate: Option<String>,
    /// The certificate's private key.
    pub(crate) private_key: Option<String>,
}

/// Written by hand: a private key is nobody's business.
impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientTls")
            .field("root_ca", &self.root_ca.is_some())
            .field("certificate", &self.certificate.is_some())
            .field("private_key", &self.private_key.is_some())
            .finish()
    }
}

/// Why what a client shows or trusts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is no certificate in the roots.
    #[error("clientTLS.rootCA holds no certificate; it must be PEM text, from -----BEGIN CERTIFICATE----- on")]
    NoRoot,
    /// A private key without its certificate.
    #[error("clientTLS.privateKey needs clientTLS.certificate, as PEM text")]
    NoCertificate,
    /// The private key cannot be read.
    #[error("clientTLS.privateKey cannot be read: {0}; it must be PEM text, from -----BEGIN PRIVATE KEY----- on")]
    Key(rustls::pki_types::pem::Error),
    /// Certificate and key do not go together.
    #[error("clientTLS.certificate and clientTLS.privateKey cannot be used: {0}")]
    Pair(Error),
    /// The roots cannot be used.
    #[error("clientTLS.rootCA cannot be used: {0}")]
    Roots(String),
}

/// Any certificate is accepted.
pub(super) static ANY_CERTIFICATE: LazyLock<ClientConfig> = LazyLock::new(|| {
    let verifier = Arc::new(AcceptAny(ring::default_provider()));
    config(|builder| builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
});

/// Verified with the system's roots.
pub(super) static VERIFIED: LazyLock<ClientConfig> =
    LazyLock::new(|| config(|builder| builder.with_root_certificates(system_roots()).with_no_client_auth()));

/// The roots that the system trusts. Without any every certificate is refused, and the error says so.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn config<T>(finish: impl FnOnce(Builder) -> T) -> T {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    // The provider has suites for the versions that it names as its defaults.
    builder.map_or_else(|error| unreachable!("the TLS provider contradicts itself: {error}"), finish)
}

impl ClientTls {
    /// The client that shows and trusts this (`HTTPEndpoint`, clientTLS).
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        let own = self.own_certificate()?;
        let config = config(|builder| {
            let builder = match &self.root_ca {
                Some(pem) => builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustedRoots::read(pem)?)),
                None => builder.with_root_certificates(system_roots()),
            };
            match own {
                Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(TlsError::Pair),
                None => Ok(builder.with_no_client_auth()),
            }
        });
        config.map(Arc::new)
    }

    fn own_certificate(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, TlsError> {
        let Some(key) = &self.private_key else { return Ok(None) };
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(TlsError::Key)?;
        let chain = certificates(self.certificate.as_deref().unwrap_or_default());
        if chain.is_empty() { Err(TlsError::NoCertificate) } else { Ok(Some((chain, key))) }
    }
}

/// The certificates of a PEM text. As in Go, what cannot be read is passed over.
fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok).collect()
}

/// Verifies with the roots of an `HTTPEndpoint`. As in Go, and other than in webpki, a server may show a root itself:
/// that is how a certificate is used that somebody has signed himself.
#[derive(Debug)]
struct TrustedRoots {
    roots: Vec<CertificateDer<'static>>,
    by_chain: Arc<WebPkiServerVerifier>,
}

impl TrustedRoots {
    fn read(pem: &str) -> Result<Self, TlsError> {
        let roots = certificates(pem);
        let mut store = RootCertStore::empty();
        if store.add_parsable_certificates(roots.iter().cloned()).0 == 0 {
            return Err(TlsError::NoRoot);
        }
        let provider = Arc::new(ring::default_provider());
        let by_chain = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider).build();
        Ok(Self { roots, by_chain: by_chain.map_err(|error| TlsError::Roots(error.to_string()))? })
    }
}

/// Whether a certificate was refused for being one that signs others. Its dates have been found good by then.
fn signs_others(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(other)) if other.0.to_string().contains("CaUsedAsEndEntity"))
}

impl ServerCertVerifier for TrustedRoots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.by_chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(error) if signs_others(&error) && self.roots.contains(end_entity) => {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_chain.supported_verify_schemes()
    }
}

/// Accepts every certificate, as Dapr does with an app that speaks `https`: it is the developer's own.
#[derive(Debug)]
struct AcceptAny(CryptoProvider);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether what came from the port is no TLS at all.
pub(super) fn is_no_tls(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    matches!(cause, Some(Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)))
}

/// Words a handshake that failed as Go does where it has a word for it.
pub(super) fn words(error: &io::Error) -> String {
    if is_no_tls(error) {
        return "tls: first record does not look like a TLS handshake".to_owned();
    }
    if error.kind() == io::ErrorKind::TimedOut {
        return "net/http: TLS handshake timeout".to_owned();
    }
    let certificate = match error.get_ref().and_then(|error| error.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(certificate)) => certificate,
        Some(other) => return format!("tls: {other}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => return "EOF".to_owned(),
        None => return error.to_string(),
    };
    let why = match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "certificate signed by unknown authority".to_owned()
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => "certificate has expired or is not yet valid".to_owned(),
        other => other.to_string(),
    };
    format!("tls: failed to verify certificate: x509: {why}")
}
