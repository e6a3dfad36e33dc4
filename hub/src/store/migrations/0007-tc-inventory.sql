-- What a thin client is made of, as it said last: for lists and for what is missing, never for who it is (rule 9).
CREATE TABLE tc_inventories (
  tc        TEXT PRIMARY KEY REFERENCES tcs (id) ON DELETE CASCADE,
  at        INTEGER NOT NULL, -- when it was seen first like this
  inventory TEXT NOT NULL,    -- JSON
  missing   TEXT NOT NULL     -- JSON: what was there and is not
) STRICT, WITHOUT ROWID;
