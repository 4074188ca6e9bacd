"""A quotation kept as it was sent, and two of these compared line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from guanxi.erp.sales.models import Quotation, QuotationLine
from guanxi.erp.sales.offers.models import QuotationVersion, QuotationVersionLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.database.rows import insert_rows

_HEAD = (
    "quotation_id", "customer_id", "contact_id", "owner_id", "entity_id", "currency", "payment_term_id", "quoted_on", "valid_until", "note",
    "terms_text", "net", "tax", "total", "cost",
)
_LINE = (
    "position", "section", "product_id", "configuration_id", "description", "quantity", "unit_id", "factor", "unit_price", "discount", "tax_id",
    "tax_rate", "net", "tax_amount", "total", "unit_cost", "inclusion", "promised_on", "promised_from", "price_steps",
)
_HEAD_COMPARED = (
    "contact", "quoted_on", "valid_until", "currency", "payment_term", "note", "terms_text", "net", "tax", "total", "cost", "margin", "margin_rate",
)
_LINE_COMPARED = (
    "section", "product", "description", "quantity", "unit", "unit_price", "discount", "tax_rate", "inclusion", "promised_on", "net",
    "unit_cost", "margin_rate",
)


def keep_version(quotation: Quotation, lines: Sequence[QuotationLine], actor: Actor) -> QuotationVersion:
    """Keep the quotation as it is now under its next version number: two statements, however many lines."""
    quotation.assign(edition=quotation.edition + 1)
    head = {name: getattr(quotation, name) for name in _HEAD if name != "quotation_id"}
    version = QuotationVersion(
        quotation_id=quotation.pk, edition=quotation.edition, number=f"{quotation.number}-V{quotation.edition}", at=actor.now,
        sender_id=actor.member_id, **head,
    )
    insert_rows([version])
    insert_rows([
        QuotationVersionLine(version_of=version, origin=line.pk, **{name: getattr(line, name) for name in _LINE}) for line in lines
    ])
    return version


def versions_of(quotation_id: int) -> Any:
    """The newest first, with their margins."""
    rows = QuotationVersion.objects.filter(quotation=quotation_id).select_related("sender", "contact", "payment_term", "entity", "owner")
    return rows.annotate(**_derived(QuotationVersion, "margin", "margin_rate")).order_by("-edition")


def has_other_options(quotation: Quotation) -> bool:
    """Whether other optional lines count now than when it was sent."""
    if not quotation.edition:
        return False
    sent = QuotationVersionLine.objects.filter(version_of__quotation=quotation.pk, version_of__edition=quotation.edition)
    now = quotation.lines.exclude(inclusion="firm").order_by().values_list("pk", "inclusion")
    return set(now) != set(sent.exclude(inclusion="firm").values_list("origin", "inclusion"))


def lines_of_version(version_id: int) -> Any:
    rows = QuotationVersionLine.objects.filter(version_of=version_id).select_related("product", "unit")
    return rows.annotate(**_derived(QuotationVersionLine, "margin_rate")).order_by("position", "pk")


def _derived(model: Any, *names: str) -> dict[str, Any]:
    """Computed by the same statement, so that no row asks for its own."""
    return {name: getattr(model, name).sql() for name in names}


@dataclass(frozen=True)
class Change:
    """A column with both its values; the same twice where a line was neither added nor removed nor changed there."""

    column: Column
    before: Any
    after: Any


@dataclass(frozen=True)
class LineChange:
    """`kind`: added, removed, changed, same. `changes` of a changed line hold what differs; of the others there are none."""

    kind: str
    before: QuotationVersionLine | None
    after: QuotationVersionLine | None
    changes: list[Change] = field(default_factory=list)

    @property
    def line(self) -> QuotationVersionLine:
        return self.after or self.before  # type: ignore[return-value]


@dataclass(frozen=True)
class Comparison:
    before: QuotationVersion
    after: QuotationVersion
    head: list[Change]
    lines: list[LineChange]


def compared(before: QuotationVersion, after: QuotationVersion, actor: Actor) -> Comparison:
    """What differs, as far as the actor may read it: four statements, however many lines."""
    return Comparison(
        before, after, _changes(before, after, _seen(QuotationVersion, _HEAD_COMPARED, actor)),
        _paired(list(lines_of_version(before.pk)), list(lines_of_version(after.pk)), actor),
    )


def _seen(model: Any, names: Iterable[str], actor: Actor) -> list[Column]:
    columns = columns_of(model)
    return [columns[name] for name in names if actor.sees(columns[name])]


def _changes(before: Any, after: Any, columns: Iterable[Column]) -> list[Change]:
    found = [Change(column, getattr(before, column.name), getattr(after, column.name)) for column in columns]
    return [change for change in found if change.before != change.after]


def _paired(old: list[QuotationVersionLine], new: list[QuotationVersionLine], actor: Actor) -> list[LineChange]:
    """Lines that were made from one line belong together; what was typed anew is matched by its product, in order."""
    columns = _seen(QuotationVersionLine, _LINE_COMPARED, actor)
    by_origin = {line.origin: line for line in old}
    partner = {line.pk: by_origin.pop(line.origin) for line in new if line.origin in by_origin}
    left = [line for line in old if line.origin in by_origin]
    for line in new:
        if line.pk not in partner:
            same = next((one for one in left if one.product_id == line.product_id), None)
            if same is not None:
                left.remove(same)
                partner[line.pk] = same
    found: list[LineChange] = []
    for line in new:
        former = partner.get(line.pk)
        if former is None:
            found.append(LineChange("added", None, line))
        else:
            changes = _changes(former, line, columns)
            found.append(LineChange("changed" if changes else "same", former, line, changes))
    for line in left:
        at = next((n for n, one in enumerate(found) if one.line.position >= line.position), len(found))
        found.insert(at, LineChange("removed", line, None))
    return found
