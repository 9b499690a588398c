-- Rows of one terminal and day stand together, so that a whole log that is new changes few pages, however many others are
-- known. They are learnt anew from the punches.
DROP TABLE known_rows;
CREATE TABLE known_rows (
    terminal_id INTEGER NOT NULL,
    day         INTEGER NOT NULL,               -- as the bytes themselves say, 0 where they do not; it only has to be always the same
    hash        INTEGER NOT NULL,               -- the first 64 bits of SHA-256 over the terminal and the bytes
    PRIMARY KEY (terminal_id, day, hash)
) WITHOUT ROWID;

-- What punches and outbox rows refer to is looked for as before, but a fault is told by the commit instead of the
-- statement: only so a statement of a thousand rows needs no copy of every page that it changes, which it could undo alone.
-- Nothing but the declaration is another; see "Making Other Kinds Of Table Schema Changes" in the documentation of SQLite.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(replace(replace(replace(sql,
        'REFERENCES terminals (id)', 'REFERENCES terminals (id) DEFERRABLE INITIALLY DEFERRED'),
        'REFERENCES sync_runs (id)', 'REFERENCES sync_runs (id) DEFERRABLE INITIALLY DEFERRED'),
        'REFERENCES destinations (id)', 'REFERENCES destinations (id) DEFERRABLE INITIALLY DEFERRED'),
        'REFERENCES punches (id)', 'REFERENCES punches (id) DEFERRABLE INITIALLY DEFERRED')
    WHERE type = 'table' AND name IN ('punches', 'outbox');
PRAGMA writable_schema = RESET;
