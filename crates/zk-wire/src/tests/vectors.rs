//! Section 16 of the fact sheet: every frame is read as what it means, and made again to the same bytes.

use rstest::rstest;

use super::{bytes, packet, time, unframed};
use crate::{
    AttendanceEvent, BufferRequest, CommKey, Event, Link, Packet, PunchRow, ReplyNumber, RowLayout,
    TICKS, Table, TableRead, UserFormat, UserRow, WireTime, checksum, code, option_request,
    option_value,
};

const SESSION: u16 = 0x1234;

#[rstest]
#[case::connect("5050827d08000000e80317fc00000000", packet(code::CONNECT, 0, 0, b""))]
#[case::connected(
    "5050827d08000000d007fbe534120000",
    packet(code::ACK_OK, SESSION, 0, b"")
)]
#[case::key_needed(
    "5050827d08000000d507f6e534120000",
    packet(code::ACK_UNAUTH, SESSION, 0, b"")
)]
#[case::auth(
    "5050827d0c0000004e04237f34120100267f32eb",
    packet(code::AUTH, SESSION, 1, &CommKey::new(123_456).scramble(SESSION, TICKS))
)]
#[case::sdk_build(
    "5050827d130000000c0001683412010053444b4275696c643d3100",
    packet(code::OPTIONS_WRITE, SESSION, 1, b"SDKBuild=1\0")
)]
#[case::option(
    "5050827d160000000b00bba4341202007e53657269616c4e756d62657200",
    packet(code::OPTIONS_READ, SESSION, 2, &option_request("~SerialNumber"))
)]
#[case::option_value(
    "5050827d23000000d0077105341202007e53657269616c4e756d6265723d5a4b454d553030303030303100",
    packet(code::ACK_OK, SESSION, 2, b"~SerialNumber=ZKEMU0000001\0")
)]
#[case::error(
    "5050827d08000000d107f7e534120300",
    packet(code::ACK_ERROR, SESSION, 3, b"")
)]
#[case::disable(
    "5050827d08000000eb03dce934120400",
    packet(code::DISABLE_DEVICE, SESSION, 4, b"")
)]
#[case::sizes(
    "5050827d08000000320094ed34120500",
    packet(code::GET_FREE_SIZES, SESSION, 5, b"")
)]
#[case::get_time(
    "5050827d08000000c900fcec34120600",
    packet(code::GET_TIME, SESSION, 6, b"")
)]
#[case::time_told(
    "5050827d0c000000d007e85c3412060088558533",
    packet(code::ACK_OK, SESSION, 6, &morning().to_u32().to_le_bytes())
)]
#[case::set_time(
    "5050827d0c000000ca00ed633412070088558533",
    packet(code::SET_TIME, SESSION, 7, &morning().to_u32().to_le_bytes())
)]
#[case::prepare_attendance(
    "5050827d13000000df05e3da34120800010d000000000000000000",
    prepare(Table::Attendance, 8)
)]
#[case::prepare_users(
    "5050827d13000000df05e2d9341209000109000500000000000000",
    prepare(Table::Users, 9)
)]
#[case::prepare_templates(
    "5050827d13000000df05e1de34120a000107000200000000000000",
    prepare(Table::Templates, 10)
)]
#[case::prepare_operations(
    "5050827d13000000df05e0c534120b000122000000000000000000",
    prepare(Table::Operations, 11)
)]
#[case::prepared(
    "5050827d15000000d007e163341208000004093d0004093d0000000000",
    packet(code::ACK_OK, SESSION, 8, &prepared(4_000_004))
)]
#[case::first_piece(
    "5050827d10000000e0051ee834120c0000000000c0ff0000",
    piece(0, 65_472, 12)
)]
#[case::last_piece(
    "5050827d10000000e0059dde34120d00c0f03c0044180000",
    piece(3_993_792, 6_212, 13)
)]
#[case::announced(
    "5050827d10000000dc0529e834120c00c0ff0000f8ff0000",
    packet(code::PREPARE_DATA, SESSION, 12, &two(65_472, 65_528))
)]
#[case::row_of_40(
    "5050827d34000000dd059943341208002800000007003130303233340000000000000000000000000000000000000188558533000000000000000000",
    packet(code::DATA, SESSION, 8, &inline(RowLayout::R40))
)]
#[case::row_of_16(
    "5050827d1c000000dd053cd734120800100000008a870100885585330100000000000000",
    packet(code::DATA, SESSION, 8, &inline(RowLayout::R16VerifyFirst))
)]
#[case::row_of_8("5050827d14000000dd054dda34120800080000000700018855853300", packet(code::DATA, SESSION, 8, &inline(RowLayout::A8)))]
#[case::row_of_8b("5050827d14000000dd05a25e34120800080000000700280088558533", packet(code::DATA, SESSION, 8, &inline(RowLayout::B8)))]
#[case::row_of_49(
    "5050827d3d000000dd055bdb341208003100000007003130303233340000000000000000000000000000000000000188558533000000000000000000ff3235350000000000",
    packet(code::DATA, SESSION, 8, &inline(RowLayout::R49))
)]
#[case::empty_table("5050827d0c000000dd05e6e73412080000000000", packet(code::DATA, SESSION, 8, &[0; 4]))]
#[case::free(
    "5050827d08000000de05dfe734120e00",
    packet(code::FREE_DATA, SESSION, 14, b"")
)]
#[case::delete_user("5050827d0a0000001200a2ed341210000700", packet(code::DELETE_USER, SESSION, 16, &7_u16.to_le_bytes()))]
#[case::refresh(
    "5050827d08000000f503c5e934121100",
    packet(code::REFRESH_DATA, SESSION, 17, b"")
)]
#[case::clear_attendance(
    "5050827d080000000f00aaed34121200",
    packet(code::CLEAR_ATTENDANCE, SESSION, 18, b"")
)]
#[case::unlock("5050827d0c0000001f007bed341213001e000000", packet(code::UNLOCK, SESSION, 19, &30_u32.to_le_bytes()))]
#[case::voice("5050827d0c000000f903bee93412140000000000", packet(code::TEST_VOICE, SESSION, 20, &[0; 4]))]
#[case::lcd(
    "5050827d0e00000042002b6434121500010000204869",
    packet(code::WRITE_LCD, SESSION, 21, b"\x01\0\0 Hi")
)]
#[case::register("5050827d0c000000f401c1eb34121600ffff0000", packet(code::REG_EVENT, SESSION, 22, &0xffff_u32.to_le_bytes()))]
#[case::event_of_32(
    "5050827d28000000f4013141010000003130303233340000000000000000000000000000000000000f011a0b17110509",
    packet(code::REG_EVENT, 1, 0, &event(b"100234\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))
)]
#[case::event_of_12("5050827d14000000f4013a50010000008a8701000f011a0b17110509", packet(code::REG_EVENT, 1, 0, &event(&100_234_u32.to_le_bytes())))]
#[case::event_of_10("5050827d12000000f401bed70100000007000f011a0b17110509", packet(code::REG_EVENT, 1, 0, &event(&7_u16.to_le_bytes())))]
#[case::event_acknowledged(
    "5050827d08000000d007fbe534120000",
    packet(code::ACK_OK, SESSION, 0, b"")
)]
#[case::exit(
    "5050827d08000000e903cbe934121700",
    packet(code::EXIT, SESSION, 23, b"")
)]
#[case::restart(
    "5050827d08000000ec03c7e934121800",
    packet(code::RESTART, SESSION, 24, b"")
)]
#[case::last_number(
    "5050827d08000000c90003ed3412feff",
    packet(code::GET_TIME, SESSION, 65_534, b"")
)]
#[case::number_after_it(
    "5050827d08000000c90002ed34120000",
    packet(code::GET_TIME, SESSION, ReplyNumber::new(65_534).next().get(), b"")
)]
#[case::odd_length(
    "5050827d0d0000000b002eac341202004d41430000",
    packet(code::OPTIONS_READ, SESSION, 2, b"MAC\0\0")
)]
#[case::upload("5050827d0c000000dc056ee734121e0063000000", packet(code::PREPARE_DATA, SESSION, 30, &99_u32.to_le_bytes()))]
#[case::uploaded(
    "5050827d6b000000dd05578f34121f004900000008000000060000000207000e3433323100000000416e61204c6f70657a0000000000000000000000000000009210000001320000000000000031303032333400000000000000000000000000000000000002070011000000000400deadbeef",
    packet(code::DATA, SESSION, 31, &upload())
)]
#[case::save("5050827d100000006e0029ed341220000c00000000000800", packet(code::SAVE_TEMPLATES, SESSION, 32, &[12, 0, 0, 0, 0, 0, 8, 0]))]
fn a_vector_is_read_and_made_again(#[case] hex: &str, #[case] meaning: Packet) {
    let frame = bytes(hex);
    assert_eq!(unframed(hex), meaning);
    assert_eq!(meaning.to_frame(), frame);
    assert_eq!(meaning.to_datagram(), frame[8..]);
    assert_eq!(Packet::decode(&frame[8..]), Ok(meaning));
    assert_eq!(
        checksum(&frame[8..]),
        u16::from_le_bytes([frame[10], frame[11]])
    );
}

#[test]
fn the_row_of_every_layout_says_the_same() {
    for layout in [
        RowLayout::R40,
        RowLayout::R49,
        RowLayout::R16VerifyFirst,
        RowLayout::A8,
        RowLayout::B8,
    ] {
        let row = layout.decode(&inline(layout)[4..]).unwrap();
        let who = if layout.size() == 8 { "7" } else { "100234" };
        assert_eq!(
            (
                row.who.to_string().as_str(),
                row.time,
                row.verify,
                row.state
            ),
            (who, morning(), 1, 0),
            "{layout}"
        );
        let uid = if layout.size() == 16 { None } else { Some(7) };
        assert_eq!((row.uid, row.work_code), (uid, 0), "{layout}");
    }
    // By the vendor's manual, the same bytes have the two the other way round.
    let row = RowLayout::R16
        .decode(&inline(RowLayout::R16VerifyFirst)[4..])
        .unwrap();
    assert_eq!((row.state, row.verify), (1, 0));
}

#[test]
fn an_option_is_told() {
    let told = unframed(
        "5050827d23000000d0077105341202007e53657269616c4e756d6265723d5a4b454d553030303030303100",
    );
    assert_eq!(option_value(&told.payload), "ZKEMU0000001");
}

#[test]
fn the_events_of_all_lengths_say_the_same() {
    for (frame, who) in [
        (
            "5050827d28000000f4013141010000003130303233340000000000000000000000000000000000000f011a0b17110509",
            "100234",
        ),
        (
            "5050827d14000000f4013a50010000008a8701000f011a0b17110509",
            "100234",
        ),
        ("5050827d12000000f401bed70100000007000f011a0b17110509", "7"),
    ] {
        let Some(Event::Attendance(Ok(AttendanceEvent {
            who: read,
            verify,
            state,
            time: at,
        }))) = Event::decode(&unframed(frame))
        else {
            panic!("{frame} is no event of a punch")
        };
        assert_eq!((read.to_string().as_str(), verify, state), (who, 15, 1));
        assert_eq!(at, time(2026, 11, 23, 17, 5, 9));
    }
}

#[test]
fn the_user_of_72_bytes_is_read_and_written_again() {
    let hex = "5050827d500000000800008434120f0007000e3433323100000000416e61204c6f70657a00000000000000000000000000000092100000013200000000000000313030323334000000000000000000000000000000000000";
    let user = UserRow::decode(UserFormat::B72, &unframed(hex).payload).unwrap();
    assert_eq!(
        (user.uid, user.privilege, user.password.as_slice()),
        (7, 14, b"4321".as_slice())
    );
    assert_eq!(
        (user.name.as_slice(), user.card, user.pin.as_str()),
        (b"Ana Lopez".as_slice(), 4242, "100234")
    );
    // The client that wrote it put the group as a digit where terminals keep time zones; its byte 39 says 1.
    assert_eq!(user.group, 2);
    let again = packet(
        code::USER_WRITE,
        SESSION,
        15,
        &user.encode(UserFormat::B72).unwrap(),
    );
    assert_eq!(again.to_frame(), bytes(hex));
}

#[test]
fn the_user_of_28_bytes_is_read_and_made() {
    let hex =
        "5050827d240000000800897f34120f000700003433323100416e61000000000092100000000100008a870100";
    let user = UserRow {
        uid: 7,
        privilege: 0,
        password: b"4321".to_vec(),
        name: b"Ana".to_vec(),
        card: 4242,
        group: 1,
        pin: "100234".to_owned(),
        origin: Vec::new(),
    };
    let made = packet(
        code::USER_WRITE,
        SESSION,
        15,
        &user.encode(UserFormat::B28).unwrap(),
    );
    assert_eq!(made.to_frame(), bytes(hex));
    let read = UserRow::decode(UserFormat::B28, &unframed(hex).payload).unwrap();
    assert_eq!(
        UserRow {
            origin: Vec::new(),
            ..read
        },
        user
    );
}

fn morning() -> WireTime {
    time(2026, 11, 23, 8, 30, 0)
}

fn prepare(table: Table, reply: u16) -> Packet {
    let request = TableRead::new(table, Link::Stream).request().clone();
    let decoded = BufferRequest::decode(&request.payload).unwrap();
    assert_eq!(decoded.encode().as_slice(), request.payload);
    Packet {
        command: request.command,
        session: SESSION,
        reply,
        payload: request.payload,
    }
}

fn prepared(size: u32) -> Vec<u8> {
    [
        &[0],
        size.to_le_bytes().as_slice(),
        &size.to_le_bytes(),
        &[0; 4],
    ]
    .concat()
}

fn piece(start: u32, size: u32, reply: u16) -> Packet {
    packet(code::READ_BUFFER, SESSION, reply, &two(start, size))
}

fn two(one: u32, other: u32) -> Vec<u8> {
    [one.to_le_bytes(), other.to_le_bytes()].concat()
}

fn inline(layout: RowLayout) -> Vec<u8> {
    let punch = PunchRow {
        uid: 7,
        pin: "100234".to_owned(),
        time: morning(),
        state: 0,
        verify: 1,
        work_code: 0,
    };
    let mut table = u32::try_from(layout.size()).unwrap().to_le_bytes().to_vec();
    layout.encode(&punch, &mut table);
    table
}

fn event(who: &[u8]) -> Vec<u8> {
    [
        who,
        &[15, 1],
        &time(2026, 11, 23, 17, 5, 9).to_event_bytes(),
    ]
    .concat()
}

/// One user of 72 bytes and one template, as a client uploads them.
fn upload() -> Vec<u8> {
    let user = bytes(
        "07000e3433323100000000416e61204c6f70657a00000000000000000000000000000092100000013200000000000000313030323334000000000000000000000000000000000000",
    );
    let entry = [2, 7, 0, 0x11, 0, 0, 0, 0];
    let template = [4, 0, 0xde, 0xad, 0xbe, 0xef];
    let sizes: Vec<u8> = [73_u32, 8, 6]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    [sizes.as_slice(), &[2], &user, &entry, &template].concat()
}
