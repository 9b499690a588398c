-- Who stands behind a PIN, when, and what people are asked about that.

CREATE TABLE people (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    employee_number TEXT    NOT NULL UNIQUE,    -- leading zeros count
    name            TEXT    NOT NULL,           -- may be empty
    site            TEXT,
    active          INTEGER NOT NULL DEFAULT 1,
    version_id      INTEGER NOT NULL DEFAULT 0, -- the last one in person_versions
    created_at      INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL
);
CREATE TABLE person_groups (
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name      TEXT    NOT NULL,
    PRIMARY KEY (person_id, name)
) WITHOUT ROWID;
CREATE INDEX person_groups_by_name ON person_groups (name, person_id);

-- What receivers are told of a person, as it was; append-only, also when the person is removed.
CREATE TABLE person_versions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id       INTEGER NOT NULL,
    employee_number TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    made_at         INTEGER NOT NULL
);

CREATE INDEX person_versions_of_person ON person_versions (person_id, id);

-- Terminals that share their PINs. Times are the terminals' own; valid_until is left out.
CREATE TABLE pin_groups (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE TABLE pin_group_members (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    pin_group_id INTEGER NOT NULL REFERENCES pin_groups (id),
    terminal_id  INTEGER NOT NULL REFERENCES terminals (id),
    valid_from   TEXT    NOT NULL,              -- '0000-01-01 00:00:00': always
    valid_until  TEXT    NOT NULL               -- '9999-12-31 23:59:59': for ever
);
CREATE INDEX pin_group_members_of_terminal ON pin_group_members (terminal_id, valid_from);
CREATE INDEX pin_group_members_of_group ON pin_group_members (pin_group_id, terminal_id);

-- Append-only: of a row only its end is set, and of one that should never have been, to its beginning.
CREATE TABLE mappings (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal_id  INTEGER REFERENCES terminals (id),
    pin_group_id INTEGER REFERENCES pin_groups (id),
    pin          TEXT    NOT NULL,
    person_id    INTEGER NOT NULL REFERENCES people (id),
    valid_from   TEXT    NOT NULL,
    valid_until  TEXT    NOT NULL,
    how          TEXT    NOT NULL CHECK (how IN ('auto', 'hand', 'csv')),
    made_by      TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    ended_by     TEXT,
    ended_at     INTEGER,
    CHECK ((terminal_id IS NULL) <> (pin_group_id IS NULL))
);
CREATE INDEX mappings_of_terminal ON mappings (terminal_id, pin) WHERE terminal_id IS NOT NULL;
CREATE INDEX mappings_of_group ON mappings (pin_group_id, pin) WHERE pin_group_id IS NOT NULL;
CREATE INDEX mappings_of_person ON mappings (person_id, id);

-- What follows from the mappings and the groups: who is behind a PIN of a terminal, and when. No two rows overlap.
CREATE TABLE pin_people (
    terminal_id INTEGER NOT NULL,
    pin         TEXT    NOT NULL,
    valid_from  TEXT    NOT NULL,
    valid_until TEXT    NOT NULL,
    person_id   INTEGER NOT NULL,
    PRIMARY KEY (terminal_id, pin, valid_from)
) WITHOUT ROWID;
CREATE INDEX pin_people_of_person ON pin_people (person_id, terminal_id, pin);
CREATE INDEX pin_people_by_pin ON pin_people (pin, terminal_id);

CREATE TABLE inbox (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    kind             TEXT    NOT NULL CHECK (kind IN ('unmapped', 'number', 'renamed', 'returned')),
    terminal_id      INTEGER NOT NULL REFERENCES terminals (id),
    pin              TEXT    NOT NULL,
    person_id        INTEGER,                   -- of 'number': whose employee number the PIN is
    old_name         TEXT,                      -- of 'renamed' and 'returned': the terminal's name before
    new_name         TEXT,
    known_at         INTEGER,                   -- and when the terminal was last seen with it
    opened_at        INTEGER NOT NULL,
    answered_at      INTEGER,
    answer           TEXT CHECK (answer IN ('mapped', 'new_person', 'ignored', 'same_person')),
    answer_person_id INTEGER,
    answered_by      TEXT
);
CREATE UNIQUE INDEX inbox_open ON inbox (terminal_id, pin, CASE kind WHEN 'number' THEN 'unmapped' ELSE kind END)
    WHERE answered_at IS NULL;
CREATE INDEX inbox_open_by_id ON inbox (id) WHERE answered_at IS NULL;
CREATE INDEX inbox_by_pin ON inbox (pin, terminal_id);

INSERT INTO inbox (kind, terminal_id, pin, opened_at)
    SELECT 'unmapped', known.terminal_id, known.pin, t.registered_at
    FROM (SELECT terminal_id, pin FROM punches UNION SELECT terminal_id, pin FROM enrolments WHERE gone_at IS NULL) AS known
        JOIN terminals t ON t.id = known.terminal_id;
