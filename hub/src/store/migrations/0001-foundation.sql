-- Everything the first login needs, with room for several clouds, directories, hubs and revisions.

CREATE TABLE installation (
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE hubs (
  id TEXT PRIMARY KEY,
  run INTEGER NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE resources (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  spec TEXT NOT NULL,
  author TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE resource_revisions (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  spec TEXT, -- NULL: deleted
  author TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (kind, name, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE tcs (
  id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'enrolled', 'retired')),
  seat TEXT,
  host_name TEXT NOT NULL,
  model TEXT,
  macs TEXT NOT NULL,
  agent_version TEXT NOT NULL,
  address TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_tc_per_seat ON tcs (seat) WHERE seat IS NOT NULL AND state = 'enrolled';

CREATE TABLE enrolment_tokens (
  hash TEXT PRIMARY KEY,
  seat TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  used_by TEXT
) STRICT;

CREATE TABLE desktops (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  cloud TEXT NOT NULL,
  pool TEXT NOT NULL,
  pool_revision INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_since INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  server_name TEXT,
  server_id TEXT,
  host TEXT,
  endpoint TEXT, -- JSON {host, port?, tlsPort?, resolvedAt}
  session TEXT,
  used_by TEXT,
  fault TEXT, -- JSON {code, text, at}
  created_at INTEGER NOT NULL,
  asked_at INTEGER,
  active_at INTEGER,
  ready_at INTEGER,
  written_at INTEGER NOT NULL,
  CHECK ((state = 'leased') <= (session IS NOT NULL)),
  CHECK (session IS NULL OR state IN ('leased', 'bound'))
) STRICT;

CREATE INDEX desktops_of_pool ON desktops (pool, state);
CREATE INDEX desktops_ready ON desktops (pool, ready_at, number) WHERE state = 'ready';
CREATE UNIQUE INDEX one_desktop_per_server ON desktops (cloud, server_id) WHERE server_id IS NOT NULL AND state <> 'gone';
-- Who was last found at an address: one desktop at most (rules 12 and 13).
CREATE INDEX desktops_at_host ON desktops (cloud, json_extract(endpoint, '$.host')) WHERE endpoint IS NOT NULL;
-- Rule 1, from the desktop's side.
CREATE UNIQUE INDEX one_desktop_per_session ON desktops (session) WHERE session IS NOT NULL;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  state_since INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  tc TEXT NOT NULL,
  seat TEXT NOT NULL,
  site TEXT NOT NULL,
  person TEXT NOT NULL,
  user TEXT NOT NULL,
  display_name TEXT NOT NULL,
  allocator TEXT NOT NULL,
  pools TEXT NOT NULL, -- JSON, in order of preference
  binding TEXT NOT NULL,
  desktop TEXT,
  generation INTEGER NOT NULL,
  secret_hash TEXT,
  viewer TEXT,
  viewer_end TEXT,
  grace_until INTEGER,
  stages TEXT NOT NULL, -- JSON, milliseconds by stage
  started_at INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT
) STRICT;

-- Rule 1, from the session's side, and one live session a person.
CREATE UNIQUE INDEX one_session_per_desktop ON sessions (desktop) WHERE desktop IS NOT NULL AND state <> 'ended';
CREATE UNIQUE INDEX one_session_per_person ON sessions (person) WHERE state <> 'ended';
-- Rule 2: a request asked again is the same request.
CREATE UNIQUE INDEX one_session_per_request ON sessions (tc, request_id);
CREATE INDEX live_sessions ON sessions (state) WHERE state <> 'ended';
CREATE INDEX sessions_at_tc ON sessions (tc) WHERE state <> 'ended';
CREATE INDEX sessions_by_start ON sessions (started_at);

CREATE TABLE bindings (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'seat', 'tc')),
  key TEXT NOT NULL,
  pool TEXT NOT NULL,
  desktop TEXT NOT NULL UNIQUE REFERENCES desktops (id),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (kind, key, pool)
) STRICT;

CREATE TABLE audit (
  hub TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  subject TEXT NOT NULL,
  details TEXT NOT NULL, -- JSON
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (hub, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_of_subject ON audit (subject);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;

-- The tables of moves are filled from the domain at every opening; the triggers make the store refuse any other move.
CREATE TABLE desktop_moves (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)) STRICT, WITHOUT ROWID;
CREATE TABLE session_moves (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)) STRICT, WITHOUT ROWID;

CREATE TRIGGER desktop_moves_only BEFORE UPDATE OF state ON desktops
WHEN NEW.state <> OLD.state
  AND NOT EXISTS (SELECT 1 FROM desktop_moves WHERE from_state = OLD.state AND to_state = NEW.state)
BEGIN SELECT RAISE(ABORT, 'no such move of a desktop'); END;

CREATE TRIGGER session_moves_only BEFORE UPDATE OF state ON sessions
WHEN NEW.state <> OLD.state
  AND NOT EXISTS (SELECT 1 FROM session_moves WHERE from_state = OLD.state AND to_state = NEW.state)
BEGIN SELECT RAISE(ABORT, 'no such move of a session'); END;

-- Rule 7: what somebody has used is nobody else's without a new server.
CREATE TRIGGER used_is_never_ready BEFORE UPDATE OF state ON desktops
WHEN NEW.state = 'ready' AND NEW.used_by IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a used desktop is never ready again'); END;

CREATE TRIGGER first_user_stays BEFORE UPDATE OF used_by ON desktops
WHEN OLD.used_by IS NOT NULL AND NEW.used_by IS NOT OLD.used_by
  -- But for a claim that is taken back before anything was granted.
  AND NOT (NEW.used_by IS NULL AND NEW.state = 'booting' AND OLD.state IN ('leased', 'bound'))
BEGIN SELECT RAISE(ABORT, 'the first user of a desktop is never forgotten'); END;

-- And a pooled desktop is leased only to the person who used it first.
CREATE TRIGGER leased_to_its_first_user BEFORE UPDATE OF session ON desktops
WHEN NEW.state = 'leased' AND NEW.session IS NOT NULL AND NEW.used_by IS NOT NULL
  AND NEW.used_by <> (SELECT person FROM sessions WHERE id = NEW.session)
BEGIN SELECT RAISE(ABORT, 'a used desktop is never handed to another person'); END;

-- Rule 1: a held desktop changes hands only by way of nobody.
CREATE TRIGGER held_is_held BEFORE UPDATE OF session ON desktops
WHEN OLD.session IS NOT NULL AND NEW.session IS NOT NULL AND NEW.session <> OLD.session
BEGIN SELECT RAISE(ABORT, 'the desktop is held by another session'); END;
