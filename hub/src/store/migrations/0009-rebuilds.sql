-- Rule 7: a confirmed rebuild makes a desktop nobody's again, and nothing else but a claim that is taken back does.

DROP TRIGGER first_user_stays;
CREATE TRIGGER first_user_stays BEFORE UPDATE OF used_by ON desktops
WHEN OLD.used_by IS NOT NULL AND NEW.used_by IS NOT OLD.used_by
  AND NOT (NEW.used_by IS NULL AND NEW.state = 'booting' AND OLD.state IN ('leased', 'bound', 'rebuilding'))
BEGIN SELECT RAISE(ABORT, 'the first user of a desktop is never forgotten'); END;
