//! Which layout the rows of a log have: each that is possible is scored by how its rows read.

use crate::{
    LayoutError, PinText, RowLayout, Unreadable, WireTime,
    bytes::{u16_at, u32_at},
    punch::TAIL_49,
};

/// Points of a layout, in percent, below which its rows are nonsense: every other row may be one's own by chance.
const LEAST: u32 = 55;
/// Points that agreeing with the terminal's own count of rows is worth: it may be wrong.
const AGREES_WITH_COUNTERS: u32 = 12;
/// Points by which the best must lead, so that chance does not decide.
const MARGIN: u32 = 6;
/// Points of a row of layout B that is out of step with the others.
const MIXED: u32 = 35;
/// Rows that are looked at.
const MOST_ROWS: usize = 200;
/// Points by which rows of unusual length must beat a common layout, although the count agrees with them.
const LONG_BEATS_COMMON: u32 = 10;
/// Rows of unusual length are found without a count up to this one.
const LONGEST_UNCOUNTED: usize = 256;
/// Points of rows of unusual length that no count vouches for.
const LEAST_UNCOUNTED: u32 = 90;

impl RowLayout {
    const COMMON: [Self; 5] = [Self::R40, Self::R49, Self::R16, Self::A8, Self::B8];
    /// Bytes that are enough to be sure: 50 rows of the longest common layout, and more of each shorter one.
    pub const SAMPLE: usize = 50 * 49 + 8;

    /// Finds the layout of a log of `bytes` bytes of which `sample` is the beginning (all of it, or at least
    /// [`SAMPLE`](Self::SAMPLE) bytes). `records` is what the counters say, which may be wrong.
    ///
    /// Every layout that fits the log's length is scored by how its rows read; agreeing with the counters helps one, but does
    /// not save one whose rows are nonsense. Divisibility alone says nothing: 40 n is always divisible by 8. Where two
    /// layouts read equally well, or one that does not fit reads best, it is refused: a wrong row would look like a right
    /// one. What is refused can be kept in pieces of an [`unknown`](Self::unknown) layout.
    pub fn derive(bytes: usize, records: Option<u32>, sample: &[u8]) -> Result<Self, LayoutError> {
        let refused = |tied| LayoutError {
            bytes,
            records,
            tied,
        };
        if bytes == 0 {
            return Err(refused(None));
        }
        let counted = records
            .and_then(|records| usize::try_from(records).ok())
            .filter(|records| *records > 0 && bytes.is_multiple_of(*records))
            .map(|records| bytes / records);
        let (mut best, mut second) = (None::<(Self, u32)>, None::<(Self, u32)>);
        for layout in Self::COMMON.into_iter().filter(|layout| layout.fits(bytes)) {
            let score = layout.score(sample);
            if score < LEAST {
                continue;
            }
            let score = if counted == Some(layout.size()) {
                score + AGREES_WITH_COUNTERS
            } else {
                score
            };
            if best.is_none_or(|(_, most)| score > most) {
                (best, second) = (Some((layout, score)), best);
            } else if second.is_none_or(|(_, most)| score > most) {
                second = Some((layout, score));
            }
        }
        let misfit = Self::COMMON
            .into_iter()
            .filter(|layout| !layout.fits(bytes))
            .map(|layout| layout.score(sample))
            .max();
        // The length is not what it should be: parts of rows, or several, would be taken for rows.
        let is_misfit = |points: u32| misfit.is_some_and(|misfit| misfit >= points + MARGIN);
        if let Some(long) = unusual(bytes, counted, sample, best.map(|(_, score)| score)) {
            return if is_misfit(long.score(sample)) {
                Err(refused(None))
            } else {
                Ok(long)
            };
        }
        match (best, second) {
            (None, _) => Err(refused(None)),
            (Some((_, most)), _) if is_misfit(most) => Err(refused(None)),
            (Some((one, most)), Some((other, next))) if most < next + MARGIN => {
                Err(refused(Some([one, other])))
            }
            (Some((layout, _)), _) => Ok(layout),
        }
    }

    /// How well the rows read, in percent.
    fn score(self, sample: &[u8]) -> u32 {
        let (mut rows, mut points, mut before) = (0_u32, 0_u32, None);
        for row in sample.chunks_exact(self.size()).take(MOST_ROWS) {
            rows += 1;
            points += self.score_row(row, &mut before);
        }
        points.checked_div(rows).unwrap_or(0)
    }

    /// Points of one row, at most 100: that it has a time at all, that the time is likely, follows the one before, that
    /// the state is one of those that terminals have, and that the rest is as on real terminals.
    fn score_row(self, row: &[u8], before: &mut Option<WireTime>) -> u32 {
        let (year, order, state, rest) = match self {
            Self::A8 | Self::B8 | Self::R16 | Self::R16VerifyFirst => {
                (40, 15, 15, self.rest_of_numeric(row))
            }
            // A printable id that is padded with zeros to 24 bytes is no accident.
            Self::R40 | Self::R49 | Self::Long(_) | Self::Unknown(_) => {
                (20, 10, 10, self.rest_of_textual(row))
            }
        };
        let read = match self.decode(row) {
            Ok(read) => read,
            // A bad date in a row that is otherwise in order happens on real terminals.
            Err(Unreadable::Time(_)) => return rest / 2,
            // Some rows of another length do not make the others unreadable.
            Err(Unreadable::Mixed) => return MIXED,
            Err(
                Unreadable::UserId | Unreadable::Nobody | Unreadable::Short | Unreadable::Layout,
            ) => return 0,
        };
        let in_order = before.is_none_or(|before| read.time >= before);
        *before = Some(read.time);
        // Terminals of this kind are not older; other years are clocks that were never set, or a wrong stride.
        let likely = (2005..=2060).contains(&read.time.year);
        let known = match read.state {
            0..=5 | 255 => state,
            6..=15 => state * 2 / 3,
            _ => 0,
        };
        let points =
            5 + if likely { year } else { 0 } + if in_order { order } else { 0 } + known + rest;
        if self == Self::A8 && looks_like_flags(row) {
            points.saturating_sub(15)
        } else {
            points
        }
    }

    /// At most 25 points.
    fn rest_of_numeric(self, row: &[u8]) -> u32 {
        let byte = |at: usize| row.get(at).copied().unwrap_or_default();
        let if_so = |points: u32, so: bool| if so { points } else { 0 };
        match self {
            Self::A8 => if_so(20, is_verify(byte(2))) + if_so(5, byte(3) != 0),
            // Of the flags, the upper two bits are unused and the three below them are never all zero in captures.
            Self::B8 => {
                if_so(20, byte(3) == 0) + if_so(5, byte(2) & 0xc0 == 0 && byte(2) & 0x38 != 0)
            }
            Self::R16 | Self::R16VerifyFirst => {
                // Work codes have at most 8 digits; times of today are greater.
                let work_code = u32_at(row, 12).is_some_and(|code| code < 100_000_000);
                if_so(10, u16_at(row, 10) == Some(0)) + if_so(15, work_code)
            }
            Self::R40 | Self::R49 | Self::Long(_) | Self::Unknown(_) => 0,
        }
    }

    /// At most 55 points.
    fn rest_of_textual(self, row: &[u8]) -> u32 {
        let tail = self != Self::R49 || row.get(40..44) == TAIL_49.get(..4);
        (if id_is_padded(row) { 40 } else { 0 }) + (if tail { 15 } else { 0 })
    }
}

/// Rows of 40 bytes with a tail: their length is what the counters say, or the least in which every row reads.
fn unusual(
    bytes: usize,
    counted: Option<usize>,
    sample: &[u8],
    common: Option<u32>,
) -> Option<RowLayout> {
    let shortest = |most: usize, divides: usize| {
        (41..=most)
            .filter(|size| *size != RowLayout::R49.size() && divides.is_multiple_of(*size))
            .map(RowLayout::Long)
            .find(|long| long.score(sample) >= LEAST_UNCOUNTED)
    };
    let long = counted
        .filter(|size| (41..=RowLayout::LONGEST).contains(size) && *size != RowLayout::R49.size());
    match (long, common) {
        // Two rows of 40 read as one of 80, so a common layout that reads well wins.
        (Some(size), Some(common)) => {
            let long = RowLayout::Long(size);
            (long.score(sample) > common + LONG_BEATS_COMMON).then_some(long)
        }
        (None, Some(_)) => None,
        (_, None) => long
            .and_then(|size| {
                let long = RowLayout::Long(size);
                shortest(size, size).or((long.score(sample) >= LEAST).then_some(long))
            })
            .or_else(|| shortest(LONGEST_UNCOUNTED, bytes)),
    }
}

/// Ways of verification that terminals with rows of 8 bytes have.
fn is_verify(code: u8) -> bool {
    matches!(code, 0..=6 | 15 | 25)
}

/// A row of layout A whose verify and lowest byte of time are rather the flags and the filler of layout B.
fn looks_like_flags(row: &[u8]) -> bool {
    row.get(2).is_some_and(|verify| !is_verify(*verify)) && row.get(3) == Some(&0)
}

fn id_is_padded(row: &[u8]) -> bool {
    let id = row.get(2..26).unwrap_or_default();
    let text = id.iter().take_while(|byte| **byte != 0).count();
    text > 0 && text <= PinText::MAX && id.iter().skip(text).all(|byte| *byte == 0)
}
