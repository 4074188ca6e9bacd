"""A record as a PDF, with the rights of its page."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from guanxi.kernel.acts.writer import require
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem
from guanxi.kernel.printing.printing import form_named, print_documents, read_asked
from guanxi.kernel.screens.screen import Screen


def printed(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    """`form`, `language` and what the form asks, as in the address."""
    require(call.actor, "view", screen.model)
    given = call.parameters
    form = form_named(screen.model, given.get("form"))
    for name in given:
        if name not in ("form", "language", *form.parameters):
            raise Problem(400, "bad_query", _("There is no parameter “%(name)s”.") % {"name": name[:60]})
    document = print_documents(
        screen.model, [row_id], actor=call.actor, form=form.key, language=given.get("language") or None, **read_asked(form, given, call.actor)
    )
    name = content_disposition_header(True, document.name) or "attachment"
    return HttpResponse(document.pdf, content_type="application/pdf", headers={"Content-Disposition": name})
