//! What stands before a receiver in these tests: TLS, or a proxy.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

/// An authority of our own.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// A certificate and its key, as PEM.
pub(super) struct Identity {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    pub(super) fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub(super) fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A listener on a free port, until it is dropped.
pub(super) struct Tunnel {
    pub(super) address: SocketAddr,
    /// What a proxy was asked for, line by line.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// TLS before `receiver`; with `clients`, only for those that have its certificate.
pub(super) async fn tls(
    receiver: SocketAddr,
    server: &Identity,
    clients: Option<&Authority>,
) -> Tunnel {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.certificate.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = rustls::pki_types::CertificateDer::pem_slice_iter(server.certificate.as_bytes())
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(server.key.as_bytes()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    listen(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let mut outside = match acceptor.accept(stream).into_fallible().await {
                Ok(outside) => outside,
                Err((_, mut refused)) => {
                    // Closing with something unread would take the alert away from the client.
                    let _ = refused.shutdown().await;
                    let _ = tokio::io::copy(&mut refused, &mut tokio::io::sink()).await;
                    return;
                }
            };
            let mut inside = TcpStream::connect(receiver).await.unwrap();
            let _ = copy_bidirectional(&mut outside, &mut inside).await;
        }
    })
    .await
}

/// A proxy that leads everything to `to`, whatever it is asked for.
pub(super) async fn proxy(to: SocketAddr) -> Tunnel {
    listen(move |stream, asked| async move {
        let mut outside = BufReader::new(stream);
        let mut inside = TcpStream::connect(to).await.unwrap();
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            outside.read_line(&mut line).await.unwrap();
            let is_end = line.trim().is_empty();
            head.push(line);
            if is_end {
                break;
            }
        }
        asked
            .lock()
            .unwrap()
            .extend(head.iter().map(|line| line.trim().to_owned()));
        if head[0].starts_with("CONNECT ") {
            let yes = b"HTTP/1.1 200 Connection established\r\n\r\n";
            outside.write_all(yes).await.unwrap();
        } else {
            inside.write_all(head.concat().as_bytes()).await.unwrap();
        }
        let _ = copy_bidirectional(&mut outside, &mut inside).await;
    })
    .await
}

/// Answers everything as servers do that speak HTTP only.
pub(super) async fn not_tls() -> Tunnel {
    listen(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.shutdown().await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    })
    .await
}

async fn listen<F, T>(converse: F) -> Tunnel
where
    F: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(converse(stream, Arc::clone(&noted)));
        }
    });
    Tunnel {
        address,
        asked,
        task: task.abort_handle(),
    }
}
