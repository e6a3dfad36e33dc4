-- Since when (epoch ms) a held desktop is as it stood in a backup, and no seat has shown that whoever has it works on it.
ALTER TABLE desktops ADD COLUMN unconfirmed_since INTEGER;
CREATE INDEX desktops_unconfirmed ON desktops (id) WHERE unconfirmed_since IS NOT NULL;
-- Numbers of desktops up to this one were given out by a store that an older copy took the place of.
ALTER TABLE installation ADD COLUMN numbers_used INTEGER NOT NULL DEFAULT 0;
