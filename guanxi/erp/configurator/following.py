"""What configurations that were kept come to as their models are now, and what the rules of today have against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import override

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import Configuration, ProductModel
from guanxi.kernel.values import Translated, round_half_up

LANGUAGES = ("en", "zh-hans")
_NAMES = ("surcharge_now", "surcharge_rate_now", "cost_now", "misfit")


def follow_models(model_ids: Sequence[int] | None = None) -> int:
    """Keep beside each configuration what the same choice adds today (of these models, else of all); how many it changed."""
    models = ProductModel.objects.filter(pk__in=model_ids) if model_ids is not None else ProductModel.objects.all()
    rows = Configuration.objects.filter(model__in=models).select_related("model__product").order_by("pk")
    by_model: dict[ProductModel, list[Configuration]] = defaultdict(list)
    for row in rows:
        by_model[row.model].append(row)
    changed = []
    for model, mine in by_model.items():
        said = {}
        for language in LANGUAGES:
            # A rule that cannot be read any more says so in the language in which the model is opened.
            with override(language):
                chooser = Chooser(model)
                said[language] = ["\n".join(chooser.against(row.choices)) for row in mine]
        for row, *words in zip(mine, *said.values(), strict=True):
            reckoning = chooser.reckon(row.choices)
            texts = {language: text for language, text in zip(LANGUAGES, words, strict=True) if text}
            today = (_kept(reckoning.surcharge, 4), _kept(reckoning.rate, 6), _kept(reckoning.cost, 4), Translated(texts))
            if today != tuple(getattr(row, name) for name in _NAMES):
                for name, value in zip(_NAMES, today, strict=True):
                    setattr(row, name, value)
                row.version += 1
                changed.append(row)
    Configuration._base_manager.bulk_update(changed, [*_NAMES, "version"], batch_size=500)
    return len(changed)


def _kept(value: Decimal, places: int) -> Decimal:
    """As the column holds it."""
    return round_half_up(value, places)
