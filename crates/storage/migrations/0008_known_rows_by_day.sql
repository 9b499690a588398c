-- Rows of one day stand together, so that a large log changes few pages. They are learnt anew from the punches.
DROP TABLE known_rows;
CREATE TABLE known_rows (
    day  INTEGER NOT NULL,                      -- as the bytes themselves say, 0 where they do not; it only has to be always the same
    hash INTEGER NOT NULL,                      -- the first 64 bits of SHA-256 over the terminal and the bytes
    PRIMARY KEY (day, hash)
) WITHOUT ROWID;
