"""What the database itself guards: every entry balances and is sealed, posted documents stay as they were."""

ENTRY_BALANCES = """
CREATE OR REPLACE FUNCTION finance_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
  wanted bigint;
  entry record;
BEGIN
  IF TG_TABLE_NAME = 'finance_journalentry' THEN wanted := NEW.id; ELSE wanted := NEW.entry_id; END IF;
  SELECT e.number, e.total, e.line_count, count(l.id) AS lines, coalesce(sum(l.debit), 0) AS debit,
         coalesce(sum(l.credit), 0) AS credit, count(l.id) FILTER (WHERE l.entity_id <> e.entity_id) AS strangers
    INTO entry FROM finance_journalentry e LEFT JOIN finance_journalline l ON l.entry_id = e.id
    WHERE e.id = wanted GROUP BY e.id;
  IF entry.lines < 2 OR entry.debit <> entry.credit OR entry.debit <> entry.total OR entry.lines <> entry.line_count
     OR entry.strangers > 0 THEN
    RAISE EXCEPTION 'journal entry % does not balance: debit %, credit %, total %, % of % lines, % of another entity',
      entry.number, entry.debit, entry.credit, entry.total, entry.lines, entry.line_count, entry.strangers
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $body$;
DO $body$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'entry_balances' AND tgrelid = 'finance_journalentry'::regclass) THEN
    CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON finance_journalentry
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_entry_balances();
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'entry_balances' AND tgrelid = 'finance_journalline'::regclass) THEN
    -- The entry's own trigger checks all lines written with it; this one is for a line that comes later.
    CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON finance_journalline
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_entry_balances();
  END IF;
END $body$;
"""

FROZEN = """
CREATE OR REPLACE FUNCTION finance_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV AND NOT is_moving(TG_RELID) THEN
    RAISE EXCEPTION '% is posted and cannot be changed: correct it by a reversal', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $body$;
CREATE OR REPLACE TRIGGER posted_stays BEFORE UPDATE ON finance_invoice
  FOR EACH ROW EXECUTE FUNCTION finance_refuse_change('version', 'status', 'open_amount', 'open_base', 'credited_amount');
CREATE OR REPLACE TRIGGER posted_stays BEFORE UPDATE ON finance_receipt
  FOR EACH ROW EXECUTE FUNCTION finance_refuse_change('version', 'status', 'unallocated', 'unallocated_base', 'refunded_amount');
CREATE OR REPLACE TRIGGER posted_stays BEFORE UPDATE ON finance_refund
  FOR EACH ROW EXECUTE FUNCTION finance_refuse_change('version', 'status');
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON finance_invoice
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON finance_receipt
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON finance_refund
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def guards_sql() -> list[str]:
    """Statements to run after the migrations; run again they change nothing."""
    return [ENTRY_BALANCES, FROZEN]
