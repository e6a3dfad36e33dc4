-- What operators say of a thin client, for allocators: never what it says of itself (rule 9).
ALTER TABLE tcs ADD COLUMN tags TEXT NOT NULL DEFAULT '{}'; -- JSON
