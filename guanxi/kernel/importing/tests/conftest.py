"""Files to be taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guanxi.kernel.importing.importer import import_file
from guanxi.kernel.transfer.mapping import mapping_of
from guanxi.kernel.transfer.report import Report

CUSTOMERS = {"screen": "customers", "columns": {"code": "Code", "name": "Name", "tier": "Tier", "credit_limit": "Limit"}}


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Report]:
    """`take(actor, "Code,Name\\n…", mapping, mode="good")`: write the text to a file and import it."""

    def run(
        actor: Any, content: str | bytes, mapping: dict[str, Any] | None = None, *, name: str = "data.csv",
        others: dict[str, str] | None = None, **options: Any,
    ) -> Report:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        for other, text in (others or {}).items():
            (tmp_path / other).write_text(text)
        return import_file(path, mapping_of(mapping or CUSTOMERS), actor, **options)

    return run


def messages(report: Report) -> dict[int, str]:
    return {error.row: error.message for error in report.errors}
