use domain::{Proxy, RequestSpec, Secret, TlsSpec};
use test_kit::Receiver;

use super::{
    here, reason, send, sender,
    tunnel::{self, Authority},
};
use crate::outcome::Attempt;

fn through(url: String) -> RequestSpec {
    RequestSpec {
        proxy: Some(Proxy {
            url,
            username: Some("me".to_owned()),
            password: Some(Secret::new("hidden".to_owned())),
        }),
        ..here()
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_receiver_and_told_who_we_are() {
    let receiver = Receiver::start().await;
    let proxy = tunnel::proxy(receiver.address()).await;
    let spec = through(format!("http://{}", proxy.address));
    let attempt = send(&sender(), &spec, "http://hr.example.invalid/punches").await;
    assert!(
        matches!(&attempt, Attempt::Answered(answer) if answer.status == 200),
        "{attempt:?}"
    );
    let asked = proxy.asked.lock().unwrap().clone();
    assert_eq!(asked[0], "POST http://hr.example.invalid/punches HTTP/1.1");
    assert!(
        asked
            .iter()
            .any(|line| line.eq_ignore_ascii_case("proxy-authorization: Basic bWU6aGlkZGVu")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn https_goes_through_a_proxy_unread() {
    let receiver = Receiver::start().await;
    let authority = Authority::new("Company CA");
    let server = authority.issue("hr.example.invalid");
    let tls = tunnel::tls(receiver.address(), &server, None).await;
    let proxy = tunnel::proxy(tls.address).await;
    let spec = RequestSpec {
        tls: TlsSpec {
            ca_pem: Some(authority.pem()),
            client: None,
        },
        ..through(format!("http://{}", proxy.address))
    };
    let attempt = send(&sender(), &spec, "https://hr.example.invalid/punches").await;
    assert!(
        matches!(&attempt, Attempt::Answered(answer) if answer.status == 200),
        "{attempt:?}"
    );
    let asked = proxy.asked.lock().unwrap().clone();
    assert_eq!(asked[0], "CONNECT hr.example.invalid:443 HTTP/1.1");
    assert_eq!(receiver.requests()[0].target, "/punches");
    assert_eq!(receiver.requests()[0].header("proxy-authorization"), None);
}

#[tokio::test]
async fn the_guard_holds_for_the_proxy_and_for_what_is_behind_it() {
    let receiver = Receiver::start().await;
    let proxy = tunnel::proxy(receiver.address()).await;
    let url = format!("http://{}", proxy.address);
    let closed = RequestSpec {
        allow_loopback: false,
        ..through(url.clone())
    };
    let attempt = send(&sender(), &closed, "http://hr.example.invalid/").await;
    assert!(
        reason(&attempt).contains("the proxy leads to 127.0.0.1"),
        "{attempt:?}"
    );
    for target in [
        "http://169.254.169.254/latest/meta-data/",
        "http://metadata.google.internal/",
        "http://169.254.1.1/",
    ] {
        let attempt = send(&sender(), &through(url.clone()), target).await;
        assert!(
            matches!(attempt, Attempt::NotSent(_)),
            "{target}: {attempt:?}"
        );
    }
    assert!(proxy.asked.lock().unwrap().is_empty());
    assert!(receiver.requests().is_empty());
}
