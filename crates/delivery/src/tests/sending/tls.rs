use domain::{ClientIdentity, RequestSpec, Secret, TlsSpec};
use test_kit::Receiver;

use super::{
    here, reason, send, sender,
    tunnel::{self, Authority, Identity},
};
use crate::outcome::Attempt;

fn trusting(authority: Option<&Authority>, client: Option<&Identity>) -> RequestSpec {
    RequestSpec {
        tls: TlsSpec {
            ca_pem: authority.map(Authority::pem),
            client: client.map(|identity| ClientIdentity {
                certificate_pem: identity.certificate.clone(),
                key_pem: Secret::new(identity.key.clone()),
            }),
        },
        ..here()
    }
}

#[tokio::test]
async fn a_receiver_of_a_companys_own_authority_is_reached_once_that_is_trusted() {
    let receiver = Receiver::start().await;
    let authority = Authority::new("Company CA");
    let tunnel = tunnel::tls(receiver.address(), &authority.issue("127.0.0.1"), None).await;
    let url = format!("https://{}/punches", tunnel.address);
    let sender = sender();
    let attempt = send(&sender, &trusting(Some(&authority), None), &url).await;
    assert!(matches!(attempt, Attempt::Answered(answer) if answer.status == 200));
    assert_eq!(receiver.requests()[0].records()[0]["employee_id"], "007");
    let attempt = send(&sender, &trusting(None, None), &url).await;
    assert!(matches!(attempt, Attempt::NotSent(_)), "{attempt:?}");
    let said = reason(&attempt);
    assert!(
        said.contains("not from an authority that is trusted here; add"),
        "{said}"
    );
    let other = Authority::new("Other CA");
    let attempt = send(&sender, &trusting(Some(&other), None), &url).await;
    let said = reason(&attempt);
    assert!(
        said.contains("not from an authority that is trusted here; add"),
        "{said}"
    );
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_told_so() {
    let receiver = Receiver::start().await;
    let authority = Authority::new("Company CA");
    let tunnel = tunnel::tls(receiver.address(), &authority.issue("hr.example.com"), None).await;
    let url = format!("https://{}/", tunnel.address);
    let attempt = send(&sender(), &trusting(Some(&authority), None), &url).await;
    let said = reason(&attempt);
    assert!(said.contains("for another name"), "{said}");
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn a_receiver_that_wants_a_client_certificate_gets_it() {
    let receiver = Receiver::start().await;
    let authority = Authority::new("Company CA");
    let clients = Authority::new("Clients CA");
    let server = authority.issue("127.0.0.1");
    let tunnel = tunnel::tls(receiver.address(), &server, Some(&clients)).await;
    let url = format!("https://{}/punches", tunnel.address);
    let sender = sender();
    let ours = clients.issue("attendance");
    let attempt = send(&sender, &trusting(Some(&authority), Some(&ours)), &url).await;
    assert!(
        matches!(&attempt, Attempt::Answered(answer) if answer.status == 200),
        "{attempt:?}"
    );
    let attempt = send(&sender, &trusting(Some(&authority), None), &url).await;
    let said = reason(&attempt);
    assert!(
        said.contains("wants a client certificate; add one"),
        "{said}"
    );
    let strangers = authority.issue("attendance");
    let attempt = send(&sender, &trusting(Some(&authority), Some(&strangers)), &url).await;
    let said = reason(&attempt);
    assert!(
        said.contains("does not accept our client certificate"),
        "{said}"
    );
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn https_to_a_receiver_that_speaks_http_says_so() {
    let receiver = Receiver::start().await;
    let polite = tunnel::not_tls().await;
    for address in [receiver.address(), polite.address] {
        let url = format!("https://{address}/");
        let attempt = send(&sender(), &here(), &url).await;
        let said = reason(&attempt);
        assert!(said.contains("does the URL begin with https:"), "{said}");
    }
}

#[tokio::test]
async fn an_encrypted_key_is_told_so_and_how_to_decrypt_it() {
    let authority = Authority::new("Company CA");
    let ours = authority.issue("attendance");
    // Written in pieces: they are no keys, and must not look like some.
    let pem = |label: &str, body: &str| {
        format!("-----BEGIN {label} KEY-----\n{body}\n-----END {label} KEY-----\n")
    };
    let keys = [
        pem("ENCRYPTED PRIVATE", "MIGb"),
        pem(
            "RSA PRIVATE",
            "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMIGb",
        ),
    ];
    for key in keys {
        let locked = Identity {
            certificate: ours.certificate.clone(),
            key,
        };
        let attempt = send(
            &sender(),
            &trusting(None, Some(&locked)),
            "https://127.0.0.1:1/",
        )
        .await;
        let said = reason(&attempt);
        assert!(
            said.contains("it is encrypted") && said.contains("openssl pkey -in key.pem"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn settings_that_cannot_work_stop_before_anything_is_sent() {
    let receiver = Receiver::start().await;
    let authority = Authority::new("Company CA");
    let (one, other) = (authority.issue("a"), authority.issue("b"));
    let mixed = Identity {
        certificate: one.certificate,
        key: other.key.clone(),
    };
    for spec in [
        trusting(Some(&authority), Some(&mixed)),
        trusting(
            None,
            Some(&Identity {
                certificate: other.certificate,
                key: "nonsense".to_owned(),
            }),
        ),
    ] {
        let attempt = send(&sender(), &spec, &receiver.url()).await;
        assert!(matches!(attempt, Attempt::Barred(_)), "{attempt:?}");
        assert!(reason(&attempt).contains("client"), "{attempt:?}");
    }
    assert!(receiver.requests().is_empty());
}
