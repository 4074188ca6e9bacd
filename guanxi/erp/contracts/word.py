"""A contract or proposal as a Word file: the company's own .docx, filled in.

Whoever makes templates is trusted with words, not with the program: a template may name values, choose by them and repeat over lists. Calls,
attributes, assignments, loops within loops and anything else are refused before a value is read, and so are files too large or of another kind.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.exceptions import TemplateAssertionError
from jinja2.sandbox import SandboxedEnvironment

from guanxi.kernel.records.refusals import Refused

MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 5_000_000, 20_000_000, 500
MOST_WRITTEN = 20_000_000
"""Of characters that repeating over lists may come to."""
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For, nodes.If, nodes.Compare,
    nodes.Operand, nodes.Not, nodes.And, nodes.Or, nodes.Filter, nodes.Test,
)
_FILTERS = ("upper", "lower", "trim", "default", "length", "first", "last")
_TESTS = ("defined",)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Sandbox(SandboxedEnvironment):
    """Reads plain dicts, lists and texts, and nothing else. `longest` is the length of the longest list that may be repeated over."""

    def __init__(self, longest: int) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.longest = longest
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict) and argument in obj or isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        written = 0
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _ALLOWED):
                raise TemplateAssertionError(_("“%(word)s” is not possible here.") % {"word": type(node).__name__.lower()}, node.lineno)
        for loop in tree.find_all(nodes.For):
            if loop.recursive or any(inner is not loop for inner in loop.find_all(nodes.For)):
                raise TemplateAssertionError(_("A list within a list is not possible here."), loop.lineno)
            written += self.longest * sum(len(text.data) for text in loop.find_all(nodes.TemplateData))
        if written > MOST_WRITTEN:
            raise TemplateAssertionError(_("It would become too long."), 0)
        return tree


def fill_in_word(template: bytes, values: dict[str, Any], name: str) -> bytes:
    """The .docx with the values in place of its fields: `{{ customer.name }}`, `{%tr for line in lines %}`. Refused with the reason, and
    the words where it stands, when the file cannot be read or filled in; `name` is that of the file."""
    _require_readable(template, name)
    from docxtpl import DocxTemplate

    try:
        document = DocxTemplate(BytesIO(template))
        document.render(clean(values), Sandbox(_longest(values)), autoescape=True)
        made = BytesIO()
        document.save(made)
    except TemplateError as error:
        near = " ".join(" ".join(getattr(error, "docx_context", ())).split())[:120]
        words = _("The Word template “%(name)s” cannot be filled in: %(why)s") % {"name": name, "why": error.message}
        raise Refused(f"{words} ({near})" if near else words) from None
    except Exception as error:
        # Whatever a damaged file makes of the reader: it is a file that somebody brought.
        raise Refused(_("The Word template “%(name)s” cannot be read; save it anew in Word as .docx.") % {"name": name}) from error
    return made.getvalue()


def _require_readable(template: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(template)) as packed:
            parts = packed.infolist()
            is_small = len(template) <= MOST_BYTES and len(parts) <= MOST_PARTS and sum(part.file_size for part in parts) <= MOST_UNPACKED
            if not is_small:
                raise Refused(_("“%(name)s” is too large for a template: at most %(n)s MB.") % {"name": name, "n": MOST_BYTES // 1_000_000})
            names = {part.filename for part in parts}
            with_code = any("vbaproject" in one.lower() for one in names)
            xml = [packed.read(part) for part in parts if part.filename.endswith((".xml", ".rels"))]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Refused(_("The Word template “%(name)s” cannot be read; save it anew in Word as .docx.") % {"name": name}) from error
    if "word/document.xml" not in names or with_code or any(b"<!DOCTYPE" in one or b"<!ENTITY" in one for one in xml):
        raise Refused(_("“%(name)s” is no plain Word file (.docx).") % {"name": name})


def clean(value: Any) -> Any:
    """Plain dicts, lists and texts, without what no Word file can hold."""
    if isinstance(value, dict):
        return {str(name): clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one) for one in value]
    return _UNWRITABLE.sub(" ", "" if value is None else str(value))


def _longest(value: Any) -> int:
    if isinstance(value, dict):
        return max((_longest(one) for one in value.values()), default=0)
    return len(value) if isinstance(value, list | tuple) else 0
