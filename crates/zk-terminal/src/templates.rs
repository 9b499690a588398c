//! Fingerprints, kept as the rows that clients read.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use zk_wire::TemplateRow;

use crate::seed::Seeded;

const TEMPLATES: u64 = 13;

/// Templates by slot number and finger, in that order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Templates(BTreeMap<(u16, u8), TemplateRow>);

impl Templates {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn put(&mut self, row: TemplateRow) {
        self.0.insert((row.uid, row.finger), row);
    }

    pub(crate) fn get(&self, uid: u16, finger: u8) -> Option<&TemplateRow> {
        self.0.get(&(uid, finger))
    }

    /// `false` where there is none.
    pub(crate) fn remove(&mut self, uid: u16, finger: u8) -> bool {
        self.0.remove(&(uid, finger)).is_some()
    }

    pub(crate) fn remove_user(&mut self, uid: u16) {
        self.0.retain(|(of, _), _| *of != uid);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &TemplateRow> {
        self.0.values()
    }

    /// The table as it stands now: the length of its rows, and the rows.
    pub(crate) fn table(&self) -> Bytes {
        let mut rows = vec![0; 4];
        for row in self.0.values() {
            // Only rows that fit get in.
            let _ = row.encode(&mut rows);
        }
        let length = u32::try_from(rows.len() - 4).unwrap_or(u32::MAX);
        let mut table = BytesMut::from(rows.as_slice());
        if let Some(field) = table.get_mut(..4) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        table.freeze()
    }

    /// The first fingers of everybody, made up by the seed.
    pub(crate) fn generate(people: impl Iterator<Item = u16>, fingers: u8, seed: u64) -> Self {
        let mut templates = Self::default();
        for uid in people {
            for finger in 0..fingers.min(10) {
                templates.put(generate(uid, finger, seed));
            }
        }
        templates
    }
}

/// Bytes that look like a template of `ZKFinger` 10.0, the same for the same seed, slot and finger.
fn generate(uid: u16, finger: u8, seed: u64) -> TemplateRow {
    let of_finger = (u64::from(uid) << 8) | u64::from(finger);
    let mut seeded = Seeded::new(seed ^ of_finger, TEMPLATES);
    let mut byte = || u8::try_from(seeded.below(255)).unwrap_or(0) + 1;
    let mut template = vec![b'M', byte(), b'S', b'S', b'2', b'1'];
    let length = 600 + 4 * usize::from(byte());
    // None of them is zero, so that none is taken for filler at the end.
    template.extend(std::iter::repeat_with(byte).take(length));
    TemplateRow {
        uid,
        finger,
        valid: 1,
        template,
    }
}
