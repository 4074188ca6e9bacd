"""Everything that the program says of its ledgers, and what the model says of them, under the same names."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from guanxi.erp.finance.models import Invoice, PartyBalance, Receipt
from guanxi.erp.finance.queries import trial_balance
from guanxi.erp.inventory.models import Delivery, DeliveryLine, StockBalance, StockCost
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales.credit.crediting import prepaid_for
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margins_by
from guanxi.kernel.events.models import EventDelivery
from tests.ledgers.model import Model

if TYPE_CHECKING:
    from tests.ledgers.business import Business

CUSTOMERS = 2


def should(model: Model) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, order in model.orders.items():
        net = sum(model.lines[line].net for line in order.lines)
        found[f"order {key}"] = (order.status, order.hold, order.is_cleared, net, model.total(key), model.expected_cost(key))
        found[f"order {key} prepaid"] = model.prepaid(key)
        found[f"order {key} margin"] = (order.sold, order.credited, -order.cost, order.returned)
    for key, line in model.lines.items():
        figures = (line.quantity, line.price, line.net, line.tax, line.delivered, model.planned(key), line.invoiced, line.held)
        found[f"line {key}"] = (*figures, line.missing if key in model.waiting else 0)
    for key, delivery in model.deliveries.items():
        found[f"delivery {key}"] = (delivery.status, delivery.parts, sum(delivery.costs.values()))
    for item in range(len(model.prices)):
        found[f"product {item}"] = (model.on_hand[item], model.reserved(item), model.on_hand[item], model.value[item])
    found |= {f"customer {party} owes": model.owed(party) for party in range(CUSTOMERS)}
    found |= {f"invoice {key} open": invoice.open for key, invoice in model.invoices.items()}
    found |= {f"receipt {key} free": receipt.free for key, receipt in model.receipts.items()}
    return found | {f"account {use}": amount for use, amount in model.accounts.items() if amount} | {"failed reactions": 0}


def said(business: Business) -> dict[str, Any]:
    found: dict[str, Any] = {"failed reactions": EventDelivery.objects.count()}
    keys = {pk: key for key, pk in business.orders.items()}
    for order in Order.objects.all():
        found[f"order {keys[order.pk]}"] = (
            order.status, order.hold, order.is_cleared, _cents(order.net), _cents(order.total), _cents(order.cost),
        )
    found |= {f"order {keys[pk]} prepaid": _cents(amount) for pk, amount in prepaid_for(list(keys)).items()}
    found |= {f"order {key} margin": (0, 0, 0, 0) for key in business.orders}
    for part in margins_by(lines_in(Scope(business.actor.currency), business.actor), "order"):
        figures = part.margin.sold, part.margin.credited, part.margin.delivered, part.margin.returned
        found[f"order {keys.get(part.key)} margin"] = tuple(map(_cents, figures))
    return found | _said_of_lines(business) | _said_of_goods(business) | _said_of_money(business)


def _said_of_lines(business: Business) -> dict[str, Any]:
    found, keys = {}, {pk: key for key, pk in business.lines.items()}
    waiting = dict(WaitingLine.objects.values_list("source_id", "quantity"))
    progress = {
        name: getattr(OrderLine, f"{name}_quantity").sql() for name in ("delivered", "planned", "invoiced", "reserved")
    }
    for line in OrderLine.objects.annotate(**{f"_{name}": sql for name, sql in progress.items()}):
        figures = (line.quantity, _cents(line.unit_price), _cents(line.net), _cents(line.tax_amount))
        gone = tuple(getattr(line, f"_{name}") for name in progress)
        found[f"line {keys[line.pk]}"] = (*figures, *gone, waiting.get(line.pk, 0))
    return found


def _said_of_goods(business: Business) -> dict[str, Any]:
    found, lines = {}, {pk: key for key, pk in business.parts.items()}
    parts: dict[int, dict[int, Decimal]] = {key: {} for key in business.deliveries}
    for pk, quantity in DeliveryLine.objects.order_by("position").values_list("pk", "quantity"):
        key, line = lines[pk]
        parts[key][line] = quantity
    states = {pk: (status, cost) for pk, status, cost in Delivery.objects.values_list("pk", "status", "cost")}
    for key, pk in business.deliveries.items():
        found[f"delivery {key}"] = (states[pk][0], parts[key], _cents(states[pk][1] or Decimal(0)))
    for item, row in enumerate(business.products):
        balance = StockBalance.objects.filter(product=row).aggregate(there=Sum("on_hand"), held=Sum("reserved"))
        cost = StockCost.objects.filter(product=row).values_list("quantity", "value").first() or (Decimal(0), Decimal(0))
        found[f"product {item}"] = (balance["there"] or 0, balance["held"] or 0, cost[0], _cents(cost[1]))
    return found


def _said_of_money(business: Business) -> dict[str, Any]:
    owed = dict(PartyBalance.objects.values_list("party_id", "receivable"))
    found = {f"customer {number} owes": _cents(owed.get(party.pk, Decimal(0))) for number, party in enumerate(business.customers)}
    invoices = dict(Invoice.objects.filter(status="posted", reverses__isnull=True).values_list("pk", "open_amount"))
    receipts = dict(Receipt.objects.filter(status="posted", reverses__isnull=True).values_list("pk", "unallocated"))
    numbers, money_keys = {pk: key for key, pk in business.invoices.items()}, {pk: key for key, pk in business.receipts.items()}
    found |= {f"invoice {numbers.get(pk)} open": _cents(amount) for pk, amount in invoices.items()}
    found |= {f"receipt {money_keys.get(pk)} free": _cents(amount) for pk, amount in receipts.items()}
    rows = trial_balance(business.actor.entity_id)
    assert sum(row.debit for row in rows) == sum(row.credit for row in rows)
    return found | {f"account {row.use or row.code}": _cents(row.balance) for row in rows if row.balance}


def _cents(amount: Decimal) -> int:
    assert amount * 100 == int(amount * 100), f"{amount} is a part of a cent"
    return int(amount * 100)
