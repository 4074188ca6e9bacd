"""The companies of the demo: their people and words fit together; `guanxi demo` itself makes them."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from guanxi.config.demo import CHAPTERS
from guanxi.config.demo_companies import COMPANIES, HARBOUR
from guanxi.config.stamp import PACKAGE
from guanxi.kernel.access.roles import DECLARED
from guanxi.shared.demo import words_of

ENGLISH = sorted(PACKAGE.rglob("demo_en.py"))
OF_BOTH = re.compile('"zh-hans": "[^"]*"')
"""A name that is kept in both languages."""


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.key)
def test_everybody_in_the_story_works_there_in_a_team_and_a_role_that_exist(company):
    people = {person.username: person for person in company.people}
    asked = {company.administrator, company.director, company.exporter, company.accountant, *company.sellers, *company.keepers.values()}
    assert asked <= set(people)
    assert set(company.keepers) == {entity["code"] for entity in company.entities}
    assert {person.team for person in people.values()} <= {name for name, _parent in company.teams}
    assert {role for person in people.values() for role in person.roles} <= set(DECLARED)
    assert {person.entity for person in people.values()} <= {"", *company.keepers}


def test_newcomers_are_asked_whether_to_look_around_in_the_demo_s_sets_alone():
    assert tuple(company.key for company in COMPANIES) == settings.GUANXI_DEMO_SETS


def test_somebody_works_for_both_companies():
    first, second = ({person.username for person in company.people} for company in COMPANIES)
    assert first & second == {"emma"}


def test_the_english_company_is_told_every_chapter_in_english():
    assert [chapter for chapter in CHAPTERS if words_of(chapter, HARBOUR.tongue) is None] == []
    assert ENGLISH and not [file for file in ENGLISH if re.search("[\u3000-\u9fff]", OF_BOTH.sub("", file.read_text(encoding="utf-8")))]


@pytest.mark.parametrize("file", ENGLISH, ids=lambda file: file.parent.name)
def test_the_words_that_a_story_asks_for_are_there(file: Path):
    name = f"guanxi.{'.'.join(file.parent.relative_to(PACKAGE).parts)}"
    english = import_module(f"{name}.demo_en")
    if hasattr(english, "prepare") or hasattr(english, "happen"):
        return
    story = ast.parse((file.parent / "demo.py").read_text(encoding="utf-8"))
    named = [node for node in ast.walk(story) if isinstance(node, ast.Attribute)]
    asked = {node.attr for node in named if ast.unparse(node.value) in ("words", "demo.words(__name__)")}
    assert asked or not [word for word in vars(english) if word.isupper()]
    for words in (import_module(f"{name}.demo"), english):
        assert asked <= set(vars(words))
