"""What a definition needs before it is written: a code, a place in the order, and that it fits what is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from guanxi.kernel.columns.added import CODE, AddedColumn
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.custom.definitions import column_of_field
from guanxi.kernel.custom.formulas import check_formula
from guanxi.kernel.custom.models import CHOSEN, KINDS, NOT_UNIQUE, WIDER, CustomField
from guanxi.kernel.records.customisable import ADDED
from guanxi.kernel.rules import RuleError
from guanxi.kernel.search.reading import pinyin

STEP = 10


def complete_fields(drafts: Sequence[Draft], actor: Any) -> None:
    for draft in drafts:
        _name(draft)
        _place(draft)
        if draft.instance is not None:
            _fits_values(draft)
        _fits_kind(draft)
        _fits_choices(draft)
        if not draft.all_errors():
            _fits_default(draft)
        if not draft.all_errors() and draft.get("kind") == "formula":
            _fits_formula(draft, actor)


def _name(draft: Draft) -> None:
    """A code of its own among the fields of its kind of record; once given it stays."""
    kind = draft.get("record_kind")
    if draft.instance is not None:
        for name in ("record_kind", "code"):
            there = getattr(draft.instance, name)
            if draft.values.get(name, there) not in (there, ""):
                draft.add_error(name, _("This stays as it is: programs and imports know the field by it."))
            draft.values[name] = there
        return
    taken = set(CustomField.objects.filter(record_kind=kind).values_list("code", flat=True))
    code = draft.get("code") or ""
    if code in taken:
        draft.add_error("code", _("“%(code)s” is taken by another field of this kind of record.") % {"code": code})
    if not code and draft.get("name"):
        code = _free(_code_of(draft.get("name")), taken)
    draft.values |= {"code": code, "key": f"{kind}.{ADDED}{code}"}


def _code_of(label: Any) -> str:
    """From the English label, else from the pinyin of the Chinese one."""
    text = (label or {}).get("en") or pinyin(str(label or ""))[0]
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower()).split()
    code = "_".join(words)[:36].strip("_")
    return code if CODE.fullmatch(code) else f"f_{code}".strip("_")


def _free(code: str, taken: set[str]) -> str:
    return next(one for one in (code, *(f"{code}_{number}" for number in range(2, 1000))) if one not in taken)


def _place(draft: Draft) -> None:
    if not draft.get("position") and draft.get("record_kind"):
        last = CustomField.objects.filter(record_kind=draft.get("record_kind")).aggregate(last=Max("position"))["last"]
        draft.values["position"] = (last or 0) + STEP


def _fits_values(draft: Draft) -> None:
    """A kind that would not read what is stored is refused; the relation of a reference stays."""
    field, kind = draft.instance, draft.get("kind")
    changed = kind != field.kind and kind not in WIDER.get(field.kind, ())
    if not changed and draft.get("relation") == field.relation:
        return
    count = field.rows_with_value().count()
    if count:
        name = "kind" if changed else "relation"
        labels = dict(KINDS)
        possible = ", ".join(str(labels[one]) for one in WIDER.get(field.kind, ())) or _("none")
        draft.add_error(name, _("%(count)s records have a value; it can only become: %(kinds)s.") % {"count": count, "kinds": possible}
                        if changed else _("%(count)s records have a value, which would refer to something else.") % {"count": count})


def _fits_kind(draft: Draft) -> None:
    kind = draft.get("kind")
    if kind == "reference" and not draft.get("relation"):
        draft.add_error("relation", _("Choose what it refers to."))
    if kind != "reference":
        draft.values["relation"] = ""
    if kind == "formula" and not (draft.get("formula") or "").strip():
        draft.add_error("formula", _("Write the formula."))
    if kind != "formula":
        draft.values |= {"formula": "", "shown_as": ""}
    else:
        draft.values |= {"is_required": False, "default_value": ""}
    if kind in NOT_UNIQUE:
        draft.values["is_unique"] = False
    if kind == "boolean":
        draft.values["is_required"] = False
    if draft.values.get("is_unique") and draft.instance is not None and not draft.instance.is_unique:
        _require_all_different(draft)


def _require_all_different(draft: Draft) -> None:
    values = list(draft.instance.rows_with_value().values_list(f"custom__{draft.instance.code}", flat=True))
    if len(set(values)) < len(values):
        draft.add_error("is_unique", _("Some records have the same value already; change these first."))


def _fits_choices(draft: Draft) -> None:
    """A field that is chosen from a list has one; what rows have stays on it."""
    kind = draft.get("kind")
    if kind not in CHOSEN:
        if draft.lines is not None and draft.lines:
            draft.add_error("lines", _("Only fields that are chosen from a list have choices."))
        return
    if draft.lines is None:
        if draft.instance is None or not draft.instance.choices.exists():
            draft.add_error("lines", _("Enter the choices."))
        return
    if not draft.lines:
        draft.add_error("lines", _("Enter the choices."))
    codes: set[str] = set()
    for line in draft.lines:
        if not line.get("code") and not line.errors:
            line.values["code"] = line.instance.code if line.instance is not None else _free(_code_of(line.values.get("name")), codes)
        code = line.get("code")
        if code in codes:
            line.add_error("code", _("“%(code)s” appears twice.") % {"code": code})
        codes.add(code)
    if draft.instance is not None:
        _keep_used(draft, codes)


def _keep_used(draft: Draft, codes: set[str]) -> None:
    field = draft.instance
    for choice in field.choices.exclude(code__in=codes):
        lookup = f"custom__{field.code}" + ("__contains" if field.kind == "choices" else "")
        count = field.model._base_manager.filter(**{lookup: [choice.code] if field.kind == "choices" else choice.code}).count()
        if count:
            draft.add_error("lines", _("%(count)s records have “%(choice)s”: keep its code, and take the mark “Offered” away instead.")
                            % {"count": count, "choice": choice.name})


def _fits_default(draft: Draft) -> None:
    text, kind = draft.get("default_value") or "", draft.get("kind")
    if not text or kind == "formula":
        return
    if kind == "reference":
        draft.add_error("default_value", _("A reference starts empty."))
        return
    try:
        parse(column_of_draft(draft), text)
    except Unreadable as problem:
        draft.add_error("default_value", problem)


def _fits_formula(draft: Draft, actor: Any) -> None:
    """It can be read, is not computed from itself, and PostgreSQL can compute it."""
    label, code = draft.get("record_kind"), draft.get("code")
    model = apps.get_model(label)
    others = CustomField.objects.filter(record_kind=label, archived_at__isnull=True).exclude(code=code).prefetch_related("choices")
    stored: dict[str, AddedColumn] = {}
    formulas: dict[str, tuple[AddedColumn, str]] = {}
    for field in others:
        column = column_of_row(field)
        if field.kind == "formula":
            formulas[column.name] = (column, field.formula)
        else:
            stored[column.name] = column
    try:
        column = check_formula(model, column_of_draft(draft), draft.get("formula"), stored, formulas)
    except RuleError as problem:
        draft.add_error("formula", problem.message)
        return
    try:
        with transaction.atomic():
            list(model._base_manager.annotate(_tried=column.sql(actor)).values_list("_tried")[:1])
    except (DatabaseError, TypeError):
        draft.add_error("formula", _("The database cannot compute this; use other columns."))


def column_of_row(field: CustomField) -> AddedColumn:
    """The column of a saved field as far as a formula needs it."""
    return _column(vars(field), [vars(choice) for choice in field.choices.all()])


def column_of_draft(draft: Draft) -> AddedColumn:
    """The same of one that is being entered."""
    lines: Any = draft.lines
    if lines is None:
        lines = [] if draft.instance is None else [Draft(0, instance=one) for one in draft.instance.choices.all()]
    usual = {"tone": "", "is_offered": True}
    choices = [{name: line.get(name, usual.get(name)) for name in ("code", "name", "tone", "is_offered")} for line in lines]
    return _column({one.name: draft.get(one.name, one.get_default()) for one in CustomField._meta.concrete_fields}, choices)


def _column(values: Mapping[str, Any], choices: Sequence[Mapping[str, Any]]) -> AddedColumn:
    row = SimpleNamespace(**values)
    row.choices, row.readers, row.writers = list(choices), None, None
    target = apps.get_model(row.relation) if row.relation else None
    return column_of_field(apps.get_model(row.record_kind), row, target)
