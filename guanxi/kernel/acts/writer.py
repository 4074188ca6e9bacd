"""Create, change, archive and delete records of any model: the acts behind forms, API, import and bulk edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import ActScope, Outcome, note_assigned, run_act
from guanxi.kernel.columns.added import added_references, with_stored
from guanxi.kernel.columns.forms import Form, form_of, usual_of
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.columns.validate import Draft, refuse_errors, validate
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.explaining import explain
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Conflict, Forbidden, Refused, no_such
from guanxi.kernel.search.index import forget_records, index_records
from guanxi.kernel.search.registry import searched

Row = Mapping[str, Any]
WHEN_DELETED: list[Callable[[type[Record], Sequence[int]], None]] = []
"""Called within the deletion, for what belongs to rows of any kind: it goes with them, and undoing brings both back."""


def require(actor: Actor, verb: str, model: Any) -> None:
    """Forbidden unless the actor may `verb` some rows of the model."""
    if not actor.may(verb, model):
        words = {"view": _("see"), "add": _("create"), "change": _("change"), "delete": _("delete")}
        raise Forbidden(
            _("You may not %(verb)s %(what)s. Ask an administrator for the right.")
            % {"verb": words[verb], "what": model._meta.verbose_name_plural}, right=f"{model._meta.label_lower}.{verb}",
        )


def check(form: Form, rows: Sequence[Row], actor: Actor, *, instances: Sequence[Any] | None = None, by_id: bool = False) -> list[Draft]:
    """Drafts validated and completed, not written: what a live preview and a dry run show."""
    writable = {name: column for name, column in form.columns.items() if actor.writes(column)}
    drafts = validate(
        writable, rows, actor=actor, model=form.model, mode="change" if instances else "create", instances=instances,
        lines=form.lines, by_id=by_id,
    )
    if form.complete:
        sound = [d for d in drafts if not d.all_errors()]
        if sound:
            form.complete(sound, actor)
    return drafts


def create_record(model: type[Record], values: Row, *, actor: Actor, key: str | None = None, by_id: bool = False) -> Outcome:
    """One new row (with its lines); Invalid with the messages by column when the values cannot be taken."""
    return create_records(model, [values], actor=actor, key=key, by_id=by_id, single=True)


def create_records(
    model: type[Record], rows: Sequence[Row], *, actor: Actor, key: str | None = None, by_id: bool = False, single: bool = False
) -> Outcome:
    """Many rows as one act, all or none."""
    require(actor, "add", model)

    def body(_scope: ActScope) -> Any:
        form = form_of(model)
        drafts = check(form, rows, actor, by_id=by_id)
        refuse_errors(drafts, numbered=not single)
        created = insert(form, drafts, actor)
        require_inside(actor, "add", model, created)
        for row in created:
            note_assigned(row)
        return created[0] if single else created

    return run_act(f"{model.label()}.add", actor=actor, body=body, arguments=rows[0] if single else {"rows": len(rows)}, key=key)


def insert(form: Form, drafts: Sequence[Draft], actor: Actor) -> list[Any]:
    """Write checked drafts: documents in one statement, their lines in another, the numbers last of all locks."""
    model = form.model
    for draft in drafts:
        draft.instance = model(**with_stored(model, plain_values(model, draft.values), draft.values))
    complete_rows(model, [d.instance for d in drafts], actor)
    try:
        rows = insert_rows([d.instance for d in drafts])
        _write_many_to_many(model, drafts)
        if form.lines:
            _insert_lines(form, drafts)
    except IntegrityError as error:
        raise explain(error, model) from error
    # Lines that are found by themselves are entered as what names their document.
    index_records(model, [row.pk for row in rows], are_new=form.lines is None or not searched(form.lines.model._meta.label_lower))
    return rows


def _insert_lines(form: Form, drafts: Sequence[Draft]) -> None:
    assert form.lines is not None
    lines = []
    for draft in drafts:
        for position, line in enumerate(draft.lines or (), start=1):
            line.instance = form.lines.model(**plain_values(form.lines.model, line.values), **{form.lines.parent: draft.instance})
            if has_field(form.lines.model, "position"):
                line.instance.position = position
            lines.append(line.instance)
    insert_rows(lines)


def plain_values(model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    many = {f.name for f in model._meta.many_to_many}
    return {name: value for name, value in values.items() if name not in many and has_field(model, name)}


def _write_many_to_many(model: Any, drafts: Iterable[Draft]) -> None:
    for field in model._meta.many_to_many:
        for draft in drafts:
            if field.name in draft.values:
                getattr(draft.instance, field.name).set(draft.values[field.name] or [])


def complete_rows(model: type[Record], rows: Sequence[Any], actor: Actor) -> None:
    """What is usual, where nothing else was said; numbers come last."""
    usual = usual_of(model, actor)
    for row in rows:
        for name, value in usual.items():
            if getattr(row, name) is None:
                setattr(row, name, value)
    if model.number_series:
        _number(model, rows, actor)


def _number(model: type[Record], rows: Sequence[Any], actor: Actor) -> None:
    name = model.number_field
    together: dict[tuple[int | None, int, int], list[Any]] = {}
    for row in rows:
        if not getattr(row, name):
            # What belongs to no legal entity is shared by all, and so is its series.
            day = _day(model, row, actor)
            together.setdefault((getattr(row, "entity_id", None), day.year, day.month), []).append(row)
    for (entity_id, _year, _month), mine in together.items():
        while mine:
            numbers = next_numbers(model.number_series, len(mine), on=_day(model, mine[0], actor), entity_id=entity_id)  # type: ignore[arg-type]
            for row, number in zip(mine, numbers, strict=True):
                setattr(row, name, number)
            mine = _taken(model, name, mine, rows)


def _taken(model: type[Record], name: str, mine: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
    """Rows whose number somebody has already written by hand, which happens to masters only."""
    if name == "number":
        return []
    taken = set(model._base_manager.filter(**{f"{name}__any": [getattr(row, name) for row in mine]}).values_list(name, flat=True))
    others = {id(row) for row in mine}
    taken |= {getattr(row, name) for row in rows if id(row) not in others}
    return [row for row in mine if getattr(row, name) in taken]


def _day(model: type[Record], row: Any, actor: Actor) -> Any:
    field = getattr(model, "numbered_on", None)
    return (getattr(row, field, None) if field else None) or actor.today


def require_inside(actor: Actor, verb: str, model: type[Record], rows: Sequence[Any]) -> None:
    """Rows or their keys, all within the actor's scope."""
    allowed = actor.row_filter(verb, model)
    if allowed is True:
        return
    inside = model.objects.visible_to(actor, verb).filter(pk__any=[getattr(row, "pk", row) for row in rows]).count()
    if inside < len(rows):
        words = _("You may only do this to %(what)s of your own or your team's.") % {"what": model._meta.verbose_name_plural}
        raise Forbidden(words, right=f"{model.label()}.{verb}")


def change_record(
    row: Record | int, values: Row, *, actor: Actor, model: type[Record] | None = None, version: int | None = None,
    key: str | None = None, by_id: bool = False,
) -> Outcome:
    """Change one row. With `version`, Conflict when somebody changed it since, holding both values of each column."""
    model = model or type(row)  # type: ignore[assignment]
    assert model is not None
    row_id = row.pk if isinstance(row, Record) else row
    require(actor, "change", model)

    def body(_scope: ActScope) -> Any:
        [instance] = lock_records(model, [row_id], actor, "change")
        if version is not None and int(version) != instance.version:
            raise _conflict(form_of(model), instance, values, actor)
        return update(form_of(model), [instance], [values], actor, by_id=by_id)[0]

    return run_act(f"{model.label()}.change", actor=actor, body=body, target=(model.label(), row_id), arguments=values, key=key)


def change_records(model: type[Record], ids: Sequence[int], values: Row, *, actor: Actor, key: str | None = None, by_id: bool = False) -> Outcome:
    """The same change to many rows, all or none."""
    require(actor, "change", model)

    def body(_scope: ActScope) -> Any:
        rows = lock_records(model, ids, actor, "change")
        update(form_of(model), rows, [values] * len(rows), actor, by_id=by_id)
        return None

    return run_act(f"{model.label()}.change", actor=actor, body=body, arguments={"ids": list(ids), **values}, key=key)


def update(form: Form, rows: Sequence[Any], values: Sequence[Row], actor: Actor, *, by_id: bool = False) -> list[Any]:
    """Validate and write changes to locked rows."""
    for row in rows:
        require_editable(row)
    drafts = check(form, values, actor, instances=rows, by_id=by_id)
    refuse_errors(drafts)
    return write_changes(form, drafts, actor)


def require_editable(row: Any) -> None:
    lifecycle = getattr(row, "lifecycle", None)
    if lifecycle is not None and row.status not in lifecycle.editable:
        raise Refused(
            _("%(what)s %(row)s is “%(status)s” and can no longer be changed; correct it by a new document.")
            % {"what": row._meta.verbose_name, "row": row, "status": lifecycle.labels[row.status]}
        )


def write_changes(form: Form, drafts: Sequence[Draft], actor: Actor) -> list[Any]:
    """Write checked changes of locked rows."""
    rows = [draft.instance for draft in drafts]
    names: set[str] = set()
    former = {row.pk: getattr(row, "owner_id", None) for row in rows}
    for draft in drafts:
        plain = with_stored(form.model, plain_values(form.model, draft.values), draft.values, draft.instance)
        names |= set(plain)
        for name, value in plain.items():
            setattr(draft.instance, name, value)
        draft.instance.version += 1
    try:
        form.model._base_manager.bulk_update([d.instance for d in drafts], sorted(names) + ["version"], batch_size=500)
        _write_many_to_many(form.model, drafts)
        if form.lines:
            _update_lines(form, [d for d in drafts if d.lines is not None])
    except IntegrityError as error:
        raise explain(error, form.model) from error
    require_inside(actor, "change", form.model, rows)
    index_records(form.model, [row.pk for row in rows])
    for row in rows:
        note_assigned(row, former[row.pk])
    return rows


def _update_lines(form: Form, drafts: Sequence[Draft]) -> None:
    """Lines with an id are changed, those without are new, those no longer named go."""
    assert form.lines is not None
    model, parent = form.lines.model, form.lines.parent
    kept: list[Any] = []
    created: list[Any] = []
    names: set[str] = set()
    for draft in drafts:
        for position, line in enumerate(draft.lines or (), start=1):
            values = plain_values(model, line.values)
            if has_field(model, "position"):
                values["position"] = position
            if line.instance is None:
                line.instance = model(**values, **{parent: draft.instance})
                created.append(line.instance)
                continue
            names |= set(values)
            for name, value in values.items():
                setattr(line.instance, name, value)
            kept.append(line.instance)
    if not drafts:
        return
    model._base_manager.filter(**{f"{parent}__in": [d.instance for d in drafts]}).exclude(pk__in=[row.pk for row in kept]).delete()
    if kept and names:
        model._base_manager.bulk_update(kept, sorted(names), batch_size=500)
    if created:
        insert_rows(created)


def lock_records(model: type[Record], ids: Sequence[int], actor: Actor, verb: str) -> list[Any]:
    # Nobody changes what they may not see, even where one role lets them change more than another lets them see.
    inside = model.objects.visible_to(actor).visible_to(actor, verb)
    rows = list(inside.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True))
    if len(rows) < len(set(ids)):
        if model.objects.visible_to(actor).filter(pk__in=ids).count() == len(set(ids)):
            words = _("You may see but not change this %(what)s.") % {"what": model._meta.verbose_name}
            raise Forbidden(words, right=f"{model.label()}.{verb}", target=(model.label(), ids[0]))
        raise no_such(model, ids[0] if len(ids) == 1 else None, actor)
    return rows


def _conflict(form: Form, instance: Any, values: Row, actor: Actor) -> Conflict:
    names = [n for n in values if n in form.columns and actor.sees(form.columns[n])]
    return Conflict(
        _("Somebody changed this meanwhile. Both values are shown; choose and save again."),
        theirs={n: getattr(instance, n) for n in names if not form.columns[n].many}, mine={n: values[n] for n in names},
    )


def archive_record(row: Record, *, actor: Actor, key: str | None = None, restore: bool = False) -> Outcome:
    """Put a master record away: it keeps its history and is no longer offered for choice."""
    model = type(row)
    require(actor, "change", model)
    if not has_field(model, "archived_at"):
        raise Refused(_("%(what)s cannot be archived.") % {"what": model._meta.verbose_name_plural})

    def body(_scope: ActScope) -> Any:
        return archive_locked(model, [row.pk], actor, restore=restore)[0]

    return run_act(f"{model.label()}.{'restore' if restore else 'archive'}", actor=actor, body=body, target=row.ref(), key=key)


def archive_locked(model: type[Record], ids: Sequence[int], actor: Actor, *, restore: bool = False) -> list[Any]:
    """Within an act."""
    rows = lock_records(model, ids, actor, "change")
    for row in rows:
        row.assign(archived_at=None if restore else actor.now)
        row.flush()
    return rows


def delete_record(row: Record, *, actor: Actor, key: str | None = None) -> Outcome:
    """Delete for good (undo brings it back from history); Refused with what stands in the way."""
    model = type(row)
    require(actor, "delete", model)
    row_id = row.pk

    def body(_scope: ActScope) -> Any:
        delete_locked(model, [row_id], actor)

    return run_act(f"{model.label()}.delete", actor=actor, body=body, target=row.ref(), key=key)


def delete_locked(model: type[Record], ids: Sequence[int], actor: Actor) -> None:
    """Within an act: all of them, or Refused with what stands in the way."""
    rows = lock_records(model, ids, actor, "delete")
    for row in rows:
        require_deletable(row)
        _require_unnamed(row)
    try:
        model._base_manager.filter(pk__in=ids).delete()
    except ProtectedError as error:
        raise Refused(_standing_in_the_way(error)) from error
    forget_records(model, ids)
    for forget in WHEN_DELETED:
        forget(model, ids)


def require_deletable(row: Record) -> None:
    """Refused for a document whose state keeps it."""
    lifecycle = getattr(row, "lifecycle", None)
    if lifecycle is not None and row.status not in lifecycle.editable:  # type: ignore[attr-defined]
        raise Refused(
            _("%(what)s %(row)s is “%(status)s” and cannot be deleted.")
            % {"what": row._meta.verbose_name, "row": row, "status": lifecycle.labels[row.status]}  # type: ignore[attr-defined]
        )


def _require_unnamed(row: Record) -> None:
    """No foreign key guards what added columns refer to."""
    named = [(owner, column, rows.count()) for owner, column, rows in added_references(type(row), row.pk) if rows.exists()]
    if named:
        listed = ", ".join(f"{owner._meta.verbose_name_plural} · {column.label} ({count})" for owner, column, count in named)
        raise Refused(_("It cannot be deleted, because these refer to it: %(rows)s. Archive it instead.") % {"rows": listed})


def _standing_in_the_way(error: ProtectedError) -> str:
    counts: dict[str, int] = {}
    for row in error.protected_objects:
        name = str(row._meta.verbose_name_plural)
        counts[name] = counts.get(name, 0) + 1
    listed = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return _("It cannot be deleted, because these refer to it: %(rows)s. Archive it instead.") % {"rows": listed}
