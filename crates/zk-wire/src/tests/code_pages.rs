//! Section 14 of the fact sheet: in which code page names are, with names as people have them.

use proptest::prelude::*;
use rstest::rstest;

use super::bytes;
use crate::text::{self, CodePage};

const CHINESE: &str = "张伟 王芳 李娜 刘洋 陈静 杨敏 赵磊 黄丽 周杰 吴强 徐志明 孙悦 胡军 朱建国 高翔 林小燕 何平 郭靖 马超 罗文";
const RUSSIAN: &str = "Иванов Петров Сидорова Кузнецов Елена Ольга Сергей Дмитрий Наталья Александр Ёлкин Щукина Юрий Цветаева Эльдар";
const UKRAINIAN: &str = "Шевченко Олексій Їжак Ганна Євген Коваленко Микола Ярослав Григорій";
const BULGARIAN: &str = "Георги Иванов,Мария Димитрова,Стоян Петков,Живко Тодоров";
const WESTERN: &str = "José García,François Lefèvre,Jürgen Müller,Zoë Brontë,Núñez,João Conceição,Märta Åkesson,Søren Kjær,Günther Weiß";
const SPANISH: &str = "José Martínez,María Núñez,Andrés Gómez,Sofía Peña,Ángel Ibáñez";
const GERMAN: &str = "Jürgen Müller,Jörg Schäfer,Käthe Größe,Björn Weiß,Sören Kühn";
const FRENCH: &str = "François Lefèvre,Hélène Bénard,Gérard Depardieu,Noël Françoise,Jérôme Gaël";
const TURKISH: &str = "Ayşe Yılmaz,Çağlar Öztürk,İbrahim Şahin,Gülşen Işık,Doğan Kılıç,Uğur Güneş";
const ARABIC: &str = "محمد أحمد,فاطمة علي,خالد عبدالله,نورة سعيد,يوسف إبراهيم,مريم حسن,عمر الفاروق";
const PERSIAN: &str = "مهران زماني,علي رضايي,پریا گودرزي,چنگيز ژاله,زهرا کريمي";
const POLISH: &str =
    "Łukasz Dąbrowski,Małgorzata Wójcik,Święcicki,Żaneta Źródło,Grażyna Gęś,Michał Zieliński";
const CZECH: &str = "Jiří Dvořák,Růžena Černá,Tomáš Němec,Kateřina Šťastná,Zdeněk Říha";
const GREEK: &str = "Γιώργος Παπαδόπουλος,Μαρία Ιωάννου,Κώστας Δημητρίου,Ελένη Βασιλείου";
const HEBREW: &str = "משה כהן,שרה לוי,דוד מזרחי,רחל פרץ,יוסף אברהם";
const KOREAN: &str = "김철수 이영희 박지성 최민수 정은지 강호동 윤아름 장동건";
const JAPANESE: &str = "田中太郎 鈴木花子 佐藤健 高橋由美 渡辺謙 山本さくら";
const TAIWANESE: &str = "陳淑芬 林志玲 黃國華 張學友 劉德華 蔡依林 吳宗憲 謝金燕";
const THAI: &str = "สมชาย ใจดี,สุดา แสงทอง,วิชัย มั่นคง,นภา ศรีสุข";
const LITHUANIAN: &str =
    "Jonas Kazlauskas,Rūta Žukauskienė,Šarūnas Jankūnas,Gintarė Ąžuolaitė,Eglė Vaičiūnienė";

fn names(list: &str) -> Vec<String> {
    let separator = if list.contains(',') { ',' } else { ' ' };
    list.split(separator).map(str::to_owned).collect()
}

/// The names as a terminal holds them: cut where their field of 24 bytes ends.
fn stored(list: &str, page: &str) -> Vec<Vec<u8>> {
    let page = page.parse().unwrap();
    let encode = |name: String| text::encode(&name, page, 24).unwrap().bytes;
    names(list).into_iter().map(encode).collect()
}

fn detected(names: &[Vec<u8>]) -> Option<String> {
    text::detect(names.iter().map(Vec::as_slice)).map(|page| page.to_string())
}

#[rstest]
#[case::chinese(CHINESE, "GBK")]
#[case::russian(RUSSIAN, "windows-1251")]
#[case::ukrainian(UKRAINIAN, "windows-1251")]
#[case::bulgarian(BULGARIAN, "windows-1251")]
#[case::western(WESTERN, "windows-1252")]
#[case::spanish(SPANISH, "windows-1252")]
#[case::german(GERMAN, "windows-1252")]
#[case::french(FRENCH, "windows-1252")]
#[case::turkish(TURKISH, "windows-1254")]
#[case::arabic(ARABIC, "windows-1256")]
#[case::persian(PERSIAN, "windows-1256")]
#[case::polish(POLISH, "windows-1250")]
#[case::czech(CZECH, "windows-1250")]
#[case::greek(GREEK, "windows-1253")]
#[case::hebrew(HEBREW, "windows-1255")]
#[case::korean(KOREAN, "EUC-KR")]
#[case::japanese(JAPANESE, "Shift_JIS")]
#[case::taiwanese(TAIWANESE, "Big5")]
#[case::thai(THAI, "windows-874")]
#[case::lithuanian(LITHUANIAN, "windows-1257")]
fn names_show_their_code_page(#[case] list: &str, #[case] page: &str) {
    assert_eq!(detected(&stored(list, page)).as_deref(), Some(page));
    assert_eq!(
        detected(&stored(list, "UTF-8")).as_deref(),
        Some("UTF-8"),
        "the same names in UTF-8"
    );
    // In capitals, and among many names in ASCII.
    let mut mixed = stored(&list.to_uppercase(), page);
    mixed.extend((0..200).map(|nth| format!("Visitor {nth}").into_bytes()));
    assert_eq!(detected(&mixed).as_deref(), Some(page), "in capitals");
}

#[rstest]
#[case::chinese(CHINESE, "GBK", 6)]
#[case::russian(RUSSIAN, "windows-1251", 2)]
#[case::arabic(ARABIC, "windows-1256", 1)]
#[case::turkish(TURKISH, "windows-1254", 2)]
#[case::spanish(SPANISH, "windows-1252", 2)]
fn a_few_names_are_never_read_in_another_code_page(
    #[case] list: &str,
    #[case] page: &str,
    #[case] sure: usize,
) {
    let stored = stored(list, page);
    let known: CodePage = page.parse().unwrap();
    for start in 0..stored.len() {
        for few in 1..=6.min(stored.len() - start) {
            let names = &stored[start..start + few];
            let found = text::detect(names.iter().map(Vec::as_slice));
            for name in names {
                let read = found.map(|found| text::decode(name, found));
                assert!(
                    read.is_none() || read == Some(text::decode(name, known)),
                    "{read:?} instead of {:?}",
                    text::decode(name, known)
                );
            }
            assert!(
                found.is_some() || few < sure || names.iter().all(|name| name.is_ascii()),
                "{names:?}"
            );
        }
    }
}

#[test]
fn a_real_persian_name_shows_its_code_page() {
    let name = bytes("e3e5d1c7e420d2e3c7e4ed");
    let page = text::detect([name.as_slice()]).unwrap();
    assert_eq!(page, text::WINDOWS_1256);
    assert_eq!(text::decode(&name, page), "مهران زماني");
}

#[test]
fn names_in_ascii_show_no_code_page() {
    let names: [&[u8]; 3] = [b"Ana Lopez", b"J. R.\0\xd5\xc5", b""];
    assert_eq!(text::detect(names), None);
}

#[test]
fn the_writing_of_most_names_counts() {
    let mut names = stored(RUSSIAN, "windows-1251");
    names.extend(stored("Пётр Зоя", "UTF-8"));
    assert_eq!(detected(&names).as_deref(), Some("windows-1251"));
    names.extend(stored(RUSSIAN, "UTF-8"));
    assert_eq!(detected(&names).as_deref(), Some("UTF-8"));
}

#[rstest]
#[case::chinese("d5c5ceb0", "GBK", "张伟")]
#[case::cut_in_a_character("d5c5ce", "GBK", "张")]
#[case::looks_like_utf_8_by_chance("d6ae", "GBK", "之")]
#[case::utf_8_all_the_same("4a6f73c3a9", "GBK", "José")]
#[case::chinese_in_utf_8("e5bca0e4bc9f", "GBK", "张伟")]
#[case::russian("c8e2e0edeee2", "windows-1251", "Иванов")]
#[case::turkish("dee0", "windows-1254", "Şà")]
#[case::not_utf_8_after_all("4a6f73e9", "UTF-8", "José")]
#[case::spaces_and_garbage("20c8e2e00000c8", "windows-1251", "Ива")]
fn a_name_is_read_in_its_code_page(
    #[case] name: &str,
    #[case] page: CodePage,
    #[case] expected: &str,
) {
    assert_eq!(text::decode(&bytes(name), page), expected);
}

#[rstest]
#[case::fits("张伟", "GBK", 4, "d5c5ceb0", false)]
#[case::cut_before_half_a_character("张伟", "GBK", 3, "d5c5", true)]
#[case::utf_8("José", "UTF-8", 4, "4a6f73", true)]
#[case::nothing_fits("é", "UTF-8", 1, "", true)]
#[case::what_fits_behind_is_not_taken("aéb", "UTF-8", 2, "61", true)]
#[case::persian_yeh("علی", "windows-1256", 8, "dae1ed", false)]
#[case::romanian_comma("Ionuț", "windows-1250", 8, "496f6e75fe", false)]
#[case::trimmed("  Ana ", "windows-1252", 8, "416e61", false)]
fn a_name_is_written_in_a_code_page(
    #[case] name: &str,
    #[case] page: CodePage,
    #[case] max: usize,
    #[case] expected: &str,
    #[case] cut: bool,
) {
    let encoded = text::encode(name, page, max).unwrap();
    assert_eq!((encoded.bytes, encoded.cut), (bytes(expected), cut));
}

#[test]
fn characters_that_a_code_page_lacks_are_named() {
    let refused = text::encode("Łukasz 张 Łań\u{7}", text::WINDOWS_1252, 4).unwrap_err();
    assert_eq!(refused.characters, ['Ł', '张', 'ń', '\u{7}']);
    assert_eq!(
        refused.to_string(),
        "'Ł', '张', 'ń', '\\u{7}' cannot be written in windows-1252, the code page of this terminal's names"
    );
}

#[rstest]
#[case("WINDOWS-1256", "windows-1256")]
#[case("cp1251", "windows-1251")]
#[case("gb2312", "GBK")]
#[case("utf8", "UTF-8")]
#[case("big5", "Big5")]
#[case("sjis", "Shift_JIS")]
#[case("latin1", "windows-1252")]
fn a_code_page_has_a_name(#[case] label: &str, #[case] name: &str) {
    let page: CodePage = label.parse().unwrap();
    assert_eq!(page.to_string(), name);
    assert_eq!(page.to_string().parse(), Ok(page));
}

#[rstest]
#[case("utf-16le")]
#[case("iso-2022-jp")]
#[case("replacement")]
#[case("klingon")]
#[case("")]
fn what_is_no_code_page_of_names_is_refused(#[case] name: &str) {
    let refused = name.parse::<CodePage>().unwrap_err();
    assert!(refused.to_string().contains("use UTF-8"), "{refused}");
}

proptest! {
    #[test]
    fn what_was_written_reads_the_same_as_far_as_it_fits(
        list in prop::sample::select(vec![
            (CHINESE, "GBK"), (RUSSIAN, "windows-1251"), (TURKISH, "windows-1254"), (ARABIC, "windows-1256"),
            (TAIWANESE, "Big5"), (KOREAN, "EUC-KR"), (JAPANESE, "Shift_JIS"), (GREEK, "UTF-8"),
        ]),
        nth in any::<prop::sample::Index>(),
        max in 0..30_usize,
    ) {
        let (list, page) = list;
        let (names, page) = (names(list), page.parse().unwrap());
        let name = &names[nth.index(names.len())];
        let encoded = text::encode(name, page, max).unwrap();
        prop_assert!(encoded.bytes.len() <= max);
        let read = text::decode(&encoded.bytes, page);
        prop_assert!(name.starts_with(&read), "{read}");
        prop_assert_eq!(!encoded.cut, read == *name);
    }

    #[test]
    fn any_bytes_are_some_text(names in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30), 0..20)) {
        let page = text::detect(names.iter().map(Vec::as_slice)).unwrap_or(text::WINDOWS_1252);
        for name in &names {
            let read = text::decode(name, page);
            prop_assert!(read.chars().count() <= name.len());
        }
    }
}
