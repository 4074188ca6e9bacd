"""Questions about parties and the trees they stand in."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.kernel.columns.validate import Draft


def refuse_cycles(drafts: Sequence[Draft], name: str, message: object) -> None:
    """Add an error where the new parent in column `name` already stands below the row; all drafts are seen together.

    One query per level of the tree, whatever the number of drafts, and none when no row is moved.
    """
    moved = {d.instance.pk: d.values[name].pk for d in drafts if d.instance is not None and d.values.get(name) is not None}
    if not moved:
        return
    model = type(next(d.instance for d in drafts if d.instance is not None))
    above: dict[int, int | None] = dict(moved)
    asked = set(moved.values()) - set(above)
    while asked:
        above.update(model._base_manager.filter(pk__in=asked).values_list("pk", f"{name}_id"))
        asked = {pk for pk in above.values() if pk is not None} - set(above)
    for draft in drafts:
        if draft.instance is not None and draft.instance.pk in moved and _returns(draft.instance.pk, above):
            draft.add_error(name, message)


def _returns(start: int, above: dict[int, int | None]) -> bool:
    passed: set[int] = set()
    here = above.get(start)
    while here is not None and here not in passed:
        if here == start:
            return True
        passed.add(here)
        here = above.get(here)
    return False
