//! How likely letters are in names, page by page.

use super::CodePage;
use super::{
    WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254,
    WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

/// The letters beyond ASCII of the languages of one page.
#[derive(Debug)]
pub(super) struct Letters {
    pub(super) page: CodePage,
    /// How much rarer than others terminals with this page are.
    pub(super) rarity: u32,
    /// Latin letters stand among ASCII ones; others never do.
    pub(super) latin: bool,
    often: &'static str,
    sometimes: &'static str,
    seldom: &'static str,
}

/// Bits of a letter of the page's alphabet that its languages do not use.
const FOREIGN: u32 = 13;

impl Letters {
    /// Bits that a letter beyond ASCII costs, in lower case.
    pub(super) fn cost(&self, letter: char) -> u32 {
        // Among ASCII letters, any other is seldom.
        let seldom = if self.latin { 2 } else { 0 };
        seldom
            + if self.often.contains(letter) {
                4
            } else if self.sometimes.contains(letter) {
                6
            } else if self.seldom.contains(letter) {
                9
            } else {
                FOREIGN
            }
    }
}

pub(super) const LETTERS: [Letters; 10] = [
    Letters {
        page: WINDOWS_1252,
        rarity: 0,
        latin: true,
        often: "áäçèéíñóöü",
        sometimes: "àâãåæêëîïìòôøùúß",
        seldom: "ðõýþÿœšžû",
    },
    Letters {
        page: WINDOWS_1251,
        rarity: 0,
        latin: false,
        often: "авеиклнорст",
        sometimes: "бгдёжзймпуфхцчшыьюя",
        seldom: "щъэіїєґђјљњћџўѓќѕ",
    },
    Letters {
        page: WINDOWS_1256,
        rarity: 0,
        latin: false,
        often: "ادرعلمنحي",
        sometimes: "بتجخزسشصطفقكهوأةىپچگک",
        seldom: "ءآإئؤثذضظغژہےٹڈڑں",
    },
    Letters {
        page: WINDOWS_1254,
        rarity: 1,
        latin: true,
        often: "çğıöşüİ",
        sometimes: "âîû",
        seldom: "áãäéíñóàåæèêëïôõøúß",
    },
    Letters {
        page: WINDOWS_1250,
        rarity: 6,
        latin: true,
        often: "áąćčéęěíłńóöőřśšüýżž",
        sometimes: "ăâäďđîňşţťúůűźë",
        seldom: "çĺľôŕß",
    },
    Letters {
        page: WINDOWS_1253,
        rarity: 1,
        latin: false,
        often: "αεηικνορσςτ",
        sometimes: "βγδθλμπυφχωάέήίόύώ",
        seldom: "ζξψϊϋΐΰ",
    },
    Letters {
        page: WINDOWS_1255,
        rarity: 1,
        latin: false,
        often: "אהוילמנר",
        sometimes: "בגדזחטכסעפקשתם",
        seldom: "ךןףץצ",
    },
    Letters {
        page: WINDOWS_1257,
        rarity: 6,
        latin: true,
        often: "āčēīļņšūžąėįų",
        sometimes: "ģķęõäöü",
        seldom: "óéåøæłńśźżōŗß",
    },
    Letters {
        page: WINDOWS_874,
        rarity: 2,
        latin: false,
        often: "กงชตทนปพมยรลวศสอะัาิีุ์่",
        sometimes: "ขคจญณดธบผภษหึืูเแโใไ้",
        seldom: "ฃฅฆฉซฌฎฏฐฑฒถฝฟฤฦฬฮำฯๅๆ็๊๋",
    },
    Letters {
        page: WINDOWS_1258,
        rarity: 8,
        latin: true,
        often: "ăâđêôơư\u{300}\u{301}\u{323}",
        sometimes: "áàéèíóúù\u{303}\u{309}",
        seldom: "äçëîïñöüûåæøß",
    },
];
