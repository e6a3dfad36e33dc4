-- What desktops are made from, and which of the ready ones are not handed out for now.

ALTER TABLE desktops ADD COLUMN image TEXT; -- Glance's id
ALTER TABLE desktops ADD COLUMN held_back TEXT; -- why it is not handed out though it is ready

DROP INDEX desktops_ready;
CREATE INDEX desktops_ready ON desktops (pool, ready_at, number) WHERE state = 'ready' AND held_back IS NULL;

-- Each id that a pool's image name ever stood for.
CREATE TABLE images (
  pool TEXT NOT NULL,
  image TEXT NOT NULL,
  revision INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  proved_at INTEGER,
  frozen TEXT, -- JSON {at, specRevision, text}
  PRIMARY KEY (pool, image),
  UNIQUE (pool, revision)
) STRICT, WITHOUT ROWID;
