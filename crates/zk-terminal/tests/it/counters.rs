//! Counters, clock, options and the small commands.

use rstest::rstest;
use zk_terminal::{CounterShape, TerminalConfig};
use zk_wire::{FreeSizes, WireTime, code, option_request, option_value};

use crate::raw::{Over, Raw, start_with};

#[rstest]
#[case(CounterShape::B80, 80, Some(55))]
#[case(CounterShape::B92, 92, Some(55))]
#[case(CounterShape::B112, 112, Some(55))]
#[case(CounterShape::Unknown, 4, None)]
#[case(CounterShape::NoRecords, 92, Some(0))]
#[case(CounterShape::OneTooMany, 92, Some(56))]
#[tokio::test]
async fn counters_tell_as_much_as_the_firmware_does(
    #[case] counters: CounterShape,
    #[case] bytes: usize,
    #[case] records: Option<u32>,
) {
    let config = TerminalConfig {
        counters,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 12, 55).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let reply = client.ask(code::GET_FREE_SIZES, &[]).await;
    assert_eq!((reply.command, reply.payload.len()), (code::ACK_OK, bytes));
    let sizes = FreeSizes::new(reply.payload);
    assert_eq!(sizes.records(), records);
    assert_eq!(sizes.users(), records.map(|_| 12));
    assert_eq!(sizes.admins(), records.map(|_| 1));
}

#[tokio::test]
async fn the_clock_goes_as_it_was_set() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let later = WireTime::new(2027, 1, 2, 3, 4, 5).unwrap();
    let reply = client
        .ask(code::SET_TIME, &later.to_u32().to_le_bytes())
        .await;
    assert_eq!(reply.command, code::ACK_OK);
    let reply = client.ask(code::GET_TIME, &[]).await;
    assert_eq!(reply.payload, later.to_u32().to_le_bytes());
    assert_eq!(
        terminal.time(),
        jiff::civil::date(2027, 1, 2).at(3, 4, 5, 0)
    );
    let no_date = client.ask(code::SET_TIME, &u32::MAX.to_le_bytes()).await;
    assert_eq!(no_date.command, code::ACK_ERROR);
    assert_eq!(
        client.ask(code::SET_TIME, &[1]).await.command,
        code::ACK_ERROR
    );
}

#[rstest]
#[case("~SerialNumber", "ZKEMU0000001")]
#[case("~DeviceName", "Virtual Terminal")]
#[case("~Platform", "ZMM220_TFT")]
#[case("~ZKFPVersion", "10")]
#[case("WorkCode", "0")]
#[case("IPAddress", "127.0.0.1")]
#[tokio::test]
async fn options_are_told(#[case] name: &str, #[case] value: &str) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let reply = client.ask(code::OPTIONS_READ, &option_request(name)).await;
    assert_eq!(reply.payload, format!("{name}={value}\0").into_bytes());
    // zkteco-js sends no NUL.
    let reply = client.ask(code::OPTIONS_READ, name.as_bytes()).await;
    assert_eq!(option_value(&reply.payload), value);
}

#[tokio::test]
async fn options_can_be_written_but_not_without_end() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let reply = client.ask(code::OPTIONS_WRITE, b"LockOn=9\0").await;
    assert_eq!(reply.command, code::ACK_OK);
    let reply = client.ask(code::OPTIONS_READ, b"LockOn\0").await;
    assert_eq!(option_value(&reply.payload), "9");
    for refused in [
        b"~SerialNumber=OTHER\0".as_slice(),
        b"no value\0",
        b"=1",
        b"\xff=\xff",
    ] {
        assert_eq!(
            client.ask(code::OPTIONS_WRITE, refused).await.command,
            code::ACK_ERROR
        );
    }
    let mut taken = 0;
    for index in 0..1_000 {
        let reply = client
            .ask(code::OPTIONS_WRITE, format!("X{index}=1").as_bytes())
            .await;
        taken += usize::from(reply.command == code::ACK_OK);
    }
    assert!((1..512).contains(&taken), "{taken}");
}

#[tokio::test]
async fn a_disabled_terminal_takes_no_punches_until_it_is_enabled() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let identifying = client.ask(code::STATE, &[]).await.session;
    client.ask(code::DISABLE_DEVICE, &[0; 4]).await;
    assert!(terminal.is_disabled());
    assert_eq!(terminal.punch_random(), None);
    assert_ne!(client.ask(code::STATE, &[]).await.session, identifying);
    client.ask(code::ENABLE_DEVICE, &[]).await;
    assert!(terminal.punch_random().is_some());
    let activity = terminal.activity();
    assert_eq!((activity.disables, activity.enables), (1, 1));
}

#[tokio::test]
async fn small_commands_are_answered_and_unknown_ones_are_told_so() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let version = client.ask(code::GET_VERSION, &[]).await;
    assert_eq!(version.payload, b"Ver 6.60 Apr 26 2016\0");
    assert_eq!(client.ask(code::PIN_WIDTH, b" P").await.payload, [14]);
    for command in [
        code::CANCEL_CAPTURE,
        code::START_VERIFY,
        code::REFRESH_OPTION,
        code::CLEAR_LCD,
    ] {
        assert_eq!(client.ask(command, &[]).await.command, code::ACK_OK);
    }
    for command in [2_001, 0xffff, 4_711] {
        assert_eq!(client.ask(command, &[]).await.command, code::ACK_UNKNOWN);
    }
    assert_eq!(terminal.activity().unknown_commands, 3);
}
