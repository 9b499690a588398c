//! How likely pairs of bytes are characters of names in Chinese, Korean and Japanese.

use super::{BIG5, CodePage, EUC_KR, GBK, SHIFT_JIS};

/// A page in which a character beyond ASCII is two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairs {
    Gbk,
    Big5,
    EucKr,
    ShiftJis,
}

/// Bits of a character that most names are made of.
const OFTEN: u32 = 8;
/// Bits of another one of everyday life.
const USUAL: u32 = 12;
/// Bits of one that hardly does.
const UNUSUAL: u32 = 17;
/// Bits of what is no letter.
const SYMBOL: u32 = 20;

impl Pairs {
    pub(super) const ALL: [Self; 4] = [Self::Gbk, Self::Big5, Self::EucKr, Self::ShiftJis];

    pub(super) fn page(self) -> CodePage {
        match self {
            Self::Gbk => GBK,
            Self::Big5 => BIG5,
            Self::EucKr => EUC_KR,
            Self::ShiftJis => SHIFT_JIS,
        }
    }

    /// How much rarer than others terminals with this page are.
    pub(super) fn rarity(self) -> u32 {
        match self {
            Self::Gbk => 0,
            Self::Big5 | Self::EucKr | Self::ShiftJis => 1,
        }
    }

    /// Bits that the pair costs; `None` where the page has no such pair.
    pub(super) fn cost(self, lead: u8, trail: u8) -> Option<u32> {
        match self {
            Self::Gbk => gbk(lead, trail),
            Self::Big5 => big5(lead, trail),
            Self::EucKr => euc_kr(lead, trail),
            Self::ShiftJis => shift_jis(lead, trail),
        }
        .map(|bits| {
            if bits == USUAL && self.often().contains(&self.page().decode(&[lead, trail])) {
                OFTEN
            } else {
                bits
            }
        })
    }

    /// Family names and frequent parts of given names.
    fn often(self) -> &'static str {
        match self {
            Self::Gbk => {
                "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜\
                 戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛秦江史顾侯邵孟龙万段伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀\
                 霞平刚桂英华玉兰红梅建国文志海燕春晓雪云飞鹏辉俊峰新生永东波宁琴琳佳慧婷雨欣子浩宇轩小"
            }
            Self::Big5 => {
                "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾彭詹胡施沈余盧梁趙顏柯翁魏孫戴范\
                 方宋鄧杜傅侯曹薛丁馬董溫唐藍石蔣姚連馮程湯康姜汪白田鄒黎嚴韓袁金陸夏淑美雅惠玲芬怡君家豪志明俊傑建宏\
                 文華麗秀英珍宗信國德學友玉雪芳婷佩慧雯庭宇承冠廷子宜欣佳"
            }
            Self::EucKr => {
                "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염\
                 추수영미은희경숙호철준동상재용훈선혜연아순자옥말정복기태석종길식광규환일대인승세병창덕란예빈윤우도시건람"
            }
            Self::ShiftJis => {
                "佐藤鈴木高橋田中伊渡辺山本村小林加吉井松斉清口森池阿部石川島前原野上岡長谷近青坂遠杉西千葉大宮内今新平和\
                 太郎一二三雄男夫子美恵幸明正健由花翔陽真優愛香奈菜里彦樹介輔也"
            }
        }
    }

    /// Bits of a single byte above 127; `None` where the page has no such character.
    pub(super) fn single_cost(self, byte: u8) -> Option<u32> {
        match self {
            // Katakana of half width.
            Self::ShiftJis => (0xa6..=0xdf).contains(&byte).then_some(7),
            Self::Gbk | Self::Big5 | Self::EucKr => None,
        }
    }
}

/// The first 3,755 characters are those of everyday life, the next 3,008 the others of the first standard.
fn gbk(lead: u8, trail: u8) -> Option<u32> {
    match (lead, trail) {
        (0xb0..=0xd7, 0xa1..=0xfe) => Some(USUAL),
        (0xd8..=0xf7, 0xa1..=0xfe) => Some(UNUSUAL),
        (0xa1..=0xa9, 0xa1..=0xfe) => Some(SYMBOL),
        (0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe) => Some(UNUSUAL + 1),
        _ => None,
    }
}

fn big5(lead: u8, trail: u8) -> Option<u32> {
    match (lead, trail) {
        (_, 0..0x40 | 0x7f..=0xa0 | 0xff) => None,
        (0xa4..=0xc6, _) => Some(USUAL),
        (0xc9..=0xf9, _) => Some(UNUSUAL),
        (0xa1..=0xa3, _) => Some(SYMBOL),
        _ => None,
    }
}

/// Names are made of few of the 2,350 syllables.
fn euc_kr(lead: u8, trail: u8) -> Option<u32> {
    match (lead, trail) {
        (0xb0..=0xc8, 0xa1..=0xfe) => Some(USUAL),
        (0xa1..=0xac, 0xa1..=0xfe) => Some(SYMBOL),
        (0xca..=0xfd, 0xa1..=0xfe) | (0x81..=0xc6, 0x41..=0x5a | 0x61..=0x7a | 0x81..=0xfe) => {
            Some(UNUSUAL)
        }
        _ => None,
    }
}

/// The wide space between names and kana, the first 2,965 characters, the others.
fn shift_jis(lead: u8, trail: u8) -> Option<u32> {
    match (lead, trail) {
        (_, 0..0x40 | 0x7f | 0xfd..=0xff) => None,
        (0x81, 0x40) | (0x82, 0x9f..=0xf1) | (0x83, 0x40..=0x96) => Some(8),
        (0x88..=0x97, _) => Some(USUAL),
        (0x98..=0x9f | 0xe0..=0xea, _) => Some(UNUSUAL),
        (0x81..=0x84, _) => Some(SYMBOL),
        _ => None,
    }
}
