"""A file with more than twenty kinds of broken rows: the good ones are taken or none, and each bad one is explained."""

import csv
import io
from dataclasses import replace

import pytest
from django.utils import translation

from guanxi.kernel.access.grants import union
from guanxi.kernel.importing.tests.conftest import messages
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party

HEADER = ["code", "name", "tier", "email", "website", "owner", "limit", "credit", "supplier", "region", "phone"]
COLUMNS = {
    "code": "code", "name": "name", "tier": "tier", "email": "email", "website": "website", "owner": "owner", "credit_limit": "limit",
    "credit_code": "credit", "is_supplier": "supplier", "region": "region", "phone": "phone",
}
MAPPING = {"screen": "customers", "columns": COLUMNS}
GOOD = {"code": "G", "name": "Good"}
# What is broken, the row, and words that its explanation has in English.
BROKEN: list[tuple[str, dict[str, str], str]] = [
    ("unknown reference", {"owner": "nobody"}, "owner: There is no Member “nobody”"),
    ("text in a number", {"limit": "plenty"}, "limit: “plenty” is not a number"),
    ("missing required", {"name": ""}, "name: This is needed"),
    ("too long", {"name": "x" * 161}, "name: At most 160 characters; this has 161"),
    ("unknown choice", {"tier": "Z"}, "tier: “Z” is not one of"),
    ("formula", {"name": "=cmd|' /C calc'!A0"}, "name: “=cmd"),
    ("formula by @", {"name": "@SUM(A1:A9)"}, "is a formula"),
    ("NUL", {"name": "a\x00b"}, "“name” holds a character that cannot be stored"),
    ("huge number", {"limit": "9" * 30}, "limit: This number is too large"),
    ("too many decimals", {"limit": "1.123456"}, "limit: At most 4 decimal places"),
    ("less than zero", {"limit": "-1"}, "A credit limit cannot be less than zero"),
    ("bad credit code", {"credit": "91110108MA01ABCD5X"}, "credit: This is not a valid unified social credit code"),
    ("short credit code", {"credit": "9111"}, "credit: A unified social credit code has 18 characters; this has 4"),
    ("bad e-mail", {"email": "nobody at all"}, "email: “nobody at all” is not an e-mail address"),
    ("bad address", {"website": "ht tp:/x"}, "ht tp:/x” is not a web address"),
    ("neither yes nor no", {"supplier": "perhaps"}, "supplier: Write yes or no"),
    ("archived reference", {"region": "OLD"}, "region: “Old region” is archived"),
    ("key twice in the file", {"code": "FIRST"}, "“FIRST” is already in row 2"),
    ("no key", {"code": ""}, ""),
]


def text_of(rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def broken(alpha) -> str:
    """Good and bad rows in turn; then one that is too long, one too short, one with bytes of no encoding."""
    from guanxi.shared.parties.models import Region

    Region.objects.create(code="OLD", name={"en": "Old region", "zh-hans": "旧地区"}, archived_at=alpha.now)
    rows = [{"code": "FIRST", "name": "First"}]
    for number, (_what, values, _words) in enumerate(BROKEN[:-1]):
        rows += [{**GOOD, "code": f"B{number}", **values}, {"code": f"G{number}", "name": f"Good {number} 好"}]
    text = text_of(rows)
    return text + "LONG,Long" + "," * 12 + "x\r\nSHORT,Short\r\nBYTES,b\udcffd" + "," * 9 + "\r\n"


def taken(take, actor, text, **options):
    return take(actor, text.encode(errors="surrogateescape"), MAPPING, **options)


class TestTwentyKinds:
    def test_the_good_rows_are_taken_and_each_bad_one_is_explained(self, alpha, take, broken):
        report = taken(take, alpha, broken, mode="good")
        told = messages(report)
        for number, (what, _values, words) in enumerate(BROKEN[:-1]):
            assert words in told[3 + 2 * number], f"{what}: {told[3 + 2 * number]}"
        last = 2 + 2 * len(BROKEN[:-1])
        assert "has 14 values, but there are 11 columns" in told[last + 1]
        assert "has 2 values, but there are 11 columns" in told[last + 2]
        assert "bytes that are not UTF-8" in told[last + 3]
        assert report.failed == len(BROKEN[:-1]) + 3 == 21
        assert report.created == Party.objects.count() == len(BROKEN[:-1]) + 1

    def test_all_or_none_takes_none_of_it(self, alpha, take, broken):
        report = taken(take, alpha, broken)
        assert (report.failed, report.created, report.written) == (21, 0, False)
        assert not Party.objects.exists()

    def test_the_reasons_come_in_the_language_of_the_user(self, alpha, take, broken):
        with translation.override("zh-hans"):
            report = taken(take, alpha, broken, mode="good")
        for row, message in messages(report).items():
            assert any("\u4e00" <= letter <= "\u9fff" for letter in message), f"row {row}: {message}"

    def test_the_error_file_has_the_bad_rows_with_their_reasons_and_can_be_taken_after_correction(self, alpha, take, broken):
        report = taken(take, alpha, broken, mode="good")
        rows = list(csv.reader(io.StringIO(report.error_file().decode("utf-8-sig"), newline="")))
        assert rows[0] == [*HEADER, "Problem"]
        assert len(rows) == 1 + report.failed
        assert all(len(row) == len(HEADER) + 1 and row[-1] for row in rows[1:])
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "@"))]
        place = HEADER.index("tier")
        corrected = [rows[0]] + [[*row[:place], "A", *row[place + 1:]] for row in rows[1:] if "not one of" in row[-1]]
        out = io.StringIO(newline="")
        csv.writer(out).writerows(corrected)
        assert take(alpha, out.getvalue(), MAPPING).created == 1


class TestOtherKinds:
    """What a customer does not have: days, percents, units, quantities, prices."""

    def test_days_percents_and_quantities(self, alpha, take):
        mapping = {"screen": "setup/taxes", "columns": {"code": "c", "name": "n", "rate": "r"}}
        report = take(alpha, "c,n,r\nT1,One,0.13\nT2,Two,13%\nT3,Three,13\nT4,Four,150%\nT5,Five,-1\n", mapping, mode="good")
        assert report.created == 2
        assert "13%" in messages(report)[4]
        assert "between 0 and 100" in messages(report)[5] and "between 0 and 100" in messages(report)[6]
        prices = {"screen": "price-lists", "columns": {"code": "c", "name": "n", "valid_from": "d"}}
        report = take(alpha, "c,n,d\nP1,One,2026-02-30\nP2,Two,tomorrow\nP3,Three,2026/2/3\nP4,Four,2026年2月3日\n", prices, mode="good")
        assert report.created == 2
        assert "is not a date" in messages(report)[2] and "is not a date" in messages(report)[3]

    def test_a_unit_that_the_product_does_not_have_and_a_quantity_below_zero(self, alpha, take):
        piece, box = Unit.objects.get(code="pc"), Unit.objects.get(code="box")
        take(alpha, "c,n\nP1,Bolt\n", {"screen": "products", "columns": {"code": "c", "name": "n"}, "constants": {"unit": "pc"}})
        take(alpha, "c,n\nC1,Customer\n", {"screen": "customers", "columns": {"code": "c", "name": "n"}})
        mapping = {"screen": "sales/orders", "columns": {"number": "o", "customer": "c"},
                   "lines": {"columns": {"product": "p", "quantity": "q", "unit": "u", "unit_price": "price"}}}
        text = "o,c,p,q,u,price\n1,C1,P1,2,pc,10\n2,C1,P1,2,box,10\n3,C1,P1,-2,pc,10\n4,C1,P9,1,pc,10\n5,C1,P1,1,mile,10\n1,C1,P1,3,pc,9\n"
        report = take(alpha, text, mapping, mode="good")
        assert (report.created, report.failed) == (1, 4), messages(report)
        assert "u: " in messages(report)[3] and "box" in messages(report)[3] or "not sold by" in messages(report)[3]
        assert "line 1, q: The quantity has to be more than zero" in messages(report)[4]
        assert "line 1, p: There is no Product “P9”" in messages(report)[5]
        assert "line 1, u: There is no Unit “mile”" in messages(report)[6]
        assert Product.objects.get().unit_id == piece.pk != box.pk


def test_all_that_is_wrong_in_a_row_is_said_at_once(alpha, take):
    """Rights on a column that is filled in, beside a cell that cannot be read and one whose value is refused."""
    seller = replace(alpha, rights=union([({"parties.party": "view add change"}, ())]))
    rows = [
        {"code": "A", "name": "A", "limit": "10", "tier": "Z"}, {"code": "B", "name": "=B()", "limit": "10"},
        {"code": "C", "name": "C", "limit": "10"},
        {"code": "D", "name": "D", "tier": "Z"}, {"code": "E", "name": "E", "limit": "ten", "tier": "Z"}, {"code": "F", "name": "F"},
    ]
    with translation.override("en"):
        report = take(seller, text_of(rows), MAPPING, mode="good")
    said = messages(report)
    refused = "You may not set credit limits"
    assert {row for row, text in said.items() if refused in text} == {2, 3, 4}
    assert "tier: “Z” is not one of" in said[2] and "is a formula" in said[3] and "tier: “Z” is not one of" in said[5]
    assert "“ten” is not a number" in said[6] and "“Z” is not one of" in said[6] and report.created == 1
