"""What must be there for the stories that were told, held against what was found. It knows nothing of how it came about."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from guanxi.shared.webhooks.catalogue import type_of
from tests.crash.company import IN_STOCK, QUANTITY, Company
from tests.crash.found import KINDS, Found
from tests.crash.outside import Hook, Mail
from tests.crash.story import Story

ANNOUNCED = {
    # Everything that a story announces about its records, each once.
    "lead": ("LeadReceived", "LeadAssigned", "LeadQualified"), "opportunity": ("OpportunityMoved", "OpportunityWon"),
    "quotation": ("QuotationSent", "QuotationAccepted"), "message": ("MessageQueued", "MessageSent"),
    "order": ("OrderConfirmed", "OrderCompleted"), "delivery": ("DeliveryShipped",), "invoice": ("InvoicePosted", "InvoicePaid"),
    "receipt": ("ReceiptRecorded",),
}
NOTICED = {"lead": "LeadReceived.owner_now", "opportunity": "OpportunityWon.followers"}
MODELS = {kind: model._meta.label_lower for kind, (model, _whose, _end) in KINDS.items()}  # type: ignore[attr-defined]


def problems(stories: Sequence[Story], found: Found, company: Company) -> list[str]:
    """Everything that was lost, doubled, or that nobody asked for; empty when each thing happened exactly once."""
    told = [story for story in stories if story.is_told]
    return [
        *[f"{story.name} was not told to its end" for story in stories if not story.is_told],
        *_records(stories, found), *wrong_numbers(found.numbers), *_events(told, found), *_notices(told, found, company),
        *wrong_mails({one: story.name for story in told for one in _mails(story)}, found.mails), *_hooks(told, found), *_stock(told, found),
        *[f"left undone: {what}" for what in found.undone], *[f"{number} is not settled" for number in found.unpaid],
        *([f"guanxi check: {found.check}"] if found.check else []),
    ]


def repeated(found: Found) -> tuple[int, int]:
    """Mails and webhooks that came again under the identity they had: what a receiver is told to pass over."""
    return _again([mail.message_id for mail in found.mails]), _again([hook.webhook_id for hook in found.hooks])


def _again(identities: Sequence[str]) -> int:
    return len(identities) - len(set(identities))


def compare(what: str, wanted: Iterable[Hashable], there: Iterable[Hashable]) -> list[str]:
    """Each wanted thing exactly once, and nothing else."""
    counts, once = Counter(there), dict.fromkeys(wanted)
    lost = [f"{what} lost: {one}" for one in once if one not in counts]
    doubled = [f"{what} {times} times: {one}" for one, times in counts.items() if times > 1]
    return lost + doubled + [f"{what} that nobody asked for: {one}" for one in counts if one not in once]


def _records(stories: Sequence[Story], found: Found) -> list[str]:
    """One of each kind for each story, the one that the API has acknowledged, and in its last state."""
    wanted = [(story.name, kind) for story in stories if story.is_told for kind in KINDS]
    wrong = compare("record", wanted, [(row.whose, row.kind) for row in found.rows])
    by_id = {(row.kind, row.row_id): row for row in found.rows}
    for story in stories:
        for kind, row_id in story.ids.items():
            row = by_id.get((kind, row_id))
            if row is None or row.whose != story.name:
                wrong.append(f"acknowledged and lost: {kind} {row_id} of {story.name}")
            elif story.is_told and row.status != KINDS[kind][2]:
                wrong.append(f"{kind} {row_id} of {story.name} is “{row.status}”")
    return wrong


def wrong_numbers(found: Mapping[str, Sequence[str]]) -> list[str]:
    """Each series from one on, each number once."""
    wrong = []
    for series, numbers in found.items():
        there = [int(re.search(r"(\d+)$", number)[1]) for number in numbers]  # type: ignore[index]
        wrong += compare(f"number of {series}", range(1, max(there, default=0) + 1), there)
    return wrong


def _wanted(story: Story) -> list[tuple[str, str, int]]:
    return [(name, MODELS[kind], story.ids[kind]) for kind, names in ANNOUNCED.items() for name in names]


def _events(told: Sequence[Story], found: Found) -> list[str]:
    ours = {model for kind, model in MODELS.items() if kind != "message"}
    messages = {story.ids["message"] for story in told}
    about_us = [one for one in found.events if one[1] in ours or one[1] == MODELS["message"] and one[2] in messages]
    return compare("event", [one for story in told for one in _wanted(story)], about_us)


def _notices(told: Sequence[Story], found: Found, company: Company) -> list[str]:
    wanted = [(company.lead_owner, notice, MODELS[kind], story.ids[kind]) for story in told for kind, notice in NOTICED.items()]
    return compare("notice", wanted, found.notices)


def _mails(story: Story) -> list[tuple[str, str, tuple[str, ...]]]:
    """(recipient, subject, attachments) of the two mails of a story: to whom the lead was given, and to the customer."""
    return [
        ("li@alpha.example", f"Visitor sent you Ask us: {story.name} through the web site", ()),
        (story.address, f"Our offer for {story.name}", ("application/pdf",)),
    ]


def wrong_mails(wanted: Iterable[tuple[str, str, tuple[str, ...]]], mails: Sequence[Mail]) -> list[str]:
    """Each wanted mail has come, whole, and under one Message-ID however often it came."""
    distinct = {mail.message_id: mail for mail in mails}.values()
    torn = [f"mail with a torn paper: {mail.subject}" for mail in mails if not mail.is_whole]
    mixed = _one_each("Message-ID", mails, lambda mail: mail.message_id, lambda mail: (mail.recipient, mail.subject))
    return compare("mail", wanted, [(mail.recipient, mail.subject, mail.papers) for mail in distinct]) + torn + mixed


def _hooks(told: Sequence[Story], found: Found) -> list[str]:
    """Each event has come, under one `webhook-id` however often it came."""
    wanted = [(type_of(name), model, row_id) for story in told for name, model, row_id in _wanted(story)]
    distinct = {hook.webhook_id: hook for hook in found.hooks}.values()
    mixed = _one_each("webhook-id", found.hooks, lambda hook: hook.webhook_id, _about)
    return compare("webhook", wanted, [_about(hook) for hook in distinct]) + mixed


def _about(hook: Hook) -> tuple[str, str, int]:
    return hook.type, hook.model, hook.row_id


def _one_each(what: str, came: Sequence, identity: Callable, content: Callable) -> list[str]:
    """No identity stands for two different things: a receiver would pass over the second."""
    contents: dict[str, set] = defaultdict(set)
    for one in came:
        contents[identity(one)].add(content(one))
    return [f"{what} {name} stands for {sorted(things)}" for name, things in contents.items() if len(things) > 1]


def _stock(told: Sequence[Story], found: Found) -> list[str]:
    wanted = IN_STOCK - QUANTITY * len(told)
    wrong = [] if found.on_hand == wanted else [f"on hand are {found.on_hand}, not {wanted}"]
    return wrong + ([f"{found.reserved} are still reserved"] if found.reserved else [])
