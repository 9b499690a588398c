use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use jiff::Timestamp;
use ring::hmac;

use super::{Cookie, Session, forwarded_https, token::unhex};

fn key(byte: u8) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
}

fn with_cookie(line: &str) -> HeaderMap {
    HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(line).unwrap())])
}

#[test]
fn a_token_is_taken_from_the_session_that_it_was_made_for() {
    let session = Session::of_key("zka_one");
    assert!(session.is_token(&key(1), &session.token(&key(1))));
}

#[test]
fn a_token_of_another_key_is_not_taken() {
    let token = Session::of_key("zka_one").token(&key(1));
    assert!(!Session::of_key("zka_two").is_token(&key(1), &token));
    assert!(!Session::open().is_token(&key(1), &token));
}

#[test]
fn a_token_from_before_a_restart_is_not_taken() {
    let session = Session::open();
    assert!(!session.is_token(&key(2), &session.token(&key(1))));
}

#[test]
fn nonsense_is_no_token() {
    let token = Session::open().token(&key(1));
    let cut = token.get(..token.len() - 2).unwrap();
    for nonsense in ["", "0", "zz", cut, "é"] {
        assert!(!Session::open().is_token(&key(1), nonsense), "{nonsense:?}");
    }
}

#[test]
fn a_form_token_does_not_sign_messages_and_the_other_way_round() {
    let session = Session::open();
    assert!(!session.is_signed(&key(1), "", &session.token(&key(1))));
    assert!(!session.is_token(&key(1), &session.sign(&key(1), "")));
}

#[test]
fn a_browser_keeps_its_number_until_it_logs_in() {
    let now = Timestamp::UNIX_EPOCH;
    let (first, given) = Session::before_login(&key(1), &HeaderMap::new(), now);
    let given = given.unwrap().header();
    let pair = given.split(';').next().unwrap();
    let (again, nothing) = Session::before_login(&key(1), &with_cookie(pair), now);
    assert_eq!(again, first);
    assert_eq!(nothing, None);
}

#[test]
fn two_browsers_get_two_numbers() {
    let now = Timestamp::UNIX_EPOCH;
    let (one, _) = Session::before_login(&key(1), &HeaderMap::new(), now);
    let (two, _) = Session::before_login(&key(1), &HeaderMap::new(), now);
    assert_ne!(one, two);
}

#[test]
fn cookies_are_out_of_reach_of_scripts_and_of_other_sites() {
    let header = Cookie::new("zka_key", "zka_x", 60).header();
    assert_eq!(
        header,
        "zka_key=zka_x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"
    );
    assert!(
        Cookie::new("zka_key", "zka_x", 60)
            .secure(true)
            .header()
            .ends_with("; Secure")
    );
    assert!(Cookie::gone("zka_key").header().contains("Max-Age=0"));
}

#[test]
fn a_proxy_that_speaks_tls_makes_cookies_secure() {
    let proto = |value| {
        HeaderMap::from_iter([(
            "x-forwarded-proto".parse().unwrap(),
            HeaderValue::from_static(value),
        )])
    };
    assert!(forwarded_https(&proto("https")));
    assert!(forwarded_https(&proto("https, http")));
    assert!(!forwarded_https(&proto("http")));
    assert!(!forwarded_https(&HeaderMap::new()));
}

#[test]
fn odd_or_foreign_digits_are_no_bytes() {
    assert_eq!(unhex("00ff"), Some(vec![0, 255]));
    assert_eq!(unhex("0"), None);
    assert_eq!(unhex("0g"), None);
}
