ALTER TABLE terminals ADD COLUMN live TEXT NOT NULL DEFAULT 'auto' CHECK (live IN ('auto', 'off'));
ALTER TABLE terminals ADD COLUMN correct_clock_secs INTEGER;      -- the clock is set where it is further off; NULL: it is only measured
ALTER TABLE terminals ADD COLUMN code_page TEXT;                  -- NULL: found out from the names
ALTER TABLE terminals ADD COLUMN order16 TEXT NOT NULL DEFAULT 'state_first' CHECK (order16 IN ('state_first', 'verify_first'));
ALTER TABLE terminals ADD COLUMN learned TEXT NOT NULL DEFAULT '{}';  -- JSON: peculiarity -> what is known of it

-- How far each log was read; written together with the punches that it covers.
CREATE TABLE log_positions (
    terminal_id INTEGER PRIMARY KEY REFERENCES terminals (id),
    rows        INTEGER NOT NULL,
    row_size    INTEGER NOT NULL,
    layout      TEXT    NOT NULL,
    last_rows   TEXT    NOT NULL,               -- JSON: hexadecimal, oldest first
    counters    BLOB,
    saved_at    INTEGER NOT NULL
);

ALTER TABLE sync_runs ADD COLUMN how TEXT CHECK (how IN ('full', 'tail', 'window', 'counters'));
ALTER TABLE sync_runs ADD COLUMN stored_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_runs ADD COLUMN difference INTEGER;              -- of a full read: what the terminal says, less all that was seen of it
CREATE INDEX sync_runs_full ON sync_runs (terminal_id, id) WHERE how = 'full';

-- The same punches with fewer indexes: what a large log costs is the pages of them that each transaction changes. The
-- record id follows from what is unique anyway; a person is found by the index of that, terminal by terminal.
CREATE TABLE punches_with_fewer_indexes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    record_id   TEXT    NOT NULL,
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
    stored_at   INTEGER NOT NULL
);
INSERT INTO punches_with_fewer_indexes (id, record_id, terminal_id, pin, local_time, state, verify, work_code, zone,
        instant, flag, source, person_name, raw, sync_run_id, stored_at)
    SELECT id, record_id, terminal_id, pin, local_time, state, verify, work_code, zone, instant, flag, source,
        person_name, raw, sync_run_id, stored_at
    FROM punches ORDER BY id;
DROP TABLE punches;
ALTER TABLE punches_with_fewer_indexes RENAME TO punches;
CREATE UNIQUE INDEX punches_identity ON punches (terminal_id, pin, local_time, state);
CREATE INDEX punches_by_time ON punches (local_time, id);
CREATE INDEX punches_implausible ON punches (id) WHERE flag = 'implausible';

-- Of each row of a terminal's log that the ledger has: the first 64 bits of SHA-256 over the terminal and its bytes.
CREATE TABLE known_rows (
    hash INTEGER PRIMARY KEY
);

-- Punches that were told as they happened and whose row of the log was not read yet.
CREATE TABLE unmatched_live (
    punch_id    INTEGER PRIMARY KEY REFERENCES punches (id),
    terminal_id INTEGER NOT NULL,
    local_time  TEXT    NOT NULL,
    pin         TEXT    NOT NULL,
    state       INTEGER NOT NULL
);
CREATE INDEX unmatched_live_by_time ON unmatched_live (terminal_id, local_time);

-- What is known better of a punch. Append-only; the last one of a punch counts, and says all of it.
CREATE TABLE corrections (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    punch_id   INTEGER NOT NULL REFERENCES punches (id),
    kind       TEXT    NOT NULL CHECK (kind IN ('log', 'release', 'zone', 'decode')),
    local_time TEXT    NOT NULL,
    state      INTEGER NOT NULL,
    verify     INTEGER NOT NULL,
    work_code  INTEGER NOT NULL,
    zone       TEXT    NOT NULL,
    instant    INTEGER NOT NULL,
    flag       TEXT    NOT NULL CHECK (flag IN ('ok', 'gap', 'fold', 'implausible')),
    moved      INTEGER NOT NULL,                -- the local time is not the one that the terminal gave
    by         TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    raw        BLOB,                            -- the row of the log that says otherwise
    made_at    INTEGER NOT NULL
);
CREATE INDEX corrections_of_punch ON corrections (punch_id, id);
CREATE INDEX corrections_by_log ON corrections (local_time, punch_id) WHERE kind = 'log';
CREATE INDEX corrections_moved ON corrections (local_time, punch_id) WHERE moved = 1;

-- Punches as people and receivers see them.
CREATE VIEW shown_punches AS
    SELECT p.id, p.record_id, p.terminal_id, p.pin, COALESCE(c.local_time, p.local_time) AS local_time,
        COALESCE(c.state, p.state) AS state, COALESCE(c.verify, p.verify) AS verify,
        COALESCE(c.work_code, p.work_code) AS work_code, COALESCE(c.zone, p.zone) AS zone,
        COALESCE(c.instant, p.instant) AS instant, COALESCE(c.flag, p.flag) AS flag, p.source, p.person_name,
        p.stored_at, c.id AS correction_id, COALESCE(c.moved, 0) AS moved
    FROM punches p
    LEFT JOIN corrections c ON c.id = (SELECT MAX(l.id) FROM corrections l WHERE l.punch_id = p.id);

-- The correction that held when a record was first put into a batch (0: none): it is sent with that for good.
ALTER TABLE outbox ADD COLUMN correction_id INTEGER;

-- Fingerprints, sealed.
CREATE TABLE templates (
    terminal_id INTEGER NOT NULL REFERENCES terminals (id),
    pin         TEXT    NOT NULL,
    finger      INTEGER NOT NULL,
    valid       INTEGER NOT NULL,               -- as on the wire: 1 valid, 3 under duress
    algorithm   TEXT,
    size        INTEGER NOT NULL,
    sealed      BLOB    NOT NULL,
    read_at     INTEGER NOT NULL,
    PRIMARY KEY (terminal_id, pin, finger)
) WITHOUT ROWID;
