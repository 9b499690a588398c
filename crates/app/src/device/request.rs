//! What each command asks of the server, and how its answer is shown.

use delivery::{OwnMethod, OwnRequest};
use serde_json::{Value, json};

use super::args::{DeviceCommand, Filter};

/// A request, and what of its answer is a table.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) request: OwnRequest,
    /// The list that is paged.
    pub(super) list: Option<&'static str>,
    pub(super) table: Option<Table>,
}

/// Where the rows are, and what is shown of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) rows: &'static str,
    /// Heading, and key in a row.
    pub(super) columns: &'static [(&'static str, &'static str)],
}

const COPIED: Table = Table {
    rows: "people",
    columns: &[
        ("USER", "user_id"),
        ("RESULT", "result"),
        ("TEMPLATES", "templates"),
        ("WARNING", "warning"),
        ("REASON", "reason"),
    ],
};
const HELD: Table = Table {
    rows: "records",
    columns: &[
        ("ID", "id"),
        ("USER", "employee_id"),
        ("TIME", "timestamp"),
        ("WOULD BE", "shifted"),
        ("TERMINAL", "device"),
    ],
};

pub(super) fn wish(command: &DeviceCommand) -> Wish {
    match command {
        DeviceCommand::List => get(&[], "", &LIST),
        DeviceCommand::Unlock { which, seconds } => post(
            &[&which.id, "unlock"],
            &json!({ "seconds": seconds.as_secs_f64() }),
        ),
        DeviceCommand::Restart(which) => post(&[&which.id, "restart"], &json!({})),
        DeviceCommand::Voice { which, number } => {
            post(&[&which.id, "voice"], &json!({ "number": number }))
        }
        DeviceCommand::Lcd {
            which, clear: true, ..
        } => Wish {
            request: request(OwnMethod::Delete, &[&which.id, "lcd"], None),
            list: None,
            table: None,
        },
        DeviceCommand::Lcd {
            which, text, line, ..
        } => post(&[&which.id, "lcd"], &json!({ "text": text, "line": line })),
        DeviceCommand::Clock { which, set: true } => post(&[&which.id, "clock"], &json!({})),
        DeviceCommand::Clock { which, set: false } => plain(&[&which.id, "clock"]),
        DeviceCommand::State(which) => post(&[&which.id, "state"], &json!({})),
        DeviceCommand::Enable(which) => post(&[&which.id, "enable"], &json!({})),
        DeviceCommand::Read(which) => post(&[&which.id, "log", "read"], &json!({})),
        DeviceCommand::Clear { which, serial } => with(
            post(
                &[&which.id, "log", "clear"],
                &json!({ "serial_number": serial }),
            ),
            Table {
                rows: "guards",
                columns: &[("GUARD", "guard"), ("FOUND", "found")],
            },
        ),
        DeviceCommand::Templates {
            which, read: true, ..
        } => post(&[&which.id, "templates", "read"], &json!({})),
        DeviceCommand::Templates { which, user, .. } => {
            let mut wish = get(&[&which.id, "templates"], "people", &TEMPLATES);
            wish.request
                .query
                .extend(user.clone().map(|user| ("user_id", user)));
            wish
        }
        DeviceCommand::Copy {
            from,
            to,
            users,
            all,
            dry_run,
        } => {
            let people = if *all { json!("all") } else { json!(users) };
            let body = json!({ "to": to, "user_ids": people, "dry_run": dry_run });
            with(post(&[from, "copy"], &body), COPIED)
        }
        DeviceCommand::Reconcile(which) => get(
            &[&which.id, "reconciliations"],
            "reconciliations",
            &RECONCILIATIONS,
        ),
        DeviceCommand::Unreadable {
            which,
            reread: true,
        } => post(&[&which.id, "unreadable", "reread"], &json!({})),
        DeviceCommand::Unreadable {
            which,
            reread: false,
        } => get(&[&which.id, "unreadable"], "rows", &UNREADABLE),
        DeviceCommand::Operations { which, limit } => with(
            post(&[&which.id, "operations"], &json!({ "limit": limit })),
            OPERATIONS,
        ),
        DeviceCommand::Doctor(which) => with(
            post(&[&which.id, "doctor"], &json!({})),
            Table {
                rows: "steps",
                columns: &[("STEP", "step"), ("OUTCOME", "outcome"), ("", "remarks")],
            },
        ),
        DeviceCommand::Held {
            filter,
            shift_seconds,
        } => held(filter, *shift_seconds),
        DeviceCommand::Release {
            filter,
            shift_seconds,
            reason,
            dry_run,
        } => {
            let mut body =
                json!({ "dry_run": dry_run, "reason": reason, "shift_seconds": shift_seconds });
            for (name, value) in filter.fields() {
                body[name] = json!(value);
            }
            let mut wish = with(post(&[], &body), HELD);
            wish.request.path = path(&["punches", "held", "release"]);
            wish
        }
    }
}

fn held(filter: &Filter, shift_seconds: Option<i64>) -> Wish {
    let mut wish = get(&[], "records", &HELD);
    wish.request.path = path(&["punches", "held"]);
    let fields = filter.fields().into_iter();
    wish.request
        .query
        .extend(fields.filter_map(|(name, value)| Some((name, value.clone()?))));
    wish.request
        .query
        .extend(shift_seconds.map(|secs| ("shift_seconds", secs.to_string())));
    wish
}

const LIST: Table = Table {
    rows: "devices",
    columns: &[
        ("ID", "id"),
        ("NAME", "name"),
        ("ADDRESS", "address"),
        ("SERIAL NUMBER", "serial_number"),
        ("CONNECTED", "connected"),
        ("LIVE", "live_state"),
        ("CLOCK", "clock_offset"),
        ("LAST SEEN", "last_seen"),
        ("ERROR", "last_error"),
    ],
};
const TEMPLATES: Table = Table {
    rows: "people",
    columns: &[
        ("USER", "user_id"),
        ("NAME", "name"),
        ("FINGERS", "templates"),
    ],
};
const RECONCILIATIONS: Table = Table {
    rows: "reconciliations",
    columns: &[
        ("STARTED", "started_at"),
        ("SAYS", "device_says"),
        ("STORED", "stored"),
        ("REPEATS", "repeats"),
        ("UNREADABLE", "unreadable"),
        ("DIFFERENCE", "difference"),
    ],
};
const UNREADABLE: Table = Table {
    rows: "rows",
    columns: &[("ID", "id"), ("REASON", "reason"), ("BYTES", "raw")],
};
const OPERATIONS: Table = Table {
    rows: "operations",
    columns: &[
        ("TIME", "time"),
        ("OPERATION", "operation"),
        ("NAME", "name"),
        ("BY", "by_user_id"),
    ],
};

impl Filter {
    fn fields(&self) -> [(&'static str, &Option<String>); 4] {
        [
            ("device", &self.device),
            ("emp_no", &self.users),
            ("start_date", &self.from),
            ("end_date", &self.to),
        ]
    }
}

fn path(rest: &[&str]) -> Vec<String> {
    ["api", "v1"]
        .iter()
        .chain(rest)
        .map(|segment| (*segment).to_owned())
        .collect()
}

fn request(method: OwnMethod, rest: &[&str], body: Option<&Value>) -> OwnRequest {
    let mut segments = vec!["devices"];
    segments.extend(rest);
    OwnRequest {
        method,
        path: path(&segments),
        query: Vec::new(),
        body: body.map(Value::to_string),
    }
}

fn plain(rest: &[&str]) -> Wish {
    Wish {
        request: request(OwnMethod::Get, rest, None),
        list: None,
        table: None,
    }
}

/// A table; `list` is paged where it is not empty.
fn get(rest: &[&str], list: &'static str, table: &Table) -> Wish {
    let mut wish = with(plain(rest), *table);
    if !list.is_empty() {
        wish.list = Some(list);
        wish.request.query.push(("limit", "1000".to_owned()));
    }
    wish
}

fn post(rest: &[&str], body: &Value) -> Wish {
    Wish {
        request: request(OwnMethod::Post, rest, Some(body)),
        list: None,
        table: None,
    }
}

fn with(wish: Wish, table: Table) -> Wish {
    Wish {
        table: Some(table),
        ..wish
    }
}
