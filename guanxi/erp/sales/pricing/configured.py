"""Configured products on lines: what the options add to cost and words, and offering a configuration that was kept (M7.1)."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.sales.completion import complete_quotations
from guanxi.erp.sales.models import Quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert, lock_records, require_editable, write_changes
from guanxi.kernel.columns.column import Quantity
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.records.refusals import Invalid
from guanxi.shared.parties.models import Party


@operation(
    label=gettext_lazy("Offer"), icon="file-text",
    labels={
        "customer": gettext_lazy("Customer"), "quantity": gettext_lazy("Quantity"), "quotation": gettext_lazy("Into the draft"),
    },
)
def offer_configuration(
    configuration: Configuration, *, actor: Actor, quantity: Quantity = Decimal(1), customer: Party | None = None, quotation: Quotation | None = None
) -> Quotation:
    """A line with this configuration, in a new quotation or at the end of a draft, at the price of the day with what the options add."""
    line = Draft(0, values={"product": configuration.product, "quantity": quantity, "configuration": configuration})
    if quotation is not None:
        return _append(quotation, line, actor)
    buyer = customer or configuration.customer
    if buyer is None:
        raise Invalid({"customer": [_("Say for whom, or into which draft.")]})
    draft = Draft(0, values={"customer": buyer, "owner_id": actor.member_id}, lines=[line])
    complete_quotations([draft], actor)
    refuse_errors([draft])
    [made] = insert(form_of(Quotation), [draft], actor)
    return made  # type: ignore[no-any-return]


def _append(quotation: Quotation, line: Draft, actor: Actor) -> Quotation:
    [row] = lock_records(Quotation, [quotation.pk], actor, "change")
    require_editable(row)
    lines = row.lines.select_related("product", "unit", "tax", "configuration").order_by("position", "pk")
    present = [Draft(number, instance=one) for number, one in enumerate(lines)]
    draft = Draft(0, instance=row, lines=[*present, line])
    complete_quotations([draft], actor)
    refuse_errors([draft])
    write_changes(form_of(Quotation), [draft], actor)
    return row  # type: ignore[no-any-return]
