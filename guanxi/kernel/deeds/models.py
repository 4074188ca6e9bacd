"""What is done to many rows: how far it is, and which rows were refused and why."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.models import VERBS, Act, operation_choices, record_choices
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.screen import screen_of


class BulkRun(Record):
    """One act on many rows. Only who began it reaches it; the act itself stands in the log."""

    tracked = False
    untracked_because = "it tells how far an act is, which has a history itself"
    title_field = "what"
    access_paths = {"own": "member"}
    unlisted = ("ids", "values", "problems", "taken")

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Begun by"), related_name="+")
    act = models.OneToOneField(Act, models.CASCADE, verbose_name=_("Act"), related_name="+")
    kind = models.CharField(_("Kind of record"), max_length=60, choices=record_choices)
    what = models.CharField(_("Operation"), max_length=100, choices=operation_choices)
    values = models.JSONField(default=dict)
    ids = models.JSONField(default=list)
    taken = models.IntegerField(default=0)
    """How many of the ids have had their turn."""
    total = models.IntegerField(_("Rows"))
    done = models.IntegerField(_("Done"), default=0)
    waiting = models.IntegerField(_("Wait for approval"), default=0)
    refused = models.IntegerField(_("Refused"), default=0)
    problems = models.JSONField(default=list)
    """[id, reason] of the rows that were refused, in their order."""
    at = models.DateTimeField(_("Begun at"))
    ended_at = models.DateTimeField(_("Ended at"), null=True)

    class Meta:
        verbose_name = _("Change of many rows")
        verbose_name_plural = _("Changes of many rows")
        indexes = [models.Index(fields=["member", "at"], name="bulk_member")]

    def __str__(self) -> str:
        screen, verb = screen_of(self.kind), VERBS.get(self.what.rpartition(".")[2])
        if screen is not None and verb is not None and self.what.startswith(f"{self.kind}."):
            return _("{}: {}").format(screen.plural(), verb)
        return str(dict(operation_choices()).get(self.what, self.what))

    @property
    def reasons(self) -> list[tuple[str, list[int]]]:
        """Why rows were refused, the most frequent reason first, with their ids."""
        return grouped(self.problems)


def grouped(problems: Any) -> list[tuple[str, list[int]]]:
    """(reason, ids) of [id, reason] pairs, the most frequent reason first."""
    found: dict[str, list[int]] = {}
    for row_id, reason in problems:
        found.setdefault(reason, []).append(row_id)
    return sorted(found.items(), key=lambda item: -len(item[1]))
