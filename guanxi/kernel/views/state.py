"""The state of a list as its address holds it, and as a view keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from guanxi.kernel.columns.column import Column
from guanxi.kernel.lists.conditions import pruned, read
from guanxi.kernel.lists.conditions import written as written_conditions
from guanxi.kernel.lists.filters import BadFilter
from guanxi.kernel.pivot.measures import COUNT
from guanxi.kernel.screens.screen import Screen

LISTED = ("sort", "columns", "group", "rows", "across", "measures", "by")
"""Parameters that name columns."""
NAMES = frozenset({"q", "where", "closed", "chart", "currency", "span", *LISTED})
LONGEST = 4000
MOST = 60
State = dict[str, str]


def state_of(params: Mapping[str, str]) -> State:
    """What of an address belongs to a view: not its page, not the view's own name."""
    return {name: value for name, value in params.items() if value and (name in NAMES or name.startswith("f."))}


def read_state(query: str) -> State:
    """The state in a query string; of a text that is none, nothing."""
    try:
        return state_of(dict(parse_qsl(query.lstrip("?")[:LONGEST], max_num_fields=MOST)))
    except ValueError:
        return {}


def written(state: Mapping[str, str]) -> str:
    return urlencode(state, safe=":,./~")


def normal(screen: type[Screen], state: State) -> State:
    """Without what the screen does anyhow, so that two states that show the same are the same."""
    usual = {"sort": screen.default_sort, "columns": ",".join(screen.all_columns())}
    return {name: value for name, value in state.items() if value != usual.get(name)}


def readable(state: State, available: Mapping[str, Column]) -> State:
    """The state without the columns that its reader may not know of."""
    found: State = {}
    for name, value in state.items():
        if name.startswith("f."):
            kept = value if name[2:].partition("__")[0] in available or name[2:] in available else ""
        elif name in LISTED:
            kept = ",".join(one for one in value.split(",") if _is_known(one, name, available))
        elif name == "where":
            kept = _conditions(value, available)
        else:
            kept = value
        if kept:
            found[name] = kept
    return found


def _is_known(word: str, name: str, available: Mapping[str, Column]) -> bool:
    column = word.removeprefix("-").partition("~")[0].partition(".")[0]
    return column in available or column.partition("__")[0] in available or (name == "measures" and word == COUNT)


def _conditions(value: str, available: Mapping[str, Column]) -> str:
    try:
        kept = pruned(read(value), lambda name: name in available)
    except BadFilter:
        return ""
    return written_conditions(kept) if kept is not None else ""
