//! Takes the people out of a conversation: names, user ids, cards, passwords, keys, serial number and addresses become
//! others of the same length, the same each time; fingerprints become zeros. What is not known to be harmless is zeroed.
//!
//! Rows of tables are found also where packets split them. Rows of no known layout keep their numbers, so that somebody
//! can find out the layout; texts in them, and numbers that are somebody's user id, are replaced.

mod identities;
mod images;
mod names;
mod packets;
mod people;
mod rows;
mod unknown;

use zk_wire::{
    RowLayout, Table, UserFormat,
    capture::{Capture, Happened},
};

use self::{
    images::{Image, Place},
    people::People,
};

/// The same conversation without the people in it.
#[must_use]
pub fn anonymise(mut capture: Capture) -> Capture {
    let (mut images, places) = images::find(&capture.moments);
    let mut people = People::of(&images);
    // Users come first: the log is theirs.
    images.sort_by_key(|(_, image)| image.table != Table::Users);
    let layout = layout(&images);
    for (_, image) in &mut images {
        rewrite(image, layout, &mut people);
    }
    let image_of = |id: usize| {
        images
            .iter()
            .find(|(at, _)| *at == id)
            .map(|(_, image)| image)
    };
    let mut requests = packets::Requests::default();
    for (at, moment) in capture.moments.iter_mut().enumerate() {
        match &mut moment.what {
            Happened::Opened => requests.forget(),
            Happened::Sent(packet) => requests.sent(packet, &mut people),
            Happened::Received(packet) => {
                let place = places.get(&at).and_then(|place| {
                    let image = image_of(place.image)?;
                    image.bytes.get(place.range(packet.payload.len()))
                });
                match place {
                    Some(bytes) => packet.payload.copy_from_slice(bytes),
                    None => requests.received(packet, &mut people),
                }
            }
            Happened::Noise(_) | Happened::Closed => {}
        }
    }
    capture.notes.push(
        "Names, user ids, cards, passwords, keys, serial number and addresses are replaced; times are real.".to_owned(),
    );
    capture
}

impl Place {
    fn range(&self, length: usize) -> std::ops::Range<usize> {
        self.offset..self.offset.saturating_add(length)
    }
}

/// How the rows of the log are laid out, from that read of it of which the most came.
fn layout(images: &[(usize, Image)]) -> Option<RowLayout> {
    let log = images
        .iter()
        .map(|(_, image)| image)
        .filter(|image| image.table == Table::Attendance)
        .max_by_key(|image| image.came_from_start())?;
    let rows = log.rows();
    let came = log.came_from_start().saturating_sub(Image::LENGTH);
    let sample = rows.get(..came.min(rows.len()))?;
    RowLayout::derive(rows.len(), log.records, sample).ok()
}

fn rewrite(image: &mut Image, layout: Option<RowLayout>, people: &mut People) {
    let (table, users) = (image.table, image.users);
    let rows = image.rows_mut();
    match table {
        Table::Users => match UserFormat::derive(rows, users) {
            Some(format) => {
                for row in rows.chunks_mut(usize::from(format.size())) {
                    rows::user(row, format, people);
                }
            }
            None => unknown::table(rows, unknown::Names::MayBeThere, people),
        },
        Table::Attendance => match layout.filter(|layout| rows.len().is_multiple_of(layout.size()))
        {
            Some(layout) => {
                for row in rows.chunks_mut(layout.size()) {
                    rows::punch(row, layout, people);
                }
            }
            None => unknown::table(rows, unknown::Names::AreNot, people),
        },
        Table::Templates => rows::templates(rows),
        Table::Template { .. } => rows.fill(0),
        // Numbers of operations and slots.
        Table::Operations => {}
    }
}
