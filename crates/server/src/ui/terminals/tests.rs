use domain::{Secret, Transport};

use super::connect::{ConnectForm, address};

fn wrong(ip: &str, port: &str) -> String {
    address(ip, port).unwrap_err().to_string()
}

#[test]
fn an_address_takes_its_port_from_either_field() {
    assert_eq!(
        address(" 192.168.1.201 ", "4371").unwrap().to_string(),
        "192.168.1.201:4371"
    );
    assert_eq!(
        address("192.168.1.201:5005", "4370").unwrap().to_string(),
        "192.168.1.201:5005"
    );
    assert_eq!(
        address("gate.example", "").unwrap().to_string(),
        "gate.example:4370"
    );
    assert_eq!(
        address("fe80::1", "4370").unwrap().to_string(),
        "[fe80::1]:4370"
    );
}

#[test]
fn a_wrong_address_says_what_is_wrong() {
    assert!(wrong("", "4370").contains("address is empty"));
    assert!(wrong("192.168.1.201", "0").contains("port is \"0\""));
    assert!(wrong("192.168.1.201", "70000").contains("from 1 to 65535"));
    assert!(wrong("front door", "4370").contains("no address of a terminal"));
}

#[test]
fn a_form_as_it_is_first_shown_needs_only_an_address() {
    let wish = ConnectForm {
        ip: "10.0.0.9".to_owned(),
        ..ConnectForm::default()
    }
    .wish()
    .unwrap();
    assert_eq!(wish.address.unwrap().to_string(), "10.0.0.9:4370");
    assert_eq!(wish.transport, Some(Transport::Tcp));
    assert_eq!(
        (wish.comm_key, wish.timeout, wish.name),
        (None::<Secret<u32>>, None, None)
    );
}

#[test]
fn a_timeout_that_is_none_is_told_by_its_name() {
    let form = ConnectForm {
        ip: "10.0.0.9".to_owned(),
        timeout: "long".to_owned(),
        ..ConnectForm::default()
    };
    assert!(form.wish().unwrap_err().to_string().starts_with("timeout:"));
}
