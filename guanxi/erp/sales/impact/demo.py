"""A product model and list prices have changed: what was offered, ordered and agreed before that waits to be decided on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from guanxi.erp.configurator.models import CompatibilityRule, Configuration, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.kinds import KINDS
from guanxi.erp.sales.pricing.configured import offer_configuration
from guanxi.erp.sales.pricing.demo import arrive_dearer
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.values import round_money
from guanxi.shared.demo import Demo
from guanxi.shared.parties.models import Party

OTHER = ("s1200", "none", "bellows", "none")
FORBIDDEN = ("行程 1200 mm 不再配风琴罩。", "A stroke of 1200 mm comes without bellows from now on.", 'stroke = "s1200"', 'cover <> "bellows"')
DEARER = Decimal("1.06")


def prepare(demo: Demo) -> None:
    """Two configurations offered; then one of their options costs more, a rule forbids the other, list prices are raised, and of each kind of
    document goods come dearer than they were agreed with."""
    words = demo.words(__name__)
    seller = demo.actors[demo.company.sellers[0]].on(demo.today - timedelta(days=6), 10)
    admin = demo.actors[demo.company.administrator].on(demo.today, 9)
    kept = Configuration.objects.order_by("pk").first()
    if kept is None:
        return
    customers = list(Party.objects.visible_to(seller).filter(is_customer=True).order_by("pk")[:2])
    offer_configuration(kept, actor=seller, quantity=Decimal(2), customer=customers[0])
    model = ProductModel.objects.get(pk=kept.model_id)
    options = list(model.options.select_related("feature").order_by("feature__position", "feature__code", "position"))
    codes = dict(zip(dict.fromkeys(one.feature.code for one in options), words.OTHER, strict=True))
    chosen = [ChosenOption(one) for one in options if codes[one.feature.code] == one.code]
    other = save_configuration(model, actor=seller, choices=chosen)
    offer_configuration(other, actor=seller, customer=customers[-1])
    _change_model(model, kept, admin, words)
    for kind in KINDS.values():
        open_lines = kind.line().objects.filter(kind.is_open(demo.today), product__kind="goods").exclude(product=model.product_id)
        rows = open_lines.annotate(rest=kind.open_quantity()).filter(rest__gt=0).select_related("product", f"{kind.parent}__entity")
        lines = list(rows.order_by("-net", "pk"))
        by_list = [line for line in lines if {one["kind"] for one in line.price_steps if one["kind"].startswith("list")} == {"list_price"}]
        for line in by_list[:1]:
            price = round_money(line.product.list_price * DEARER, admin.currency)
            change_record(line.product, {"list_price": str(price)}, actor=admin)
        for line in lines[:1]:
            arrive_dearer(demo, line.product, getattr(line, kind.parent).entity)
    look_again(admin)


def _change_model(model: ProductModel, kept: Configuration, admin: Actor, words: Any) -> None:
    """The dearest option chosen adds an eighth more, and what goes with what is another rule."""
    dearest = max(model.options.select_related("feature"), key=lambda one: (kept.choices.get(one.feature.code) == one.code, one.surcharge))
    risen = {name: str(round_money(getattr(dearest, name) * Decimal("1.125"), admin.currency)) for name in ("surcharge", "cost")}
    lines = [{"id": one.pk, **(risen if one == dearest else {})} for one in model.options.order_by("position", "pk")]
    change_record(model, {"lines": lines}, actor=admin, by_id=True)
    zh, en, when, must = words.FORBIDDEN
    name = {"zh-hans": zh, "en": en} if zh else {"en": en}
    create_record(CompatibilityRule, {"model": model.pk, "name": name, "when": when, "must": must}, actor=admin)
