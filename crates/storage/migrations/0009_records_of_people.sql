ALTER TABLE destinations ADD COLUMN needs_mapping INTEGER NOT NULL DEFAULT 0;  -- a punch waits until its PIN has a person

-- As whom a record is told, settled when it is first put into a batch (person_versions; 0: as its PIN).
ALTER TABLE outbox ADD COLUMN told_as INTEGER;

-- Records that wait for a mapping.
CREATE INDEX outbox_unmapped ON outbox (terminal_id, pin, id) WHERE state = 'held' AND cause = 'unmapped';
-- What was sent before there were people is sent again as it was.
UPDATE outbox SET told_as = 0 WHERE state IN ('batched', 'delivered') OR in_doubt = 1;
