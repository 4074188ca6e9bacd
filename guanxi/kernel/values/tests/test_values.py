"""Money, quantities, units of currency and texts in two languages, as the basic archives hold them (M22.3)."""

from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy, override

from guanxi.kernel.values import Translated, round_money
from guanxi.kernel.values.currencies import CURRENCIES, digits_of
from guanxi.kernel.values.shown import format_money, format_percent, format_price, format_quantity


class TestRounding:
    @pytest.mark.parametrize(
        ("value", "currency", "rounded"),
        [
            ("0.005", "CNY", "0.01"),
            ("-0.005", "CNY", "-0.01"),
            ("2.675", "USD", "2.68"),
            ("0.5", "JPY", "1"),
            ("1.0005", "KWD", "1.001"),
            ("1.004", "XXX", "1.00"),
        ],
    )
    def test_it_is_half_up_to_the_currency_s_digits(self, value, currency, rounded):
        assert str(round_money(Decimal(value), currency)) == rounded

    def test_every_currency_has_its_code_and_at_most_three_digits(self):
        assert all(code == currency.code and len(code) == 3 and 0 <= currency.digits <= 3 for code, currency in CURRENCIES.items())
        assert digits_of("JPY") == 0 and digits_of("nonsense") == 2


class TestShown:
    @pytest.mark.parametrize(
        ("value", "currency", "text"),
        [
            ("1234.5", "CNY", "¥1,234.50"),
            ("-1234.5", "USD", "-$1,234.50"),
            ("1234.5", "JPY", "JP¥1,235"),
            ("-0.001", "CNY", "¥0.00"),
            ("1", "XXX", "XXX 1.00"),
        ],
    )
    def test_money_has_its_sign_its_mark_and_its_digits(self, value, currency, text):
        assert format_money(Decimal(value), currency) == text

    def test_nothing_is_shown_as_nothing(self):
        assert [show(None) for show in (format_money, format_price, format_quantity, format_percent)] == [""] * 4

    def test_quantities_and_prices_drop_zeros_that_say_nothing(self):
        assert [format_quantity(Decimal(q)) for q in ("1200.000000", "0.750000", "0")] == ["1,200", "0.75", "0"]
        assert [format_price(Decimal(p)) for p in ("12.000000", "0.012300")] == ["12.00", "0.0123"]

    def test_a_price_has_the_digits_of_money_and_at_most_four_that_say_something(self):
        shown = {"61.234567": "61.2346", "61.200001": "61.20", "61.999999": "62.00", "-0.123456": "-0.1235", "0.000012": "0.000012", "0": "0.00"}
        assert {price: format_price(Decimal(price)) for price in shown} == shown
        assert [format_price(Decimal("1234.5678"), currency) for currency in ("JPY", "KWD")] == ["1,234.5678", "1,234.5678"]
        assert format_price(Decimal("0.123456"), places=6) == "0.123456", "what was agreed on is shown as it is"
        assert [format_percent(Decimal(p)) for p in ("0.125", "0.13", "-0.0004")] == ["12.5%", "13%", "0%"]


class TestTranslated:
    def test_a_text_is_read_in_the_active_language_and_falls_back(self):
        name = Translated({"en": "piece", "zh-hans": "件"})
        with override("zh-hans"):
            assert str(name) == "件" and str(Translated({"en": "piece"})) == "piece"
        with override("en"):
            assert str(name) == "piece" and str(Translated({"zh-hans": "件"})) == "件" and str(Translated()) == ""

    def test_plain_text_is_in_the_active_language_and_a_message_in_all(self):
        with override("en"):
            assert Translated.of(" box ") == {"en": "box"}
        assert Translated.of(gettext_lazy("Euro")) == {"en": "Euro", "zh-hans": "欧元"}
        assert Translated.of({"en": " ", "zh-hans": "盒"}) == {"zh-hans": "盒"}
