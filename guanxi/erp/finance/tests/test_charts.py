"""Charts of accounts: the Chinese standard for small enterprises, and a plain international one (M18.1)."""

import pytest

from guanxi.erp.finance.charts import chart, chart_for, make_books
from guanxi.erp.finance.models import Account, AccountUse, Ledger
from guanxi.erp.finance.operations import open_books
from guanxi.erp.finance.tests.world import account, entry, used
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Invalid, Refused

# 附录 小企业会计准则（财会〔2011〕17号）: the 66 first-level accounts.
STANDARD = (
    "1001 1002 1012 1101 1121 1122 1123 1131 1132 1221 1401 1402 1403 1404 1405 1407 1408 1411 1421 1501 1511 1601 1602 1604 1605 1606 1621 "
    "1622 1701 1702 1801 1901 2001 2201 2202 2203 2211 2221 2231 2232 2241 2401 2501 2701 3001 3002 3101 3103 3104 4001 4101 4301 4401 4403 "
    "5001 5051 5111 5301 5401 5402 5403 5601 5602 5603 5711 5801"
)


class TestTheFiles:
    def test_the_chinese_chart_holds_the_66_accounts_of_the_standard_and_one_for_opening_balances(self):
        assert [a.code for a in chart("cn_small") if len(a.code) == 4] == sorted([*STANDARD.split(), "3999"])

    @pytest.mark.parametrize("key", ["cn_small", "international"])
    def test_every_use_has_its_account_and_every_account_a_name_in_both_languages(self, key):
        assert sorted(a.use for a in chart(key) if a.use) == sorted(use for use, _label in AccountUse.USES)
        assert all(a.name["en"] and a.name["zh-hans"] for a in chart(key))
        assert len({a.code for a in chart(key)}) == len(chart(key))
        assert {a.kind for a in chart(key)} <= {kind for kind, _label in Account.KINDS}

    def test_the_country_decides(self):
        assert (chart_for("CN"), chart_for("DE")) == ("cn_small", "international")


class TestTheBooks:
    def test_a_new_account_set_has_the_books_of_its_country(self, alpha):
        assert Ledger.objects.get(entity_id=alpha.entity_id).chart == "cn_small"
        assert {use: used(use).code for use in ("receivable", "revenue", "output_tax", "stock", "cost_of_sales", "bank")} == {
            "receivable": "1122", "revenue": "5001", "output_tax": "22210106", "stock": "1405", "cost_of_sales": "5401", "bank": "1002",
        }
        assert account("22210106").name == {"en": "Output VAT", "zh-hans": "销项税额"}

    def test_an_account_above_others_takes_no_entries(self, alpha):
        assert account("22210106").parent.code == "222101" and account("222101").parent.code == "2221"
        assert [account(code).is_postable for code in ("2221", "222101", "22210106")] == [False, False, True]

    def test_another_legal_entity_opens_its_own_books(self, alpha):
        other = Entity.objects.create(code="DE", name="GmbH", currency="EUR", country="DE")
        open_books(other, actor=alpha, chart="international")
        assert Account.objects.filter(entity=other).count() == len(chart("international"))
        with pytest.raises(Refused, match="already"):
            open_books(other, actor=alpha, chart="international")


class TestChangingTheChart:
    def test_an_account_with_entries_goes_on_taking_them(self, alpha):
        entry(alpha, alpha.today, ("1002", "10"), ("3001", "-10"))
        with pytest.raises(Invalid, match="goes on taking entries"):
            change_record(account("3001"), {"is_postable": False}, actor=alpha)

    def test_an_account_is_put_below_one_that_takes_no_entries_only(self, alpha):
        values = {"code": "100201", "name": "Bank of China", "kind": "asset", "side": "debit"}
        with pytest.raises(Invalid, match="1002 takes entries itself"):
            create_record(Account, {**values, "parent": account("1002").pk}, actor=alpha)
        made = create_record(Account, {**values, "code": "222199", "parent": account("2221").pk}, actor=alpha).result
        assert (made.parent.code, made.entity_id, made.is_postable) == ("2221", alpha.entity_id, True)

    def test_an_account_never_stands_below_itself(self, alpha):
        with pytest.raises(Invalid, match="stands below"):
            change_record(account("2221"), {"parent": account("222101").pk}, actor=alpha)

    def test_a_use_takes_accounts_that_take_entries_and_control_accounts_stay_once_used(self, alpha):
        from guanxi.erp.finance.tests.world import charge, customer

        with pytest.raises(Invalid, match="takes no entries"):
            change_record(AccountUse.objects.get(use="bank"), {"account": account("2221").pk}, actor=alpha)
        change_record(AccountUse.objects.get(use="receivable"), {"account": account("1221").pk}, actor=alpha)
        charge(alpha, customer(alpha), "100")
        with pytest.raises(Invalid, match="1221 has entries already"):
            change_record(AccountUse.objects.get(use="receivable"), {"account": account("1122").pk}, actor=alpha)
        change_record(AccountUse.objects.get(use="revenue"), {"account": account("5051").pk}, actor=alpha)

    def test_accounts_entered_before_there_were_books_are_used_as_they_are(self, alpha):
        late = {"code": "LATE", "name": "Late Ltd", "country": "GB", "currency": "GBP", "timezone": "UTC"}
        entity = create_record(Entity, late, actor=alpha).result
        Ledger.objects.filter(entity=entity).delete()
        own = Account.objects.filter(entity=entity).order_by("code").first() or Account.objects.create(
            entity=entity, code=chart("international")[0].code, name={"en": "Mine"}, kind=chart("international")[0].kind, side="debit"
        )
        AccountUse.objects.filter(entity=entity).delete()
        make_books(entity, "international")
        codes = list(Account.objects.filter(entity=entity).order_by("code").values_list("code", flat=True))
        assert codes == sorted({a.code for a in chart("international")}) and own.code in codes
        assert AccountUse.objects.filter(entity=entity).count() == len(AccountUse.USES)
