//! The whole way over TLS: the worker, what it keeps of it, and what people are told.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use domain::{ClientIdentity, RequestSpec, Secret, TlsSpec};
use storage::{AttemptFilter, DestinationChange, ExportChange};

use crate::{
    bench::Bench,
    tunnel::{self, Authority, Identity, Tunnel},
};

/// The bench's receiver behind TLS, at its destination's URL.
async fn behind_tls(bench: &Bench, server: &Identity, clients: Option<&Authority>) -> Tunnel {
    let tunnel = tunnel::tls(bench.receiver.address(), server, clients).await;
    bench
        .save(ExportChange {
            url: Some(Some(format!("https://{}/punches", tunnel.address))),
            ..ExportChange::default()
        })
        .await;
    tunnel
}

async fn set(bench: &Bench, authority: &Authority, client: Option<&Identity>) {
    let spec = RequestSpec {
        tls: TlsSpec {
            ca_pem: Some(authority.pem()),
            client: client.map(|identity| ClientIdentity {
                certificate_pem: identity.certificate.clone(),
                key_pem: Secret::new(identity.key.clone()),
            }),
        },
        ..RequestSpec::default()
    };
    let change = DestinationChange {
        spec: Some(spec),
        ..DestinationChange::default()
    };
    let id = bench.destination().await.id;
    bench
        .store
        .update_destination(id, change, bench.now())
        .await
        .unwrap();
    bench.wake();
}

/// The class of the last attempt, and what was said against the receiver.
async fn last(bench: &Bench) -> (String, String) {
    let destination = bench.destination().await;
    let attempts = bench
        .store
        .attempts(destination.id, &AttemptFilter::All, None, 1)
        .await
        .unwrap();
    (
        attempts[0].class.clone(),
        destination.last_error.unwrap_or_default(),
    )
}

#[tokio::test]
async fn punches_arrive_over_tls_of_an_own_authority_once_it_is_the_right_one() {
    let mut bench = Bench::new().await;
    let (company, other) = (Authority::new("Company CA"), Authority::new("Other CA"));
    let server = company.issue("127.0.0.1");
    let _tunnel = behind_tls(&bench, &server, None).await;
    set(&bench, &other, None).await;
    bench.punch(&["1", "2"]).await;
    bench.start();
    bench
        .until("a failure", |destination, _| destination.failures == 1)
        .await;
    let (class, error) = last(&bench).await;
    assert_eq!(class, "not_reached");
    assert!(
        error.contains("not from an authority that is trusted here; add the certificate of its CA"),
        "{error}"
    );
    let counts = bench.counts().await;
    assert_eq!((counts.parked, counts.waiting + counts.batched), (0, 2));
    assert!(bench.receiver.requests().is_empty());
    set(&bench, &company, None).await;
    bench
        .until("both to be delivered", |_, counts| counts.delivered == 2)
        .await;
    assert_eq!(last(&bench).await.0, "delivered");
    assert_eq!(bench.receiver.requests()[0].pins(), ["1", "2"]);
}

#[tokio::test]
async fn punches_arrive_where_a_client_certificate_is_asked_for() {
    let mut bench = Bench::new().await;
    let (company, clients) = (Authority::new("Company CA"), Authority::new("Clients CA"));
    let server = company.issue("127.0.0.1");
    let _tunnel = behind_tls(&bench, &server, Some(&clients)).await;
    set(&bench, &company, None).await;
    bench.punch(&["1"]).await;
    bench.start();
    bench
        .until("a failure", |destination, _| destination.failures == 1)
        .await;
    let (_, error) = last(&bench).await;
    assert!(
        error.contains("wants a client certificate; add one"),
        "{error}"
    );
    set(&bench, &company, Some(&clients.issue("attendance"))).await;
    bench
        .until("it to be delivered", |_, counts| counts.delivered == 1)
        .await;
    assert_eq!(bench.receiver.requests().len(), 1);
}
