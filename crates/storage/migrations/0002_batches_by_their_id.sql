-- A batch with the id of one that was sent before is sent with its bytes: that one must be found.
CREATE INDEX batches_key ON batches (destination_id, idempotency_key);
