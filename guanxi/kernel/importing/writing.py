"""Rows as records: found by their key, compared, and written only where they differ; with a second record of each row."""

from __future__ import annotations

from collections.abc import Mapping as Named
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, cast

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.acts.writer import lock_records, require, update
from guanxi.kernel.columns.added import added_columns
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import Form, form_of
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.validate import Draft, refuse_errors, validate
from guanxi.kernel.importing.comparing import Kept, differs, kept_lines
from guanxi.kernel.importing.importer import Item, Tally
from guanxi.kernel.importing.loading import load
from guanxi.kernel.importing.meaning import SPOKEN, make_rows, understood
from guanxi.kernel.importing.telling import Difference, Place, told
from guanxi.kernel.likeness.finding import likely_duplicates
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.transfer.mapping import BadMapping, Fields, Mapping
from guanxi.kernel.transfer.report import Likely


def screen_at(path: str) -> type[Screen]:
    """The screen with this path; BadMapping with the valid ones otherwise."""
    if path not in SCREENS:
        raise BadMapping(_("There is no screen “%(path)s”; there are: %(paths)s.") % {"path": path, "paths": ", ".join(sorted(SCREENS))})
    return SCREENS[path]


def import_form(screen: type[Screen], actor: Actor) -> Form:
    """What an import may write: the form, and the number that a document had where it comes from."""
    form = form_of(screen.model)
    own = columns_of(screen.model)
    names = [n for n in form.fields if n in own and actor.writes(own[n])]
    key = screen.model.business_key
    if key in own and own[key].writable and key not in names:
        names.insert(0, key)
    closed = {name for name, column in added_columns(screen.model).items() if not actor.writes(column)}
    return replace(form, fields=tuple(names), without=frozenset(closed))


Checked = tuple[Item, Draft, Draft | None]
"""A row, its first record and its second one."""


class Records:
    """Records of one screen, found by a key among those the actor may see."""

    def __init__(self, screen: type[Screen], fields: Fields, key: list[str] | None, actor: Actor, by: str = ""):
        if not screen.may_create:
            raise BadMapping(_("%(what)s come from operations; they cannot be imported as rows.") % {"what": screen.plural()})
        given = {*fields.columns, *fields.constants, *fields.expressions}
        self.screen, self.model = screen, cast(Any, screen.model)
        self.actor, self.by = actor, by
        self.form = import_form(screen, actor)
        if by and by not in self.form.fields:
            raise BadMapping(_("There is no column “%(name)s” to write; there are: %(names)s.") % {"name": by, "names": ", ".join(self.form.fields)})
        self.columns: dict[str, Column] = {name: column for name, column in self.form.columns.items() if name != by}
        self.spoken = {name: column for name, column in self.columns.items() if column.kind in SPOKEN and not column.many and name in given}
        self.meant: dict[str, dict[str, Any]] = {name: {} for name in self.spoken}
        usual = self.model.title_field if by else self.model.business_key
        self.keys = key if key is not None else [usual] if usual in self.columns and (not by or usual in given) else []
        for name in self.keys:
            if name not in self.columns or name not in given:
                raise BadMapping(_("The key column “%(name)s” gets no value; map it, or write key = [] if every row is new.") % {"name": name})
        if not actor.may("add", self.model):
            require(actor, "change", self.model)

    def make_missing(self, new: Named[str, list[str]]) -> list[int]:
        """Rows that the file's texts shall stand for; the acts that made them."""
        acts: list[int] = []
        for name, texts in new.items():
            if name not in self.spoken or self.spoken[name].kind != "reference":
                raise BadMapping(_("“%(name)s” is no reference for which something could be made.") % {"name": name})
            made, mine = make_rows(self.spoken[name], texts, self.actor)
            self.meant[name] |= made
            acts += mine
        return acts

    def understand(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows with ids and codes in place of words that mean exactly one thing; what means nothing stays and is refused."""
        for name, column in self.spoken.items():
            known = self.meant[name]
            if fresh := {value for row in rows if isinstance(value := row.get(name), str) and value not in known}:
                known.update({text: text for text in fresh} | understood(column, fresh, self.actor))
        return [
            {name: self.meant[name].get(value, value) if name in self.meant and isinstance(value, str) else value for name, value in row.items()}
            for row in rows
        ] if self.spoken else list(rows)

    def found(self, rows: Sequence[dict[str, Any]], above: Sequence[Any] = ()) -> list[Any]:
        """For each the row that has its key; of second records among those `above` each of them."""
        if not self.keys or (self.by and not any(above)):
            return [None] * len(rows)
        keys = {name: self.columns[name] for name in self.keys}
        drafts = validate(keys, [{name: row.get(name) for name in self.keys} for row in rows], actor=self.actor)
        wanted = [tuple(draft.values.get(name) for name in self.keys) for draft in drafts]
        usable = {key for key in wanted if not any(value in (None, "") for value in key)}
        if not usable:
            return [None] * len(rows)
        there = self.model.objects.visible_to(self.actor)
        if self.by:
            there = there.filter(**{f"{self.by}__in": [row.pk for row in above if row is not None]})
        for place, name in enumerate(self.keys):
            path = f"_key{place}" if self.columns[name].source == "added" else name
            there = there.alias(**({path: self.columns[name].sql(self.actor)} if path != name else {}))
            there = there.filter(**{f"{path}__in": {getattr(key[place], "pk", key[place]) for key in usable}})
        many = [f.name for f in self.model._meta.many_to_many if f.name in self.columns]
        related = [name for name in self.keys if self.columns[name].kind == "reference" and self.columns[name].source == "field"]
        existing: dict[tuple, Any] = {}
        for row in there.select_related(*related).prefetch_related(*many).order_by("pk"):
            parent = getattr(row, f"{self.by}_id") if self.by else 0
            existing.setdefault((parent, *(getattr(row, name) for name in self.keys)), row)
        parents = [row.pk if row is not None else None for row in above] if self.by else [0] * len(rows)
        return [existing.get((parent, *key)) for parent, key in zip(parents, wanted, strict=True)]

    def checked(self, rows: Sequence[dict[str, Any]], found: list[Any]) -> list[Draft]:
        return validate(self.columns, rows, actor=self.actor, model=self.model, mode="change", instances=found, lines=self.form.lines)

    def complete(self, drafts: list[Draft]) -> None:
        """What the system adds to new rows; it may refuse them by their errors."""
        if drafts:
            require(self.actor, "add", self.model)
            if self.form.complete:
                self.form.complete(drafts, self.actor)

    def complete_as_far(self, drafts: list[Draft]) -> None:
        """What completion would refuse in rows of which some cells are wrong: of those that are filled in and right, so that all is said at once."""
        tried = [
            replace(draft, values={name: value for name, value in draft.values.items() if name not in draft.errors}, lines=None, errors={})
            for draft in drafts
        ]
        try:
            if tried and self.form.complete:
                self.form.complete(tried, self.actor)
        except Refused:
            return
        for draft, one in zip(drafts, tried, strict=True):
            more = {name: said for name, said in one.errors.items() if name not in draft.errors and draft.raw.get(name) not in ("", None)}
            draft.errors |= more

    def different(self, drafts: list[Draft], kept: Kept, line_columns: dict[str, Column]) -> list[Draft]:
        """Those that would change something; asked again after completion, which may bring a value to its usual spelling."""
        found = [(d, set(d.values)) for d in drafts if differs(d, kept.get(d.instance.pk, []), set(d.values), self.columns, line_columns)]
        if found and self.form.complete:
            self.form.complete([draft for draft, _given in found], self.actor)
            found = [(d, given) for d, given in found if differs(d, kept.get(d.instance.pk, []), given, self.columns, line_columns)]
        return [draft for draft, _given in found]

    def told(self, places: list[Place], tally: Tally, added: dict[int, Difference]) -> AbstractContextManager[None]:
        return told(self.screen, list(self.columns), places, self.actor, tally, added)

    def change(self, drafts: list[Draft], kept: Kept) -> None:
        """Each alone where a draft is refused: `update` stops at the first."""
        if not drafts:
            return
        require(self.actor, "change", self.model)
        locked = {row.pk: row for row in lock_records(self.model, [d.instance.pk for d in drafts], self.actor, "change")}
        values = []
        for draft in drafts:
            given = dict(draft.raw)
            if "lines" in given:
                ids = [line.pk for line in kept.get(draft.instance.pk, [])]
                given["lines"] = [{**line, **({"id": ids[n]} if n < len(ids) else {})} for n, line in enumerate(given["lines"])]
            values.append(given)
        update(self.form, [locked[d.instance.pk] for d in drafts], values, self.actor)


class Writing:
    """Takes batches of items as rows of one screen, and of a second one where the mapping says so."""

    def __init__(self, mapping: Mapping, actor: Actor, file: str):
        self.screen = screen_at(mapping.screen)
        self.mapping, self.actor, self.file = mapping, actor, file
        self.first = Records(self.screen, mapping, mapping.key, actor)
        also = mapping.also
        self.second = Records(screen_at(also.screen), also, also.key, actor, by=also.by) if also else None
        self.columns = self.first.columns
        self.left: set[int | None] = set()
        """Records that were there and are to be left alone."""
        lines = self.first.form.lines
        self.line_columns: dict[str, Column] = lines.columns if lines and mapping.lines else {}
        self.also_columns = self.second.columns if self.second else {}
        self.labels = {name: str(c.label) for name, c in self.columns.items()}
        self.labels |= {f"lines.{name}": str(c.label) for name, c in self.line_columns.items()}
        self.labels |= {f"also.{name}": str(c.label) for name, c in self.also_columns.items()}

    def key_columns(self) -> list[str]:
        return self.first.keys

    def begin(self) -> list[int]:
        """What has to be there before the first row; the acts that made it."""
        acts = self.first.make_missing(self.mapping.new)
        return acts + (self.second.make_missing(self.mapping.also.new) if self.second and self.mapping.also else [])

    def take(self, items: list[Item], tally: Tally) -> None:
        """One act for the batch, and one for what later rows bring to the same records; Refused or a database error when a row breaks it."""
        self._take([item for item in items if not item.again], tally)
        self._take([item for item in items if item.again], tally, again=True)

    def _take(self, items: list[Item], tally: Tally, *, again: bool = False) -> None:
        if not items:
            return
        rows = self._validated(items, tally)
        if again:
            alone = {"": [_("The row that names this record first was not imported.")]}
            tally.failures += [(item, alone) for item, draft, _also in rows if draft.instance is None]
            rows = [(item, Draft(0, instance=draft.instance), also) for item, draft, also in rows if draft.instance is not None]
        elif self.mapping.existing == "skip":
            self.left |= {draft.instance.pk for _item, draft, _also in rows if draft.instance is not None}
        tally.unchanged += sum(1 for item, _draft, _also in rows if item.pk in self.left)
        rows = self._completed([row for row in rows if row[0].pk not in self.left], tally)
        there = [draft for _item, draft, _also in rows if draft.instance is not None]
        kept = kept_lines(self.first.form.lines, [draft.instance for draft in there]) if self.line_columns else {}
        new = [(item, draft) for item, draft, _also in rows if draft.instance is None]
        different = self.first.different(there, kept, self.line_columns)
        beside = [(item, also) for item, _draft, also in rows if also is not None and (also.instance is None or self._changes(also))]
        changing = {id(draft) for draft in different}
        others = {id(item) for item, _also in beside}
        changed = sum(1 for item, draft, _also in rows if draft.instance is not None and (id(draft) in changing or id(item) in others))
        tally.unchanged += len(there) - changed
        if not new and not different and not beside:
            return

        first, second, added = self._to_tell(rows, changing, beside) if tally.tells else ([], [], {})

        def body(_scope: object) -> None:
            for (item, _draft), key in zip(new, load(self.first.form, [draft for _item, draft in new], self.actor), strict=True):
                item.pk = key
            with self.first.told(first, tally, added):
                self.first.change(different, kept)
            with (self.second or self.first).told(second, tally, {}):
                self._write_beside(beside)

        arguments = {"file": self.file, "rows": [items[0].row.number, items[-1].row.number]}
        outcome = run_act(f"{self.first.model.label()}.import", actor=self.actor, body=body, arguments=arguments)
        tally.created += len(new)
        tally.also += len(beside)
        tally.changed += changed
        tally.acts.append(outcome.act_id)

    def _to_tell(
        self, rows: list[Checked], changing: set[int], beside: list[tuple[Item, Draft]]
    ) -> tuple[list[Place], list[Place], dict[int, Difference]]:
        """Of a trial: the records that change, those beside them that do, and by row what comes to a record that is there."""
        added = {item.row.number: self._named(also) for item, also in beside if also.instance is None}
        first = [
            (item.row.number, draft.instance.pk) for item, draft, _also in rows
            if draft.instance is not None and (id(draft) in changing or item.row.number in added)
        ]
        return first, [(item.row.number, also.instance.pk) for item, also in beside if also.instance is not None], added

    def _validated(self, items: list[Item], tally: Tally) -> list[Checked]:
        rows = self.first.understand([item.values for item in items])
        found = self.first.found(rows)
        if self.mapping.likely != "take":
            found = self._likely(items, rows, found, tally)
        drafts = self.first.checked(rows, found)
        self.first.complete_as_far([draft for draft in drafts if draft.all_errors()])
        for item, row in zip(items, found, strict=True):
            item.pk = row.pk if row is not None else None
        with_second = [(place, item.also) for place, item in enumerate(items) if item.also is not None]
        seconds: dict[int, Draft] = {}
        if self.second is not None and with_second:
            values = self.second.understand([also for _place, also in with_second])
            there = self.second.found(values, [found[place] for place, _also in with_second])
            seconds = {place: draft for (place, _also), draft in zip(with_second, self.second.checked(values, there), strict=True)}
        sound = []
        for place, (item, draft) in enumerate(zip(items, drafts, strict=True)):
            also = seconds.get(place)
            errors = draft.all_errors() | {f"also.{name}": found for name, found in (also.errors if also else {}).items()}
            if errors:
                tally.failures.append((item, errors))
            else:
                sound.append((item, draft, also))
        return sound

    def say_more(self, items: list[Item]) -> None:
        """Of rows with cells that could not be read, what is wrong with the others."""
        rows = self.first.understand([item.values for item in items])
        drafts = self.first.checked(rows, self.first.found(rows))
        for item, draft in zip(items, drafts, strict=True):
            draft.errors |= item.errors
        self.first.complete_as_far(drafts)
        for item, draft in zip(items, drafts, strict=True):
            item.errors = item.errors | draft.all_errors()

    def _likely(self, items: list[Item], rows: list[dict[str, Any]], found: list[Any], tally: Tally) -> list[Any]:
        """What new rows perhaps are: told, and where that is wanted taken for what they are like."""
        new = [place for place, row in enumerate(found) if row is None]
        likes = likely_duplicates(self.first.model, [rows[place] for place in new], self.actor)
        for place, same in zip(new, likes, strict=True):
            if same:
                best, title = same[0], str(rows[place].get(self.first.model.title_field, ""))
                tally.likely.append(Likely(items[place].row.number, title, str(best.record), best.why, best.score))
                if self.mapping.likely in ("skip", "update"):
                    found[place] = best.record
                if self.mapping.likely == "skip":
                    self.left.add(best.record.pk)
        return found

    def _completed(self, rows: list[Checked], tally: Tally) -> list[Checked]:
        self.first.complete([draft for _item, draft, _also in rows if draft.instance is None])
        tally.failures += [(item, draft.all_errors()) for item, draft, _also in rows if draft.all_errors()]
        return [row for row in rows if not row[1].all_errors()]

    # ---- second records -----------------------------------------------------------------------------------------------
    def _changes(self, draft: Draft) -> bool:
        assert self.second is not None
        return bool(self.second.different([draft], {}, {}))

    def _named(self, draft: Draft) -> Difference:
        assert self.second is not None
        return str(self.second.screen.singular()), "", str(draft.values.get(self.second.model.title_field) or "")

    def _write_beside(self, beside: list[tuple[Item, Draft]]) -> None:
        if self.second is None or not beside:
            return
        for item, draft in beside:
            draft.values[f"{self.second.by}_id"] = item.pk
        new = [draft for _item, draft in beside if draft.instance is None]
        try:
            self.second.complete(new)
            refuse_errors(new)
            load(self.second.form, new, self.actor)
            self.second.change([draft for _item, draft in beside if draft.instance is not None], {})
        except Invalid as refusal:
            raise Invalid({f"also.{name}" if name else "": found for name, found in refusal.errors.items()}) from refusal
