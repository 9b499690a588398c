//! Terminals on a network that is this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::{io::AsyncWriteExt as _, net::TcpListener};
use zk_doctor::{Found, KeyState, Ranges, ScanOptions, scan};
use zk_terminal::{Contents, Handle, LocalClock, TerminalConfig, VirtualTerminal};
use zk_wire::CommKey;

use crate::patient::{NOBODYS_PORT, now};

/// A terminal at another loopback address, at the same port as the first.
async fn at(last: u8, port: u16, config: TerminalConfig) -> Handle {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), port);
    VirtualTerminal::start(
        address,
        config,
        Contents::generate(3, 10, 7, now()),
        LocalClock::stopped_at(now()),
    )
    .await
    .unwrap()
}

async fn found(ranges: &str, options: ScanOptions) -> (Vec<Found>, u64) {
    let ranges: Ranges = ranges.parse().unwrap();
    let (mut all, mut looked) = (Vec::new(), 0);
    scan(
        &ranges,
        options,
        |found| all.push(found),
        |done| looked = done,
    )
    .await;
    all.sort_by_key(|found| found.address);
    (all, looked)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_terminal_of_a_network_is_found_once_and_left_in_peace() {
    let open = at(11, 0, TerminalConfig::default()).await;
    let port = open.address().port();
    let locked = at(
        13,
        port,
        TerminalConfig {
            serial: "LOCKED".to_owned(),
            comm_key: Some(CommKey::new(5)),
            ..TerminalConfig::default()
        },
    )
    .await;
    let options = ScanOptions {
        port,
        per_second: 1_000,
        ..ScanOptions::default()
    };
    let (all, visited) = found("127.0.0.8/29, 127.0.0.11-13", options).await;
    assert_eq!(visited, 6);
    let keys: Vec<_> = all
        .iter()
        .map(|found| (found.address.octets()[3], found.key))
        .collect();
    assert_eq!(keys, [(11, KeyState::NotNeeded), (13, KeyState::Needed)]);
    assert_eq!(all[0].device.serial, Some(open.serial()));
    assert_eq!(all[1].device.serial, None);
    let did = open.activity();
    assert_eq!(
        (did.connections, did.sessions, did.exits, did.record_reads),
        (1, 1, 1, 0)
    );

    let with_key = ScanOptions {
        key: Some(CommKey::new(5)),
        ..options
    };
    let (all, _) = found("127.0.0.13", with_key).await;
    assert_eq!(all[0].key, KeyState::Taken);
    assert_eq!(all[0].device.serial, Some(locked.serial()));
}

#[tokio::test]
async fn one_that_is_busy_and_one_that_is_no_terminal_are_told_as_such() {
    let busy = at(
        1,
        0,
        TerminalConfig {
            max_connections: 0,
            ..TerminalConfig::default()
        },
    )
    .await;
    let options = ScanOptions {
        port: busy.address().port(),
        ..ScanOptions::default()
    };
    let (all, _) = found("127.0.0.1", options).await;
    assert_eq!((all.len(), all[0].key), (1, KeyState::Unknown));
    assert!(all[0].remark.as_ref().unwrap().contains("busy"));
    busy.stop().await;

    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = ScanOptions {
        port: web.local_addr().unwrap().port(),
        ..ScanOptions::default()
    };
    let answering = async {
        loop {
            let (mut stream, _) = web.accept().await.unwrap();
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
        }
    };
    let (all, _) = tokio::select! {
        found = found("127.0.0.1", options) => found,
        () = answering => unreachable!("it answers for ever"),
    };
    assert!(
        all[0].remark.as_ref().unwrap().contains("web server"),
        "{all:?}"
    );
}

#[tokio::test]
async fn a_network_of_nobody_has_nobody() {
    let options = ScanOptions {
        port: NOBODYS_PORT,
        ..ScanOptions::default()
    };
    let (all, visited) = found("127.0.0.1", options).await;
    assert_eq!((all, visited), (Vec::new(), 1));
}

#[test]
fn ranges_are_written_as_people_write_them() {
    let addresses = |text: &str| {
        let ranges: Ranges = text.parse().unwrap();
        ranges
            .iter()
            .map(|address| address.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(addresses("10.0.0.5"), ["10.0.0.5"]);
    assert_eq!(addresses("10.0.0.0/30"), ["10.0.0.1", "10.0.0.2"]);
    assert_eq!(addresses("10.0.0.9/32"), ["10.0.0.9"]);
    assert_eq!(
        addresses("10.0.0.8-10"),
        ["10.0.0.8", "10.0.0.9", "10.0.0.10"]
    );
    assert_eq!(addresses("10.0.0.255-10.0.1.0"), ["10.0.0.255", "10.0.1.0"]);
    assert_eq!(addresses("10.0.0.2, 10.0.0.1-2"), ["10.0.0.1", "10.0.0.2"]);
    assert_eq!("10.0.0.0/24".parse::<Ranges>().unwrap().len(), 254);
}

#[test]
fn ranges_that_are_none_too_large_or_somebody_elses_are_refused() {
    for wrong in [
        "",
        "10.0.0",
        "10.0.0.0/33",
        "host",
        "10.0.0.9-8",
        "10.0.0.1-x",
        "::1",
    ] {
        assert!(wrong.parse::<Ranges>().is_err(), "{wrong}");
    }
    let check = |text: &str| text.parse::<Ranges>().unwrap().check();
    assert!(check("192.168.0.0/20").is_ok());
    assert!(check("100.64.3.0/24").is_ok());
    let large = check("10.0.0.0/19").unwrap_err().to_string();
    assert!(
        large.contains("8190") && large.contains("--force"),
        "{large}"
    );
    let public = check("192.168.1.1, 8.8.8.8").unwrap_err().to_string();
    assert!(
        public.contains("8.8.8.8") && public.contains("--force"),
        "{public}"
    );
}
