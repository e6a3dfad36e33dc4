-- Compute hosts that operators want empty, and what is taken off them; each until an operator ends it.

CREATE TABLE drains (
  cloud TEXT NOT NULL,
  host TEXT NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL, -- an operator's name
  at INTEGER NOT NULL,
  told INTEGER NOT NULL CHECK (told IN (0, 1)), -- whether the cloud has been told
  people INTEGER NOT NULL CHECK (people IN (0, 1)), -- whether people at work are taken to other desktops
  bound INTEGER NOT NULL CHECK (bound IN (0, 1)), -- whether what belongs to somebody is replaced, too
  PRIMARY KEY (cloud, host)
) STRICT, WITHOUT ROWID;
