"""What a form sends while one types, so that it can be said what is there already."""

from __future__ import annotations

from typing import Any

from django import template

from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.likeness.declared import alike_of

register = template.Library()
SHOWN = "alike_typed"


@register.simple_tag
def alike_to(screen: Any, record: Any) -> str:
    """The names of the fields to send, for a new record of a kind that is compared; else nothing."""
    declared = alike_of(screen.model) if screen and not record else None
    if declared is None:
        return ""
    own = columns_of(screen.model)
    names = []
    for name in declared.typed:
        translated = own[name].kind == "translated"
        names += [f"{name}.{code}" for code in ("zh-hans", "en")] if translated else [name]
    return ",".join([*names, "quick", SHOWN])


@register.simple_tag
def may_merge(screen: Any, acting: Any, actor: Any) -> bool:
    """Whether the record on the page may be merged with another one."""
    return bool(acting.may_change and alike_of(screen.model) and actor.may("merging.merge_records"))


@register.simple_tag
def is_compared(screen: Any) -> bool:
    """Whether records of the kind are compared with each other."""
    return alike_of(screen.model) is not None
