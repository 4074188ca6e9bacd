"""The tree of teams is kept by the database: whoever writes a parent, paths below it follow, and a circle is refused.

Were a path ever empty, its team's members would see the rows of all teams; so no writer is trusted with it.
"""

TEAM_TREE = """
CREATE OR REPLACE FUNCTION place_team() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE above text;
BEGIN
  -- Two moves at once could close a circle that neither of them sees.
  PERFORM pg_advisory_xact_lock(hashtext('guanxi.teams'), hashtext(current_schema()));
  IF NEW.parent_id IS NOT NULL THEN
    SELECT t.path INTO above FROM access_team t WHERE t.id = NEW.parent_id;
    IF NEW.parent_id = NEW.id OR above LIKE '%/' || NEW.id || '/%' THEN
      RAISE EXCEPTION 'team_no_cycle' USING ERRCODE = 'check_violation', CONSTRAINT = 'team_no_cycle';
    END IF;
  END IF;
  NEW.path := coalesce(above, '/') || NEW.id || '/';
  RETURN NEW;
END $body$;
CREATE OR REPLACE FUNCTION place_teams_below() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF NEW.path <> OLD.path THEN
    UPDATE access_team SET path = NEW.path || substr(path, length(OLD.path) + 1) WHERE path LIKE OLD.path || '_%';
  END IF;
  RETURN NULL;
END $body$;
CREATE OR REPLACE TRIGGER team_placed BEFORE INSERT OR UPDATE OF parent_id, path ON access_team
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION place_team();
CREATE OR REPLACE TRIGGER team_moved AFTER UPDATE OF parent_id ON access_team FOR EACH ROW EXECUTE FUNCTION place_teams_below();
"""
