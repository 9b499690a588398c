-- A body may name the terminal: what it was called when the batch was opened, so that a resend has the same bytes.
ALTER TABLE batches ADD COLUMN device_name TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN device_serial TEXT;
