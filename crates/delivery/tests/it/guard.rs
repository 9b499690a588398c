use delivery::OutboundPolicy;
use storage::ExportChange;

use crate::bench::Bench;

#[tokio::test]
async fn a_blocked_address_is_not_contacted_though_it_stands_in_the_settings() {
    let mut bench = Bench::new().await;
    bench.settings.policy = OutboundPolicy::default();
    bench.start();
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    let destination = bench.destination().await;
    assert!(destination.last_error.unwrap().contains("outbound_allow"));
    assert_eq!(destination.failures, 1);
    let port = bench.receiver.address().port();
    let by_name = Some(Some(format!("http://localhost:{port}/")));
    bench
        .save(ExportChange {
            url: by_name,
            ..ExportChange::default()
        })
        .await;
    bench.settled(2).await;
    assert!(bench.receiver.requests().is_empty());
}
