//! TLS with ring: who is trusted, who we say we are, and what went wrong in plain words.

use std::{error::Error, io, sync::Arc};

use domain::TlsSpec;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// Most certificates in one setting.
const MOST_CERTIFICATES: usize = 500;

/// Why a destination's TLS settings do not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    #[error("{setting} holds no certificate; it begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate { setting: &'static str },
    #[error("{setting} holds a certificate that cannot be read ({reason}); copy the whole file")]
    Certificate {
        setting: &'static str,
        reason: String,
    },
    #[error(
        "the client's key cannot be read ({reason}); give it as PEM and without a password: openssl pkey -in key.pem"
    )]
    Key { reason: String },
    #[error("the client's certificate and key do not belong together ({reason})")]
    Mismatch { reason: String },
    #[error("TLS cannot be set up ({reason})")]
    SetUp { reason: String },
}

/// The system's authorities, or Mozilla's where the system has none.
pub(crate) fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

pub(crate) fn config(roots: &Arc<RootCertStore>, spec: &TlsSpec) -> Result<ClientConfig, TlsError> {
    let mut roots = Arc::clone(roots);
    if let Some(pem) = &spec.ca_pem {
        let setting = "the CA";
        let more = Arc::make_mut(&mut roots);
        for certificate in certificates(setting, pem)? {
            more.add(certificate)
                .map_err(|error| TlsError::Certificate {
                    setting,
                    reason: error.to_string(),
                })?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::SetUp {
            reason: error.to_string(),
        })?
        .with_root_certificates(roots);
    let Some(client) = &spec.client else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("the client's certificate", &client.certificate_pem)?;
    let key = PrivateKeyDer::from_pem_slice(client.key_pem.expose().as_bytes()).map_err(
        // The error's own text may repeat a line of the key.
        |error| TlsError::Key {
            reason: match error {
                _ if client.key_pem.expose().contains("ENCRYPTED") => "it is encrypted",
                rustls::pki_types::pem::Error::NoItemsFound => "it holds no private key",
                _ => "it is no PEM",
            }
            .to_owned(),
        },
    )?;
    builder
        .with_client_auth_cert(chain, key)
        .map_err(|error| TlsError::Mismatch {
            reason: error.to_string(),
        })
}

fn certificates(
    setting: &'static str,
    pem: &str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .take(MOST_CERTIFICATES)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Certificate {
            setting,
            reason: error.to_string(),
        })?;
    if found.is_empty() {
        return Err(TlsError::NoCertificate { setting });
    }
    Ok(found)
}

/// What a person can do about a failed handshake; `None` where TLS is not the cause.
pub(crate) fn explain(error: &(dyn Error + 'static)) -> Option<String> {
    search(error, &|cause| cause.downcast_ref().map(advice))
}

/// The same for a connection that ended before TLS had begun.
pub(crate) fn explain_end(error: &(dyn Error + 'static)) -> Option<&'static str> {
    search(error, &|cause| {
        let kind = cause.downcast_ref().map(io::Error::kind);
        (kind == Some(io::ErrorKind::UnexpectedEof)).then_some(
            "the receiver closed the connection instead of answering in TLS; does the URL begin with https: where it should be http:?",
        )
    })
}

/// Looks through the causes; errors of I/O hide what they hold from `source`.
fn search<T>(
    error: &(dyn Error + 'static),
    pick: &dyn Fn(&(dyn Error + 'static)) -> Option<T>,
) -> Option<T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = pick(cause) {
            return Some(found);
        }
        let hidden = cause.downcast_ref().and_then(io::Error::get_ref);
        if let Some(found) = hidden.and_then(|hidden| search(hidden, pick)) {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

fn advice(cause: &rustls::Error) -> String {
    match cause {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::UnknownIssuer => {
                "the receiver's certificate is not from an authority that is trusted here; add the certificate of its CA (PEM) to the destination".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("the receiver's certificate is for another name ({cause}); use the name in it in the URL, or let it be issued for this one")
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                format!("the receiver's certificate has expired ({cause}); it must be renewed there; look at this machine's clock too")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                format!("the receiver's certificate is not valid yet ({cause}); look at the clocks of both machines")
            }
            _ => format!("the receiver's certificate cannot be trusted ({cause}); it must be issued anew there"),
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the receiver wants a client certificate; add one, with its key, to the destination".to_owned()
        }
        rustls::Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied,
        ) => format!("the receiver does not accept our client certificate ({cause}); ask its administrator for one that it trusts"),
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion) => {
            format!("the receiver shares no version of TLS with us, or wants a client certificate ({cause}); it must speak TLS 1.2 or 1.3")
        }
        rustls::Error::InvalidMessage(_) => {
            format!("the receiver does not answer in TLS ({cause}); does the URL begin with https: where it should be http:?")
        }
        other => format!("TLS failed: {other}"),
    }
}
