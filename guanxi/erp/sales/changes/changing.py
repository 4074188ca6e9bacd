"""Changing a confirmed order: its lines as they shall be from now on, with what follows for stock, deliveries and credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.configurator.queries import recipes
from guanxi.erp.credit.queries import hold_account, policy_for
from guanxi.erp.inventory.operations import release_stock
from guanxi.erp.inventory.operations.deliveries import cut_planned
from guanxi.erp.pricing.operations import take_more_promotions
from guanxi.erp.promising.operations import stop_waiting
from guanxi.erp.sales import events
from guanxi.erp.sales.completion import complete_orders
from guanxi.erp.sales.credit.crediting import hold_for, paid_for
from guanxi.erp.sales.days import require_day
from guanxi.erp.sales.models import Order, OrderChange, OrderLine
from guanxi.erp.sales.pricing.costs import mean_cost
from guanxi.erp.sales.promising.promises import hold_changed, promise_by_hand
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import write_changes
from guanxi.kernel.columns.column import LongText, Percent, Price, Quantity
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.plain import plain
from guanxi.kernel.values.shown import format_quantity
from guanxi.shared.catalog.models import Product


@dataclass
class ChangedLine:
    """A line as it shall be: one of the order's, or a new one with its product."""

    line: OrderLine | None = None
    product: Product | None = None
    configuration: Configuration | None = None
    quantity: Quantity | None = None
    unit_price: Price | None = None
    discount: Percent | None = None


@dataclass(frozen=True)
class Gone:
    """What became of a line already, in its unit."""

    delivered: Decimal
    planned: Decimal
    invoiced: Decimal

    @property
    def least(self) -> Decimal:
        """So much of it cannot be taken back by a change."""
        return max(self.delivered, self.invoiced)


class NothingChanged(Refused):
    """The order is as it was asked to be."""

    code = "nothing_changed"
    meaning = gettext_lazy("The order is already as it was asked to be.")


@operation(
    label=gettext_lazy("Change order"), states=("confirmed",), icon="pencil",
    labels={
        "lines": gettext_lazy("Lines"), "line": gettext_lazy("Order line"), "product": gettext_lazy("Product"),
        "configuration": gettext_lazy("Configuration"), "quantity": gettext_lazy("Quantity"),
        "unit_price": gettext_lazy("Unit price"), "discount": gettext_lazy("Discount"), "promised_on": gettext_lazy("Promised on"),
        "reason": gettext_lazy("Reason"),
    },
)
def change_order(
    order: Order, *, actor: Actor, lines: list[ChangedLine], promised_on: date | None = None, reason: LongText = ""
) -> Order:
    """All lines as they shall be: lines named are kept or changed, new ones added, those left out removed. What is delivered or invoiced stays."""
    mine = lines_with_progress(order.pk)
    drafts = _drafts(lines, mine, actor)
    removed = [row for row in mine if row.pk not in {draft.instance.pk for draft in drafts if draft.instance is not None}]
    _refuse_gone(drafts, removed)
    before = {row.pk: (row.quantity, row.unit_price, row.discount) for row in mine}
    require_day(order, promised_on, "promised_on")
    moved = promised_on is not None and promised_on != order.promised_on
    changed = [d for d in drafts if d.instance is None or _is_changed(d, before[d.instance.pk])]
    if not changed and not removed and not moved:
        raise NothingChanged(_("Nothing is different; change a quantity, a price, a line or the day."))
    total = order.total
    if changed or removed:
        changed += _write(order, drafts, changed, removed, actor)
    if moved and promised_on is not None:
        promise_by_hand(order, promised_on)
    rows = [*(draft.instance for draft in changed if draft.instance is not None), *removed]
    built_in = recipes(row.configuration_id for row in rows).values()
    products = {row.product_id for row in rows} | {product.pk for recipe in built_in for product, _each in recipe.parts}
    _keep(order, _in_words(changed, removed, before, order if moved else None), total, reason, actor, sorted(products))
    return order


@operation(
    label=gettext_lazy("Cancel the rest of the line"), icon="x", tone="danger", labels={"reason": gettext_lazy("Reason")},
    unless=lambda line: line.order.status != "confirmed" and _("Only lines of confirmed orders are cancelled; a draft is edited."),
)
def cancel_order_line(line: OrderLine, *, actor: Actor, reason: LongText = "") -> Order:
    """Nothing more of this line is delivered: without a delivery it goes, else it ends with what left."""
    order = Order.objects.select_related(*Order.loaded_with).select_for_update(of=("self",), no_key=True).get(pk=line.order_id)
    if order.status != "confirmed":
        raise Refused(_("Only lines of confirmed orders are cancelled; a draft is edited."))
    mine = lines_with_progress(order.pk)
    wanted = []
    for row in mine:
        if row.pk != line.pk:
            wanted.append(ChangedLine(line=row))
        elif row.gone.least >= row.quantity:
            raise Refused(_("All of this line is delivered or invoiced already."))
        elif row.gone.least:
            wanted.append(ChangedLine(line=row, quantity=row.gone.least))
    if not wanted:
        raise Refused(_("It is the order's only line; cancel the order instead."))
    change_order(order, actor=actor, lines=wanted, reason=reason)
    return order


def lines_with_progress(order_id: int) -> list[Any]:
    """The order's lines, each with what became of it."""
    rows = OrderLine.objects.filter(order=order_id).select_related("product", "unit", "tax").order_by("position").annotate(
        _delivered=OrderLine.delivered_quantity.sql(), _planned=OrderLine.planned_quantity.sql(), _invoiced=OrderLine.invoiced_quantity.sql()
    )
    found: list[Any] = list(rows)
    for row in found:
        row.gone = Gone(row._delivered, row._planned, row._invoiced)
    return found


def _drafts(lines: Sequence[ChangedLine], mine: Sequence[Any], actor: Actor) -> list[Draft]:
    by_id = {row.pk: row for row in mine}
    errors: dict[str, list[str]] = {}
    drafts, seen = [], set()
    for number, wanted in enumerate(lines):
        values = {n: v for n in ("quantity", "unit_price", "discount") if (v := getattr(wanted, n)) is not None}
        row = by_id.get(wanted.line.pk) if wanted.line is not None else None
        if wanted.line is None and wanted.product is None:
            errors[f"lines.{number}.product"] = [_("Choose a line of the order, or a product for a new one.")]
        elif wanted.line is not None and (row is None or row.pk in seen):
            errors[f"lines.{number}.line"] = [_("This line does not belong to the order, or is here twice.")]
        elif row is not None and wanted.product is not None and wanted.product.pk != row.product_id:
            errors[f"lines.{number}.product"] = [_("A line keeps its product; leave it out and add a new one.")]
        elif row is not None and wanted.configuration is not None and wanted.configuration.pk != row.configuration_id:
            errors[f"lines.{number}.configuration"] = [_("A line keeps its options; leave it out and add a new one.")]
        elif row is None and wanted.quantity is None:
            errors[f"lines.{number}.quantity"] = [_("The quantity has to be more than zero.")]
        else:
            if row is not None:
                seen.add(row.pk)
            chosen = {"product": wanted.product, "configuration": wanted.configuration}
            drafts.append(Draft(number, values=values if row is not None else {**values, **chosen}, instance=row))
    if not lines:
        errors["lines"] = [_("An order has at least one line; to end all of it, cancel it.")]
    if errors:
        raise Invalid(errors)
    return drafts


def _is_changed(draft: Draft, before: tuple[Decimal, Decimal, Decimal]) -> bool:
    return tuple(draft.get(name) for name in ("quantity", "unit_price", "discount")) != before


def _refuse_gone(drafts: Sequence[Draft], removed: Sequence[Any]) -> None:
    """What left or was billed stays as it is."""
    for number, draft in enumerate(drafts):
        row = draft.instance
        if row is None:
            continue
        figures = {"line": row.description, "quantity": format_quantity(row.gone.least)}
        if draft.get("quantity") < row.gone.least:
            words = _("%(quantity)s of “%(line)s” are delivered or invoiced; it cannot become less.") % figures
            draft.add_error("quantity", words)
        if row.gone.invoiced and (draft.get("unit_price"), draft.get("discount")) != (row.unit_price, row.discount):
            draft.add_error("unit_price", _("Part of “%(line)s” is invoiced at its price; reverse the invoice first.") % figures)
        if draft.errors:
            raise Invalid({f"lines.{number}.{name}": messages for name, messages in draft.errors.items()})
    for row in removed:
        if row.gone.least:
            raise Refused(
                _("“%(line)s” is delivered or invoiced in part and cannot be removed; set its quantity to %(quantity)s to end it.")
                % {"line": row.description, "quantity": format_quantity(row.gone.least)}
            )
    # What was taken back again has cost and revenue in the books, and they are the order's.
    posted = Link.objects.filter(from_model=OrderLine.label(), from_id__in=[row.pk for row in removed], posted_on__isnull=False)
    if removed and (found := posted.values_list("from_id", flat=True).first()):
        words = _("“%(line)s” was delivered or invoiced and taken back: it stays in the order; complete the order when nothing more shall leave.")
        raise Refused(words % {"line": next(row.description for row in removed if row.pk == found)})


def _write(order: Order, drafts: list[Draft], changed: Sequence[Draft], removed: Sequence[Any], actor: Actor) -> list[Draft]:
    """Write the lines with what follows from them; the lines that rules have added, such as gifts."""
    if policy_for(order.customer) is not None:
        hold_account(order.customer)
    whole = Draft(0, instance=order, lines=drafts)
    complete_orders([whole], actor, promised=False)
    refuse_errors([whole])
    _keep_costs(whole, actor)
    gifts = [line for line in whole.lines or () if not any(line is one for one in drafts)]
    touched = [draft.instance for draft in changed if draft.instance is not None]
    let_go([row.pk for row in [*touched, *removed]])
    cut_planned(
        {row.pk: ZERO for row in removed} | {d.instance.pk: d.get("quantity") - d.instance.gone.delivered for d in changed if d.instance is not None},
        actor=actor,
    )
    if removed:
        Link.objects.filter(to_model=OrderLine.label(), to_id__in=[row.pk for row in removed]).delete()
    former = order.total
    write_changes(form_of(Order), [whole], actor)
    added = [draft.instance for draft in (*changed, *gifts) if draft.instance not in touched]
    take_more_promotions(order, [line.price_steps for line in added], order.currency, actor)
    order.is_cleared = order.is_cleared and order.total <= former
    if not order.hold:
        held = {} if order.is_cleared else hold_for(
            order.customer, order.total, order.currency, order.entity_id, actor, paid=paid_for(order), is_new=False
        )
        order.assign(**held)
    if order.hold:
        let_go([draft.instance.pk for draft in whole.lines or ()])
    else:
        hold_changed(order, {draft.instance.pk for draft in (*changed, *gifts)}, actor)
    order.assign(is_cleared=order.is_cleared)
    return gifts


def _keep_costs(whole: Draft, actor: Actor) -> None:
    """A line keeps the cost at which it was agreed; only new ones come at today's."""
    lines = whole.lines or []
    for line in lines:
        if line.instance is not None:
            line.values["unit_cost"] = _cost_of(line)
    currency = whole.get("currency")
    whole.values["cost"] = sum((round_money(line.get("quantity") * line.get("unit_cost"), currency) for line in lines), ZERO)


def _cost_of(line: Draft) -> Decimal:
    """Of a line that a supplier goes on with, more or fewer pieces change the mean of what left before and his price."""
    row: Any = line.instance
    kept: Decimal = row.unit_cost
    if row.supplier_cost is None or row.order.rate is None or line.get("quantity") == row.quantity:
        return kept
    return mean_cost(row, line.get("quantity"), row.supplier_cost, row.order.rate)


def let_go(line_ids: Sequence[int]) -> None:
    """Nothing is held for these lines, and they wait for nothing."""
    stop_waiting(OrderLine.label(), list(line_ids))
    release_stock(OrderLine.label(), line_ids)


def _in_words(changed: Sequence[Draft], removed: Sequence[Any], before: dict[int, tuple], moved: Order | None) -> list[dict[str, Any]]:
    """What was changed, as facts: kind, description, and the values before and after."""
    found: list[dict[str, Any]] = []
    for draft in changed:
        row = draft.instance
        after = {"quantity": plain(row.quantity), "unit_price": plain(row.unit_price), "discount": plain(row.discount)}
        if row.pk in before:
            former = dict(zip(after, map(plain, before[row.pk]), strict=True))
            names = [name for name in after if Decimal(former[name]) != Decimal(after[name])]
            found += [{"kind": name, "line": row.description, "before": former[name], "after": after[name]} for name in names]
        else:
            found.append({"kind": "added", "line": row.description, "before": "", "after": after["quantity"]})
    found += [{"kind": "removed", "line": row.description, "before": plain(row.quantity), "after": ""} for row in removed]
    if moved is not None:
        found.append({"kind": "promised_on", "line": "", "before": "", "after": str(moved.promised_on)})
    return found


def _keep(order: Order, changes: list[dict[str, Any]], former: Decimal, reason: str, actor: Actor, product_ids: list[int]) -> None:
    """One more version of the order, with what it was about."""
    edition = OrderChange.objects.filter(order=order).count() + 1
    insert_rows([OrderChange(
        order=order, edition=edition, changes=changes, former_total=former, total=order.total, reason=reason, member_id=actor.member_id, at=actor.now,
    )])
    publish(
        events.OrderChanged(order.pk, order.customer_id, edition, former, order.total, order.currency, reason, product_ids), subject=order,
        party_id=order.customer_id,
    )
    if order.hold and order.held_at == actor.now:
        publish(events.OrderHeld(order.pk, order.customer_id, order.hold, order.hold_note), subject=order, party_id=order.customer_id)


def lines_as_they_are(order: Order, actor: Actor) -> dict[str, Any]:
    """What changing an order starts with."""
    rows = OrderLine.objects.filter(order=order).order_by("position")
    return {
        "promised_on": order.promised_on,
        "lines": [{"line": r.pk, "quantity": r.quantity, "unit_price": r.unit_price, "discount": r.discount} for r in rows],
    }
