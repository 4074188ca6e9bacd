"""The verbs of selling: send, accept, order, confirm, deliver, invoice, cancel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.erp.configurator.queries import recipes
from guanxi.erp.finance.models import Invoice
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.inventory.operations import DeliveryDraft, cancel_delivery, draft_delivery, release_stock, ship_delivery
from guanxi.erp.pricing.operations import give_back_promotions, require_coupons, take_promotions
from guanxi.erp.promising.operations import stop_waiting
from guanxi.erp.sales import events
from guanxi.erp.sales.billing.invoicing import bill_lines, why_nothing_to_invoice
from guanxi.erp.sales.completion import complete_orders
from guanxi.erp.sales.credit.crediting import hold_for, paid_for, require_free
from guanxi.erp.sales.credit.prepayments import settle_prepayments
from guanxi.erp.sales.days import require_day
from guanxi.erp.sales.guards import why_not_cancelled
from guanxi.erp.sales.impact.held import why_held
from guanxi.erp.sales.models import Order, OrderLine, Quotation
from guanxi.erp.sales.offers.validity import has_lapsed, require_in_time, why_not_declined, why_still_looked_at
from guanxi.erp.sales.offers.versions import has_other_options, keep_version
from guanxi.erp.sales.pricing.prices import agreed_steps
from guanxi.erp.sales.promising.promises import presume_in_stock, promise_again, promise_by_hand, reserve_order
from guanxi.erp.sales.queries import lines_of, why_nothing_to_deliver
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.approval import rules_due
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert
from guanxi.kernel.columns.column import LongText, Percent, Price, Quantity
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.links import link_lines, linked_quantities
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused, WhyNot
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party


@dataclass
class WantedLine:
    """One line of an order to be placed; price, unit and discount are filled in when left out."""

    product: Product
    quantity: Quantity
    unit: Unit | None = None
    unit_price: Price | None = None
    discount: Percent | None = None
    section: str | None = None


@dataclass
class PartialLine:
    """A part of an order line."""

    line: OrderLine
    quantity: Quantity


_LINE_LABELS = {
    "lines": gettext_lazy("Lines"), "product": gettext_lazy("Product"), "quantity": gettext_lazy("Quantity"),
    "unit": gettext_lazy("Unit"), "unit_price": gettext_lazy("Unit price"), "discount": gettext_lazy("Discount"),
    "line": gettext_lazy("Order line"), "section": pgettext_lazy("of lines", "Section"),
}


@operation(label=gettext_lazy("Send"), moves=Quotation.lifecycle.to("sent"), icon="send", unless=why_held)
def send_quotation(quotation: Quotation, *, actor: Actor) -> Quotation:
    """Mark the offer as given to the customer, and keep it as it was given: a version."""
    lines = _require_lines(quotation)
    if has_lapsed(quotation, actor.today):
        raise Refused(_("Its last day is over before it is sent: give the offer a later one."), field="valid_until")
    require_coupons(line.price_steps for line in lines)
    keep_version(quotation, lines, actor)
    publish(
        events.QuotationSent(quotation.pk, quotation.customer_id, quotation.total, quotation.currency),
        subject=quotation, party_id=quotation.customer_id,
    )
    return quotation


@operation(label=gettext_lazy("Accepted by customer"), moves=Quotation.lifecycle.to("accepted"), icon="file-check", unless=why_still_looked_at)
def accept_quotation(quotation: Quotation, *, actor: Actor) -> Quotation:
    """The customer said yes. To what was never sent, only as far as no rule on sending asks."""
    _require_lines(quotation)
    require_in_time(quotation, actor)
    require_looked_at(quotation, actor)
    publish(
        events.QuotationAccepted(quotation.pk, quotation.customer_id, quotation.total, quotation.currency),
        subject=quotation, party_id=quotation.customer_id,
    )
    return quotation


@operation(
    label=gettext_lazy("Declined by customer"), moves=Quotation.lifecycle.to("declined"), icon="file-x", tone="danger",
    labels={"reason": gettext_lazy("Reason")}, unless=why_not_declined,
)
def decline_quotation(quotation: Quotation, *, actor: Actor, reason: LongText) -> Quotation:
    """The customer said no, and why."""
    publish(
        events.QuotationDeclined(quotation.pk, quotation.customer_id, reason), subject=quotation, party_id=quotation.customer_id
    )
    return quotation


@operation(label=gettext_lazy("Revise"), moves=Quotation.lifecycle.to("draft"), icon="pencil")
def revise_quotation(quotation: Quotation, *, actor: Actor) -> Quotation:
    """Back to a draft, to change it; the version that was sent stays as it was."""
    publish(events.QuotationRevised(quotation.pk, quotation.customer_id), subject=quotation, party_id=quotation.customer_id)
    return quotation


def rules_met_again(quotation: Quotation) -> tuple[str, ...]:
    """The customer may choose what they like, and accepts; whoever had to look at the offer as it was sent looks at what was chosen before it
    becomes an order."""
    return (send_quotation.name,) if quotation.status != "draft" and has_other_options(quotation) else ()


def require_looked_at(quotation: Quotation, actor: Actor) -> None:
    """What was never sent, or not as it is now, does not pass those who have to look at it before it is sent."""
    if quotation.status == "draft" and (due := rules_due(send_quotation, quotation, {}, actor)):
        words = _("This needs approval first: %(rule)s. Ask for it with “%(label)s”.")
        raise Refused(words % {"rule": "; ".join(str(rule) for rule, _facts in due), "label": send_quotation.label})


@operation(
    label=gettext_lazy("Make order"), moves=Quotation.lifecycle.to("ordered"), icon="shopping-cart", again=rules_met_again,
    unless=lambda quotation: why_still_looked_at(quotation) or why_held(quotation),
    labels={"customer_reference": gettext_lazy("Customer's reference"), "requested_on": gettext_lazy("Requested on")},
)
def order_quotation(
    quotation: Quotation, *, actor: Actor, customer_reference: str = "", requested_on: date | None = None
) -> Order:
    """A draft order with the quotation's lines at the quotation's prices. Where other options were chosen than sent, rules on sending look again."""
    lines = list(quotation.lines.exclude(inclusion="optional").select_related("product", "unit", "tax").order_by("position"))
    if not lines:
        raise Refused(_("This quotation has no lines; add what is offered first."))
    require_looked_at(quotation, actor)
    if quotation.status in ("sent", "change_asked"):
        require_in_time(quotation, actor)
    if quotation.status != "accepted":
        # What the customer has accepted is no draft any more: there the order takes prices again.
        require_coupons(line.price_steps for line in lines)
    draft = Draft(0, values={
        "customer": quotation.customer, "contact": quotation.contact, "owner": quotation.owner, "entity": quotation.entity,
        "channel": quotation.channel, "coupons": quotation.coupons, "currency": quotation.currency, "payment_term": quotation.payment_term,
        "note": quotation.note, "customer_reference": customer_reference,
        # A wish whose day went by while the offer was open is one for today.
        "requested_on": requested_on or (quotation.requested_on and max(quotation.requested_on, actor.today)),
    })
    if quotation.warehouse is not None:
        draft.values["warehouse"] = quotation.warehouse
    names = ("section", "product", "configuration", "description", "quantity", "unit", "unit_price", "discount", "tax")
    draft.lines = [
        Draft(n, values={**{name: getattr(line, name) for name in names}, "price_steps": agreed_steps(line, quotation)})
        for n, line in enumerate(lines)
    ]
    order = _insert(draft, actor)
    made = list(order.lines.order_by("position"))
    link_lines("order", [(old, new, old.quantity) for old, new in zip(lines, made, strict=True)], posted_on=order.ordered_on)
    return order


@operation(
    label=gettext_lazy("Place order"), icon="shopping-cart-plus",
    labels={
        **_LINE_LABELS, "ordered_on": gettext_lazy("Ordered on"), "requested_on": gettext_lazy("Requested on"),
        "customer_reference": gettext_lazy("Customer's reference"), "note": gettext_lazy("Note"),
    },
)
def place_order(
    customer: Party, *, actor: Actor, lines: list[WantedLine], ordered_on: date | None = None,
    requested_on: date | None = None, customer_reference: str = "", note: LongText = "",
) -> Order:
    """Enter and confirm an order in one act, as a shop, a partner or an interface does."""
    draft = Draft(0, values={
        "customer": customer, "ordered_on": ordered_on, "requested_on": requested_on,
        "customer_reference": customer_reference, "note": note,
    })
    draft.lines = [
        Draft(n, values={k: v for k, v in vars(line).items() if v is not None}) for n, line in enumerate(lines)
    ]
    if not draft.lines:
        raise Invalid({"lines": [_("Enter at least one line.")]})
    return enter_order(draft, actor)


def enter_order(draft: Draft, actor: Actor) -> Order:
    """An order that is confirmed as it is entered. Runs under the act that calls it."""
    order = _insert(draft, actor, status="confirmed")
    _confirmed(order, [line.instance for line in draft.lines or ()], actor)
    order.flush()
    return order


def _insert(draft: Draft, actor: Actor, **fixed: object) -> Order:
    if not draft.values["customer"].is_customer:
        raise Refused(_("%(party)s is not a customer yet; make it one first.") % {"party": draft.values["customer"]})
    # What is confirmed at once is promised when its goods are held.
    complete_orders([draft], actor, promised="status" not in fixed)
    refuse_errors([draft])
    if fixed.get("status") == "confirmed":
        held = hold_for(
            draft.values["customer"], draft.values["total"], draft.values["currency"], draft.key("entity") or actor.entity_id, actor
        )
        draft.values.update(held)
        if not held.get("hold"):
            presume_in_stock(draft, actor)
    draft.values.update(fixed)
    [order] = insert(form_of(Order), [draft], actor)
    return order


@operation(
    label=gettext_lazy("Confirm and reserve"), moves=Order.lifecycle.to("confirmed"), icon="check",
    labels={"promised_on": gettext_lazy("Promised on")},
)
def confirm_order(order: Order, *, actor: Actor, promised_on: date | None = None) -> Order:
    """Fix the terms, reserve the goods that are there, and promise a day: that of the lines, or one given by hand."""
    lines = _require_lines(order)
    require_day(order, promised_on, "promised_on")
    if not order.hold:
        order.assign(**hold_for(order.customer, order.total, order.currency, order.entity_id, actor, paid=paid_for(order)))
    _confirmed(order, lines, actor, promised_on)
    return order


@operation(
    label=gettext_lazy("Promise another day"), states=("confirmed",), icon="calendar-event",
    labels={"promised_on": gettext_lazy("Promised on"), "reason": gettext_lazy("Reason")},
)
def promise_order(order: Order, *, actor: Actor, promised_on: date, reason: str = "") -> Order:
    """Another day for what is still to come; deliveries that are drafted follow."""
    require_day(order, promised_on, "promised_on")
    former = order.promised_on
    if promised_on == former:
        raise Refused(_("It is promised for this day already."))
    promise_by_hand(order, promised_on)
    publish(events.OrderPromised(order.pk, order.customer_id, promised_on, former, reason), subject=order, party_id=order.customer_id)
    return order


@operation(
    label=gettext_lazy("Promise anew"), states=("confirmed",), icon="refresh", labels={"reason": gettext_lazy("Reason")},
)
def renew_promise(order: Order, *, actor: Actor, reason: str = "") -> Order:
    """Days from what is there and to come now, in place of those promised; drafted deliveries follow."""
    former = order.promised_on
    if not promise_again(order, actor):
        raise Refused(_("Nothing changes: what is promised still holds."))
    publish(events.OrderPromised(order.pk, order.customer_id, order.promised_on, former, reason), subject=order, party_id=order.customer_id)
    return order


def _confirmed(order: Order, lines: Sequence[OrderLine], actor: Actor, by_hand: date | None = None) -> None:
    take_promotions(order, (line.price_steps for line in lines), order.currency, actor)
    if order.hold:
        # Nothing is held for it before it is released; then it is promised by what is there.
        order.assign(promised_on=by_hand or order.requested_on, is_promised_by_hand=bool(by_hand))
    else:
        reserve_order(order, lines, actor, by_hand)
    publish(
        events.OrderConfirmed(order.pk, order.customer_id, order.total, order.currency), subject=order, party_id=order.customer_id
    )
    if order.hold:
        publish(events.OrderHeld(order.pk, order.customer_id, order.hold, order.hold_note), subject=order, party_id=order.customer_id)


@operation(
    label=gettext_lazy("Make delivery"), states=("confirmed",), icon="truck-delivery",
    labels={**_LINE_LABELS, "planned_on": gettext_lazy("Planned on")}, unless=WhyNot(why_nothing_to_deliver),
)
def create_delivery(
    order: Order, *, actor: Actor, lines: list[PartialLine] | None = None, planned_on: date | None = None
) -> Delivery:
    """A delivery note for all that is still to be delivered, or for the parts named."""
    require_day(order, planned_on, "planned_on")
    require_free(order, "release", actor)
    mine = lines_of(order.pk)
    under_way = linked_quantities("sales.orderline", "delivery", [line.pk for line in mine])
    rest = {line.pk: line.quantity - under_way.get(line.pk, Decimal(0)) for line in mine if line.product.kind == "goods" and line.supplier_id is None}
    wanted = parts_of(mine, rest, lines, _("is already delivered or in delivery"))
    made_of = recipes(line.configuration_id for line, _quantity in wanted)
    drafts = [
        DeliveryDraft(
            source=line, product=line.product, quantity=quantity, unit=line.unit, factor=line.factor, description=line.description,
            section=line.section, parts=recipe.parts, work=recipe.work,
        )
        for line, quantity, recipe in ((line, quantity, made_of[line.configuration_id]) for line, quantity in wanted)
    ]
    return draft_delivery(
        customer=order.customer, warehouse=order.warehouse, lines=drafts, actor=actor, owner=order.owner, entity=order.entity,
        planned_on=planned_on or order.promised_on or order.requested_on,
    )


def parts_of(
    mine: Sequence[OrderLine], rest: dict[int, Decimal], asked: list[PartialLine] | None, done: str
) -> list[tuple[OrderLine, Decimal]]:
    """The asked parts, checked against what is left; everything left when nothing is asked."""
    if asked is None:
        wanted = [(line, rest[line.pk]) for line in mine if rest.get(line.pk, 0) > 0]
        if not wanted:
            raise Refused(_("Every line %(done)s.") % {"done": done})
        return wanted
    by_id = {line.pk: line for line in mine}
    errors: dict[str, list[str]] = {}
    for number, part in enumerate(asked):
        line = by_id.get(part.line.pk)
        if line is None or line.pk not in rest:
            errors[f"lines.{number}.line"] = [_("This line does not belong to the order, is a service, or is shipped by a supplier.")]
        elif part.quantity <= 0:
            errors[f"lines.{number}.quantity"] = [_("The quantity has to be more than zero.")]
        elif part.quantity > rest[line.pk]:
            errors[f"lines.{number}.quantity"] = [
                _("Only %(rest)s are left of “%(line)s”; the rest %(done)s.")
                % {"rest": f"{rest[line.pk].normalize():f}", "line": line.description, "done": done}
            ]
        else:
            rest[line.pk] -= part.quantity
    if errors or not asked:
        raise Invalid(errors or {"lines": [_("Enter at least one line.")]})
    return sorted(((by_id[part.line.pk], part.quantity) for part in asked), key=lambda part: part[0].position)


@operation(
    label=gettext_lazy("Deliver"), states=("confirmed",), icon="truck",
    labels={**_LINE_LABELS, "shipped_on": gettext_lazy("Shipped on")}, unless=WhyNot(why_nothing_to_deliver),
)
def deliver_order(
    order: Order, *, actor: Actor, lines: list[PartialLine] | None = None, shipped_on: date | None = None
) -> Delivery:
    """Make the delivery and ship it at once."""
    require_day(order, shipped_on, "shipped_on")
    delivery = create_delivery(order, actor=actor, lines=lines, planned_on=shipped_on)
    ship_delivery(delivery, actor=actor, shipped_on=shipped_on)
    return delivery


@operation(
    label=gettext_lazy("Invoice"), states=("confirmed", "done"), icon="file-invoice", unless=why_nothing_to_invoice,
    labels={"issued_on": gettext_lazy("Issued on")},
)
def invoice_order(order: Order, *, actor: Actor, issued_on: date | None = None) -> Invoice:
    """Invoice what was delivered (services: what was ordered) and is not invoiced yet; prepayments settle it."""
    invoice = bill_lines(order, issued_on=issued_on or actor.today, actor=actor)
    settle_prepayments(order, invoice, actor)
    return invoice


@operation(
    label=gettext_lazy("Cancel order"), moves=Order.lifecycle.to("cancelled"), icon="x", tone="danger",
    labels={"reason": gettext_lazy("Reason")}, unless=WhyNot(why_not_cancelled),
)
def cancel_order(order: Order, *, actor: Actor, reason: LongText = "") -> Order:
    """Give the reserved goods free and withdraw open deliveries; refused while something is delivered or invoiced.

    What came back and was credited does not stand in the way: the order ends without the rest, and its books stay as they are.
    """
    ids = list(order.lines.values_list("pk", flat=True))
    links = Link.objects.filter(from_model="sales.orderline", from_id__in=ids)
    open_lines = links.filter(kind="delivery", posted_on__isnull=True).values("to_id")
    for delivery in Delivery.objects.filter(lines__in=open_lines, status="draft").distinct():
        cancel_delivery(delivery, actor=actor)
    stop_waiting("sales.orderline", ids)
    release_stock("sales.orderline", ids)
    give_back_promotions(order, actor)
    publish(events.OrderCancelled(order.pk, order.customer_id, reason), subject=order, party_id=order.customer_id)
    return order


@operation(label=gettext_lazy("Complete"), moves=Order.lifecycle.to("done"), icon="circle-check")
def complete_order(order: Order, *, actor: Actor) -> Order:
    """Nothing more will be delivered: what is still reserved becomes free."""
    ids = list(order.lines.values_list("pk", flat=True))
    stop_waiting("sales.orderline", ids)
    release_stock("sales.orderline", ids)
    publish(events.OrderCompleted(order.pk, order.customer_id), subject=order, party_id=order.customer_id)
    return order


def _require_lines(document: Quotation | Order) -> list:
    lines = list(document.lines.select_related("product", "unit").order_by("position"))
    if not lines:
        raise Refused(_("There are no lines yet; enter at least one product first."))
    return lines


# What becomes of an order after its delivery stands in a file of its own; other modules look for it only here.
from guanxi.erp.sales.changes.returned import bring_again as bring_again  # noqa: E402
from guanxi.erp.sales.changes.returned import end_returned as end_returned  # noqa: E402
from guanxi.erp.sales.changes.returned import order_again as order_again  # noqa: E402
