"""What the system adds to entered policies, promotions and coupons, and what it refuses beyond the columns' own rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.shared.catalog.queries import refuse_formula

_NEEDED = {
    "discount": ("share",), "rebate": ("share",), "formula": ("formula",), "cost_plus": ("markup",), "payment_term": ("payment_term",),
    "percent": ("share",), "amount": ("amount",), "bundle": ("bundle_price",),
}
_CODE = re.compile(r"[^\s,;，；、]+")


def complete_policies(drafts: Sequence[Draft], actor: Actor) -> None:
    for draft in drafts:
        _complete(draft, "effect", actor)
        refuse_formula(draft, "formula")
        if draft.get("markup") is not None and draft.get("markup") <= -1:
            draft.add_error("markup", _("So much cannot be taken off: nothing would be left."))


def complete_promotions(drafts: Sequence[Draft], actor: Actor) -> None:
    for draft in drafts:
        _complete(draft, "kind", actor)
        kind = draft.get("kind", "percent")
        if kind in ("bundle", "gift") and draft.lines is not None and not draft.lines:
            draft.add_error("lines", _("Enter the goods of the bundle, or the gifts."))
        for name in ("amount", "bundle_price", "budget"):
            if draft.get(name) is not None and draft.get(name) < 0:
                draft.add_error(name, _("Amounts cannot be less than zero."))
        if draft.instance is not None and draft.instance.used and draft.get("currency") != draft.instance.currency:
            draft.add_error("currency", _("Something of the budget is used already; the currency stays."))


def _complete(draft: Draft, name: str, actor: Actor) -> None:
    """The company's currency; what a kind of rule cannot be without."""
    if not draft.get("currency"):
        draft.values["currency"] = actor.currency
    for needed in _NEEDED.get(draft.get(name), ()):
        if (draft.key(needed) if needed == "payment_term" else draft.get(needed)) in (None, ""):
            draft.add_error(needed, _("This is needed."))
    share: Any = draft.get("share")
    if share is not None and not 0 <= share <= 1:
        draft.add_error("share", _("It lies between 0 and 100 %."))


def complete_coupons(drafts: Sequence[Draft], actor: Actor) -> None:
    """In large letters, in one word."""
    for draft in drafts:
        code = draft.values.get("code")
        if code:
            draft.values["code"] = code.upper()
            if not _CODE.fullmatch(code):
                draft.add_error("code", _("A code has no spaces or commas in it."))
