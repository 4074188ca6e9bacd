"""How alike two names and two records are, in figures (M1.11)."""

from __future__ import annotations

import pytest

from guanxi.kernel.likeness.reading import domain_of, facts_of, keys_of, name_of
from guanxi.kernel.likeness.scoring import compare, name_score, words_of


@pytest.mark.parametrize(
    ("name", "core", "bare", "place"),
    [
        ("常州恒川液压股份有限公司", "常州恒川液压", "恒川液压", "常州"), ("恒川液压（集团）", "恒川液压", "恒川液压", ""),
        ("恒川液压(常州)有限公司", "恒川液压常州", "恒川液压", "常州"), ("江苏省恒川液压有限责任公司", "江苏省恒川液压", "恒川液压", "江苏"),
        ("Acme Bearings Ltd.", "acme bearings", "acme bearings", ""), ("The Acme Co., Ltd", "acme", "acme", ""),
        ("Müller Maschinenbau GmbH & Co. KG", "muller maschinenbau", "muller maschinenbau", ""), ("厂厂", "厂厂", "厂厂", ""),
        ("上海电气", "上海电气", "上海电气", "上海"),
    ],
)
def test_a_name_is_compared_without_its_legal_form_and_with_its_place_apart(name, core, bare, place):
    read = name_of(name)
    assert (read.core, read.bare, read.place) == (core, bare, place)


@pytest.mark.parametrize("name", ["", "厂", "A", "--"])
def test_what_is_too_short_is_no_name(name):
    assert name_of(name) is None


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("恒川液压有限公司", "恒川液压有限责任公司", 100), ("常州恒川液压股份有限公司", "恒川液压有限公司", 94),
        ("常州恒川液压有限公司", "恒川液压（常州）有限公司", 75), ("上海恒川液压有限公司", "常州恒川液压有限公司", 75),
        ("恒川液压有限公司", "恒传液压有限公司", 92), ("太湖精工机械有限公司", "太湖精功机械有限公司", 92),
        ("太湖精工机械有限公司", "太湖精密机械有限公司", 83),
        ("恒川液压有限公司", "太湖精工机械有限公司", 27), ("华为技术有限公司", "Huawei Jishu Ltd", 92),
        ("Acme Bearings Ltd", "ACME Bearings, Inc.", 100), ("Acme Bearing Ltd", "Acme Bearings Inc", 96), ("Bearings Acme", "Acme Bearings", 100),
        ("Acme Bearings", "Acme", 80), ("Nordwind Traders", "Northwind Traders", 90), ("Acme Bearings", "Globex Pumps", 26),
        ("Müller GmbH", "Muller AG", 100),
    ],
)
def test_names_are_alike_by_so_much(one, other, score):
    assert name_score(name_of(one), name_of(other)) == name_score(name_of(other), name_of(one)) == score


def facts(**texts):
    apart = texts.pop("apart", ())
    within = texts.pop("within", None)
    return facts_of({kind: [text] for kind, text in texts.items()}, within, apart)


@pytest.mark.parametrize(
    ("one", "other", "score", "why"),
    [
        ({"names": "恒川液压有限公司"}, {"names": "恒川液压有限责任公司"}, 80, "same name"),
        ({"names": "恒川液压有限公司", "phones": "0519-5550 7188"}, {"names": "恒传液压有限公司", "phones": "+86 519 55507188"}, 93,
         "name 92 % alike, same telephone"),
        ({"phones": "55507188"}, {"phones": "0519-55507188 转 12"}, 45, "same telephone"),
        ({"names": "Acme Bearings", "emails": "sales@acme.example"}, {"names": "Acme Bearings Ltd", "websites": "https://www.acme.example/en"}, 100,
         "same name, same web domain"),
        ({"emails": "Zhou@Hengchuan.example"}, {"emails": "zhou@hengchuan.example"}, 50, "same e-mail"),
        ({"emails": "a@qq.com"}, {"emails": "b@qq.com"}, 0, ""),
        ({"codes": "91350100M000100Y43"}, {"codes": "91350100 m000100y43"}, 90, "same number or code"),
        ({"people": "周建国", "within": 7}, {"people": "周建国", "within": 7}, 70, "same person's name"),
        ({"people": "周建国", "within": 7}, {"people": "周建国", "within": 8}, 30, "same person's name"),
        ({"people": "Anna Smith", "emails": "anna@acme.example"}, {"people": "Smith Anna", "emails": "anna@acme.example"}, 80,
         "same e-mail, same person's name"),
        ({"names": "深沟球轴承", "apart": ["6204"]}, {"names": "深沟球轴承", "apart": ["6205"]}, 20, "same name"),
        ({"names": "深沟球轴承", "apart": ["6204"]}, {"names": "深沟球轴承", "apart": [""]}, 80, "same name"),
    ],
)
def test_records_are_alike_by_so_much_and_it_is_said_why(one, other, score, why):
    found, reasons = compare(facts(**one), facts(**other))
    assert (found, words_of(reasons)) == (score, why)


def test_what_is_compared_shares_a_key():
    pairs = [
        ("恒川液压有限公司", "恒传液压有限公司"), ("太湖精工机械有限公司", "太湖精密机械有限公司"), ("Acme Bearing Ltd", "Acme Bearings"),
        ("常州恒川液压", "恒川液压"),
    ]
    assert [bool(keys_of(facts(names=a)) & keys_of(facts(names=b))) for a, b in pairs] == [True] * 4
    assert not keys_of(facts(names="恒川液压")) & keys_of(facts(names="太湖精工机械"))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("a@Acme.example", "acme.example"), ("https://www.acme.example:8443/x", "acme.example"), ("acme.example", "acme.example"),
        ("a@163.com", ""), ("x", ""),
    ],
)
def test_a_domain_says_who_it_is_unless_everybody_has_mail_there(text, domain):
    assert domain_of(text) == domain
