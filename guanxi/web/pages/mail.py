"""Writing an e-mail about a record; a message's page, and the files that went with it (M4.9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from guanxi.kernel.about.sight import party_of
from guanxi.kernel.acts.operation import Operation, perform
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Forbidden, Missing, Refused
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.shared.messaging.letters import Enclosure
from guanxi.shared.messaging.merge import BadText
from guanxi.shared.messaging.models import LANGUAGES, MailServer, Message, MessageAttachment, MessageTemplate
from guanxi.shared.messaging.operations import send_message, target_named, texts_of
from guanxi.shared.messaging.ports import MAILINGS, mailing_of, people_of, templates_for
from guanxi.shared.messaging.queue import LARGEST, attachment_of
from guanxi.shared.parties.models import Contact, Party
from guanxi.web.views.acting import Button
from guanxi.web.views.operations import DIALOGS
from guanxi.web.views.records import record_of, record_page
from guanxi.web.views.say import tell

MOST_FILES = 20
_TEXTS = ("to", "cc", "bcc", "subject", "body")


def draw_again(visit: Visit, label: str, pk: int) -> HttpResponse:
    """Refused: everything that was typed; only files have to be chosen once more."""
    sent = visit.request.POST
    return draw(visit, target_named(label, pk, visit.actor), {
        **{name: sent.get(name, "") for name in _TEXTS}, "language": sent.get("language", ""), "template": sent.get("template", ""),
        "contacts": set(_numbers(sent.getlist("contacts"))), "key": sent.get("key"), "had_files": bool(visit.request.FILES),
    })


@page(MEMBER, on_refused=draw_again)
def write_mail(visit: Visit, label: str, pk: int) -> HttpResponse:
    """The composer, and sending what it holds; with `?fill` only the text of a template."""
    target = target_named(label, pk, visit.actor)
    found = _operation(visit, target)
    if visit.request.method != "POST":
        return draw(visit, target)
    sent = visit.request.POST
    key = sent.get("key")
    if not key:
        raise Refused(_("The page was too old; load it again and repeat."))
    outcome = perform(found, target.pk if found.target else None, actor=visit.actor, key=key, raw=_raw(visit, target, found, key))
    if outcome.awaiting is not None:
        tell(visit, _("“%(label)s” waits for approval: %(rule)s.") % {"label": found.label, "rule": outcome.awaiting.reasons})
    elif sent.get("as_draft"):
        tell(visit, _("The e-mail is kept as a draft."))
        return visit.redirect(record_url(visit.set_key, Message, outcome.result.pk))
    else:
        tell(visit, _("The e-mail is on its way."))
    return visit.redirect(record_url(visit.set_key, label, pk))


def _operation(visit: Visit, target: Record) -> Operation:
    mailing = mailing_of(target)
    found = mailing.operation if mailing is not None else send_message
    if not visit.actor.may(found.name):
        raise Forbidden(_("You may not “%(label)s”. Ask an administrator for the right.") % {"label": found.label})
    return found


def _raw(visit: Visit, target: Record, found: Operation, key: str) -> dict[str, Any]:
    sent = visit.request.POST
    raw: dict[str, Any] = {name: sent.get(name, "") for name in _TEXTS}
    raw |= {
        "contacts": _numbers(sent.getlist("contacts")), "language": sent.get("language") or None,
        "template": next(iter(_numbers([sent.get("template", "")])), None), "attachments": _uploaded(visit, key),
    }
    if found is send_message:
        raw |= {"target_model": target.label(), "target_id": target.pk, "as_draft": bool(sent.get("as_draft"))}
    return raw


def _numbers(texts: Iterable[str]) -> list[int]:
    """Those that can be the number of a row."""
    return [int(one) for one in texts if one.isdecimal() and len(one) < 19]


def _uploaded(visit: Visit, key: str) -> list[int]:
    """Ids of the files that came with the form; sent twice under one key they are the same rows, so that the act is the same."""
    files = [file for file in visit.request.FILES.getlist("files") if file.name]
    if len(files) > MOST_FILES:
        raise Refused(_("At most %(count)s files.") % {"count": MOST_FILES}, field="attachments")
    if sum(file.size or 0 for file in files) > LARGEST:
        raise Refused(_("All files together may have %(most)s MB.") % {"most": LARGEST // 1024 // 1024}, field="attachments")
    known = list(MessageAttachment.objects.filter(owner_id=visit.actor.member_id, key=key).order_by("pk").values_list("pk", flat=True))
    if known or not files:
        return known
    rows = [attachment_of(Enclosure(file.name or "", file.content_type or "", file.read()), visit.actor, key=key) for file in files]
    return [row.pk for row in MessageAttachment.objects.bulk_create(rows)]


def draw(visit: Visit, target: Record, given: Mapping[str, Any] | None = None) -> HttpResponse:
    """The form: people of the customer, other addresses, a template in a language, the text, files."""
    asked, refused = visit.request.GET, visit.refused
    mailing, found = mailing_of(target), _operation(visit, target)
    party = _party(visit, target)
    named = target.pk if isinstance(target, Contact) else getattr(target, "contact_id", None)
    people = people_of(party, named, visit.actor)
    templates = templates_for(target, visit.actor)
    if given is None:
        ready = next((str(one.pk) for one in templates if mailing and one.code == mailing.template), "")
        given = {
            "to": "" if people else getattr(party or target, "email", "") or "", "contacts": {people[0].pk} if people else set(),
            "language": asked.get("language") or (party.written_language if party is not None else visit.actor.language),
            "template": asked.get("template", ready),
        }
        given = {**given, **_filled(visit, target, given, templates, people)}
    context = {
        "target": target, "operation": Button.of(found), "given": given, "people": people, "templates": templates, "languages": LANGUAGES,
        "address": visit.url(f"mail/{target.label()}/{target.pk}/"), "key": given.get("key") or new_key(),
        "enclosed": mailing.enclosed if mailing else "", "server": MailServer.objects.filter(is_default=True, is_active=True).first(),
        "may_draft": found is send_message,
        "problem": given.get("problem") or (str(refused) if refused is not None else ""), "field": refused.field if refused is not None else "",
        "target_url": record_url(visit.set_key, target.label(), target.pk), "had_files": given.get("had_files"),
    }
    if "fill" in asked and visit.is_part:
        return visit.render("pages/mail_text.html", context)
    return visit.render("pages/mail.html", context, status=refused.status if refused is not None else 200)


def _party(visit: Visit, target: Record) -> Party | None:
    party_id = party_of(target)
    return Party.objects.visible_to(visit.actor).filter(pk=party_id).first() if party_id else None


def _filled(
    visit: Visit, target: Record, given: Mapping[str, Any], templates: Any, people: list[Contact]
) -> dict[str, Any]:
    """Subject and text of the chosen template."""
    template: MessageTemplate | None = next((one for one in templates if str(one.pk) == given["template"]), None)
    if template is None:
        return {"template": "", "subject": "", "body": ""}
    asked = visit.request.GET.getlist("contacts")
    contact = next((one for one in people if str(one.pk) in asked), people[0] if people else None)
    language = given["language"] if given["language"] in dict(LANGUAGES) else visit.actor.language
    try:
        return texts_of(template, target, actor=visit.actor, language=language, contact=contact)
    except BadText as problem:
        return {"subject": "", "body": "", "problem": str(problem)}


def write_about(visit: Visit, pk: int) -> HttpResponse:
    """The composer in the place of an operation's own dialog."""
    return draw(visit, record_of(visit, pk))


@page("view")
def message_page(visit: Visit, pk: int) -> HttpResponse:
    """The mail as it was written, its files, and what the server said at each attempt."""
    message = record_of(visit, pk)
    about = None
    if message.target_model and message.target_id:
        about = record_url(visit.set_key, message.target_model, message.target_id)
    return record_page.__wrapped__(  # type: ignore[attr-defined]
        visit, pk, files=message.attachments.defer("content").order_by("pk"), attempts=message.log.order_by("pk"), about=about,
    )


@page("view")
def message_file(visit: Visit, pk: int, file: int) -> HttpResponse:
    """One attached file, always as a download."""
    found = record_of(visit, pk).attachments.filter(pk=file).first()
    if found is None:
        raise Missing(_("There is no such file."))
    answer = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    answer["Content-Security-Policy"] = "sandbox"
    return answer


DIALOGS.update({mailing.operation.name: write_about for mailing in MAILINGS.values()})
