use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;
use proptest::prelude::*;
use reqwest::dns::{Name, Resolve as _};
use rstest::rstest;

use crate::{
    GuardError, OutboundPolicy,
    client::{OutboundClient, blocked},
    guard::{GuardedResolver, Objection},
};

fn policy(allow: &[&str]) -> OutboundPolicy {
    OutboundPolicy {
        allow: allow
            .iter()
            .map(|net| IpNet::from_str(net).unwrap())
            .collect(),
    }
}

#[rstest]
#[case::loopback("http://127.0.0.1/")]
#[case::anywhere_in_loopback("http://127.8.9.10:5000/x")]
#[case::loopback_as_one_number("http://2130706433/")]
#[case::loopback_in_hexadecimal("http://0x7f000001/")]
#[case::loopback_in_octal("http://0177.0.0.1/")]
#[case::loopback_with_parts_left_out("http://127.1/")]
#[case::loopback_v6("http://[::1]/")]
#[case::loopback_mapped("http://[::ffff:127.0.0.1]/")]
#[case::loopback_mapped_in_hexadecimal("http://[::ffff:7f00:1]/")]
#[case::loopback_compatible("http://[::127.0.0.1]/")]
#[case::loopback_translated("http://[64:ff9b::127.0.0.1]/")]
#[case::loopback_by_name("http://localhost/")]
#[case::loopback_by_name_with_a_dot("http://LOCALHOST./")]
#[case::loopback_by_subdomain("http://x.localhost/")]
#[case::nowhere("http://0.0.0.0/")]
#[case::zero("http://0/")]
#[case::nowhere_v6("http://[::]/")]
#[case::link_local("http://169.254.1.1/")]
#[case::link_local_v6("http://[fe80::1]/")]
#[case::loopback_in_wide_digits("http://１２７.０.０.１/")]
#[case::loopback_in_escapes("http://%31%32%37.0.0.1/")]
#[case::loopback_with_a_dot_at_its_end("http://127.0.0.1./")]
#[case::loopback_in_mixed_forms("http://0x7f.0.0.01/")]
#[case::loopback_through_6to4("http://[2002:7f00:1::]/")]
#[case::link_local_as_one_number("http://2851995905/")]
#[case::multicast("http://224.0.0.1/")]
#[case::broadcast("http://255.255.255.255/")]
fn an_address_that_only_this_machine_sees_is_blocked(#[case] url: &str) {
    let refused = policy(&[]).check_url("export_url", url);
    assert!(
        matches!(refused, Err(GuardError::Blocked { .. })),
        "{refused:?}"
    );
}

#[rstest]
#[case("http://169.254.169.254/latest/meta-data/")]
#[case("http://[fd00:ec2::254]/")]
#[case("http://[::ffff:a9fe:a9fe]/")]
#[case("http://2852039166/")]
#[case("http://0xa9fea9fe/")]
#[case("http://0251.0376.0251.0376/")]
#[case("http://[64:ff9b::169.254.169.254]/")]
#[case("http://169.254.170.2/v2/credentials")]
#[case("http://100.100.100.200/")]
#[case("http://192.0.0.192/")]
#[case("http://168.63.129.16/")]
#[case("http://[fd20:ce::254]/")]
#[case("http://metadata.google.internal/computeMetadata/v1/")]
#[case("http://METADATA.google.internal./")]
fn the_metadata_of_a_cloud_is_never_allowed(#[case] url: &str) {
    let open = policy(&["0.0.0.0/0", "::/0", "169.254.169.254/32"]).with_choices(true, true);
    for policy in [policy(&[]), open] {
        let refused = policy.check_url("export_url", url);
        assert!(
            matches!(refused, Err(GuardError::Metadata { .. })),
            "{refused:?}"
        );
    }
}

#[rstest]
#[case("http://[fe80::1%25eth0]/")]
#[case("http://[fe80::1%eth0]/")]
#[case("http://1.2.3.4.5/")]
#[case("http://256.0.0.1/")]
#[case("http://")]
#[case("http://127.0.0.1:99999/")]
fn what_is_no_address_at_all_is_refused(#[case] url: &str) {
    policy(&["0.0.0.0/0", "::/0"])
        .check_url("export_url", url)
        .unwrap_err();
}

#[test]
fn a_choice_for_one_destination_opens_what_it_says_and_nothing_else() {
    let loopback = policy(&[]).with_choices(true, false);
    let link_local = policy(&[]).with_choices(false, true);
    for url in ["http://127.0.0.1/", "http://[::1]/", "http://localhost/"] {
        loopback.check_url("export_url", url).unwrap();
        link_local.check_url("export_url", url).unwrap_err();
    }
    for url in ["http://169.254.9.9/", "http://[fe80::9]/"] {
        link_local.check_url("export_url", url).unwrap();
        loopback.check_url("export_url", url).unwrap_err();
    }
    for url in ["http://0.0.0.0/", "http://224.0.0.1/"] {
        policy(&[])
            .with_choices(true, true)
            .check_url("export_url", url)
            .unwrap_err();
    }
}

#[tokio::test]
async fn a_name_that_a_proxy_would_resolve_is_looked_up_before() {
    let url = |text: &str| text.parse().unwrap();
    let blocked = policy(&[])
        .check_behind_proxy("export_url", &url("http://localhost/"))
        .await;
    assert!(matches!(blocked, Err(GuardError::Blocked { .. })));
    policy(&[])
        .check_behind_proxy("export_url", &url("http://no-such-name.invalid/"))
        .await
        .unwrap();
}

#[rstest]
#[case("http://192.168.1.20:8080/punches")]
#[case("http://10.0.0.1/")]
#[case("https://hr.example.com/api/punches?site=1")]
#[case("http://[fd12:3456::1]/")]
#[case("http://receiver.local/")]
fn a_receiver_in_the_network_or_outside_is_allowed(#[case] url: &str) {
    policy(&[]).check_url("export_url", url).unwrap();
}

#[test]
fn a_name_and_password_in_a_url_are_refused_without_being_repeated() {
    let error = policy(&[])
        .check_url("export_url", "https://me:hunter2@example.com/")
        .unwrap_err();
    assert!(matches!(error, GuardError::Credentials { .. }));
    assert!(!error.to_string().contains("hunter2"));
}

#[rstest]
#[case("file:///etc/passwd")]
#[case("ftp://example.com/")]
#[case("gopher://example.com/")]
fn another_scheme_is_refused(#[case] url: &str) {
    let refused = policy(&[]).check_url("url", url);
    assert!(
        matches!(refused, Err(GuardError::Scheme { .. })),
        "{refused:?}"
    );
}

#[test]
fn an_error_names_the_setting() {
    let error = policy(&[]).check_url("export_url", "nonsense").unwrap_err();
    assert!(
        error.to_string().starts_with("export_url is no URL"),
        "{error}"
    );
}

#[test]
fn what_is_configured_is_let_through_in_every_form() {
    let policy = policy(&["127.0.0.0/8"]);
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        policy.check_url("export_url", url).unwrap();
    }
    policy.check_url("export_url", "http://[::1]/").unwrap_err();
}

#[test]
fn a_wide_network_does_not_open_the_metadata() {
    let wide = policy(&["169.254.0.0/16", "0.0.0.0/0"]);
    let metadata: IpAddr = "169.254.169.254".parse().unwrap();
    assert_eq!(wide.objection(metadata), Some(Objection::Metadata));
    assert_eq!(wide.objection("169.254.1.1".parse().unwrap()), None);
}

#[tokio::test]
async fn a_name_that_resolves_to_a_blocked_address_leads_nowhere() {
    let name = || Name::from_str("localhost").unwrap();
    let error = GuardedResolver(policy(&[]))
        .resolve(name())
        .await
        .err()
        .expect("a blocked name");
    assert!(error.downcast_ref::<GuardError>().is_some(), "{error}");
    let open = GuardedResolver(policy(&["127.0.0.0/8", "::1/128"]))
        .resolve(name())
        .await
        .unwrap();
    assert!(open.count() > 0);
}

#[tokio::test]
async fn a_blocked_name_is_told_with_the_setting_that_holds_it() {
    let client = OutboundClient::new(policy(&[])).unwrap();
    let error = client.http.get("http://localhost:1/").send().await;
    let cause = blocked(&error.unwrap_err(), "url");
    let text = cause.expect("the cause is the policy").to_string();
    assert!(
        text.starts_with("url: the name localhost leads to") && text.contains("outbound_allow"),
        "{text}"
    );
    let open = OutboundClient::new(policy(&["127.0.0.0/8", "::1/128"])).unwrap();
    let closed = open.http.get("http://localhost:1/").send().await;
    assert!(blocked(&closed.unwrap_err(), "url").is_none());
}

/// One address in every form that some program reads as it.
fn forms(address: [u8; 4]) -> Vec<String> {
    let [a, b, c, d] = address;
    let number = u32::from_be_bytes(address);
    let (high, low) = (number >> 16, number & 0xffff);
    let tail = number & 0x00ff_ffff;
    vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{c}.{d}."),
        format!("{number}"),
        format!("{number:#x}"),
        format!("0{number:o}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        format!("{a}.{tail}"),
        format!("{a}.{b}.{low}"),
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[64:ff9b::{high:x}:{low:x}]"),
        format!("[2002:{high:x}:{low:x}::]"),
    ]
}

proptest! {
    #[test]
    fn an_address_is_judged_the_same_in_every_form(address in any::<[u8; 4]>(), block in 0..4) {
        let address = match (block, address) {
            (0, [_, b, c, d]) => [127, b, c, d],
            (1, [_, _, c, d]) => [169, 254, c, d],
            (2, _) => [169, 254, 169, 254],
            (_, address) => address,
        };
        for policy in [policy(&[]), policy(&[]).with_choices(true, true)] {
            let expected = policy.objection(IpAddr::from(address)).is_some();
            for form in forms(address) {
                let url = format!("http://{form}:8080/x");
                let refused = policy.check_url("export_url", &url).is_err();
                prop_assert_eq!(refused, expected, "{}", url);
            }
        }
    }
}
