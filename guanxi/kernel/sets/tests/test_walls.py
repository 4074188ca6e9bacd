"""The wall around an account set stands in the database, not in the program."""

import pytest
from django.db import ProgrammingError, connections, transaction

from guanxi.kernel.access.models import Team
from guanxi.kernel.database import OutsideSet, UnknownSet, in_set
from guanxi.kernel.sets.lifecycle import SetError, create_set


def _fails(statement, key=None):
    connection = connections["default"]
    with pytest.raises(ProgrammingError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(error.value)


def test_another_set_is_denied_even_by_its_full_name(alpha):
    assert "permission denied" in _fails("SELECT * FROM set_beta.access_member")


def test_inside_a_set_global_tables_are_out_of_reach(alpha):
    assert "permission denied" in _fails("SELECT * FROM guanxi.sets_user")


def test_outside_every_set_there_are_no_business_tables(database):
    assert "does not exist" in _fails("SELECT * FROM access_member")
    assert "permission denied" in _fails("SELECT * FROM set_alpha.access_member")


def test_one_transaction_takes_one_set(alpha):
    with pytest.raises(OutsideSet), in_set("beta"):
        pass


@pytest.mark.parametrize("key", ["nope", "Alpha", "alpha; drop schema set_alpha", ""])
def test_a_set_that_is_not_there_cannot_be_entered(database, key):
    with pytest.raises(UnknownSet), in_set(key):
        pass


def test_a_ledger_refuses_change_and_deletion(alpha):
    assert "permission denied" in _fails("UPDATE events_event SET title = ''")
    assert "permission denied" in _fails("DELETE FROM events_event")


def test_the_set_may_create_nothing(alpha):
    assert "permission denied" in _fails("CREATE TABLE mine (id int)")


def test_two_sets_hold_different_rows_under_the_same_names(database):
    with transaction.atomic():
        with in_set("alpha"):
            Team.objects.create(name="Only in alpha")
        with in_set("beta"):
            assert not Team.objects.filter(name="Only in alpha").exists()
        transaction.set_rollback(True)


@pytest.mark.parametrize("key", ["accounts", "api", "Set", "1st", "a-b"])
def test_a_key_that_would_collide_or_is_no_name_is_refused(database, key):
    with pytest.raises(SetError):
        create_set(key, "X")
