mod mapping;
mod sheet;
mod spelling;
mod suggest;

use crate::LocalTime;

fn local(text: &str) -> LocalTime {
    text.parse().unwrap()
}
