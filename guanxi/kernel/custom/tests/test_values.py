"""A custom field behaves like a column of the program: in forms, lists, filters, export, import, search and history (M22.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from guanxi.kernel.acts.writer import change_record, change_records, create_record, create_records, delete_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.models import History
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search import find, found_in
from guanxi.kernel.transfer.exporting import header_of, rows_for
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party
from guanxi.shared.parties.screens import PartyScreen
from guanxi.web.views.history import history_of

VALUES = {
    "x_a_text": "Contract 7", "x_a_longtext": "one\ntwo", "x_a_integer": "12", "x_a_decimal": "1,234.50", "x_a_money": "¥99.9", "x_a_percent": "13%",
    "x_a_date": "2026年1月31日", "x_a_moment": "2026-01-31 14:30", "x_a_boolean": "yes", "x_a_url": "guanxi.example", "x_a_email": "a@b.example",
    "x_a_phone": "021 5555", "x_a_choice": "East", "x_a_choices": "East, south",
}


def party(actor, name="Hengchuan", **values):
    return create_record(Party, {"name": name, **values}, actor=actor).result


def found(actor, **params):
    query = ListQuery(PartyScreen, actor, params, set_key="alpha")
    assert query.notes == []
    return list(query.ordered.values_list("name", flat=True))


@pytest.fixture
def product(alpha):
    return create_record(Product, {"code": "P1", "name": {"en": "Pump"}, "unit": Unit.objects.first().code}, actor=alpha).result


class TestEveryKind:
    def test_what_is_typed_is_kept_as_a_value_of_its_kind(self, alpha, every_kind, product):
        made = party(alpha, **VALUES, x_a_reference="P1")
        made.refresh_from_db()
        assert made.custom == {
            "a_text": "Contract 7", "a_longtext": "one\ntwo", "a_integer": 12, "a_decimal": "1234.5", "a_money": "99.9", "a_percent": "0.13",
            "a_date": "2026-01-31", "a_moment": "2026-01-31T06:30:00Z", "a_boolean": True, "a_url": "https://guanxi.example",
            "a_email": "a@b.example", "a_phone": "021 5555", "a_choice": "east", "a_choices": ["east", "south"], "a_reference": product.pk,
        }
        assert (made.x_a_decimal, made.x_a_date, made.x_a_boolean) == (Decimal("1234.5"), date(2026, 1, 31), True)
        assert made.x_a_moment == datetime(2026, 1, 31, 6, 30, tzinfo=UTC)
        assert (made.x_a_reference, made.x_a_reference_id, made.x_a_formula) == (product, product.pk, Decimal(2481))

    def test_what_cannot_be_read_is_told_at_the_field(self, alpha, every_kind):
        wrong = {
            "x_a_integer": "1.5", "x_a_date": "soon", "x_a_choice": "west", "x_a_email": "nobody", "x_a_reference": "P9", "x_a_formula": "3",
            "x_a_choices": "east, west", "x_a_money": "much", "x_a_phone": "0" * 41,
        }
        with pytest.raises(Invalid) as refusal:
            party(alpha, **wrong)
        assert set(refusal.value.errors) == set(wrong)
        assert refusal.value.errors["x_a_choice"] == ["“west” is not one of: East (east), South (south)."]

    def test_the_list_shows_filters_and_sorts_by_each_of_them(self, alpha, every_kind, product):
        party(alpha, "Full", **VALUES, x_a_reference="P1")
        party(alpha, "Empty")
        for name, raw in {
            "text": "tract", "longtext": "two", "integer": "10..", "decimal": "1000..2000", "money": "99.9", "percent": "13%", "date": "2026-01-31",
            "moment": "2026-01-31", "boolean": "yes", "url": "guanxi", "email": "b.example", "phone": "5555", "choice": "east,south",
            "choices": "south", "reference": str(product.pk), "formula": "2481",
        }.items():
            assert found(alpha, **{f"f.x_a_{name}": raw}) == ["Full"], name
            if name != "boolean":
                assert found(alpha, **{f"f.x_a_{name}": "none"}) == ["Empty"], name
            if name != "choices":
                assert found(alpha, sort=f"x_a_{name}") == ["Full", "Empty"] if name != "boolean" else ["Empty", "Full"], name
        assert found(alpha, **{"f.x_a_boolean": "no"}) == ["Empty"]

    def test_a_row_of_the_list_holds_typed_values_and_the_title_of_a_reference(self, alpha, every_kind, product):
        party(alpha, "Full", **VALUES, x_a_reference="P1")
        columns = ",".join(f"x_{field.code}" for field in every_kind.values())
        [row] = ListQuery(PartyScreen, alpha, {"columns": columns}, set_key="alpha").fetch()
        shown = {cell.column.name.removeprefix("x_a_"): cell.title or cell.value for cell in row.cells}
        assert shown["reference"] == "Pump" and row["x_a_reference"].url == f"/alpha/products/{product.pk}/"
        assert (shown["choices"], shown["date"], shown["integer"]) == (["east", "south"], date(2026, 1, 31), 12)
        assert (shown["money"], row["x_a_money"].currency, shown["formula"]) == (Decimal("99.9"), "CNY", Decimal("2481.000000"))

    def test_the_file_of_a_list_has_labels_and_an_import_finds_the_values_again(self, alpha, every_kind, product):
        party(alpha, "Full", **VALUES, x_a_reference="P1")
        query = ListQuery(PartyScreen, alpha, {"columns": "x_a_choice,x_a_choices,x_a_reference,x_a_moment"}, set_key="alpha")
        assert header_of(query.shown) == ["Name", "A_choice", "A_choices", "A_reference", "A_reference (code)", "A_moment"]
        assert list(rows_for(query, query.shown)) == [["Full", "East", "East; South", "Pump", "P1", datetime(2026, 1, 31, 14, 30)]]  # noqa: DTZ001

    def test_a_text_of_another_kind_in_the_column_breaks_no_list(self, alpha, every_kind):
        row = party(alpha, "Odd")
        odd = dict.fromkeys((f"a_{kind}" for kind in ("integer", "decimal", "money", "percent", "date", "moment", "reference")), "2026-13-99 x")
        Party.objects.filter(pk=row.pk).update(custom=odd | {"a_date": "2026-02-31"})
        columns = ",".join(f"x_{field.code}" for field in every_kind.values())
        [shown] = ListQuery(PartyScreen, alpha, {"columns": columns, "sort": "x_a_decimal,-x_a_moment"}, set_key="alpha").fetch()
        assert (shown["x_a_decimal"].value, shown["x_a_moment"].value, shown["x_a_date"].value) == (None, None, date(2026, 3, 3))


class TestWriting:
    def test_a_new_record_starts_with_the_default_and_a_change_keeps_the_rest(self, alpha, define):
        define("tier", "choice", lines=[{"code": "gold", "name": {"en": "Gold"}}], default_value="gold")
        define("note")
        row = party(alpha)
        assert row.custom == {"tier": "gold"}
        change_record(row, {"x_note": "first"}, actor=alpha)
        row.refresh_from_db()
        assert row.custom == {"tier": "gold", "note": "first"}
        change_record(row, {"x_tier": "", "name": "Other"}, actor=alpha)
        row.refresh_from_db()
        assert (row.custom, row.name, row.x_tier) == ({"note": "first"}, "Other", None)

    def test_a_required_field_is_asked_at_the_next_change_that_speaks_of_it(self, alpha, define):
        row = party(alpha)
        define("budget", "money", is_required=True)
        change_record(row, {"name": "Without"}, actor=alpha)
        for values in ({"name": "New"}, {"name": "New", "x_budget": ""}):
            with pytest.raises(Invalid, match="This is needed"):
                create_record(Party, values, actor=alpha)
        with pytest.raises(Invalid, match="This is needed"):
            change_record(row, {"x_budget": ""}, actor=alpha)

    def test_many_rows_get_one_value_at_once(self, alpha, define):
        define("segment")
        rows = [party(alpha, name) for name in "AB"]
        change_records(Party, [row.pk for row in rows], {"x_segment": "key"}, actor=alpha)
        assert found(alpha, **{"f.x_segment": "key"}) == ["A", "B"]

    def test_no_two_have_the_same_where_they_must_not(self, alpha, define):
        define("contract", is_unique=True)
        first = party(alpha, "A", x_contract="7")
        with pytest.raises(Invalid) as refusal:
            party(alpha, "B", x_contract="7")
        assert refusal.value.errors == {"x_contract": ["“7” is taken; choose another."]}
        with pytest.raises(Invalid, match="appears twice"):
            create_records(Party, [{"name": "C", "x_contract": "8"}, {"name": "D", "x_contract": "8"}], actor=alpha)
        change_record(first, {"x_contract": "7"}, actor=alpha)

    def test_what_is_no_longer_offered_stays_where_it_is(self, alpha, define):
        field = define("tier", "choice", lines=[{"code": "a", "name": {"en": "A"}}, {"code": "b", "name": {"en": "B"}}])
        row = party(alpha, x_tier="a")
        lines = [{"id": one.pk, "code": one.code, "name": one.name, "is_offered": one.code != "a"} for one in field.choices.all()]
        change_record(field, {"lines": lines}, actor=alpha)
        change_record(row, {"x_tier": "a", "name": "Same"}, actor=alpha)
        with pytest.raises(Invalid) as refusal:
            party(alpha, "New", x_tier="a")
        assert refusal.value.errors == {"x_tier": ["“A” is no longer offered; choose another."]}

    def test_a_row_that_a_field_names_is_not_deleted(self, alpha, define, product):
        define("machine", "reference", relation="catalog.product", name={"en": "Machine"})
        party(alpha, x_machine="P1")
        with pytest.raises(Refused, match=r"Customers and companies · Machine \(1\)"):
            delete_record(product, actor=alpha)


class TestBeingFound:
    def test_a_text_is_found_by_a_word_in_it(self, alpha, define):
        define("contract")
        row = party(alpha, x_contract="合同华星9981")
        assert [hit.id for hit in find("华星", alpha)] == [row.pk]
        assert list(found_in(Party.objects.visible_to(alpha), "9981", alpha)) == [row]

    def test_the_history_names_the_field_and_both_values(self, alpha, define):
        define("budget", "money", name={"en": "Budget", "zh-hans": "预算"})
        row = party(alpha, x_budget="10")
        change_record(row, {"x_budget": "20"}, actor=alpha)
        [change] = [one for one in history_of(row, PartyScreen, alpha, "alpha") if one.kind == "changed"]
        [(label, old, new)] = change.fields
        assert (str(label), old.value, new.value) == ("Budget", Decimal(10), Decimal(20))
        with override("zh-hans"):
            assert str(label) == "预算"

    def test_deleting_a_field_takes_its_values_and_undoing_brings_them_back(self, alpha, define):
        from guanxi.kernel.acts.models import Act
        from guanxi.kernel.acts.operations import undo_act

        field = define("budget", "money")
        row = party(alpha, x_budget="10")
        outcome = delete_record(field, actor=alpha)
        row.refresh_from_db()
        assert (row.custom, hasattr(row, "x_budget")) == ({}, False)
        kept = History.objects.get(model="parties.party", row_id=row.pk, act_id=outcome.act_id)
        assert kept.changes == {"custom": [{"budget": "10"}, {}]}
        undo_act(Act.objects.get(pk=outcome.act_id), actor=alpha)
        row.refresh_from_db()
        assert row.x_budget == Decimal(10)
