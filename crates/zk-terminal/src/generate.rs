//! Users and punches that look like those of a company, the same for the same seed.

use std::collections::HashSet;

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Weekday, date},
};

use crate::{
    contents::{Contents, Punch, User},
    seed::Seeded,
};

const USERS: u64 = 1;
const PUNCHES: u64 = 2;

/// The first day on which a generated punch may lie.
const FIRST_DAY: Date = date(2024, 1, 1);

/// Administrator, in the privilege byte.
const ADMINISTRATOR: u8 = 14;

/// The scripts that real terminals hold: names cut in the middle of a character come from these.
const NAMES: &[&str] = &[
    "Ana López",
    "Budi Santoso",
    "Chen Wei",
    "Diana Prince",
    "Emre Yılmaz",
    "Fatima Zahra",
    "Grace Okafor",
    "Hiro Tanaka",
    "Ines Müller",
    "Jonas Weber",
    "Karim Haddad",
    "Lucía Gómez",
    "Maria Silva",
    "Nguyễn Văn An",
    "Olga Petrova",
    "Priya Nair",
    "Quentin Roy",
    "Rosa Ibáñez",
    "Siti Aminah",
    "Tomáš Novák",
    "Uma Devi",
    "Víctor Ruiz",
    "Wanjiru Kamau",
    "Ximena Díaz",
    "Yusuf Ali",
    "Zsófia Kiss",
    "محمد رضایی",
    "فاطمة علي",
    "Иван Петров",
    "Ольга Смирнова",
    "王小明",
    "李秀英",
    "김민준",
    "Γιώργος Παππάς",
    "สมชาย ใจดี",
    "दीपक शर्मा",
];

impl Contents {
    /// `users` people (65,535 at most) and `punches` rows whose last day is the one before `now`.
    ///
    /// PINs count from 1001 and are never the slot number, so that a reader who mixes the two up is found out; a slot
    /// here and there is free, as after deletions. The days lie between 2024-01-01 and `now`, in the order of time; a
    /// person has no two punches in the same second as long as the days have room for that.
    pub fn generate(users: usize, punches: usize, seed: u64, now: DateTime) -> Self {
        let users = generate_users(users, seed);
        let punches = generate_punches(punches, &users, seed, now);
        Self { users, punches }
    }
}

/// People with names in many scripts, some with a card, a password or a role.
pub fn generate_users(count: usize, seed: u64) -> Vec<User> {
    let mut seeded = Seeded::new(seed, USERS);
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    let with_holes = count < 50_000;
    (0..count)
        .map(|index| {
            let number = u32::from(index);
            let name = seeded.pick(NAMES).copied().unwrap_or_default();
            let round = usize::from(index) / NAMES.len();
            User {
                uid: index + 1 + if with_holes { index / 10 } else { 0 },
                pin: (1001 + number).to_string(),
                name: if round == 0 {
                    name.to_owned()
                } else {
                    format!("{name} {round}")
                },
                privilege: if index == 0 { ADMINISTRATOR } else { 0 },
                password: if seeded.below(10) == 0 {
                    format!("{:04}", seeded.below(10_000))
                } else {
                    String::new()
                },
                card: if seeded.below(4) == 0 {
                    1 + u32::try_from(seeded.below(16_000_000)).unwrap_or(0)
                } else {
                    0
                },
                group: 1,
            }
        })
        .collect()
}

/// Punches of `users` on the working days before `now`, as evenly spread as their number asks for.
///
/// Without users they are those of people who have left: PIN 1001, slot 0.
pub fn generate_punches(count: usize, users: &[User], seed: u64, now: DateTime) -> Vec<Punch> {
    let mut seeded = Seeded::new(seed, PUNCHES);
    let mut people: Vec<(u16, &str)> = users
        .iter()
        .map(|user| (user.uid, user.pin.as_str()))
        .collect();
    if people.is_empty() {
        people.push((0, "1001"));
    }
    let days = working_days(count.div_ceil(people.len() * 2).max(1), now.date());
    let mut punches = Vec::with_capacity(count);
    for (index, day) in days.iter().enumerate() {
        let until_here = count * (index + 1) / days.len();
        let first = punches.len();
        seeded.shuffle(&mut people);
        let mut taken = HashSet::new();
        for nth in 0..until_here - first {
            if let Some(&(uid, pin)) = people.get(nth % people.len()) {
                let (state, second) = visit(nth / people.len(), &mut seeded);
                let second = free_second(&mut taken, uid, second);
                punches.push(Punch {
                    uid,
                    pin: pin.to_owned(),
                    time: at_second(*day, second),
                    state,
                    verify: if seeded.below(3) == 0 { 15 } else { 1 },
                    work_code: 0,
                });
            }
        }
        if let Some(today) = punches.get_mut(first..) {
            today.sort_by_key(|punch| punch.time);
        }
    }
    punches
}

/// The last `wanted` working days before `today`, oldest first, never before [`FIRST_DAY`] and at least one.
fn working_days(wanted: usize, today: Date) -> Vec<Date> {
    let mut days = Vec::new();
    let mut day = today.saturating_sub(1.day());
    while days.len() < wanted && (day >= FIRST_DAY || days.is_empty()) {
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || day < FIRST_DAY {
            days.push(day);
        }
        day = day.saturating_sub(1.day());
    }
    days.reverse();
    days
}

/// State and second of the day of a person's `nth` visit to the terminal on one day.
fn visit(nth: usize, seeded: &mut Seeded) -> (u8, u32) {
    const HOUR: u32 = 3_600;
    let (state, from, within) = match nth {
        0 => (0, 7 * HOUR + HOUR / 2, HOUR + HOUR / 2),
        1 => (1, 16 * HOUR + HOUR / 2, HOUR + HOUR / 2),
        2 => (4, 18 * HOUR + HOUR / 4, HOUR / 2),
        3 => (5, 20 * HOUR, HOUR),
        more => (u8::from(more % 2 != 0), 6 * HOUR, 16 * HOUR),
    };
    (
        state,
        from + u32::try_from(seeded.below(u64::from(within))).unwrap_or(0),
    )
}

/// The first second from `second` on in which this person has not punched yet today; `second` itself on a full day.
fn free_second(taken: &mut HashSet<(u16, u32)>, uid: u16, second: u32) -> u32 {
    const DAY: u32 = 86_400;
    let free = (0..DAY)
        .map(|more| (second + more) % DAY)
        .find(|&candidate| !taken.contains(&(uid, candidate)));
    let found = free.unwrap_or(second);
    taken.insert((uid, found));
    found
}

fn at_second(day: Date, second: u32) -> DateTime {
    day.to_datetime(jiff::civil::Time::midnight())
        .saturating_add(i64::from(second).seconds())
}
