"""Products, their units and taxes (M14.1)."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from guanxi.shared.catalog.models import Category, Product, ProductUnit, Tax, Unit
from guanxi.shared.catalog.operations import make_default_tax
from guanxi.shared.catalog.queries import costs_of, factor_of, factors_of
from guanxi.shared.catalog.seeds import seed


def product(actor, name="Ball screw", **values):
    return create_record(Product, {"name": name, "unit": "pc", **values}, actor=actor).result


def errors_of(function):
    with pytest.raises(Invalid) as refusal:
        function()
    return refusal.value.errors


class TestEnteringAProduct:
    def test_it_gets_the_next_code_and_the_default_tax(self, alpha):
        made = product(alpha)
        assert (made.code, made.tax.code, made.tax.rate, made.kind) == ("P-00001", "VAT13", Decimal("0.13"), "goods")

    def test_it_has_a_name_in_every_language(self, alpha):
        made = product(alpha, {"en": "Ball screw", "zh-hans": "滚珠丝杠"}, specification="SFU2510")
        made.refresh_from_db()
        with override("zh-hans"):
            assert str(made) == "滚珠丝杠"
        with override("en"):
            assert str(made) == "Ball screw"

    def test_a_new_english_name_leaves_the_chinese_one(self, alpha):
        made = product(alpha, {"en": "Ball screw", "zh-hans": "滚珠丝杠"})
        with override("en"):
            change_record(made, {"name": "Screw"}, actor=alpha)
        made.refresh_from_db()
        assert made.name == {"en": "Screw", "zh-hans": "滚珠丝杠"}

    def test_without_a_name_or_a_unit_it_is_refused(self, alpha):
        assert set(errors_of(lambda: create_record(Product, {"name": ""}, actor=alpha))) == {"name", "unit"}

    def test_a_price_below_zero_is_refused(self, alpha):
        assert errors_of(lambda: product(alpha, list_price="-1")) == {"": ["Prices and costs cannot be less than zero."]}

    def test_a_barcode_belongs_to_one_product(self, alpha):
        product(alpha, barcode="6901234567892")
        assert errors_of(lambda: product(alpha, barcode="6901234567892")) == {"": ["Another product has this barcode."]}


class TestUnits:
    def boxed(self, alpha):
        return product(alpha, lines=[{"unit": "box", "factor": "12"}, {"unit": "case", "factor": "144"}])

    def test_other_units_hold_so_many_base_units(self, alpha):
        made = self.boxed(alpha)
        units = {unit.code: unit for unit in Unit.objects.filter(code__in=["pc", "box", "case", "kg"])}
        assert [factor_of(made, units[code]) for code in ("pc", "box", "case")] == [1, 12, 144]
        assert factors_of([made.pk]) == {(made.pk, units["box"].pk): 12, (made.pk, units["case"].pk): 144}
        with pytest.raises(Refused, match="Ball screw is not traded by the kilogram"):
            factor_of(made, units["kg"])

    def test_the_base_unit_and_repeated_units_are_refused_as_lines(self, alpha):
        assert set(errors_of(lambda: product(alpha, lines=[{"unit": "pc", "factor": "1"}]))) == {"lines.0.unit"}
        twice = [{"unit": "box", "factor": "1"}, {"unit": "box", "factor": "2"}]
        assert set(errors_of(lambda: product(alpha, lines=twice))) == {"lines.1.unit"}

    def test_a_factor_of_zero_is_refused(self, alpha):
        messages = errors_of(lambda: product(alpha, lines=[{"unit": "box", "factor": "0"}]))
        assert "more than zero" in str(messages) or "refused these values" in str(messages)

    def test_the_base_unit_stays_while_others_are_counted_in_it(self, alpha):
        made = self.boxed(alpha)
        assert set(errors_of(lambda: change_record(made, {"unit": "kg"}, actor=alpha))) == {"unit"}
        change_record(made, {"unit": "kg", "lines": []}, actor=alpha)
        made.refresh_from_db()
        assert (made.unit.code, ProductUnit.objects.count()) == ("kg", 0)


class TestCategories:
    def test_a_category_cannot_be_part_of_its_part(self, alpha):
        top = create_record(Category, {"code": "T", "name": "Transmission"}, actor=alpha).result
        create_record(Category, {"code": "S", "name": "Screws", "parent": "T"}, actor=alpha)
        assert set(errors_of(lambda: change_record(top, {"parent": "S"}, actor=alpha))) == {"parent"}


class TestTaxes:
    def test_china_starts_with_its_rates_and_the_first_is_the_default(self, alpha):
        assert list(Tax.objects.order_by("-rate").values_list("code", "rate", "is_default")) == [
            ("VAT13", Decimal("0.13"), True), ("VAT9", Decimal("0.09"), False), ("VAT6", Decimal("0.06"), False), ("VAT0", Decimal(0), False),
        ]

    def test_other_countries_start_with_twenty_per_cent_and_none(self, alpha):
        Tax.objects.all().delete()
        seed("FR")
        assert list(Tax.objects.order_by("code").values_list("code", "rate", "is_default")) == [
            ("TAX0", Decimal(0), False), ("TAX20", Decimal("0.2"), True),
        ]

    def test_seeding_again_changes_nothing(self, alpha):
        counts = Tax.objects.count(), Unit.objects.count()
        seed("CN")
        assert (Tax.objects.count(), Unit.objects.count()) == counts == (4, 26)

    def test_another_default_is_taken_for_new_products(self, alpha):
        nine = Tax.objects.get(code="VAT9")
        make_default_tax(nine, actor=alpha)
        assert list(Tax.objects.filter(is_default=True)) == [nine]
        assert product(alpha).tax == nine

    def test_an_archived_one_cannot_be_the_default(self, alpha):
        from guanxi.kernel.acts.writer import archive_record

        nine = Tax.objects.get(code="VAT9")
        archive_record(nine, actor=alpha)
        with pytest.raises(Refused, match="is archived"):
            make_default_tax(nine, actor=alpha)
        assert Tax.objects.get(is_default=True).code == "VAT13"

    def test_a_rate_of_a_hundred_per_cent_is_refused(self, alpha):
        values = {"code": "X", "name": "X", "rate": "1"}
        assert errors_of(lambda: create_record(Tax, values, actor=alpha)) == {"": ["A tax rate lies between 0 and 100 %."]}


class TestRights:
    def test_cost_and_supplier_are_for_those_who_may_see_costs(self, alpha, member):
        hidden = {name for name, column in columns_of(Product).items() if not member("salesperson").sees(column)}
        assert hidden == {"standard_cost", "supplier"}
        assert all(member(role).sees(columns_of(Product)["standard_cost"]) for role in ("sales_manager", "accountant"))

    def test_a_salesperson_sees_products_and_changes_none(self, alpha, member):
        made, li = product(alpha), member("salesperson")
        assert list(Product.objects.visible_to(li)) == [made]
        with pytest.raises(Forbidden):
            change_record(made, {"list_price": "1"}, actor=li)
        made.refresh_from_db()
        assert made.list_price == 0

    def test_expected_costs_are_given_by_product(self, alpha):
        made = product(alpha, standard_cost="12.345678")
        assert costs_of([made]) == {made.pk: Decimal("12.345678")}
