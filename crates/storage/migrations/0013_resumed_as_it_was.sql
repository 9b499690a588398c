-- What a destination that a person paused was before, and is again when they resume it.
ALTER TABLE destinations ADD COLUMN resumes_as TEXT;
