-- Times that end in _at are Unix milliseconds. local_time is the terminal's own wall clock, 'YYYY-MM-DD HH:MM:SS'.

CREATE TABLE terminals (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    identity           TEXT UNIQUE,             -- serial number, or an id minted once for a terminal that has none; NULL before first contact
    serial             TEXT,
    name               TEXT    NOT NULL,
    host               TEXT    NOT NULL,
    port               INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    transport          TEXT    NOT NULL CHECK (transport IN ('tcp', 'udp')),
    comm_key           BLOB,                    -- sealed
    zone               TEXT,                    -- IANA name; NULL follows the server's setting
    interval_secs      INTEGER,                 -- NULL follows the server's setting
    connect_timeout_ms INTEGER,                 -- NULL follows the server's setting
    enabled            INTEGER NOT NULL DEFAULT 1,
    is_default         INTEGER NOT NULL DEFAULT 0,
    registered_at      INTEGER NOT NULL,
    closed_at          INTEGER,                 -- removed, or replaced by another terminal at its address
    replaced_by        INTEGER REFERENCES terminals (id),
    model              TEXT,
    platform           TEXT,
    firmware           TEXT,
    mac                TEXT,
    user_row_size      INTEGER,                 -- 28 or 72, as the terminal itself sends users
    row_layout         TEXT,                    -- attendance row layout found by the last full read
    counters           BLOB,                    -- the last answer to GET_FREE_SIZES whose tables were read, byte for byte
    users_says         INTEGER,
    punches_says       INTEGER,
    punches_capacity   INTEGER,
    clock_offset_secs  INTEGER,                 -- terminal minus server
    users_read_at      INTEGER,
    punches_read_at    INTEGER,
    last_contact_at    INTEGER,
    last_error_code    TEXT,
    last_error         TEXT,
    last_error_at      INTEGER
);
CREATE UNIQUE INDEX terminals_default ON terminals (is_default) WHERE is_default = 1;
CREATE UNIQUE INDEX terminals_address ON terminals (host, port, transport) WHERE closed_at IS NULL;

-- A person as one terminal knows them.
CREATE TABLE enrolments (
    terminal_id  INTEGER NOT NULL REFERENCES terminals (id),
    pin          TEXT    NOT NULL,
    uid          INTEGER NOT NULL,              -- the terminal's private slot number; never leaves the device layer
    name         TEXT    NOT NULL,
    name_raw     BLOB    NOT NULL,
    privilege    INTEGER NOT NULL,
    card         INTEGER NOT NULL,
    group_id     TEXT    NOT NULL,
    has_password INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL,
    gone_at      INTEGER,
    PRIMARY KEY (terminal_id, pin)
) WITHOUT ROWID;

CREATE TABLE sync_runs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal_id   INTEGER NOT NULL REFERENCES terminals (id),
    kind          TEXT    NOT NULL CHECK (kind IN ('contact', 'users', 'punches')),
    outcome       TEXT    NOT NULL CHECK (outcome IN ('running', 'ok', 'failed')),
    started_at    INTEGER NOT NULL,
    finished_at   INTEGER,
    tries         INTEGER NOT NULL DEFAULT 1,   -- contacts in a row that failed for the same cause share one row
    terminal_says INTEGER,
    seen          INTEGER NOT NULL DEFAULT 0,
    stored        INTEGER NOT NULL DEFAULT 0,
    repeats       INTEGER NOT NULL DEFAULT 0,
    unreadable    INTEGER NOT NULL DEFAULT 0,
    error_code    TEXT,
    error         TEXT
);
CREATE INDEX sync_runs_by_terminal ON sync_runs (terminal_id, id);

CREATE TABLE punches (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    record_id   TEXT    NOT NULL UNIQUE,
    terminal_id INTEGER NOT NULL REFERENCES terminals (id),
    pin         TEXT    NOT NULL,
    local_time  TEXT    NOT NULL,
    state       INTEGER NOT NULL,
    verify      INTEGER NOT NULL,
    work_code   INTEGER NOT NULL,
    zone        TEXT    NOT NULL,
    instant     INTEGER NOT NULL,               -- Unix seconds
    flag        TEXT    NOT NULL CHECK (flag IN ('ok', 'gap', 'fold', 'implausible')),
    source      TEXT    NOT NULL CHECK (source IN ('pull', 'live', 'push', 'import')),
    person_name TEXT    NOT NULL,               -- at capture; the PIN where the terminal had no name
    raw         BLOB    NOT NULL,
    sync_run_id INTEGER REFERENCES sync_runs (id),
    stored_at   INTEGER NOT NULL,
    UNIQUE (terminal_id, pin, local_time, state)
);
CREATE INDEX punches_by_raw ON punches (terminal_id, raw);
CREATE INDEX punches_by_time ON punches (local_time, id);
CREATE INDEX punches_by_pin ON punches (pin, local_time, id);

-- Rows that no layout could read: kept raw, to be decoded again after an update.
CREATE TABLE unreadable_rows (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal_id INTEGER NOT NULL REFERENCES terminals (id),
    raw         BLOB    NOT NULL,
    reason      TEXT    NOT NULL,
    sync_run_id INTEGER REFERENCES sync_runs (id),
    seen_at     INTEGER NOT NULL,
    UNIQUE (terminal_id, raw)
);

CREATE TABLE destinations (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL UNIQUE,    -- 'default' is the one of /api/export-config
    url             TEXT,                       -- sealed would hide nothing: credentials in URLs are refused
    auto_export     INTEGER NOT NULL DEFAULT 0,
    start_from      TEXT    NOT NULL,           -- compared with the punch's local_time
    batch_size      INTEGER NOT NULL DEFAULT 500,
    with_record_id  INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    -- health: one schedule a destination
    failures        INTEGER NOT NULL DEFAULT 0, -- transient failures in a row
    retry_at        INTEGER,
    paused_code     TEXT,
    paused_reason   TEXT,
    paused_at       INTEGER,
    probe_at        INTEGER,                    -- NULL while paused = no probe (after 410, or paused by a person)
    -- what was learned of the receiver
    max_batch       INTEGER,                    -- after 413
    bare_only       INTEGER NOT NULL DEFAULT 0,
    bare_rescues    INTEGER NOT NULL DEFAULT 0, -- refused batches of one whose bare record was taken
    refused_streak  INTEGER NOT NULL DEFAULT 0, -- records refused in a row with none accepted between
    delivered_count INTEGER NOT NULL DEFAULT 0,
    last_attempt_at INTEGER,
    last_success_at INTEGER,
    last_status     INTEGER,
    last_error      TEXT,
    last_error_at   INTEGER
);

CREATE TABLE outbox (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    destination_id INTEGER NOT NULL REFERENCES destinations (id),
    punch_id       INTEGER NOT NULL REFERENCES punches (id),
    terminal_id    INTEGER NOT NULL REFERENCES terminals (id),
    pin            TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('held', 'waiting', 'batched', 'delivered', 'parked', 'withdrawn')),
    batch_id       INTEGER,
    due_at         INTEGER,                     -- own schedule of a record that failed while others passed; NULL = at once
    tries          INTEGER NOT NULL DEFAULT 0,  -- own failures
    first_failed_at INTEGER,
    asked          INTEGER NOT NULL DEFAULT 0,  -- a person asked for it: goes although auto_export is off
    late           INTEGER NOT NULL DEFAULT 0,  -- replayed after it was parked or withdrawn
    in_doubt       INTEGER NOT NULL DEFAULT 0,  -- an attempt with it was left without an answer
    streak         INTEGER NOT NULL DEFAULT 0,  -- parked within the present streak of refusals
    reason         TEXT,
    done_at        INTEGER,
    UNIQUE (destination_id, punch_id)
);
-- Records leave in the order in which their punches arrived in the ledger, also those that were queued later.
CREATE INDEX outbox_waiting ON outbox (destination_id, punch_id) WHERE state = 'waiting';
CREATE INDEX outbox_asked ON outbox (destination_id, punch_id) WHERE state = 'waiting' AND asked = 1;
CREATE INDEX outbox_own_schedule ON outbox (destination_id, due_at) WHERE state = 'waiting' AND due_at IS NOT NULL;
CREATE INDEX outbox_batched ON outbox (batch_id, punch_id) WHERE state = 'batched';
CREATE INDEX outbox_set_aside ON outbox (destination_id, state, id) WHERE state IN ('held', 'parked', 'withdrawn');

CREATE TABLE batches (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    destination_id  INTEGER NOT NULL REFERENCES destinations (id),
    terminal_id     INTEGER NOT NULL REFERENCES terminals (id),
    shape           TEXT    NOT NULL CHECK (shape IN ('batch', 'bare')),
    idempotency_key TEXT    NOT NULL,
    device_ip       TEXT    NOT NULL,
    device_port     INTEGER NOT NULL,
    export_time     TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    first_punch_id  INTEGER NOT NULL,
    holds_asked     INTEGER NOT NULL DEFAULT 0, -- a record in it was asked for: goes although auto_export is off
    state           TEXT    NOT NULL CHECK (state IN ('open', 'sending', 'done')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    server_errors   INTEGER NOT NULL DEFAULT 0, -- answers 500 in a row
    in_doubt        INTEGER NOT NULL DEFAULT 0, -- an attempt was left without an answer
    halved          INTEGER NOT NULL DEFAULT 0, -- a part of a batch that was answered 500 four times
    others_passed   INTEGER NOT NULL DEFAULT 0, -- another batch was accepted while this one was answered 500
    witness         INTEGER NOT NULL DEFAULT 0, -- one record, sent to find out whose fault the answers 500 are
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER,
    last_status     INTEGER,
    last_error      TEXT
);
CREATE INDEX batches_open ON batches (destination_id, first_punch_id) WHERE state <> 'done';

CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT    NOT NULL CHECK (kind IN ('send_attendance', 'import_users')),
    state       TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    request     TEXT    NOT NULL,               -- JSON
    result      TEXT                            -- JSON
);
CREATE TABLE job_items (
    job_id    INTEGER NOT NULL REFERENCES jobs (id),
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    PRIMARY KEY (job_id, outbox_id)
) WITHOUT ROWID;

-- What people are told: a terminal replaced, a destination paused, a receiver that takes single records only …
CREATE TABLE notices (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    level          TEXT    NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    code           TEXT    NOT NULL,
    terminal_id    INTEGER REFERENCES terminals (id),
    destination_id INTEGER REFERENCES destinations (id),
    text           TEXT    NOT NULL
);

CREATE TABLE api_keys (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    hash         BLOB    NOT NULL UNIQUE,       -- SHA-256 of the key
    hint         TEXT    NOT NULL,              -- its last four characters
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
);

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
