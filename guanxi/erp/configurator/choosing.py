"""What may be chosen together, what it adds, and what it is called: pure reckoning over one product model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.configurator.models import CompatibilityRule, Feature, ProductModel, ProductOption
from guanxi.erp.configurator.queries import recipe_of
from guanxi.erp.inventory.queries import average_costs
from guanxi.kernel.access.models import Entity
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.rules.errors import RuleError
from guanxi.kernel.rules.kinds import Kind
from guanxi.kernel.rules.rule import Rule, parse
from guanxi.kernel.values import ZERO
from guanxi.shared.catalog.models import Product
from guanxi.shared.catalog.queries import costs_of

Choices = Mapping[str, str]
"""Code of the option by code of the feature."""


@dataclass
class Offered:
    """An option as it stands with the others chosen; `forbidden` says why it cannot be."""

    option: ProductOption
    is_chosen: bool
    forbidden: list[str] = field(default_factory=list)


@dataclass
class Question:
    """A feature with its options."""

    feature: Feature
    options: list[Offered]

    @property
    def is_answered(self) -> bool:
        return any(one.is_chosen for one in self.options)


@dataclass(frozen=True)
class Reckoning:
    """What the options add to one base unit, in the company's currency; the rate is of the product's own price."""

    surcharge: Decimal = ZERO
    rate: Decimal = ZERO
    cost: Decimal = ZERO
    work: Decimal = ZERO
    """What of the cost is no part."""
    days: int = 0
    parts: Mapping[Product, Decimal] = field(default_factory=dict)
    """Its bill of materials: how much of each product goes into one base unit."""

    def price(self, own: Decimal) -> Decimal:
        """The price of one base unit whose price without options is `own`."""
        return own * (1 + self.rate) + self.surcharge


class Chooser:
    """The features, options and rules of one model, and what product and components cost: a fixed number of queries, whatever is asked."""

    def __init__(self, model: ProductModel):
        self.model = model
        self.options = list(model.options.select_related("feature", "component").order_by("feature__position", "feature__code", "position", "pk"))
        self.features = list({option.feature_id: option.feature for option in self.options}.values())
        self.rules: list[tuple[CompatibilityRule, Rule, Rule]] = []
        self.unreadable: list[str] = []
        """Of rules that read a feature which is no longer there: nothing is kept until they are mended."""
        company = Entity.objects.get(is_default=True)
        self.currency = company.currency
        """The company's, in which the model is priced and costed."""
        self.costs = _costs({model.product, *(option.component for option in self.options if option.component is not None)}, company)
        scope = names_of(self.features)
        for rule in model.rules.filter(is_active=True):
            try:
                self.rules.append((rule, _read(rule.when, scope), _read(rule.must, scope)))
            except RuleError as error:
                self.unreadable.append(_("The rule “%(rule)s” cannot be read any more: %(problem)s") % {"rule": rule.name, "problem": error})

    def usual(self) -> dict[str, str]:
        """What is chosen before anything is: the usual options, as far as the rules let them stand together."""
        chosen: dict[str, str] = {}
        for option in self.options:
            if option.is_usual and not self.broken({**chosen, option.feature.code: option.code}):
                chosen[option.feature.code] = option.code
        return chosen

    def known(self, choices: Choices) -> dict[str, str]:
        """Of what was sent, what there is."""
        there = {(option.feature.code, option.code) for option in self.options}
        return {feature: option for feature, option in choices.items() if (feature, option) in there}

    def broken(self, choices: Choices) -> list[CompatibilityRule]:
        """The rules that these choices break; a feature that is not decided yet breaks none."""
        values = {feature.code: choices.get(feature.code) for feature in self.features}
        return [rule for rule, when, must in self.rules if when.evaluate(values) is True and must.evaluate(values) is False]

    def questions(self, choices: Choices) -> list[Question]:
        """Every feature with its options: which is chosen, and which the others forbid."""
        found: dict[str, Question] = {feature.code: Question(feature, []) for feature in self.features}
        for option in self.options:
            code = option.feature.code
            others = {name: value for name, value in choices.items() if name != code}
            # What the others break among themselves is no reason against this one.
            before = self.broken(others)
            forbidden = [str(rule.name) for rule in self.broken({**others, code: option.code}) if rule not in before]
            found[code].options.append(Offered(option, choices.get(code) == option.code, forbidden))
        return list(found.values())

    def ways_out(self, choices: Choices) -> list[ProductOption]:
        """Where what is chosen does not go together: the options each of which alone, in place of what is chosen of its feature, would mend it."""
        if not self.broken(choices):
            return []
        return [option for option in self.options if not self.broken({**choices, option.feature.code: option.code})]

    def chosen(self, choices: Choices) -> list[ProductOption]:
        return [option for option in self.options if choices.get(option.feature.code) == option.code]

    def reckon(self, choices: Choices) -> Reckoning:
        """The sum of what the options add. A component costs what its product costs, beside the cost said of the option itself."""
        options = self.chosen(choices)
        recipe = recipe_of(options)
        return Reckoning(
            surcharge=sum((option.surcharge for option in options), ZERO), rate=sum((option.surcharge_rate for option in options), ZERO),
            cost=recipe.work + sum((self.costs[product.pk] * quantity for product, quantity in recipe.parts), ZERO), work=recipe.work,
            days=recipe.days, parts=dict(recipe.parts),
        )

    def require_whole(self, choices: Choices) -> None:
        """Invalid while a feature is open, or a rule is broken."""
        wrong = [_("Choose an option for “%(feature)s”.") % {"feature": f.name} for f in self.features if f.code not in choices]
        wrong += [*(str(rule.name) for rule in self.broken(choices)), *self.unreadable]
        if wrong:
            raise Invalid({"choices": wrong})

    def against(self, choices: Choices) -> list[str]:
        """Why a choice that was kept could not be made as the model is now, in the reader's language."""
        known = self.known(choices)
        wrong = [_("An option chosen for “%(feature)s” is no longer offered.") % {"feature": name} for name in choices if name not in known]
        wrong += [_("“%(feature)s” has to be decided now.") % {"feature": f.name} for f in self.features if f.code not in choices]
        return [*wrong, *(str(rule.name) for rule in self.broken(known)), *self.unreadable]

    def summary(self, choices: Choices) -> str:
        return " · ".join(f"{option.feature.name} {option.name}" for option in self.chosen(choices))


def names_of(features: list[Feature]) -> dict[str, Kind | str]:
    """What rules may read."""
    return {feature.code: Kind.text for feature in features}


def _costs(products: set[Product], company: Entity) -> dict[int, Decimal]:
    """What one base unit costs now: on average in the stock of the company, else what it is expected to cost."""
    return costs_of(products) | average_costs([one.pk for one in products], company.pk)


def _read(text: str, scope: dict[str, Kind | str]) -> Rule:
    return parse(text, scope, Kind.boolean)


def check_rule(text: str, scope: dict[str, Kind | str]) -> str:
    """Empty when the text is a condition over these features; else what is wrong with it."""
    try:
        parse(text, scope, Kind.boolean)
    except RuleError as error:
        return str(error)
    return ""


def names_for(model: Any) -> dict[str, Kind | str]:
    """The features of a model, asked of the database."""
    return names_of(list(Feature.objects.filter(pk__in=ProductOption.objects.filter(model=model).values("feature"))))
