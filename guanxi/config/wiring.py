"""Which modules this installation consists of, lowest first: the only list of them."""

from __future__ import annotations

import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent

CONFIG_CLASS = re.compile(r"^class (\w+)\(.*Config\b.*\):", re.MULTILINE)

NEEDED = re.compile(r"^\s*from (guanxi\.[\w.]+) import", re.M)

KERNEL = (
    "guanxi.kernel.sets",
    "guanxi.kernel.records",
    "guanxi.kernel.access",
    "guanxi.kernel.acts",
    "guanxi.kernel.columns",
    "guanxi.kernel.events",
    "guanxi.kernel.numbers",
    "guanxi.kernel.search",
    "guanxi.kernel.screens",
    "guanxi.kernel.transfer",
    "guanxi.kernel.api",
    "guanxi.kernel.jobs",
)
BUSINESS = (
    "guanxi.shared.parties",
    "guanxi.shared.catalog",
    "guanxi.shared.activities",
    "guanxi.shared.messaging",
    "guanxi.shared.knowledge",
    "guanxi.erp.finance",
    "guanxi.erp.inventory",
    "guanxi.erp.sales",
    "guanxi.crm.leads",
    "guanxi.insight.bi",
)
FACES = ("guanxi.web",)


def modules() -> list[str]:
    """The modules that are Django applications, in order of import, each by its configuration class."""
    return [entry for name in (*KERNEL, *BUSINESS, *FACES) if (entry := _entry(name))]


def locale_folders() -> list[str]:
    """Every folder with translations, whether its package is an application or not."""
    return sorted(str(folder) for depth in ("*/locale", "*/*/locale") for folder in PACKAGE.glob(depth))


def _entry(name: str) -> str:
    # Django would take the class by itself only where the base class is not imported by name beside it.
    file = PACKAGE.joinpath(*name.split(".")[1:], "apps.py")
    found = CONFIG_CLASS.search(file.read_text()) if file.exists() and (name in KERNEL or _complete(name)) else None
    return f"{name}.apps.{found[1]}" if found else ""


def _complete(name: str) -> bool:
    """Whether everything that this module imports is there."""
    folder = PACKAGE.joinpath(*name.split(".")[1:])
    texts = [file.read_text() for file in folder.rglob("*.py") if file.parent.name not in ("tests", "migrations")]
    needed = {found for text in texts for found in NEEDED.findall(text)}
    if not all(_exists(other) for other in needed):
        return False
    others = {".".join(other.split(".")[:3]) for other in needed} & {*BUSINESS} - {name}
    return all(_complete(other) for other in others)


def _exists(name: str) -> bool:
    path = PACKAGE.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").exists() or path.is_dir()
