"""What is in a file: its words, and small pictures of its pages."""

from __future__ import annotations

from pathlib import Path

from guanxi.kernel.reading import child_pictures, child_words
from guanxi.kernel.reading.children import run_child


def words_of(path: Path, media_type: str) -> str | None:
    """The text; empty when there is none, None when it cannot be read."""
    found = run_child(Path(child_words.__file__), [str(path), media_type])
    return None if found is None else found.decode(errors="replace").strip()


def draw(path: Path, media_type: str, folder: Path, *, width: int, first: int = 1, count: int = 1) -> int | None:
    """Draw pages as `<page>-<width>.webp` in a folder; how many pages there are, None when it cannot be done."""
    said = run_child(Path(child_pictures.__file__), [media_type, str(path), str(folder), str(width), str(first), str(count)])
    return int(said) if said else None
