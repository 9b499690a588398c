//! Section 17 of the fact sheet: packets of real terminals, found in public places.

use rstest::rstest;

use super::{bytes, packet, unframed};
use crate::{BufferRequest, CommKey, Packet, TICKS, WireError, code, option_value};

#[rstest]
#[case::connect("5050827d08000000e80317fc00000000", packet(code::CONNECT, 0, 0, b""))]
#[case::connected(
    "5050827d08000000d007fffc2ffb0000",
    packet(code::ACK_OK, 0xfb2f, 0, b"")
)]
#[case::exit("5050827d08000000e903e6002ffb0100", packet(code::EXIT, 0xfb2f, 1, b""))]
#[case::key_needed(
    "5050827d08000000d5075bb2cf450000",
    packet(code::ACK_UNAUTH, 0x45cf, 0, b"")
)]
#[case::key_of_12(
    "5050827d0c0000004e044e2ccf450100614d323c",
    packet(code::AUTH, 0x45cf, 1, &CommKey::new(12).scramble(0x45cf, TICKS))
)]
#[case::wrong_key(
    "5050827d08000000d5075ab2cf450100",
    packet(code::ACK_UNAUTH, 0x45cf, 1, b"")
)]
#[case::sizes_asked(
    "5050827d080000003200fcb9cf450200",
    packet(code::GET_FREE_SIZES, 0x45cf, 2, b"")
)]
#[case::users_asked(
    "5050827d13000000df05b3cb582014000109000500000000000000",
    packet(code::PREPARE_BUFFER, 0x2058, 20, &BufferRequest { command: code::USERS_READ, table: 5, extra: 0 }.encode())
)]
#[case::template_announced(
    "5050827d10000000dc055558d0983200dc040000f0030000",
    packet(code::PREPARE_DATA, 0x98d0, 50, &bytes("dc040000f0030000"))
)]
#[case::end_with_an_index_as_session(
    "5050827d08000000d007fcf701003200",
    packet(code::ACK_OK, 1, 50, b"")
)]
#[case::prepared(
    "5050827d15000000d007acf93064160000941d0000941d0000b400be00",
    packet(code::ACK_OK, 0x6430, 22, &bytes("00941d0000941d0000b400be00"))
)]
#[case::table_announced(
    "5050827d10000000dc05477830641700941d000000000100",
    packet(code::PREPARE_DATA, 0x6430, 23, &bytes("941d000000000100"))
)]
#[case::pin_width("5050827d09000000d007babb5c3c100009", packet(code::ACK_OK, 0x3c5c, 16, &[9]))]
#[case::os_asked(
    "5050827d0c0000000b0058efc5c005007e4f5300",
    packet(code::OPTIONS_READ, 0xc0c5, 5, b"~OS\0")
)]
#[case::platform_asked(
    "5050827d120000000b00b9e6f38d0c007e506c6174666f726d00",
    packet(code::OPTIONS_READ, 0x8df3, 12, b"~Platform\0")
)]
#[case::platform(
    "5050827d1d000000d007714cf38d0c007e506c6174666f726d3d5a454d3736305f54465400",
    packet(code::ACK_OK, 0x8df3, 12, b"~Platform=ZEM760_TFT\0")
)]
#[case::work_code_asked(
    "5050827d110000000b0084c2f38d0b00576f726b436f646500",
    packet(code::OPTIONS_READ, 0x8df3, 11, b"WorkCode\0")
)]
#[case::work_code(
    "5050827d13000000d007828af38d0b00576f726b436f64653d3000",
    packet(code::ACK_OK, 0x8df3, 11, b"WorkCode=0\0")
)]
#[case::option_written(
    "5050827d110000000c00ebbb84c547004c6f636b4f6e3d3500",
    packet(code::OPTIONS_WRITE, 0xc584, 71, b"LockOn=5\0")
)]
#[case::state_in_the_session_field(
    "5050827d08000000d007f6f702003700",
    packet(code::ACK_OK, 2, 55, b"")
)]
#[case::finger_score("5050827d09000000f401a7fc0001000064", packet(code::REG_EVENT, code::event::FINGER_SCORE, 0, &[100]))]
#[case::verify_style(
    "5050827d200000004f00ea79e78445000d008d000000000000000000000000000000000000000000",
    packet(79, 0x84e7, 69, &bytes("0d008d000000000000000000000000000000000000000000"))
)]
#[case::unlock_combination("5050827d10000000d007b59312635d000701020000000200", packet(code::ACK_OK, 0x6312, 93, &bytes("0701020000000200")))]
#[case::group("5050827d10000000d00779f1126356004d0800070006008e", packet(code::ACK_OK, 0x6312, 86, &bytes("4d0800070006008e")))]
#[case::connect_with_number_1("5050827d08000000e80316fc00000100", packet(code::CONNECT, 0, 1, b""))]
#[case::connected_with_number_1(
    "5050827d08000000d0078e8ca06b0100",
    packet(code::ACK_OK, 0x6ba0, 1, b"")
)]
#[case::log_asked_directly(
    "5050827d080000000d005094a06b0200",
    packet(code::ATTENDANCE_READ, 0x6ba0, 2, b"")
)]
#[case::log_announced(
    "5050827d10000000dc05158aa06b02007c000000f0030000",
    packet(code::PREPARE_DATA, 0x6ba0, 2, &bytes("7c000000f0030000"))
)]
#[case::end_with_a_size_as_session(
    "5050827d08000000d007b1f77c000200",
    packet(code::ACK_OK, 0x7c, 2, b"")
)]
#[case::exit_answered(
    "5050827d08000000d0078c8ca06b0300",
    packet(code::ACK_OK, 0x6ba0, 3, b"")
)]
#[case::unknown_command(
    "5050827d08000000ffffae823d7d1400",
    packet(code::ACK_UNKNOWN, 0x7d3d, 20, b"")
)]
#[case::finger_version(
    "5050827d18000000d00714083d7d0f007e5a4b465056657273696f6e3d313000",
    packet(code::ACK_OK, 0x7d3d, 15, b"~ZKFPVersion=10\0")
)]
#[case::z40_announces(
    "5050827d10000000dc05b56ff08102008c040000f0030000",
    packet(code::PREPARE_DATA, 0x81f0, 2, &bytes("8c040000f0030000"))
)]
fn a_real_packet_is_read_and_made_again(#[case] hex: &str, #[case] meaning: Packet) {
    assert_eq!(unframed(hex), meaning);
    assert_eq!(meaning.to_frame(), bytes(hex));
}

#[test]
fn an_odd_packet_without_prefix_is_read() {
    let datagram = bytes("0b005a17f38d03005a4b4661636556657273696f6e00");
    let read = Packet::decode(&datagram).unwrap();
    assert_eq!(
        read,
        packet(code::OPTIONS_READ, 0x8df3, 3, b"ZKFaceVersion\0")
    );
    assert_eq!(read.to_datagram(), datagram);
    assert_eq!(crate::checksum(&datagram), 0x175a);
}

#[test]
fn a_wrong_key_is_seen_as_wrong() {
    let answer = unframed("5050827d0c0000004e044e2ccf450100614d323c").payload;
    let answer = *answer.first_chunk().unwrap();
    assert!(CommKey::new(12).accepts(0x45cf, answer));
    assert!(!CommKey::new(13).accepts(0x45cf, answer));
    assert!(!CommKey::new(12).accepts(0x46cf, answer));
}

#[test]
fn options_of_real_terminals_have_values() {
    assert_eq!(
        option_value(
            &unframed("5050827d1d000000d007714cf38d0c007e506c6174666f726d3d5a454d3736305f54465400")
                .payload
        ),
        "ZEM760_TFT"
    );
    assert_eq!(
        option_value(&unframed("5050827d13000000d007828af38d0b00576f726b436f64653d3000").payload),
        "0"
    );
}

#[test]
fn a_checksum_one_too_small_is_refused() {
    let mut datagram = bytes("d007fffc2ffb0000");
    datagram[2] -= 1;
    assert_eq!(
        Packet::decode(&datagram),
        Err(WireError::Checksum {
            found: 0xfcfe,
            expected: 0xfcff
        })
    );
}
