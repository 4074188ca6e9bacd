"""The verb of the configurator: keep a choice."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import CONFIGURATION_SERIES, Configuration, ConfigurationPart, ProductModel, ProductOption
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.shared.parties.models import Party


@dataclass
class ChosenOption:
    """One of the model's options."""

    option: ProductOption


@operation(
    label=gettext_lazy("Configure"), icon="adjustments",
    labels={
        "choices": gettext_lazy("Options"), "option": gettext_lazy("Option"), "customer": gettext_lazy("Customer"), "name": gettext_lazy("Name"),
    },
)
def save_configuration(
    model: ProductModel, *, actor: Actor, choices: list[ChosenOption], customer: Party | None = None, name: str = ""
) -> Configuration:
    """One option for every feature, that go together by the rules, with what they add to price and cost today."""
    if model.archived_at:
        raise Refused(_("%(model)s is archived and is no longer configured.") % {"model": model})
    chosen: dict[str, str] = {}
    for number, one in enumerate(choices):
        if one.option.model_id != model.pk:
            raise Invalid({f"choices.{number}.option": [_("This option belongs to another product.")]})
        if one.option.feature.code in chosen:
            raise Invalid({f"choices.{number}.option": [_("This feature is answered twice.")]})
        chosen[one.option.feature.code] = one.option.code
    return _keep(model, chosen, customer, name, actor)


def configure_anew(configuration: Configuration, actor: Actor) -> Configuration:
    """Within an act: the same choice with what it adds today; Invalid where it could not be made any more."""
    return _keep(configuration.model, configuration.choices, configuration.customer, configuration.name, actor)


def _keep(model: ProductModel, chosen: dict[str, str], customer: Party | None, name: str, actor: Actor) -> Configuration:
    chooser = Chooser(model)
    chosen = chooser.known(chosen)
    chooser.require_whole(chosen)
    reckoning = chooser.reckon(chosen)
    [number_text] = next_numbers(CONFIGURATION_SERIES, on=actor.today, entity_id=actor.entity_id)
    row = Configuration.objects.create(
        number=number_text, model=model, product=model.product, customer=customer, owner_id=actor.member_id, made_on=actor.today,
        name=name[:120], summary=chooser.summary(chosen)[:500], choices=chosen, surcharge=reckoning.surcharge, surcharge_now=reckoning.surcharge,
        surcharge_rate=reckoning.rate, surcharge_rate_now=reckoning.rate, cost=reckoning.cost, cost_now=reckoning.cost,
        work_cost=reckoning.work, days=reckoning.days,
    )
    insert_rows([ConfigurationPart(configuration=row, product=product, quantity=quantity) for product, quantity in reckoning.parts.items()])
    index_records(Configuration, [row.pk])
    return row


# What becomes of configurations when a model changes stands in a file of its own; other modules look for it only here.
from guanxi.erp.configurator.following import follow_models as follow_models  # noqa: E402
