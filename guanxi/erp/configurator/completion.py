"""What is not taken of rules as they are entered."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.erp.configurator.choosing import check_rule, names_for
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft


def complete_features(drafts: Sequence[Draft], actor: Actor) -> None:
    """Codes are written in small letters, as rules read them."""
    for draft in drafts:
        if draft.values.get("code"):
            draft.values["code"] = draft.values["code"].strip().lower()


def complete_rules(drafts: Sequence[Draft], actor: Actor) -> None:
    """Both conditions read features of the model."""
    for draft in drafts:
        if not draft.key("model"):
            continue
        scope = names_for(draft.key("model"))
        for name in ("when", "must"):
            problem = check_rule(draft.get(name) or "", scope)
            if problem:
                known = ", ".join(sorted(scope)) or _("none yet")
                draft.add_error(name, _("%(problem)s Features here: %(names)s.") % {"problem": problem, "names": known})


def complete_models(drafts: Sequence[Draft], actor: Actor) -> None:
    """A component is taken from stock, beside the product itself."""
    for draft in drafts:
        for line in draft.lines or ():
            component = line.get("component") if line.key("component") else None
            if component is None:
                continue
            if component.kind != "goods":
                line.add_error("component", _("%(product)s is not kept in stock; enter what it costs as work.") % {"product": component})
            elif component.pk == draft.key("product"):
                line.add_error("component", _("A product is no component of itself."))
