//! Names in other writings than ASCII, found out and still found out after a capture was anonymised.

use rstest::rstest;
use zk_client::Session;
use zk_doctor::{Outcome, Step, anonymise};
use zk_terminal::{Contents, Handle, TerminalConfig};
use zk_wire::{
    UserRow,
    capture::{Capture, Happened},
    code,
    text::{self, CodePage},
};

use crate::patient::{captured, codes, found, target, terminal_with, text as shown};

const RUSSIAN: &[&str] = &[
    "Иван Петров",
    "Ольга Смирнова",
    "Сергей Кузнецов",
    "Анна Попова",
    "Дмитрий Волков",
];
const ARABIC: &[&str] = &[
    "محمد علي",
    "فاطمة حسن",
    "أحمد خالد",
    "مريم يوسف",
    "عبدالله سعيد",
];
const CHINESE: &[&str] = &["王小明", "李建国", "张丽华", "刘志强", "陈美玲"];
const TURKISH: &[&str] = &[
    "Ayşe Yılmaz",
    "Mehmet Öztürk",
    "Gülşen Şahin",
    "İbrahim Çelik",
    "Uğur Doğan",
];

async fn with_names(names: &[&str], page: CodePage) -> Handle {
    let terminal = terminal_with(TerminalConfig::default(), Contents::default()).await;
    let users: Vec<UserRow> = (1..)
        .zip(names)
        .map(|(uid, name)| UserRow {
            uid,
            pin: uid.to_string(),
            name: text::encode(name, page, 24).unwrap().bytes,
            ..UserRow::default()
        })
        .collect();
    let mut session = Session::connect(&target(terminal.address())).await.unwrap();
    for verdict in session.set_users(&users).await.unwrap() {
        verdict.unwrap();
    }
    session.close().await;
    terminal
}

/// The names in a capture of a small terminal, whose users come in one packet.
fn names_in(capture: &Capture) -> Vec<Vec<u8>> {
    let table = capture
        .moments
        .iter()
        .find_map(|moment| match &moment.what {
            Happened::Received(packet) if packet.command == code::DATA => Some(&packet.payload),
            _ => None,
        })
        .unwrap();
    let rows = zk_wire::UserTable::decode(&table[4..], None).unwrap().rows;
    rows.into_iter().map(|user| user.name).collect()
}

#[rstest]
#[case(RUSSIAN, text::UTF_8)]
#[case(RUSSIAN, text::WINDOWS_1251)]
#[case(ARABIC, text::UTF_8)]
#[case(ARABIC, text::WINDOWS_1256)]
#[case(CHINESE, text::UTF_8)]
#[case(CHINESE, text::GBK)]
#[case(TURKISH, text::UTF_8)]
#[case(TURKISH, text::WINDOWS_1254)]
#[tokio::test]
async fn a_code_page_is_found_out_also_from_the_capture(
    #[case] names: &[&str],
    #[case] page: CodePage,
) {
    let terminal = with_names(names, page).await;
    let report = captured(&target(terminal.address())).await;
    found(&report, Step::Users, Outcome::Ok, "code_page");
    assert!(
        shown(&report).contains(&format!("written in {page}")),
        "{}",
        shown(&report)
    );
    let replaced = names_in(report.capture.as_ref().unwrap());
    assert_eq!(replaced.len(), names.len());
    for (name, replaced) in names.iter().zip(&replaced) {
        let original = text::encode(name, page, 24).unwrap().bytes;
        assert_eq!(replaced.len(), original.len());
        assert_ne!(*replaced, original, "{name}");
        assert!(!text::decode(replaced, page).contains(char::REPLACEMENT_CHARACTER));
    }
    assert_eq!(
        text::detect(replaced.iter().map(Vec::as_slice)),
        Some(page),
        "{replaced:?}"
    );
}

#[tokio::test]
async fn a_single_name_that_may_be_anything_asks_for_the_code_page() {
    let terminal = with_names(&["é"], text::WINDOWS_1252).await;
    let report = captured(&target(terminal.address())).await;
    let codes = codes(&report, Step::Users);
    assert!(
        codes.contains(&"code_page_unknown") || codes.contains(&"code_page"),
        "{codes:?}"
    );
    let capture = report.capture.unwrap();
    assert_eq!(
        anonymise(capture.clone()).moments.len(),
        capture.moments.len()
    );
}
