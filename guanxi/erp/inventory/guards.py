"""What the database itself keeps: the link from a delivery line to the line it comes from follows the line while it stands."""

LINKS = """
CREATE OR REPLACE FUNCTION inventory_line_written() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO records_link (version, kind, from_model, from_id, to_model, to_id, quantity)
  SELECT 1, 'delivery', n.source_model, n.source_id, 'inventory.deliveryline', n.id, n.quantity
  FROM new_rows n WHERE n.source_id IS NOT NULL;
  RETURN NULL;
END $body$;
CREATE OR REPLACE FUNCTION inventory_line_changed() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE records_link l SET quantity = n.quantity, version = l.version + 1
  FROM new_rows n JOIN old_rows o ON o.id = n.id
  WHERE n.quantity <> o.quantity AND l.to_id = n.id AND l.to_model = 'inventory.deliveryline' AND l.kind = 'delivery'
    AND l.posted_on IS NULL;
  RETURN NULL;
END $body$;
CREATE OR REPLACE FUNCTION inventory_line_removed() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  DELETE FROM records_link l USING old_rows o
  WHERE l.to_id = o.id AND l.to_model = 'inventory.deliveryline' AND l.kind = 'delivery';
  RETURN NULL;
END $body$;
CREATE OR REPLACE TRIGGER link_written AFTER INSERT ON inventory_deliveryline
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_line_written();
CREATE OR REPLACE TRIGGER link_changed AFTER UPDATE ON inventory_deliveryline
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_line_changed();
CREATE OR REPLACE TRIGGER link_removed AFTER DELETE ON inventory_deliveryline
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION inventory_line_removed();
"""


def guards_sql() -> list[str]:
    """Statements to run after the migrations; run again they change nothing."""
    return [LINKS]
