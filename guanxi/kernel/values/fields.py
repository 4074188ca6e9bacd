"""Model fields for figures and translated texts. Their class says the column's kind everywhere else."""

import json

from django.db import models
from django.db.models import Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf

from guanxi.kernel.values.translated import Translated


class _FixedDecimal(models.DecimalField):
    places: tuple[int, int] = (19, 4)

    def __init__(self, *args, **options):
        options.setdefault("max_digits", self.places[0])
        options.setdefault("decimal_places", self.places[1])
        super().__init__(*args, **options)


class MoneyField(_FixedDecimal):
    """An amount in the currency named by the row's `currency_field`; stored to four places."""

    def __init__(self, *args, currency_field: str = "currency", **options):
        self.currency_field = currency_field
        super().__init__(*args, **options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        if self.currency_field != "currency":
            options["currency_field"] = self.currency_field
        return name, path, args, options


class PriceField(MoneyField):
    """A price or cost of one unit; six places, for goods sold by the thousand."""

    places = (19, 6)


class QuantityField(_FixedDecimal):
    """An amount of goods in the row's unit; six places."""

    places = (19, 6)


class RateField(_FixedDecimal):
    """A fraction: 0.13 is 13 %."""

    places = (9, 6)


class PhoneField(models.CharField):
    """A telephone number as people write it; pages offer to dial it."""

    def __init__(self, *args, **options):
        options.setdefault("max_length", 40)
        super().__init__(*args, **options)


class TranslatedField(models.JSONField):
    """A text in every language, as one JSONB object; read back as `Translated`. One that `is_long` has several lines."""

    def __init__(self, *args, is_long: bool = False, **options):
        options.setdefault("default", Translated)
        self.is_long = is_long
        super().__init__(*args, **options)

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        value = json.loads(value) if isinstance(value, str) else value
        return Translated(value) if isinstance(value, dict) else value

    def get_prep_value(self, value):
        return super().get_prep_value(dict(Translated.of(value)) if value is not None else None)

    def to_python(self, value):
        return None if value is None else Translated.of(value)


def in_language(path: str, language: str) -> Coalesce:
    """SQL for a translated field's text in `language`, falling back to the other ones; for sorting and searching."""
    texts = [NullIf(KeyTextTransform(code, path), Value("")) for code in dict.fromkeys((language, "zh-hans", "en"))]
    return Coalesce(*texts, Value(""), output_field=models.TextField())
