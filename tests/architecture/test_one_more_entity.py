"""The cost of one more entity is what docs/one-more-entity.md says: its example is installed beside Guanxi and used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.architecture.tree import ROOT

EXAMPLE = ROOT / "docs" / "example" / "samples"
SAYING = ("models.py", "operations.py", "screens.py", "roles.py")


def test_it_is_about_sixty_lines_in_four_files():
    lines = [line for name in SAYING for line in (EXAMPLE / name).read_text().splitlines() if line.strip()]
    assert len(lines) <= 60
    assert {path.name for path in EXAMPLE.glob("*.py")} == {*SAYING, "__init__.py", "apps.py"}


@pytest.mark.parametrize("page", ["one-more-entity.md", "one-more-entity.zh-CN.md"])
def test_the_page_quotes_the_example_as_it_is(page):
    source = "\n".join((EXAMPLE / name).read_text() for name in SAYING)
    text = (ROOT / "docs" / page).read_text()
    quoted = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for line in "\n".join(quoted).splitlines():
        assert line.strip() in ("…", "") or line in source, line


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder that looks like an installed package which names its module as an entry point."""
    shutil.copytree(EXAMPLE, tmp_path / "samples")
    catalogue = tmp_path / "samples/locale/zh_Hans/LC_MESSAGES/django.po"
    with catalogue.open("rb") as source, catalogue.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="zh_Hans"))
    about = tmp_path / "samples-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: samples\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[guanxi.modules]\nsamples = samples.apps:SamplesConfig\n")
    return tmp_path


def test_list_form_record_api_import_search_history_and_rights_are_there(installed, fresh_database, static_files):
    environment = {**fresh_database.environment, "PYTHONPATH": os.pathsep.join([str(installed), str(ROOT)])}

    def run(*command: str) -> None:
        done = subprocess.run([sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    run("-m", "guanxi.config.command", "django", "makemigrations", "samples")
    assert (installed / "samples/migrations/0001_initial.py").exists()
    run("-m", "guanxi.config.command", "set", "migrate", "alpha")
    run("-m", "tests.architecture.sample_story")
