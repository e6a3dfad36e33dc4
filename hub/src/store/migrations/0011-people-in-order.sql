-- People as directories gave them, and why logins went as they did, one after the other: by the hash of a person each
-- login wrote to three pages of its own, a third of all that it wrote. Which person is known already the hub remembers.

ALTER TABLE session_reasons RENAME TO reasons_before;
ALTER TABLE people_seen RENAME TO people_before;

CREATE TABLE people_seen (
  id INTEGER PRIMARY KEY,
  person TEXT NOT NULL,
  seen TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE session_reasons (
  session TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  -- In people_seen. No foreign key: it would want an index for the few times that people are forgotten.
  person_seen INTEGER NOT NULL,
  seen TEXT NOT NULL, -- JSON: seat, site and the time at the site
  change INTEGER NOT NULL,
  outcome TEXT NOT NULL -- how the desktop was come by at first
) STRICT, WITHOUT ROWID;

INSERT INTO people_seen (person, seen) SELECT person, seen FROM people_before;
INSERT INTO session_reasons
  SELECT r.session, r.at, p.id, r.seen, r.change, r.outcome
    FROM reasons_before r JOIN people_before b ON b.hash = r.person_seen
    JOIN people_seen p ON p.person = b.person AND p.seen = b.seen;

DROP TABLE reasons_before;
DROP TABLE people_before;
CREATE INDEX reasons_by_time ON session_reasons (at);
