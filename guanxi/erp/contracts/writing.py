"""Contracts and proposals written into the company's own Word file, which lies among the files of their template."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts.models import Contract, DocumentTemplate, Proposal
from guanxi.erp.contracts.word import fill_in_word
from guanxi.erp.contracts.wording import filled_in, parts_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.files.contents import open_content, store
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.files.operations import attach
from guanxi.kernel.printing.printing import as_values, form_named, sheets_of
from guanxi.kernel.records.refusals import Refused

WORD = ".docx"


def _has_no_template(row: Any) -> str:
    return "" if row.template_id else _("It has no template whose Word file could be filled in; choose one first.")


@operation(label=gettext_lazy("Write as Word file"), icon="file-word", unless=_has_no_template)
def write_contract(contract: Contract, *, actor: Actor) -> Attachment:
    """Fill the Word file of its template in and put it among the contract's files."""
    return _written(contract, "contract", contract.text or contract.wording, actor)


@operation(label=gettext_lazy("Write as Word file"), icon="file-word", unless=_has_no_template)
def write_proposal(proposal: Proposal, *, actor: Actor) -> Attachment:
    """Fill the Word file of its template in and put it among the proposal's files."""
    return _written(proposal, "proposal", proposal.wording, actor)


def _written(row: Any, form: str, wording: str, actor: Actor) -> Attachment:
    file = word_file_of(row.template)
    with open_content(file.content) as stream:
        template = stream.read()
    made = fill_in_word(template, values_of(row, form, wording, actor), file.name)
    name = f"{row.title} {row.number}".replace("/", "-")[:100] + WORD
    return attach(row, store(BytesIO(made), name), name, actor)


def word_file_of(template: DocumentTemplate | None) -> Attachment:
    """The newest Word file among the template's files; Refused when there is none."""
    if template is not None:
        rows = Attachment.objects.filter(target_model=DocumentTemplate.label(), target_id=template.pk, name__iendswith=WORD)
        if found := rows.select_related("content").order_by("-added_at", "-pk").first():
            return found
    words = _("There is no Word file (.docx) among the files of the template “%(template)s”; put one there first.")
    raise Refused(words % {"template": template or "—"})


def values_of(row: Any, form: str, wording: str, actor: Actor) -> dict[str, Any]:
    """What stands on the printed document, after every right was asked, as names for the Word file: plain dicts, lists and texts."""
    [sheet] = sheets_of(form_named(type(row), form), [row.pk], actor=actor, language=row.language)
    printed = as_values(sheet)
    [customer] = printed["parties"]
    names = ("position", "product", "quantity", "unit", "unit_price", *(("discount",) if len(sheet.places) == 8 else ()), "tax_rate", "net")
    lines = [_line(names, one) for one in printed["rows"] if isinstance(one, list)]
    words = parts_of(filled_in(row, wording, row.language, actor))
    return {
        "number": row.number, "title": row.title, "company": {"name": printed["letterhead"]["name"], "lines": printed["letterhead"]["lines"]},
        "customer": {"name": customer["name"], "facts": _pairs(customer["rows"])}, "facts": _pairs(printed["facts"]), "lines": lines,
        "totals": _pairs(printed["totals"]), "total": printed["totals"][-1][1], "in_words": sheet.amount[1] if sheet.amount else "",
        "needs": getattr(row, "needs", ""), "opening": next((text for title, text in words if not title), ""),
        "clauses": [{"number": number, "title": title, "text": text} for number, (title, text) in enumerate((w for w in words if w[0]), start=1)],
    }


def _line(names: tuple[str, ...], cells: list[Any]) -> dict[str, Any]:
    found = {"discount": "", "specification": ""}
    for name, cell in zip(names, cells, strict=True):
        found[name] = cell[0] if isinstance(cell, list) else cell
        if name == "product" and isinstance(cell, list):
            found["specification"] = cell[1]
    return found


def _pairs(pairs: list[list[Any]]) -> list[dict[str, Any]]:
    return [{"label": " ".join(label) if isinstance(label, list) else label, "value": value} for label, value in pairs]
