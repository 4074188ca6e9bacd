"""The one way in which a row of a ledger may come to name another record: a function of the database, for merges alone."""

from __future__ import annotations

from guanxi.kernel.likeness.declared import DECLARED
from guanxi.shared.merging.references import references_to

_MOVE = """
CREATE OR REPLACE FUNCTION merging_move(
  wanted_table text, wanted_column text, wanted_label text, old_id bigint, new_id bigint, only_ids bigint[]
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
DECLARE
  place record;
  moved bigint[];
BEGIN
  SELECT * INTO place FROM (VALUES %(places)s) AS known (t, c, l, of_label, model, has_version)
  WHERE t = wanted_table AND c = wanted_column AND of_label = wanted_label;
  IF NOT FOUND THEN
    RAISE EXCEPTION '%% of %% does not refer to %%', wanted_column, wanted_table, wanted_label USING ERRCODE = 'restrict_violation';
  END IF;
  -- There only as its act moves the rows, and back only with the rows that it noted then.
  IF only_ids IS NULL AND NOT EXISTS (
    SELECT FROM merging_merge m WHERE m.survivor_model = wanted_label AND m.gone_id = old_id AND m.survivor_id = new_id
      AND m.act_id::text = current_setting('guanxi.act', true)
  ) OR only_ids IS NOT NULL AND NOT EXISTS (
    SELECT FROM merging_merge m JOIN merging_mergemove r ON r.merge_id = m.id
    WHERE m.survivor_model = wanted_label AND m.survivor_id = old_id AND m.gone_id = new_id AND r.model = place.model
      AND r."column" = wanted_column AND r.ids = only_ids
  ) THEN
    RAISE EXCEPTION 'no merge moves %% from %% to %%', wanted_table, old_id, new_id USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('guanxi.moving', 'yes', true);
  EXECUTE format(
    'WITH moved AS (UPDATE %%I SET %%I = $1 %%s WHERE %%I = $2 %%s AND ($4 IS NULL OR id = ANY($4)) RETURNING id)
     SELECT coalesce(array_agg(id ORDER BY id), ''{}'') FROM moved',
    place.t, place.c, CASE WHEN place.has_version THEN ', version = version + 1' ELSE '' END, place.c,
    CASE WHEN place.l = '' THEN 'AND $3 <> ''''' ELSE format('AND %%I = $3', place.l) END
  ) INTO moved USING new_id, old_id, wanted_label, only_ids;
  PERFORM set_config('guanxi.moving', '', true);
  RETURN moved;
END $body$;
"""


def guards_sql() -> list[str]:
    """Statements to run after the migrations; run again they change nothing."""
    places = [
        (one.model._meta.db_table, one.column, one.label_column, label, one.model._meta.label_lower, one.has_version)
        for label, declared in sorted(DECLARED.items()) for one in references_to(declared.model)
    ]
    listed = ", ".join("(" + ", ".join(f"'{part}'" if isinstance(part, str) else str(part).lower() for part in place) + ")" for place in places)
    return [_MOVE % {"places": listed}]
