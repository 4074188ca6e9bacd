"""Money, quantities, rates, currencies, rounding and translated texts: how figures and words behave everywhere."""

from guanxi.kernel.values.currencies import CURRENCIES, Currency
from guanxi.kernel.values.fields import MoneyField, PhoneField, PriceField, QuantityField, RateField, TranslatedField
from guanxi.kernel.values.rounding import ZERO, round_half_up, round_money, round_quantity
from guanxi.kernel.values.translated import Translated

__all__ = [
    "CURRENCIES", "ZERO", "Currency", "MoneyField", "PhoneField", "PriceField", "QuantityField", "RateField", "Translated",
    "TranslatedField", "round_half_up", "round_money", "round_quantity",
]
