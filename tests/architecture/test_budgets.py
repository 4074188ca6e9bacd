"""Budgets: what grows beyond them is to be divided or thrown away, not excused."""

from __future__ import annotations

from tests.architecture.tree import PACKAGE, ROOT, files, line_count, report, shown

KERNEL = 27_000
KERNEL_PACKAGE = 1_500
FILE = 400


def _lines(folder) -> int:
    return sum(line_count(path) for path in files("*.py", below=folder))


def test_the_kernel_stays_a_small_framework():
    sizes = {folder.name: _lines(folder) for folder in sorted((PACKAGE / "kernel").iterdir()) if folder.is_dir()}
    assert sum(sizes.values()) <= KERNEL, f"{sum(sizes.values())} lines: {sizes}"


def test_no_package_of_the_kernel_outgrows_the_others():
    large = [
        f"{folder.name}: {_lines(folder)} lines" for folder in (PACKAGE / "kernel").iterdir() if folder.is_dir() and _lines(folder) > KERNEL_PACKAGE
    ]
    assert not large, report(large)


def test_a_file_fits_in_a_head():
    paths = [*files("*.py", "*.html", tests=True), *files("*.py", tests=True, below=ROOT / "tests"), *files("*.py", below=ROOT / "docs")]
    large = [f"{shown(path)}: {line_count(path)} lines" for path in paths if line_count(path) > FILE]
    assert not large, report(large)
