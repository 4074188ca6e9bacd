"""What somebody has chosen for a file: what its columns are, what its texts mean, what becomes of its rows; as a mapping says it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.importing.importer import ALL, GOOD
from guanxi.kernel.importing.meaning import SPOKEN, Unknown, may_make, unknown_texts
from guanxi.kernel.importing.writing import import_form
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.screens.visit import Visit
from guanxi.kernel.transfer.files import Table
from guanxi.kernel.transfer.mapping import mapping_of
from guanxi.kernel.transfer.models import Upload
from guanxi.web.transfer.guess import ALSO, LINES, guessed, is_problem, targets_of

Choices = dict[str, Any]
EMPTY, NEW = ":empty", ":new"
MOST_OFFERED = 300
MOST_ASKED = 400
"""Texts that are asked about in all."""


@dataclass
class Target:
    """What a column of the file may become."""

    name: str
    label: str
    column: Column


@dataclass
class Question:
    """A column whose texts are not all understood, and what each of them may be."""

    target: Target
    source: str
    texts: list[tuple[str, int, str]]
    """(text, number of rows, what was chosen)."""
    offered: list[tuple[str, str]]
    may_make: bool


class Choosing:
    """One file and its kind of record, for one member."""

    def __init__(self, visit: Visit, row: Upload, table: Table):
        assert visit.screen is not None
        self.visit, self.row, self.table = visit, row, table
        self.screen: type[Screen] = visit.screen
        self.actor = visit.actor
        self.also, self.by = _second(self.screen, self.actor)
        form = import_form(self.screen, self.actor)
        second = import_form(self.also, self.actor) if self.also else None
        self.has_lines = form.lines is not None
        self.targets = {
            name: Target(name, self._label(name, column), column) for name, column in targets_of(form, second, self.by).items()
        }

    def _label(self, name: str, column: Column) -> str:
        if name.startswith(LINES):
            return _("Line · %(column)s") % {"column": column.label}
        if name.startswith(ALSO) and self.also:
            return _("%(what)s · %(column)s") % {"what": self.also.singular(), "column": column.label}
        return str(column.label)

    # ---- columns ------------------------------------------------------------------------------------------------------
    def first(self) -> Choices:
        """As the last file of this shape was mapped, else guessed."""
        known = Upload.objects.filter(
            member_id=self.actor.member_id, screen=self.screen.path, shape=self.row.shape, choices__has_key="mapping"
        ).exclude(pk=self.row.pk).order_by("-pk").values_list("choices", flat=True).first()
        if known and set(known["columns"].values()) <= set(self.table.header) and set(known["columns"]) <= set(self.targets):
            return {**{k: v for k, v in known.items() if k not in ("mapping", "asks")}, "new": {}, "remembered": True}
        rows = [line.cells for line in self.table.first_lines(50)]
        columns = guessed(self.table.header, {name: target.column for name, target in self.targets.items()}, self.screen.model.business_key, rows)
        usual = {"mode": ALL, "dates": "", "empty": "keep", "existing": "update", "likely": "tell", "values": {}, "new": {}}
        return {"columns": columns, **usual, "key": self.key_for(columns)}

    def key_for(self, columns: Mapping[str, str]) -> str:
        return next((key for key, _label in self.keys(columns) if key), "")

    def keys(self, columns: Mapping[str, str]) -> list[tuple[str, str]]:
        """By what a row may be known again: its key, its name, or its name at the record it belongs to; "" for nothing."""
        model: Any = self.screen.model
        above = [
            name for name, target in self.targets.items()
            if target.column.kind == "reference" and target.column.required and not name.startswith((LINES, ALSO)) and name in self.screen.quick
        ]
        found = [model.business_key] if model.business_key in columns else []
        if model.title_field in columns and model.title_field not in found and not self.has_lines:
            kind = self.targets[model.title_field].column.kind
            if kind == "text" and all(name in columns for name in above):
                found.append(",".join([*above, model.title_field]))
        found += [name for name in columns if name in self.targets and self.targets[name].column.unique and name not in found]
        named = [(key, " + ".join(self.targets[name].label for name in key.split(","))) for key in found]
        return [*named, ("", _("nothing: every row is new"))]

    def read_columns(self, sent: Any) -> Choices:
        """The choices as the form sends them; Refused when they cannot be."""
        columns: dict[str, str] = {}
        for number, name in enumerate(self.table.header):
            target = sent.get(f"column.{number}", "")
            if target and target not in self.targets:
                raise Refused(_("Choose what “%(column)s” is from the list.") % {"column": name})
            if target in columns:
                raise Refused(_("Two columns cannot both be “%(label)s”.") % {"label": self.targets[target].label})
            if target:
                columns[target] = name
        if not any(not name.startswith((LINES, ALSO)) for name in columns):
            raise Refused(_("Choose what at least one column is."))
        before = self.row.choices or self.first()
        offered = dict(self.keys(columns))
        key = sent.get("key", "")
        return {
            "columns": columns, "mode": GOOD if sent.get("mode") == GOOD else ALL, "dates": sent.get("dates", ""), "empty": sent.get("empty", "keep"),
            "existing": sent.get("existing", "update"), "likely": sent.get("likely", "tell"), "key": key if key in offered else self.key_for(columns),
            "values": before.get("values", {}), "new": before.get("new", {}),
        }

    # ---- texts --------------------------------------------------------------------------------------------------------
    def questions(self, choices: Choices) -> list[Question]:
        """Of columns that stand for something: the texts that nobody can know the meaning of."""
        asked = {
            name: cell for name, cell in sorted(choices["columns"].items(), key=lambda one: self.table.header.index(one[1]))
            if not name.startswith(LINES) and self.targets[name].column.kind in SPOKEN and not self.targets[name].column.many
        }
        texts: dict[str, Counter[str]] = {name: Counter() for name in asked}
        places = {name: self.table.header.index(cell) for name, cell in asked.items()}
        for line in self.table.lines():
            for name, place in places.items():
                if place < len(line.cells):
                    texts[name][line.cells[place].strip()] += 1
        found, room = [], MOST_ASKED
        for name, cell in asked.items():
            target = self.targets[name]
            unknown = unknown_texts(target.column, texts[name], {}, self.actor)[:room]
            room -= len(unknown)
            if unknown:
                found.append(self._question(target, cell, unknown, choices))
        return found

    def _question(self, target: Target, cell: str, unknown: Sequence[Unknown], choices: Choices) -> Question:
        column = target.column
        if column.kind == "reference":
            model: Any = column.relation
            rows = model.objects.visible_to(self.actor)
            if hasattr(model, "archived_at"):
                rows = rows.filter(archived_at__isnull=True)
            offered = [(str(row.pk), str(row)) for row in rows[:MOST_OFFERED]]
        elif column.kind == "boolean":
            offered = [("true", _("yes")), ("false", _("no"))]
        else:
            offered = [(str(code), str(label)) for code, label in column.choices if code and code not in column.closed]
        values, new = choices["values"].get(target.name, {}), choices["new"].get(target.name, [])
        said = {text: str(value) or EMPTY for text, value in values.items()} | dict.fromkeys(new, NEW)
        texts = [(one.text, one.count, said.get(one.text, "")) for one in unknown]
        return Question(target, cell, texts, offered, may_make(column, self.actor))

    def read_texts(self, sent: Any, choices: Choices) -> Choices:
        """What each text was said to mean, and what all others of its column."""
        values = {name: dict(given) for name, given in choices["values"].items()}
        new: dict[str, list[str]] = {}
        for number, question in enumerate(self.questions(choices)):
            name, column = question.target.name, question.target.column
            mine = values.setdefault(name, {})
            for place, (text, _count, _before) in enumerate(question.texts):
                chosen = sent.get(f"text.{number}.{place}", "") or sent.get(f"others.{number}", "")
                mine.pop(text, None)
                if chosen == NEW and question.may_make:
                    new.setdefault(name, []).append(text)
                elif chosen == EMPTY:
                    mine[text] = ""
                elif chosen in dict(question.offered):
                    mine[text] = int(chosen) if column.kind == "reference" else chosen
                elif chosen:
                    raise Refused(_("Choose what “%(column)s” is from the list.") % {"column": text})
        return {**choices, "values": values, "new": new}

    # ---- the mapping --------------------------------------------------------------------------------------------------
    def mapped(self, choices: Choices) -> Choices:
        """The choices, and in them what a mapping file would say."""
        parts: dict[str, dict[str, Any]] = {"": {}, LINES: {}, ALSO: {}}
        for target, cell in choices["columns"].items():
            part = next((one for one in (LINES, ALSO) if target.startswith(one)), "")
            name = target.removeprefix(part)
            parts[part].setdefault("columns", {})[name] = cell
            for word in ("values", "new"):
                if choices[word].get(target):
                    parts[part].setdefault(word, {})[name] = choices[word][target]
        words = ("dates", "empty", "existing", "likely")
        given = {"screen": self.screen.path, **{word: choices[word] for word in words}, **parts[""]}
        given["key"] = choices["key"].split(",") if choices["key"] else []
        if parts[LINES]:
            given["lines"] = parts[LINES]
        if parts[ALSO] and self.also:
            given["also"] = {"screen": self.also.path, "by": self.by, **parts[ALSO]}
        mapping_of(given)
        return {**choices, "mapping": given}


def _second(screen: type[Screen], actor: Any) -> tuple[type[Screen] | None, str]:
    path, by = screen.brings or ("", "")
    second = SCREENS.get(path)
    return (second, by) if second is not None and actor.may("add", second.model) else (None, "")


def shape_of(screen: type[Screen], header: Sequence[str]) -> str:
    """The same for files of one kind with the same columns, a file of errors included."""
    return hashlib.sha256("\n".join([screen.path, *(cell for cell in header if not is_problem(cell))]).encode()).hexdigest()
