"""A newcomer finds a page at the door of every module, and what it claims is proved."""

from __future__ import annotations

import re

import pytest
from django.apps import apps

from guanxi.kernel.acts.operation import OPERATIONS
from guanxi.kernel.records.record import Record
from tests.architecture.tree import ROOT, Module, files, modules, report, shown

NUMBER = re.compile(r"\b[MX]\d{1,2}(?:\.\d{1,2})?\b")
CLAIM = re.compile(r"\bM\d{1,2}\.\d{1,2}\b|\bX\d{1,2}\b")
DECISIONS = ROOT / "docs" / "decisions"
LONGEST_PAGE = 70

pages = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


@pages
def test_a_module_has_a_page_of_its_own(module: Module):
    page = module.folder / "README.md"
    assert page.exists(), f"{shown(page)} is missing"
    text = page.read_text()
    assert text.startswith("# "), "begin with the module's name"
    assert len(text.splitlines()) <= LONGEST_PAGE, "one page, not a book"


def business_configs():
    return [c for c in apps.get_app_configs() if c.name.startswith(("guanxi.shared.", "guanxi.erp.", "guanxi.crm.", "guanxi.insight."))]


@pytest.mark.parametrize("config", business_configs(), ids=lambda config: config.label)
def test_the_page_names_what_the_module_serves_and_holds(config):
    text = (ROOT.joinpath(*config.name.split(".")) / "README.md").read_text()
    missing = [] if NUMBER.search(text) else ["an M-number it serves"]
    missing += [m.__name__ for m in config.get_models() if issubclass(m, Record) and f"`{m.__name__}`" not in text]
    missing += [
        found.key for found in OPERATIONS.values() if found.function.__module__.startswith(config.name + ".") and f"`{found.key}`" not in text
    ]
    assert not missing, f"{config.name}/README.md does not name: {', '.join(missing)}"


def claimed() -> dict[str, list[str]]:
    """M-numbers that READMEs and docstrings of the package, and the guide, say are there."""
    found: dict[str, list[str]] = {}
    for path in [*files("README.md", "*.py"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("README*.md")]:
        for number in CLAIM.findall(path.read_text()):
            found.setdefault(number, []).append(shown(path))
    return found


def proved() -> set[str]:
    """M-numbers that tests name."""
    places = [*files("test_*.py", tests=True), *files("test_*.py", tests=True, below=ROOT / "tests")]
    return {number for path in places for number in CLAIM.findall(path.read_text())}


def test_what_is_claimed_is_named_by_the_test_that_proves_it():
    missing = sorted(set(claimed()) - proved(), key=lambda n: [int(x) for x in re.findall(r"\d+", n)])
    assert not missing, report([f"{number}: {', '.join(sorted(set(claimed()[number])))}" for number in missing])


def test_decisions_are_numbered_without_a_gap_and_say_their_claim():
    records = sorted(path for path in DECISIONS.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text()
        assert re.match(rf"# {path.name[:4]} \S.+\n", text), f"{path.name}: title it with its number and its claim"
        for part in ("## Context", "## Decision", "## Consequences"):
            assert part in text, f"{path.name} has no “{part}”"
        assert len(text.splitlines()) <= LONGEST_PAGE, f"{path.name} is longer than a page"


def test_links_between_documents_lead_somewhere():
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *files("*.md", tests=True)]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                broken.append(f"{shown(path)} → {target}")
    assert not broken, report(broken)


def test_no_place_of_a_developer_s_machine_stands_in_the_repository():
    trap = re.compile(r"/(?:work|home|Users|root)/[a-z]+|\b(?:TO)DO\b|\b(?:FIX)ME\b")
    paths = [
        *files("*.py", "*.html", "*.md", "*.js", "*.css", tests=True),
        *files("*.py", "*.md", tests=True, below=ROOT / "tests"),
        *files("*.py", "*.md", below=ROOT / "docs"),
        *ROOT.glob("*.md"),
        *ROOT.glob("*.toml"),
    ]
    wrong = [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if trap.search(line)
    ]
    assert not wrong, report(wrong)
