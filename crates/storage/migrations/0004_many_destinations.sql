-- Many destinations, each with its own filter, schedule and queue; every attempt is kept.

ALTER TABLE terminals ADD COLUMN site TEXT;     -- the place where it stands; filters of destinations name it

ALTER TABLE destinations ADD COLUMN mode TEXT NOT NULL DEFAULT 'off' CHECK (mode IN ('on', 'off', 'paused'));
UPDATE destinations SET mode = 'on' WHERE auto_export = 1;
ALTER TABLE destinations DROP COLUMN auto_export;
ALTER TABLE destinations ADD COLUMN schedule TEXT NOT NULL DEFAULT '{"kind":"at_once"}';
ALTER TABLE destinations ADD COLUMN rate_limit INTEGER;         -- requests a minute
ALTER TABLE destinations ADD COLUMN sending_order TEXT NOT NULL DEFAULT 'per_person'
    CHECK (sending_order IN ('per_person', 'any'));
ALTER TABLE destinations ADD COLUMN keep_days INTEGER NOT NULL DEFAULT 30;
ALTER TABLE destinations ADD COLUMN give_up_secs INTEGER NOT NULL DEFAULT 604800;
ALTER TABLE destinations ADD COLUMN spec TEXT NOT NULL DEFAULT '{}';
ALTER TABLE destinations ADD COLUMN spec_secrets BLOB;          -- sealed
ALTER TABLE destinations ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;  -- what a request looks like
ALTER TABLE destinations ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;        -- 1 where, 2 who, 4 in which state
ALTER TABLE destinations ADD COLUMN next_run_at INTEGER;        -- when the schedule lets records go
ALTER TABLE destinations ADD COLUMN run_upto INTEGER;           -- the schedule let records go, up to this punch
ALTER TABLE destinations ADD COLUMN deleted_at INTEGER;         -- its rows go bit by bit; this one stays for notices

-- What a destination's filter names; a kind without a row is not asked about.
CREATE TABLE destination_wants (
    destination_id INTEGER NOT NULL REFERENCES destinations (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('terminal', 'site', 'group', 'person', 'state')),
    value          TEXT    NOT NULL,
    PRIMARY KEY (destination_id, kind, value)
) WITHOUT ROWID;

-- Bringing a long queue in line, window by window of the ledger.
CREATE TABLE queue_works (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    destination_id INTEGER NOT NULL REFERENCES destinations (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('history', 'withdraw', 'withdraw_held')),
    since          TEXT    NOT NULL,            -- of history: compared with the punch's local_time
    cursor         INTEGER NOT NULL DEFAULT 0,  -- done up to this punch; of those held, up to this outbox row
    upto           INTEGER NOT NULL,            -- and to be done up to this one
    holds          INTEGER NOT NULL,            -- later punches are not sent meanwhile
    touched        INTEGER NOT NULL DEFAULT 0,  -- records queued or withdrawn so far
    started_at     INTEGER NOT NULL,
    finished_at    INTEGER
);
CREATE INDEX queue_works_open ON queue_works (destination_id) WHERE finished_at IS NULL;

ALTER TABLE outbox ADD COLUMN cause TEXT;       -- why it is parked or withdrawn, as a code

ALTER TABLE batches ADD COLUMN punches BLOB;    -- its members, so that it can be shown when they have moved on
ALTER TABLE batches ADD COLUMN parent_id INTEGER;  -- what it is a part of; of one record: the batch it was in before
CREATE INDEX batches_done ON batches (destination_id, finished_at) WHERE state = 'done';

-- One row a request.
CREATE TABLE attempts (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    destination_id INTEGER NOT NULL REFERENCES destinations (id),
    batch_id       INTEGER,                     -- NULL of a test
    kind           TEXT    NOT NULL CHECK (kind IN ('delivery', 'probe', 'test')),
    class          TEXT    NOT NULL,            -- 'sending' until it is settled
    records        INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    duration_ms    INTEGER,
    status         INTEGER,
    error          TEXT,
    answer         BLOB,                        -- its first 4 KB; not of a plain success
    next_at        INTEGER,                     -- when the same records are tried again
    body_size      INTEGER,
    body_digest    BLOB                         -- so that a later rendering can be compared with what was sent
);
CREATE INDEX attempts_by_destination ON attempts (destination_id, id);
CREATE INDEX attempts_failed ON attempts (destination_id, id) WHERE class <> 'delivered';
CREATE INDEX attempts_by_class ON attempts (destination_id, class, id) WHERE class <> 'delivered';
CREATE INDEX attempts_by_batch ON attempts (batch_id) WHERE batch_id IS NOT NULL;

CREATE INDEX job_items_by_outbox ON job_items (outbox_id);
