-- Why a login went as it did, and what the operators decided when.

-- Each apply is one change of the resources, whole.
CREATE TABLE resource_changes (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  author TEXT NOT NULL
) STRICT;

-- NULL: of before changes were counted.
ALTER TABLE resource_revisions ADD COLUMN change INTEGER;
CREATE INDEX revisions_of_change ON resource_revisions (change);

-- People as a directory gave them, once for each way they were: a group more is another row.
CREATE TABLE people_seen (
  hash TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  seen TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- What the allocators looked at for a session, and the change of the resources that was in force.
CREATE TABLE session_reasons (
  session TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  person_seen TEXT NOT NULL REFERENCES people_seen (hash),
  seen TEXT NOT NULL, -- JSON: seat, site and the time at the site
  change INTEGER NOT NULL,
  outcome TEXT NOT NULL -- how the desktop was come by at first
) STRICT, WITHOUT ROWID;
CREATE INDEX reasons_by_time ON session_reasons (at);
CREATE INDEX reasons_of_people ON session_reasons (person_seen);

-- Whose policy a binding follows, and when it was last used: for those that expire.
ALTER TABLE bindings ADD COLUMN allocator TEXT;
ALTER TABLE bindings ADD COLUMN used_at INTEGER;

-- What the allocator said at the login, for as long as the session lasts: JSON.
ALTER TABLE sessions ADD COLUMN policy TEXT;
