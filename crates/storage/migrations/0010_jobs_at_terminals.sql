-- Work at a terminal is a job, too. A CHECK cannot be changed: both tables are made anew, the one that refers to the
-- other first.
CREATE TABLE new_jobs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT    NOT NULL CHECK (kind IN (
                    'send_attendance', 'import_users', 'examine_device', 'clear_log', 'copy_users')),
    state       TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    request     TEXT    NOT NULL,               -- JSON
    result      TEXT                            -- JSON
);
CREATE TABLE new_job_items (
    job_id    INTEGER NOT NULL REFERENCES new_jobs (id),
    outbox_id INTEGER NOT NULL REFERENCES outbox (id),
    PRIMARY KEY (job_id, outbox_id)
) WITHOUT ROWID;
INSERT INTO new_jobs (id, kind, state, created_at, finished_at, request, result)
    SELECT id, kind, state, created_at, finished_at, request, result FROM jobs ORDER BY id;
INSERT INTO new_job_items (job_id, outbox_id) SELECT job_id, outbox_id FROM job_items;
DROP TABLE job_items;
DROP TABLE jobs;
ALTER TABLE new_jobs RENAME TO jobs;
ALTER TABLE new_job_items RENAME TO job_items;
CREATE INDEX job_items_by_outbox ON job_items (outbox_id);
