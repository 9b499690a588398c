-- What the records of a batch say of people and times, as a number: the same id must mean the same bytes. None of batches
-- from before.
ALTER TABLE batches ADD COLUMN words INTEGER;
