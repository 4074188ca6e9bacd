"""Lists under headings: what they can be grouped by, and the headings as lines of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.axes import STEPS, Axis, offered
from guanxi.kernel.pivot.groups import Groups, Heading
from guanxi.kernel.pivot.pivot import DEEPEST
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.screens.visit import Visit, page


@dataclass(frozen=True)
class HeadingLine:
    """A heading as a line: how many columns its name spans, and the sums that stand in the others."""

    heading: Heading
    span: int
    sums: list[tuple[str, list[Cell]]]


def heading_lines(groups: Groups) -> list[HeadingLine]:
    names = [column.name for column in groups.query.shown]
    summed = {measure.column.name for measure in groups.pivot.measures if measure.column is not None}
    first = next((at for at, name in enumerate(names) if name in summed), len(names))
    return [
        HeadingLine(heading, first + 1, [(name, [cell for cell in heading.sums if cell.column.name == name]) for name in names[first:]])
        for heading in groups.headings()
    ]


def grouping_of(groups: Groups) -> dict[str, Any]:
    """What a grouped list needs in place of plain rows and pages."""
    if not groups.is_asked:
        return {"groups": groups}
    pivot = groups.pivot
    before, after = groups.page - 1, groups.page + 1
    return {
        "groups": groups, "heading_lines": [] if pivot.is_cut or pivot.is_stopped else heading_lines(groups), "pivot_of_groups": pivot,
        "before": groups.query.address(page=before) if before else "", "after": groups.query.address(page=after) if after <= groups.pages else "",
    }


@page("view")
def list_grouping(visit: Visit) -> HttpResponse:
    """The popover: by what the list is grouped, and by what it can be."""
    assert visit.screen is not None
    query = ListQuery(visit.screen, visit.actor, visit.request.GET, set_key=visit.set_key)
    groups = Groups(query)
    words = [axis.word for axis in groups.axes]
    asked = [(axis, _address(query, [w for w in words if w != axis.word]), _steps(query, words, axis)) for axis in groups.axes]
    names = {axis.column.name for axis in groups.axes}
    more = [(axis, _address(query, [*words, axis.word])) for axis in offered(query) if axis.column.name not in names]
    return visit.render("screens/grouping.html", {
        "asked": asked, "offered": more if len(words) < DEEPEST else [], "groups": groups,
    })


def _address(query: Any, words: list[str]) -> str:
    return query.address(group=",".join(words) or None, closed=None)


def _steps(query: Any, words: list[str], axis: Axis) -> list[tuple[Any, str, bool]]:
    if not axis.step:
        return []
    swapped = {step: [f"{axis.column.name}.{step}" if word == axis.word else word for word in words] for step in STEPS}
    return [(label, _address(query, swapped[step]), step == axis.step) for step, label in STEPS.items()]
