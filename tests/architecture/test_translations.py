"""Every text that people read is there in Chinese, and no translation is left of a text that is gone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import override

from guanxi.kernel.access.roles import DECLARED
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.screens.menu import all_items
from guanxi.kernel.screens.screen import SCREENS
from tests.architecture.messages import Text, catalogue, catalogue_of, catalogues, found_texts, in_python, in_template
from tests.architecture.test_borders import crosses_upwards
from tests.architecture.tree import PACKAGE, files, report, shown

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"#", "SKU", "URL", "ID", "IP", "", "Guanxi", "English", "简体中文"}


A_DAY = re.compile(r"^on$|(^|\.)(day|today|date)$|_(on|until|since|from|day)$")


def test_a_day_within_a_text_is_said_in_the_reader_s_language():
    """`% {"day": invoice.due_on}` says 2026-03-01 to everybody; `full_date` and `short_date` say it as people do."""
    wrong = []
    for path in files("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.right, ast.Dict):
                said = [ast.unparse(part) for value in node.right.values for part in getattr(value, "values", [value])]
                wrong += [f"{shown(path)}:{node.lineno}: {one}" for one in said if A_DAY.search(one)]
    assert not wrong, report(wrong)


def wanted() -> dict[Path, set[Text]]:
    texts: dict[Path, set[Text]] = defaultdict(set)
    for found in found_texts():
        texts[catalogue_of(found.path)].add(found.text)
    return texts


def held(path: Path) -> set[Text]:
    return {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in (catalogue(path) if path.exists() else ())
        if message.id
    }


def owner_of(path: Path) -> str:
    """`guanxi.erp.sales` of its catalogue."""
    return ".".join(path.relative_to(PACKAGE.parent).parts[:-4])


def test_every_text_has_a_translation_in_its_own_module_or_in_one_it_stands_on():
    known = {owner_of(path): held(path) for path in catalogues()}
    missing = defaultdict(set)
    for found in found_texts():
        own = owner_of(catalogue_of(found.path))
        if not any(found.text in texts for name, texts in known.items() if name == own or not crosses_upwards(own + ".x", name + ".x")):
            missing[own].add(f"{shown(found.path)}:{found.line} {found.text[1]!r}")
    assert not missing, report([line for own in sorted(missing) for line in (f"{own}: {len(missing[own])} texts", *sorted(missing[own]))])


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.parts[-4])
def test_a_translation_is_finished_and_keeps_the_placeholders(path: Path):
    wrong = []
    for message in catalogue(path):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, tuple) else (message.id,)
        answers = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(answers):
            wrong.append(f"{source[0]!r} is {'fuzzy' if message.fuzzy else 'empty'}")
        elif any(set(PLACEHOLDER.findall(answer)) - set(PLACEHOLDER.findall(source[-1])) for answer in answers) or any(
            set(PLACEHOLDER.findall(source[-1])) - set(PLACEHOLDER.findall(answer)) for answer in answers
        ):
            wrong.append(f"{source[0]!r} and {answers[0]!r} hold other placeholders")
    assert not wrong, report(wrong)


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.parts[-4])
def test_no_translation_outlives_its_text(path: Path):
    gone = sorted(text[1] for text in held(path) - wanted().get(path, set()))
    assert not gone, report(gone)


def test_no_text_is_translated_in_two_ways():
    ways: dict[Text, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in catalogues():
        for message in catalogue(path):
            if message.id and not isinstance(message.id, tuple):
                ways[(message.context, message.id)][str(message.string)].append(path.parts[-4])
    # Django merges all catalogues into one: where two differ, chance would decide which is shown.
    wrong = [
        f"{text[1]!r}: " + "; ".join(f"{way} ({', '.join(places)})" for way, places in found.items())
        for text, found in ways.items()
        if len(found) > 1
    ]
    assert not wrong, "one text, one translation (or give it a context by pgettext):" + report(wrong)


def test_a_format_string_is_not_filled_before_it_is_translated():
    import ast

    from tests.architecture.tree import parsed

    wrong = [
        f"{shown(path)}:{node.lineno}"
        for path in files("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("_", "gettext", "gettext_lazy")
        and node.args
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert not wrong, report(wrong)


def test_templates_hold_no_text_outside_a_translation():
    from tests.architecture.plain_text import plain_texts

    wrong = [
        f"{shown(path)}:{line} {text!r}" for path in files("*.html") if "templates" in path.parts for line, text in plain_texts(path.read_text())
    ]
    assert not wrong, report(wrong)


def named() -> list[tuple[str, object]]:
    """What the registry shows to people: screens, their columns and sections, menus, roles."""
    found: list[tuple[str, object]] = [(f"role {declared.key}", declared.label) for declared in DECLARED.values()]
    found += [(f"menu {item.path}", item.label) for item in all_items()]
    for screen in SCREENS.values():
        if ".tests." in screen.__module__:
            continue
        found += [(f"{screen.path} plural", screen.plural()), (f"{screen.path} singular", screen.singular())]
        found += [(f"{screen.path} section", label) for label in screen.sections]
        models = [screen.model, *([screen.lines.model] if screen.lines else [])]
        for model in models:
            for column in columns_of(model).values():
                if column.name != "id" and (column.writable or column.name in screen.columns or column.source != "field"):
                    found.append((f"{model._meta.label}.{column.name}", column.label))
                    found += [(f"{model._meta.label}.{column.name}={code}", label) for code, label in column.choices]
    return found


def test_what_the_registry_shows_is_chinese_in_chinese_and_english_in_english():
    wrong = []
    for place, label in named():
        with override("zh-hans"):
            chinese = str(label)
        with override("en"):
            english = str(label)
        if english in SAME_IN_BOTH or (not isinstance(label, Promise) and "=" in place and not re.search("[a-z]{3}", english)):
            continue
        if not CHINESE.search(chinese) or CHINESE.search(english):
            wrong.append(f"{place}: {english!r} / {chinese!r}")
    assert not wrong, report(sorted(set(wrong)))


def test_every_kind_of_record_that_has_a_name_has_its_plural_too():
    """Of the others Django makes `events` and `客户s`: a preview counts them together, and may not name them."""
    wrong = []
    for model in apps.get_models():
        names = (model._meta.verbose_name, model._meta.verbose_name_plural)
        if not model.__module__.startswith("guanxi.") or ".tests." in model.__module__ or not isinstance(names[0], Promise):
            continue
        with override("zh-hans"):
            wrong += [f"{model._meta.label}: {name}" for name in map(str, names) if not CHINESE.search(name) or name.endswith("s")]
    assert not wrong, report(wrong)


class TestTheReader:
    def test_it_finds_texts_in_python_and_in_templates(self):
        assert [text for _line, text in in_python(b'_("One %(n)s") % {"n": 1}; pgettext("verb", "Order")')] == [
            (None, "One %(n)s"),
            ("verb", "Order"),
        ]
        template = (
            "<p title=\"{% translate 'Quick' %}\">{% blocktranslate with n=row.n %}About {{ n }} (rows){% endblocktranslate %}</p>{{ _('Tail') }}"
        )
        assert [text for _line, text in in_template(template, "x")] == [(None, "Quick"), (None, "About %(n)s (rows)"), (None, "Tail")]

    def test_texts_are_there_at_all(self):
        assert len(found_texts()) > 200
        assert PACKAGE.name == "guanxi"
