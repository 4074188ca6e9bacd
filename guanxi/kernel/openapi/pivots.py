"""What the description says of pivots."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.openapi.schemas import Schema
from guanxi.kernel.pivot.pivot import PATIENT
from guanxi.kernel.screens.screen import Screen

MARKS: Schema = {"type": "array", "items": {
    "type": "object", "required": ["value", "label"], "properties": {"value": {}, "label": {"type": "string"}}}}
WORDS: Schema = {"type": "array", "items": {
    "type": "object", "required": ["word", "label"], "properties": {"word": {"type": "string"}, "label": {"type": "string"}}}}
ANSWER: Schema = {
    "type": "object", "required": ["rows", "across", "measures", "cells"],
    "properties": {
        "rows": WORDS, "across": WORDS, "measures": WORDS,
        "cells": {"type": "array", "items": {
            "type": "object", "required": ["rows", "across", "figures"],
            "properties": {"rows": MARKS, "across": MARKS, "figures": {"type": "object"}}}},
    },
}
"""Also subtotals, whose paths are shorter, and the total, whose paths are empty."""


def pivot_parameters(screen: type[Screen], actor: Actor) -> list[Schema]:
    """The words of a pivot, with an example made of the screen's own columns."""
    columns = screen.available(actor)
    by = next((name for name in (*screen.filters, *columns) if name in columns and columns[name].kind in ("status", "choice", "reference")), "id")
    texts = {
        "rows": (_("by what, downwards: two columns at most, days by day, week, month, quarter or year: ordered_on.month"), by),
        "across": (_("by what, across: as with rows"), ""),
        "measures": (_("what is measured: count, and columns with sum, avg, min or max: total.sum"), "count"),
        "wait": (_("“yes” waits up to %(n)s seconds") % {"n": PATIENT}, "yes"),
    }
    return [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": text, **({"example": example} if example else {})}
        for name, (text, example) in texts.items()
    ]
