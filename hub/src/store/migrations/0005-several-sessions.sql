-- How many sessions a person may have at once: each takes one of so many numbers, and stands at a thin client of its own.
ALTER TABLE sessions ADD COLUMN nth INTEGER NOT NULL DEFAULT 1 CHECK (nth >= 1);
ALTER TABLE sessions ADD COLUMN most INTEGER NOT NULL DEFAULT 1 CHECK (nth <= most);

DROP INDEX one_session_per_person;
CREATE UNIQUE INDEX sessions_of_person ON sessions (person, nth) WHERE state <> 'ended';
DROP INDEX sessions_at_tc;
CREATE UNIQUE INDEX one_session_of_person_at_tc ON sessions (tc, person) WHERE state <> 'ended';
