//! Byte by byte against frames that were computed without this project (and some that real clients sent).

use rstest::rstest;
use zk_terminal::{Contents, Handle, TerminalConfig, User};
use zk_wire::{CommKey, RowLayout, UserFormat, code};

use crate::raw::{Over, Raw, bytes, frame, hex, known_punch, now, start, start_with};

const CONNECT: &str = "5050827d08000000e80317fc00000000";
const CONNECTED: &str = "5050827d08000000d007fbe534120000";

async fn connected(terminal: &Handle, over: Over) -> Raw {
    let mut client = Raw::new(terminal, over).await;
    client.send(&bytes(CONNECT)).await;
    assert_eq!(hex(&client.frame().await), CONNECTED);
    client
}

async fn expect(client: &mut Raw, request: &str, reply: &str) {
    client.send(&bytes(request)).await;
    assert_eq!(hex(&client.frame().await), reply, "reply to {request}");
}

/// Expects a bare `ACK_OK` under the request's number.
async fn expect_done(client: &mut Raw, request: &str) {
    let request = bytes(request);
    let number = u16::from_le_bytes([request[14], request[15]]);
    client.send(&request).await;
    assert_eq!(
        client.frame().await,
        frame(code::ACK_OK, 0x1234, number, &[])
    );
}

#[rstest]
#[case::tcp(Over::Tcp)]
#[case::udp(Over::Udp)]
#[tokio::test]
async fn a_session_goes_as_on_the_fact_sheet(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = connected(&terminal, over).await;
    // SDKBuild=1, as the vendor's own client begins.
    expect_done(
        &mut client,
        "5050827d130000000c0001683412010053444b4275696c643d3100",
    )
    .await;
    expect(
        &mut client,
        "5050827d160000000b00bba4341202007e53657269616c4e756d62657200",
        "5050827d23000000d0077105341202007e53657269616c4e756d6265723d5a4b454d553030303030303100",
    )
    .await;
    let unknown = hex(&frame(code::OPTIONS_READ, 0x1234, 3, b"NoSuchThing\0"));
    expect(&mut client, &unknown, "5050827d08000000d107f7e534120300").await;
    expect_done(&mut client, "5050827d08000000eb03dce934120400").await;
    expect(
        &mut client,
        "5050827d08000000c900fcec34120600",
        "5050827d0c000000d007e85c3412060088558533",
    )
    .await;
    expect_done(&mut client, "5050827d0c000000ca00ed633412070088558533").await;
    expect(
        &mut client,
        "5050827d13000000df05e3da34120800010d000000000000000000",
        "5050827d0c000000dd05e6e73412080000000000",
    )
    .await;
    for done in [
        "5050827d08000000de05dfe734120e00",
        "5050827d08000000f503c5e934121100",
        "5050827d080000000f00aaed34121200",
        "5050827d0c0000001f007bed341213001e000000",
        "5050827d0c000000f903bee93412140000000000",
        "5050827d0e00000042002b6434121500010000204869",
        "5050827d0c000000f401c1eb34121600ffff0000",
        "5050827d08000000e903cbe934121700",
    ] {
        expect_done(&mut client, done).await;
    }
}

#[rstest]
#[case::tcp(Over::Tcp)]
#[case::udp(Over::Udp)]
#[tokio::test]
async fn the_right_key_opens_a_session(#[case] over: Over) {
    let config = TerminalConfig {
        comm_key: Some(CommKey::new(123_456)),
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    let mut client = Raw::new(&terminal, over).await;
    expect(&mut client, CONNECT, "5050827d08000000d507f6e534120000").await;
    expect_done(&mut client, "5050827d0c0000004e04237f34120100267f32eb").await;
    expect(
        &mut client,
        "5050827d08000000c900fcec34120600",
        "5050827d0c000000d007e85c3412060088558533",
    )
    .await;
}

#[rstest]
#[case::rows_of_40(
    RowLayout::R40,
    "5050827d34000000dd059943341208002800000007003130303233340000000000000000000000000000000000000188558533000000000000000000"
)]
#[case::rows_of_16(
    RowLayout::R16VerifyFirst,
    "5050827d1c000000dd053cd734120800100000008a870100885585330100000000000000"
)]
#[case::rows_of_8(
    RowLayout::A8,
    "5050827d14000000dd054dda34120800080000000700018855853300"
)]
#[case::rows_of_8_in_the_other_layout(
    RowLayout::B8,
    "5050827d14000000dd05a25e34120800080000000700280088558533"
)]
#[case::rows_of_49(
    RowLayout::R49,
    "5050827d3d000000dd055bdb341208003100000007003130303233340000000000000000000000000000000000000188558533000000000000000000ff3235350000000000"
)]
#[tokio::test]
async fn a_punch_is_a_row_as_on_the_fact_sheet(
    #[case] record_format: RowLayout,
    #[case] reply: &str,
    #[values(Over::Tcp, Over::Udp)] over: Over,
) {
    let config = TerminalConfig {
        record_format,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    terminal.punch(known_punch());
    let mut client = connected(&terminal, over).await;
    let request = "5050827d13000000df05e3da34120800010d000000000000000000";
    expect(&mut client, request, reply).await;
}

#[tokio::test]
async fn rows_of_16_have_the_state_first_as_in_the_vendors_manual() {
    let config = TerminalConfig {
        record_format: RowLayout::R16,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    let mut punch = known_punch();
    (punch.state, punch.verify) = (1, 0);
    terminal.punch(punch);
    let mut client = connected(&terminal, Over::Tcp).await;
    expect(
        &mut client,
        "5050827d13000000df05e3da34120800010d000000000000000000",
        "5050827d1c000000dd053cd734120800100000008a870100885585330100000000000000",
    )
    .await;
}

#[tokio::test]
async fn a_long_log_is_announced_and_handed_out_in_pieces() {
    let terminal = start_with(TerminalConfig::default(), 500, 100_000).await;
    let mut client = connected(&terminal, Over::Tcp).await;
    expect(
        &mut client,
        "5050827d13000000df05e3da34120800010d000000000000000000",
        "5050827d15000000d007e163341208000004093d0004093d0000000000",
    )
    .await;
    expect(
        &mut client,
        "5050827d10000000e0051ee834120c0000000000c0ff0000",
        "5050827d10000000dc0529e834120c00c0ff0000f8ff0000",
    )
    .await;
    let data = client.packet().await;
    assert_eq!(
        (data.command, data.session, data.reply, data.payload.len()),
        (code::DATA, 0, 12, 65_472)
    );
    assert_eq!(data.payload[..4], 4_000_000_u32.to_le_bytes());
    let end = client.packet().await;
    assert_eq!((end.command, end.reply), (code::ACK_OK, 12));
    let last = "5050827d10000000e0059dde34120d00c0f03c0044180000";
    client.send(&bytes(last)).await;
    let packets = client.packet().await;
    let packets = client.rest(packets).await;
    assert_eq!(crate::raw::data(&packets).len(), 6_212);
}

#[tokio::test]
async fn templates_and_operations_are_empty_tables() {
    let terminal = start_with(TerminalConfig::default(), 3, 3).await;
    let mut client = connected(&terminal, Over::Tcp).await;
    for (number, request) in [
        (10, "5050827d13000000df05e1de34120a000107000200000000000000"),
        (11, "5050827d13000000df05e0c534120b000122000000000000000000"),
    ] {
        let reply = hex(&frame(code::DATA, 0x1234, number, &[0; 4]));
        expect(&mut client, request, &reply).await;
    }
}

#[rstest]
#[case::of_72_bytes(
    UserFormat::B72,
    "5050827d500000000800008434120f0007000e3433323100000000416e61204c6f70657a00000000000000000000000000000092100000013200000000000000313030323334000000000000000000000000000000000000",
    ("Ana Lopez", 14, 2)
)]
#[case::of_28_bytes(
    UserFormat::B28,
    "5050827d240000000800897f34120f000700003433323100416e61000000000092100000000100008a870100",
    ("Ana", 0, 1)
)]
#[tokio::test]
async fn a_user_row_is_written_and_handed_out_again(
    #[case] user_format: UserFormat,
    #[case] request: &str,
    #[case] (name, privilege, group): (&str, u8, u8),
) {
    let config = TerminalConfig {
        user_format,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    let mut client = connected(&terminal, Over::Tcp).await;
    expect_done(&mut client, request).await;
    let user = User {
        uid: 7,
        pin: "100234".to_owned(),
        name: name.to_owned(),
        privilege,
        password: "4321".to_owned(),
        card: 4242,
        group,
    };
    assert_eq!(terminal.users(), [user]);
    let row = &bytes(request)[16..];
    let mut table = u32::try_from(row.len()).unwrap().to_le_bytes().to_vec();
    table.extend(row);
    let reply = hex(&frame(code::DATA, 0x1234, 9, &table));
    let read = "5050827d13000000df05e2d9341209000109000500000000000000";
    expect(&mut client, read, &reply).await;
    expect_done(&mut client, "5050827d0a0000001200a2ed341210000700").await;
    assert_eq!(terminal.users(), []);
}

#[rstest]
#[case::of_32_bytes(
    RowLayout::R40,
    "5050827d28000000f4013141010000003130303233340000000000000000000000000000000000000f011a0b17110509"
)]
#[case::of_12_bytes(
    RowLayout::R16,
    "5050827d14000000f4013a50010000008a8701000f011a0b17110509"
)]
#[case::of_10_bytes(RowLayout::A8, "5050827d12000000f401bed70100000007000f011a0b17110509")]
#[tokio::test]
async fn a_punch_is_told_at_once_as_on_the_fact_sheet(
    #[case] record_format: RowLayout,
    #[case] event: &str,
    #[values(Over::Tcp, Over::Udp)] over: Over,
) {
    let config = TerminalConfig {
        record_format,
        ..TerminalConfig::default()
    };
    let terminal = start(config, Contents::default()).await;
    let mut client = connected(&terminal, over).await;
    expect_done(&mut client, "5050827d0c000000f401c1eb34121600ffff0000").await;
    let mut punch = known_punch();
    (punch.state, punch.verify) = (1, 15);
    punch.time = now().date().at(17, 5, 9, 0);
    terminal.punch(punch);
    assert_eq!(hex(&client.frame().await), event);
    client
        .send(&bytes("5050827d08000000d007fbe534120000"))
        .await;
    // The acknowledgement itself is not answered: the next reply is the one to the next command.
    expect_done(&mut client, "5050827d08000000e903cbe934121700").await;
    assert_eq!(terminal.activity().events_acknowledged, 1);
}

#[tokio::test]
async fn numbers_are_echoed_over_the_wrap() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = connected(&terminal, Over::Tcp).await;
    for (number, request) in [
        (65_534, "5050827d08000000c90003ed3412feff"),
        (0, "5050827d08000000c90002ed34120000"),
    ] {
        let reply = hex(&frame(code::ACK_OK, 0x1234, number, &bytes("88558533")));
        expect(&mut client, request, &reply).await;
    }
}

#[tokio::test]
async fn requests_that_real_clients_sent_are_understood() {
    let config = TerminalConfig {
        first_session: 0x8df3,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    let mut client = Raw::new(&terminal, Over::Tcp).await;
    client
        .send(&bytes("5050827d08000000e80316fc00000100"))
        .await;
    assert_eq!(client.packet().await.session, 0x8df3);
    for (request, reply) in [
        (
            "5050827d110000000b0084c2f38d0b00576f726b436f646500",
            "5050827d13000000d007828af38d0b00576f726b436f64653d3000",
        ),
        ("5050827d120000000b00b9e6f38d0c007e506c6174666f726d00", ""),
    ] {
        client.send(&bytes(request)).await;
        let answer = client.frame().await;
        assert!(
            reply.is_empty() || hex(&answer) == reply,
            "{}",
            hex(&answer)
        );
        assert_eq!(answer[8..10], code::ACK_OK.to_le_bytes());
    }
}
