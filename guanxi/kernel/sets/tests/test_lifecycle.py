"""A new set is built at once; one that is there already replays the migrations. Both end at the same tables."""

from django.db import connections

from guanxi.kernel.sets import lifecycle

STRUCTURE = """
SELECT 'column', c.table_name, c.column_name, c.data_type || coalesce(c.character_maximum_length, c.numeric_precision, 0) ||
       coalesce(c.numeric_scale, 0) || c.is_nullable || c.is_identity || coalesce(c.column_default, '')
FROM information_schema.columns c WHERE c.table_schema = %(schema)s
UNION ALL
SELECT 'constraint', t.relname, regexp_replace(c.conname, '_[0-9a-f]{8}(_|$)', '_'), pg_get_constraintdef(c.oid)
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid WHERE c.connamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'index', tablename, regexp_replace(indexname, '_[0-9a-f]{8}(_|$)', '_'), regexp_replace(indexdef, '(set_[a-z]+[.])|(INDEX [^ ]+)', '', 'g')
FROM pg_indexes WHERE schemaname = %(schema)s
UNION ALL
SELECT 'trigger', t.relname, g.tgname, regexp_replace(pg_get_triggerdef(g.oid), 'set_[a-z]+[.]', '', 'g')
FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid WHERE t.relnamespace = %(schema)s::regnamespace AND NOT g.tgisinternal
"""


def structure(key: str) -> set[tuple[str, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(STRUCTURE, {"schema": f"set_{key}"})
        return {(kind, table, name, definition.replace(f"set_{key}.", "")) for kind, table, name, definition in cursor.fetchall()}


def applied(key: str) -> set[tuple[str, str]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM set_{key}.django_migrations")
        return set(cursor.fetchall())


def test_a_set_built_at_once_is_the_same_as_one_that_replayed_every_migration(fresh_database, monkeypatch):
    lifecycle.create_set("built", "Built")
    monkeypatch.setattr(lifecycle, "build_tables", lifecycle.replay_migrations)
    lifecycle.create_set("replayed", "Replayed")
    assert len(structure("built")) > 1000
    assert structure("built") == structure("replayed")
    assert applied("built") == applied("replayed")
    assert not lifecycle.migrate_set("built")
