"""What a migration makes of a table that is there already."""

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connections, models, transaction

from guanxi.kernel.records.lifecycle import StatusField


def _parcel(states: list[str]) -> type[models.Model]:
    class Parcel(models.Model):
        status = StatusField(states=states)

        class Meta:
            apps = Apps()
            app_label = "altering"
            constraints = [models.CheckConstraint(condition=~models.Q(status=""), name="altering_parcel_said")]

    return Parcel


def test_a_status_with_one_state_more_takes_it_and_still_refuses_others(database):
    before, after = _parcel(["packed"]), _parcel(["packed", "sent"])
    owner = connections["owner"]
    with transaction.atomic("owner"), owner.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO pg_temp")
        with owner.schema_editor(atomic=False) as editor:
            editor.create_model(before)
            editor.alter_field(before, before._meta.get_field("status"), after._meta.get_field("status"))

        after.objects.using("owner").create(status="sent")
        with pytest.raises(IntegrityError), transaction.atomic("owner"):
            after.objects.using("owner").create(status="lost")
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conrelid = 'altering_parcel'::regclass AND contype = 'c'")
        assert cursor.fetchone() == (2,)
        transaction.set_rollback(True, "owner")
