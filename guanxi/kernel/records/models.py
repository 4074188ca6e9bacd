"""Links between lines of documents, and the history of every row."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.record import Record
from guanxi.kernel.values import QuantityField


class Link(Record):
    """One line became (part of) another: quotation → order → delivery → invoice → return. Progress is their sum."""

    kind = models.CharField(_("Kind"), max_length=20)
    from_model = models.CharField(max_length=60)
    from_id = models.BigIntegerField()
    to_model = models.CharField(max_length=60)
    to_id = models.BigIntegerField()
    quantity = QuantityField(_("Quantity"))
    posted_on = models.DateField(_("Posted on"), null=True)
    """Null while the later document is a draft."""

    tracked = False

    class Meta:
        indexes = [
            models.Index(fields=["from_id", "from_model", "kind"], include=["quantity", "posted_on"], name="link_from"),
            models.Index(fields=["to_id", "to_model", "kind"], name="link_to"),
        ]


class History(models.Model):
    """What happened to a row: its key on insertion, [old, new] of each changed column, all columns on deletion."""

    id = models.BigAutoField(primary_key=True)
    model = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    act_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=[("created", _("Created")), ("changed", _("Changed")), ("deleted", _("Deleted"))])
    changes = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "records_history"
