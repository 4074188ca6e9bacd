"""Paper: what stands on it is what was given, whatever was given; pages are counted, heads repeated, languages kept apart."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

import guanxi
from guanxi.kernel.access.models import Entity
from guanxi.kernel.printing import rendering
from guanxi.kernel.printing.declared import all_forms
from guanxi.kernel.printing.printing import as_values
from guanxi.kernel.printing.sheet import Party, Place, Sheet
from guanxi.kernel.printing.speech import BILINGUAL, Speech
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values.translated import Translated

PACKAGE = Path(guanxi.__file__).parent
TEMPLATE = PACKAGE / "erp" / "sales" / "templates" / "print" / "quotation.typ"
AT = datetime(2026, 3, 1, tzinfo=UTC)


def sheet(rows=(), language="en", **values) -> Sheet:
    speech = Speech(language)
    entity = Entity(name="华启精密", english_name="Huaqi Precision", address="常州", tax_number="91320412")
    given = {
        "title": "Quotation", "number": "QT-1", "parties": [Party("Customer", "Acme")],
        "places": [Place("#"), Place("Product", share=1), Place("Net amount", "number")],
        "rows": [[str(number), text, "1.00"] for number, text in enumerate(rows, start=1)], "totals": [("Total with tax", "¥1.00")],
    }
    return Sheet(speech, entity, **{**given, **values})


def pages(*sheets: Sheet) -> list[str]:
    pdf = rendering.render(TEMPLATE, [as_values(one) for one in sheets], at=AT)
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


HOSTILE = [
    "#eval(\"1 + 1\") #import \"@preview/x:1.0.0\": *",
    "] } ) $ x^2 $ \\ `raw` *bold* _emphasis_ <label> @reference",
    "= Heading // comment /* more */",
    "#read(\"/etc/passwd\")", "\\u{41} ~ -- --- ...",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_typed_stands_there_as_they_typed_it(text):
    [page] = pages(sheet([text], notes=[("Note", text)]))
    assert page.replace("\n", " ").replace("\u200b", "").count(text[:12]) == 2
    assert "root:" not in page


def test_a_word_without_an_end_stays_in_its_column():
    name = "W" * 200
    [page] = pages(sheet([name], parties=[Party("Customer", name)]))
    assert page.count("W") == 400
    assert "1.00" in page


def test_control_characters_are_left_out_and_rare_ones_are_told_by_their_code():
    [page] = pages(sheet(["王\x07㛃 𠮷野 😀 恒川"]))
    assert "〔U+36C3〕" in page and "〔U+20BB7〕" in page and "〔U+1F600〕" in page and "恒川" in page
    assert "\x07" not in page


def test_a_long_document_repeats_its_head_and_counts_its_pages():
    found = pages(sheet([f"Part {number}" for number in range(120)]))
    assert len(found) > 2
    assert all("Net amount" in page for page in found[:-1])
    assert [f"Page {number} of {len(found)}" in page for number, page in enumerate(found, start=1)] == [True] * len(found)
    assert all("Quotation QT-1" in page for page in found[1:])


def test_documents_in_one_file_count_their_own_pages():
    found = pages(sheet(["A"]), sheet([f"Part {number}" for number in range(60)], number="QT-2"), sheet(["B"], language="zh-hans"))
    assert "Page 1 of 1" in found[0] and "Page 1 of 2" in found[1] and "Page 2 of 2" in found[2]
    assert "第 1 页，共 1 页" in found[3]


def test_two_thousand_lines_are_printed():
    found = pages(sheet([f"Part {number}" for number in range(2_000)]))
    assert "2000" in found[-1] or "2000" in found[-2]


def test_a_mark_stands_across_the_page():
    assert "DRAFT" in pages(sheet(["A"], mark="DRAFT"))[0]
    assert "DRAFT" not in pages(sheet(["A"]))[0]


def test_both_languages_stand_beside_each_other():
    speech = Speech(BILINGUAL)
    assert speech.say(Translated({"zh-hans": "件", "en": "piece"})) == ["件", "piece"]
    assert speech.say(Translated({"zh-hans": "kg", "en": "kg"})) == "kg"
    [page] = pages(sheet(["A"], language=BILINGUAL, title=["报价单", "Quotation"]))
    assert all(text in page.replace(" ", "") for text in ("报价单", "Quotation", "华启精密", "HuaqiPrecision"))


def test_what_is_too_large_or_takes_too_long_is_refused_in_words(monkeypatch):
    with pytest.raises(Refused, match="too large"):
        pages(sheet(["x" * rendering.MOST_BYTES]))
    monkeypatch.setattr(rendering, "SECONDS", 0)
    with pytest.raises(Refused, match="too long"):
        pages(sheet(["later"]))


def test_threads_print_at_once():
    found: dict[int, str] = {}
    threads = [threading.Thread(target=lambda n=number: found.update({n: pages(sheet([f"Thread {n}"]))[0]})) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"Thread {number}" in found[number] for number in range(6))


def test_the_same_document_is_the_same_file():
    documents = [as_values(sheet(["A"]))]
    assert rendering.render(TEMPLATE, documents, at=AT) == rendering.render(TEMPLATE, documents, at=AT)


def test_templates_ask_for_nothing_from_elsewhere():
    sources = [*PACKAGE.rglob("templates/print/*.typ"), *(PACKAGE / "kernel" / "printing").glob("*.typ")]
    assert len(sources) >= 7 and {form.template for form in all_forms()} <= set(sources)
    for path in sources:
        text = path.read_text()
        assert '"@' not in text and "read(" not in text and "plugin(" not in text and "eval(" not in text, path.name


def test_the_fonts_are_those_that_were_checked_in():
    sums = json.loads((rendering.FONTS / "checksums.json").read_text())
    assert sums == {name: hashlib.sha256((rendering.FONTS / name).read_bytes()).hexdigest() for name in sums}
    assert len(sums) == 3
