"""Questions about parties and the trees they stand in, and who is perhaps in the books already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.screens.screen import Similar, record_url
from guanxi.kernel.search import digits_tail, found_in
from guanxi.shared.parties.models import Contact, Party

SHOWN = 4
FEWEST = 2
"""Letters that a name needs before it is compared."""
FEWEST_DIGITS = 6
_FORMS = re.compile(
    r"(?:股份|集团|控股|有限|责任|公司|总公司|分公司|厂)+$|[\s,.]+(?:co|ltd|limited|inc|llc|corp|corporation|gmbh|ag|bv|b\.v|sa|sarl|plc|pty|company)\.?(?=[\s,.]|$)",
    re.IGNORECASE,
)


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


def core_of(name: str) -> str:
    """A company's name without the words for its legal form: what has to be the same in two entries of one company."""
    name = name.strip().removesuffix("）").removesuffix(")")
    core = _FORMS.sub("", name).strip(" ,.（(")
    return core if len(core) >= FEWEST else name if len(name) >= FEWEST else ""


def reached_by(values: Mapping[str, str]) -> list[str]:
    """The telephone number and the e-mail address, as they are searched for; only whole ones."""
    digits = digits_tail(values.get("phone", "") or values.get("mobile", ""))
    email = values.get("email", "").strip()
    return [digits if len(digits) >= FEWEST_DIGITS else "", email if re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", email) else ""]


def similar_parties(values: Mapping[str, str], actor: Actor, set_key: str) -> list[Similar]:
    """Customers and companies with this name, number, address or credit code, and people at them."""
    found = similar_rows(
        Party.objects.filter(archived_at__isnull=True), [core_of(values.get("name", "")), values.get("credit_code", ""), *reached_by(values)],
        actor, set_key,
    )
    return found + similar_contacts(values, actor, set_key)


def similar_contacts(values: Mapping[str, str], actor: Actor, set_key: str) -> list[Similar]:
    """People with this number or address."""
    return similar_rows(Contact.objects.filter(archived_at__isnull=True).select_related("party__owner"), reached_by(values), actor, set_key)


def similar_rows(rows: Any, wanted: Iterable[str], actor: Actor, set_key: str) -> list[Similar]:
    """The rows that one of the texts finds, those out of sight only by their owner: two queries for each text."""
    model = rows.model
    if not actor.may("view", model):
        return []
    found: dict[int, Any] = {}
    for text in wanted:
        if text:
            found |= {row.pk: row for row in found_in(rows, text, actor)[:SHOWN]}
    seen = set(model.objects.visible_to(actor).filter(pk__in=list(found)).values_list("pk", flat=True)) if found else set()
    return [_similar(row, row.pk in seen, set_key) for row in list(found.values())[:SHOWN]]


def _similar(row: Any, is_seen: bool, set_key: str) -> Similar:
    kind = type(row)._meta.verbose_name
    owner = getattr(row, "owner", None) or getattr(getattr(row, "party", None), "owner", None)
    if not is_seen:
        return Similar(kind, "", owner=str(owner or ""))
    return Similar(kind, str(row), record_url(set_key, type(row), row.pk) or "", str(owner or ""))
