use std::collections::BTreeSet;

/// The slots that a terminal has free for new users, in the order in which they are to be taken: those above the highest
/// that is used, then the gaps below.
///
/// A gap is where somebody was deleted. Logs of 8-byte rows name nothing but the slot, so whoever gets it next may be given
/// the old punches of somebody else.
pub fn free_slots(used: impl IntoIterator<Item = u16>) -> impl Iterator<Item = u16> {
    let used: BTreeSet<u16> = used.into_iter().collect();
    let highest = used.last().copied().unwrap_or(0);
    let above = (highest..u16::MAX).map(|slot| slot + 1);
    let gaps = (1..highest).filter(move |slot| !used.contains(slot));
    above.chain(gaps)
}

/// The first of [`free_slots`]; `None` where all 65,535 are used.
pub fn free_slot(used: impl IntoIterator<Item = u16>) -> Option<u16> {
    let used: Vec<u16> = used.into_iter().collect();
    let highest = used.iter().max().copied().unwrap_or(0);
    highest.checked_add(1).or_else(|| free_slots(used).next())
}
