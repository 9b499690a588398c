-- SQLite makes a table of its own of each list of more than two values in a CHECK or in the condition of an index, for every
-- row that is written. Comparisons say the same for next to nothing.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(sql,
        'state IN (''held'', ''waiting'', ''batched'', ''delivered'', ''parked'', ''withdrawn'')',
        'state = ''waiting'' OR state = ''batched'' OR state = ''delivered'' OR state = ''held'' OR state = ''parked'' OR state = ''withdrawn''')
    WHERE type = 'table' AND name = 'outbox';
UPDATE sqlite_schema
    SET sql = replace(replace(sql,
        'flag IN (''ok'', ''gap'', ''fold'', ''implausible'')',
        'flag = ''ok'' OR flag = ''gap'' OR flag = ''fold'' OR flag = ''implausible'''),
        'source IN (''pull'', ''live'', ''push'', ''import'')',
        'source = ''pull'' OR source = ''live'' OR source = ''push'' OR source = ''import''')
    WHERE type = 'table' AND name = 'punches';
PRAGMA writable_schema = RESET;

DROP INDEX outbox_set_aside;
CREATE INDEX outbox_set_aside ON outbox (destination_id, state, id)
    WHERE state = 'held' OR state = 'parked' OR state = 'withdrawn';
