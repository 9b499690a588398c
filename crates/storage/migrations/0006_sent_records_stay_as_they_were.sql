-- What was sent before there were corrections is sent again as it was.
UPDATE outbox SET correction_id = 0 WHERE correction_id IS NULL AND state IN ('batched', 'delivered', 'parked');
