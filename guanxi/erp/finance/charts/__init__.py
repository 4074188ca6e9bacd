"""Charts of accounts as files, and how an entity gets its books from one.

A chart lists code, kind, normal side, use and the name in both languages. An account stands below the one whose code
its own begins with, and then only the lower one takes entries.
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from guanxi.erp.finance.models import Account, AccountUse, Ledger
from guanxi.kernel.access.models import Entity
from guanxi.kernel.values import Translated


class ChartAccount(NamedTuple):
    """One line of a chart."""

    code: str
    kind: str
    side: str
    use: str
    name: Translated


@cache
def chart(key: str) -> tuple[ChartAccount, ...]:
    """The accounts of `cn_small` (小企业会计准则) or `international`, in the order of their codes."""
    text = files(__name__).joinpath(f"{key}.csv").read_text(encoding="utf-8")
    return tuple(
        ChartAccount(row["code"], row["kind"], row["side"], row["use"], Translated({"en": row["en"], "zh-hans": row["zh"]}))
        for row in csv.DictReader(text.splitlines())
    )


def chart_for(country: str) -> str:
    return "cn_small" if country == "CN" else "international"


def complete_books() -> None:
    """Books for every entity that has none; for the others what later versions of their chart brought."""
    books = {row.entity_id: row for row in Ledger.objects.all()}
    for entity in Entity.objects.order_by("pk"):
        if entity.pk in books:
            _add_missing_uses(books[entity.pk])
        else:
            make_books(entity, chart_for(entity.country))


def make_books(entity: Entity, key: str) -> Ledger:
    """The chart's accounts and their uses for `entity`, in few statements; accounts that somebody entered before stay as they are."""
    books = Ledger.objects.create(entity=entity, chart=key, reversal="red" if key == "cn_small" else "opposite")
    present = _present_uses(entity.pk)
    _add(entity.pk, [account for account in chart(key) if not account.use or account.use not in present])
    return books


def _add_accounts(entity_id: int, wanted: tuple[ChartAccount, ...], existing: dict[str, Account]) -> None:
    known = {**existing, **{a.code: Account(entity_id=entity_id, code=a.code, name=a.name, kind=a.kind, side=a.side) for a in wanted}}
    for code in (a.code for a in wanted):
        parent = next((known[code[:n]] for n in range(len(code) - 1, 0, -1) if code[:n] in known), None)
        if parent is not None:
            known[code].parent = parent
            if parent.pk is None:
                parent.is_postable = False
    # A parent has to have its key before its children are written, so one level after the other.
    rest = [known[a.code] for a in wanted]
    while rest:
        level = [account for account in rest if account.parent is None or account.parent.pk is not None]
        for account in level:
            account.parent_id = account.parent.pk if account.parent else None
        Account.objects.bulk_create(level)
        rest = [account for account in rest if account.pk is None]
    AccountUse.objects.bulk_create(
        [AccountUse(entity_id=entity_id, use=a.use, account=known[a.code]) for a in wanted if a.use]
    )


def _add_missing_uses(books: Ledger) -> None:
    present = _present_uses(books.entity_id)
    missing = [account for account in chart(books.chart) if account.use and account.use not in present]
    if missing:
        _add(books.entity_id, missing)


def _present_uses(entity_id: int) -> set[str]:
    return set(AccountUse.objects.filter(entity_id=entity_id).values_list("use", flat=True))


def _add(entity_id: int, wanted: list[ChartAccount]) -> None:
    """Those accounts, and what they are used for; a code that is taken is used as it is."""
    existing = {row.code: row for row in Account.objects.filter(entity_id=entity_id)}
    AccountUse.objects.bulk_create(
        [AccountUse(entity_id=entity_id, use=a.use, account=existing[a.code]) for a in wanted if a.use and a.code in existing]
    )
    _add_accounts(entity_id, tuple(a for a in wanted if a.code not in existing), existing)
