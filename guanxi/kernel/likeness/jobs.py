"""Reading many records, and the scan of the night."""

from __future__ import annotations

from datetime import timedelta

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.kernel.likeness.declared import DECLARED, alike_of
from guanxi.kernel.likeness.models import LikeCheck
from guanxi.kernel.likeness.scanning import catch_up_with, scan

KEPT_DAYS = 180


@job()
def catch_up(*, kind: str, actor: Actor) -> None:
    """After many records were written at once."""
    if (declared := alike_of(kind)) is not None:
        catch_up_with(declared)


@job()
def scan_kind(*, kind: str, actor: Actor) -> None:
    """When somebody asks for it."""
    if (declared := alike_of(kind)) is not None:
        scan(declared)


@job(every="20 3 * * *")
def scan_all(*, actor: Actor) -> None:
    """Every night; and what was asked long ago is forgotten."""
    for kind in DECLARED:
        scan_kind.later(once=f"likeness.scan:{kind}", kind=kind)
    LikeCheck.objects.filter(at__lt=actor.now - timedelta(days=KEPT_DAYS)).delete()
