"""The little Markdown of our own texts (help, user guide) as safe HTML; pictures are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_CODE = re.compile(r"`([^`]+)`")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_EMPHASIS = re.compile(r"(?<!\*)\*([^*\s][^*]*)\*(?!\*)")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_ITEM = re.compile(r"(-|\d+\.) +")


def anchor(heading: str) -> str:
    """The part after # that leads to a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def html_of(text: str) -> SafeString:
    return mark_safe("\n".join(_blocks(text)))


def _blocks(text: str) -> Iterator[str]:
    for block in re.split(r"\n{2,}|\n(?=#)", text.strip()):
        lines = block.split("\n")
        if lines[0].startswith("#"):
            level = len(lines[0]) - len(lines[0].lstrip("#"))
            heading = lines[0].lstrip("# ")
            yield f'<h{level} id="{escape(anchor(heading))}">{_inline(heading)}</h{level}>'
            lines = lines[1:]
        if not lines:
            continue
        if lines[0].startswith("|"):
            yield _table(lines)
        elif _ITEM.match(lines[0]) or any(_ITEM.match(line) for line in lines[1:]):
            yield from _list(lines)
        elif words := _PICTURE.sub("", " ".join(line.strip() for line in lines)).strip():
            yield f"<p>{_inline(words)}</p>"


def _list(lines: list[str]) -> Iterator[str]:
    before: list[str] = []
    items: list[str] = []
    numbered = False
    for line in lines:
        if found := _ITEM.match(line):
            numbered = numbered or found[1] != "-"
            items.append(line[found.end():])
        elif items:
            items[-1] += " " + line.strip()
        else:
            before.append(line.strip())
    if before:
        yield f"<p>{_inline(' '.join(before))}</p>"
    tag = "ol" if numbered else "ul"
    yield f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{tag}>"


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' if cell else "<td></td>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    """Code is set aside first: its signs are no emphasis."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(f"<code>{escape(found[1])}</code>")
        return f"\0{len(kept) - 1}\0"

    made: str = escape(_CODE.sub(keep, text))
    made = _LINK.sub(lambda found: f'<a href="{found[2]}">{found[1]}</a>' if found[2].startswith(("/", "#")) else found[1], made)
    made = _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", made))
    return re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], made)
