"""Guided choice: the features of a product model one after the other, what the others forbid, and what it costs so far.

A page of its own, and a dialog over the lines of a quotation or an order, which get what was chosen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from guanxi.erp.configurator.choosing import Chooser, Reckoning
from guanxi.erp.configurator.models import Configuration, ProductModel, ProductOption
from guanxi.erp.configurator.operations import save_configuration
from guanxi.erp.promising.queries import days_in_words
from guanxi.erp.sales.models import OrderLine, QuotationLine
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.values.shown import format_money, format_percent, format_quantity
from guanxi.shared.parties.models import Party
from guanxi.web.views.form_lines import LEADS
from guanxi.web.views.operations import DIALOGS
from guanxi.web.views.records import record_of
from guanxi.web.views.say import tell

PREFIX = "o."
UNSAID = frozenset({"csrfmiddlewaretoken", "key"})


def draw(visit: Visit, pk: int) -> HttpResponse:
    """The choice as the address says it: every state is a link. Nothing said: the usual options."""
    model = record_of(visit, pk)
    assert isinstance(model, ProductModel)
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    chooser = Chooser(model)
    choices = _choices(sent, chooser, visit)
    reckoning = chooser.reckon(choices)
    questions = chooser.questions(choices)
    customer = _customer(visit, sent)
    wrong = [] if visit.refused is None else list(getattr(visit.refused, "errors", {}).get("choices", [])) or [str(visit.refused)]
    shown = [(one, [(offered, _added(offered.option, chooser.currency)) for offered in one.options]) for one in questions]
    is_within = bool(sent.get("quick"))
    return visit.render("pages/configure_dialog.html" if is_within else "pages/configure.html", {
        "is_within": is_within, "model": model, "questions": shown, "figures": _figures(chooser, reckoning, visit),
        "summary": chooser.summary(choices),
        "broken": [*(str(rule.name) for rule in chooser.broken(choices)), *chooser.unreadable], "left": sum(not one.is_answered for one in questions),
        "ways_out": chooser.ways_out(choices), "wrong": wrong, "key": sent.get("key") or new_key(), "customer": customer,
        "name": sent.get("name", "")[:120],
        "parts": [f"{format_quantity(quantity)} × {product}" for product, quantity in reckoning.parts.items()],
        "takes": days_in_words(reckoning.days), "here": _address(visit, pk), "back": record_url(visit.set_key, ProductModel, pk),
    }, status=visit.refused.status if visit.refused else 200)


@page("view", on_refused=draw)
def configure_page(visit: Visit, pk: int) -> HttpResponse:
    """GET shows the choice, POST keeps it as a configuration."""
    model = record_of(visit, pk)
    if not visit.actor.may(save_configuration.name):
        raise Forbidden(_("You may not configure products. Ask an administrator for the right."), right=save_configuration.name)
    if visit.request.method != "POST":
        return draw(visit, pk) if UNSAID.isdisjoint(visit.request.GET) else visit.redirect(_said_only(visit, pk))
    sent = visit.request.POST
    if not sent.get("key"):
        raise Refused(_("The page was too old; load it again and repeat."))
    chooser = Chooser(model)
    customer = _customer(visit, sent)
    arguments: dict[str, Any] = {
        "choices": [{"option": option.pk} for option in chooser.chosen(_choices(sent, chooser, visit))], "name": sent.get("name", "")[:120],
    }
    if customer is not None:
        arguments["customer"] = customer.pk
    outcome = perform(save_configuration, pk, actor=visit.actor, key=sent["key"], raw=arguments)
    if sent.get("quick"):
        made = json.dumps({"created": {"id": outcome.result.pk, "label": _said(outcome.result)}})
        return HttpResponse(status=204, headers={"HX-Trigger": made})
    tell(visit, _("Configuration %(number)s is kept.") % {"number": outcome.result.number})
    return visit.redirect(record_url(visit.set_key, type(outcome.result), outcome.result.pk))


def _address(visit: Visit, pk: int) -> str:
    return f"{record_url(visit.set_key, ProductModel, pk)}configure/"


def _said_only(visit: Visit, pk: int) -> str:
    """The choice as an address: without what the form had for sending it."""
    asked = [(name, value) for name, values in visit.request.GET.lists() if name not in UNSAID for value in values]
    return f"{_address(visit, pk)}?{urlencode(asked)}"


def _begin(visit: Visit, pk: int) -> HttpResponse:
    """The operation's dialog is the page of the choice."""
    record_of(visit, pk)
    return visit.redirect(_address(visit, pk))


DIALOGS[save_configuration.name] = _begin


def lead_to_options(visit: Visit, lines: Sequence[Draft], whole: Draft) -> dict[int, dict[str, str]]:
    """For lines whose product has a model: the address of its choice, which begins with what the line has, and that in words."""
    if not visit.actor.may(save_configuration.name) or not visit.actor.may("view", ProductModel):
        return {}
    products = {line.key("product") for line in lines}
    models = dict(ProductModel.objects.filter(product__in=products, archived_at__isnull=True).values_list("product_id", "pk"))
    found = {}
    for line in lines:
        if (model_id := models.get(line.key("product") or 0)) is not None:
            chosen = line.get("configuration")
            asked = urlencode({"quick": "1", "customer": whole.key("customer") or "", **({"from": chosen.pk} if chosen else {})})
            found[line.row] = {"url": f"{_address(visit, model_id)}?{asked}", "label": _said(chosen) if chosen else ""}
    return found


LEADS[QuotationLine.label(), "configuration"] = LEADS[OrderLine.label(), "configuration"] = lead_to_options


def _said(configuration: Configuration) -> str:
    return f"{configuration.number} · {configuration.summary}"


def _choices(sent: QueryDict, chooser: Chooser, visit: Visit) -> dict[str, str]:
    """As sent, else as a configuration has it that is to be changed, else the usual ones."""
    given = {name.removeprefix(PREFIX): str(sent[name]) for name in sent if name.startswith(PREFIX)}
    if given or sent.get("begun"):
        return chooser.known(given)
    text = sent.get("from", "")
    if text.isascii() and text.isdecimal() and len(text) < 19:
        former = Configuration.objects.visible_to(visit.actor).filter(pk=int(text), model=chooser.model).first()
        if former is not None:
            return chooser.known(former.choices)
    return chooser.usual()


def _customer(visit: Visit, sent: QueryDict) -> Party | None:
    text = sent.get("customer", "")
    if not (text.isdecimal() and len(text) < 19):
        return None
    return Party.objects.visible_to(visit.actor).filter(pk=int(text)).first()


def _added(option: ProductOption, currency: str) -> str:
    """What an option adds to the price, as it stands beside it."""
    parts = [format_money(option.surcharge, currency)] if option.surcharge else []
    parts += [format_percent(option.surcharge_rate)] if option.surcharge_rate else []
    return " ".join(text if text.startswith("-") else f"+{text}" for text in parts)


def _figures(chooser: Chooser, reckoning: Reckoning, visit: Visit) -> list[tuple[str, str]]:
    """Own price, what the options add, and their sum; cost and margin for whoever may see them. All in the company's currency."""
    currency, product = chooser.currency, chooser.model.product
    own = product.list_price
    price = reckoning.price(own)
    amounts = ((_("Own price"), own), (_("Options"), price - own), (_("Price"), price))
    found = [(label, format_money(amount, currency)) for label, amount in amounts]
    sees = visit.actor.rights.sees_right
    if sees("see_cost") or sees("see_margin"):
        cost = chooser.costs[product.pk] + reckoning.cost
        if sees("see_cost"):
            found.append((_("Cost"), format_money(cost, currency)))
        if price and sees("see_margin"):
            found.append((_("Margin rate"), format_percent((price - cost) / price)))
    return found
