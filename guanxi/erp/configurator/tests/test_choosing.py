"""Choosing options: what goes together, what it adds, what is kept (M7.1)."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.erp.configurator.choosing import Chooser
from guanxi.erp.configurator.models import CompatibilityRule, Configuration, Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import Product

D = Decimal


@pytest.fixture
def press(alpha):
    """A press for 1,000.00 that costs 600.00: a motor of 55 or 75 kW, cooled by air or by water, the larger one only by water."""
    def product(code, price, cost):
        given = {"code": code, "name": code, "unit": "pc", "list_price": price, "standard_cost": cost, "kind": "goods"}
        return create_record(Product, given, actor=alpha).result

    pump = product("PUMP", "80", "50")
    for code, name, position in (("motor", "Motor", 1), ("cooling", "Cooling", 2)):
        create_record(Feature, {"code": code, "name": name, "position": position}, actor=alpha)
    model = create_record(ProductModel, {"product": product("PRESS", "1000", "600").pk, "lines": [
        {"feature": "motor", "code": "kw55", "name": "55 kW", "is_usual": True},
        {"feature": "motor", "code": "kw75", "name": "75 kW", "surcharge": "200", "cost": "120"},
        {"feature": "cooling", "code": "air", "name": "Air", "is_usual": True},
        {"feature": "cooling", "code": "water", "name": "Water", "surcharge_rate": "5%", "component": pump.pk, "component_quantity": "2"},
    ]}, actor=alpha).result
    rule = create_record(CompatibilityRule, {
        "model": model.pk, "name": "The large motor needs water.", "when": 'motor = "kw75"', "must": 'cooling = "water"',
    }, actor=alpha).result
    return SimpleNamespace(actor=alpha, model=model, rule=rule, chooser=Chooser(model), options={o.code: o for o in model.options.all()})


class TestChoosing:
    def test_it_begins_with_the_usual_options_in_the_order_of_the_features(self, press):
        assert press.chooser.usual() == {"motor": "kw55", "cooling": "air"}
        assert [question.feature.code for question in press.chooser.questions({})] == ["motor", "cooling"]

    def test_an_option_that_the_others_forbid_says_why(self, press):
        motor, cooling = press.chooser.questions({"motor": "kw55", "cooling": "air"})
        assert [(one.option.code, one.forbidden) for one in motor.options] == [("kw55", []), ("kw75", ["The large motor needs water."])]
        assert [one.forbidden for one in cooling.options] == [[], []]

    def test_what_the_others_break_among_themselves_is_said_of_them_alone(self, press):
        other = create_record(Feature, {"code": "colour", "name": "Colour", "position": 3}, actor=press.actor).result
        lines = [{"id": option.pk} for option in press.model.options.order_by("position")]
        change_record(press.model, {"lines": [*lines, {"feature": other.pk, "code": "red", "name": "Red"}]}, actor=press.actor, by_id=True)
        motor, cooling, colour = Chooser(press.model).questions({"motor": "kw75", "cooling": "air", "colour": "red"})
        assert [len(one.forbidden) for question in (motor, cooling, colour) for one in question.options] == [0, 1, 1, 0, 0]

    def test_where_options_do_not_go_together_every_single_change_that_mends_it_is_named(self, press):
        assert [option.code for option in press.chooser.ways_out({"motor": "kw75", "cooling": "air"})] == ["kw55", "water"]
        assert press.chooser.ways_out({"motor": "kw55", "cooling": "air"}) == []

    def test_what_is_not_decided_yet_forbids_nothing(self, press):
        motor, _cooling = press.chooser.questions({})
        assert [one.forbidden for one in motor.options] == [[], []]

    @pytest.mark.parametrize(("motor", "cooling", "price", "cost"), [
        ("kw55", "air", "1000", "0"), ("kw75", "water", "1250", "220"), ("kw55", "water", "1050", "100"),
    ])
    def test_price_and_cost_are_what_the_options_add(self, press, motor, cooling, price, cost):
        reckoning = press.chooser.reckon({"motor": motor, "cooling": cooling})
        assert (reckoning.price(D(1000)), reckoning.cost) == (D(price), D(cost))


class TestKeeping:
    def _keep(self, press, *codes, **more):
        return save_configuration(press.model, actor=press.actor, choices=[ChosenOption(press.options[code]) for code in codes], **more)

    def test_a_whole_choice_is_kept_with_number_words_and_amounts(self, press):
        kept = self._keep(press, "kw75", "water", name="For the foundry")
        assert (kept.choices, kept.summary) == ({"motor": "kw75", "cooling": "water"}, "Motor 75 kW · Cooling Water")
        assert (kept.number[:3], kept.surcharge, kept.surcharge_rate, kept.cost) == ("CF-", D(200), D("0.05"), D(220))

    @pytest.mark.parametrize(("codes", "words"), [
        (("kw55",), "Choose an option for “Cooling”."), (("kw75", "air"), "The large motor needs water."), ((), "Choose an option for “Motor”."),
    ])
    def test_what_is_open_or_does_not_go_together_is_refused_in_words(self, press, codes, words):
        with pytest.raises(Invalid) as refused:
            self._keep(press, *codes)
        assert words in refused.value.errors["choices"]
        assert not Configuration.objects.exists()

    def test_a_feature_is_answered_once_and_by_options_of_the_product(self, press):
        with pytest.raises(Invalid, match="twice"):
            self._keep(press, "kw55", "kw75", "water")

    def test_a_rule_that_is_switched_off_forbids_nothing(self, press):
        change_record(press.rule, {"is_active": False}, actor=press.actor)
        assert self._keep(press, "kw75", "air").surcharge == D(200)

    def test_a_later_change_of_the_model_leaves_what_was_kept(self, press):
        kept = self._keep(press, "kw75", "water")
        lines = [{"id": option.pk, **({"surcharge": "999"} if option.code == "kw75" else {})} for option in press.model.options.order_by("position")]
        change_record(press.model, {"lines": lines}, actor=press.actor, by_id=True)
        kept.refresh_from_db()
        assert kept.surcharge == D(200)

    def test_an_archived_model_is_configured_no_more(self, press):
        from guanxi.kernel.acts.writer import archive_record

        archive_record(press.model, actor=press.actor)
        press.model.refresh_from_db()
        with pytest.raises(Refused, match="archived"):
            self._keep(press, "kw55", "air")


class TestRules:
    @pytest.mark.parametrize(("when", "words"), [("colour = \"red\"", "cooling, motor"), ("motor = ", "Features here"), ("motor", "condition")])
    def test_a_condition_reads_features_of_its_model_and_says_which_there_are(self, press, when, words):
        with pytest.raises(Invalid) as refused:
            create_record(
                CompatibilityRule, {"model": press.model.pk, "name": "Wrong", "when": when, "must": 'cooling = "air"'}, actor=press.actor
            )
        assert words in " ".join(refused.value.errors["when"])

    def test_a_rule_that_reads_a_feature_no_longer_there_keeps_nothing_until_it_is_mended(self, press):
        CompatibilityRule.objects.filter(pk=press.rule.pk).update(when='colour = "red"')
        with pytest.raises(Invalid) as refused:
            Chooser(press.model).require_whole({"motor": "kw55", "cooling": "air"})
        assert "cannot be read any more" in refused.value.errors["choices"][0]

    def test_a_feature_s_code_is_a_name_that_rules_can_read(self, press):
        with pytest.raises(Invalid, match="Small letters"):
            create_record(Feature, {"code": "Main Motor", "name": "Motor"}, actor=press.actor)
