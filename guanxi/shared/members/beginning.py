"""What an empty account set takes along from another one, and what stays behind: asked by the command that makes it, and by the page before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.screens.screen import SCREENS


def people_along() -> QuerySet[Member]:
    """Who works here and signs in."""
    return Member.objects.filter(is_active=True, kind="staff", user_id__isnull=False).order_by("pk")


def roles_along() -> QuerySet[Role]:
    """Roles of one's own; the ready-made ones are there already."""
    return Role.objects.filter(is_builtin=False)


def left_behind(counted: Callable[[Any], int]) -> dict[str, int]:
    """Kinds of records with how many there are, but for those of the setup; `counted` asks for one kind."""
    found = {str(screen.plural()): counted(screen.model) for screen in SCREENS.values() if screen.menu and screen.menu[0] != "setup"}
    return {label: number for label, number in found.items() if number}
