"""What the database has planned for a connection stays planned."""

import pytest
from django.db import DatabaseError, connections, transaction

QUESTION = "SELECT code FROM access_member WHERE name = %s"


def plans(cursor):
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT code FROM access_member%'")
    return cursor.fetchone()[0]


def test_a_rollback_leaves_it(alpha):
    with connections["default"].cursor() as cursor:
        for turn in range(5):
            cursor.execute(QUESTION, [f"Nobody {turn}"])
        before = plans(cursor)
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("SELECT 1 / %s", [0])
        after = plans(cursor)
        cursor.execute(QUESTION, [alpha.name])
        rows = cursor.fetchall()

    assert (before, after) == (1, 1)
    assert len(rows) == 1
