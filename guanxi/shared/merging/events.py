"""What is announced about merging."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class RecordsMerged(EventBase):
    """The record took in another one of its kind, which is gone."""

    label = _("“%(title)s” was merged into it")
    icon = "git-merge"
    may_be_undone = True

    gone_id: int
    survivor_id: int
