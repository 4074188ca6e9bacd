"""What is refused beyond the columns' own rules when charts of accounts are changed by hand."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.erp.finance.models import Account, AccountUse, JournalLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft

CONTROL = frozenset({"receivable", "stock"})


def complete_rates(drafts: Sequence[Draft], actor: Actor) -> None:
    """A rate is of two currencies."""
    for draft in drafts:
        if draft.get("currency") == draft.get("base"):
            draft.add_error("base", _("Choose two different currencies."))


def complete_accounts(drafts: Sequence[Draft], actor: Actor) -> None:
    """An account with entries or a use goes on taking entries; one above others takes none."""
    closing = [d for d in drafts if d.instance is not None and d.instance.is_postable and d.values.get("is_postable") is False]
    ids = [d.instance.pk for d in closing]
    used = set(JournalLine.objects.filter(account_id__in=ids).values_list("account_id", flat=True).distinct()) if ids else set()
    used |= set(AccountUse.objects.filter(account_id__in=ids).values_list("account_id", flat=True)) if ids else set()
    for draft in closing:
        if draft.instance.pk in used:
            draft.add_error("is_postable", _("This account has entries or a use; it goes on taking entries."))
    for draft in drafts:
        chosen = draft.values.get("entity")
        entity_id = draft.instance.entity_id if draft.instance is not None else chosen.pk if chosen else actor.entity_id
        if chosen is not None and chosen.pk != entity_id:
            draft.add_error("entity", _("An account stays in the books of its legal entity; create another one."))
        if chosen is None:
            draft.values.pop("entity", None)
        draft.values.setdefault("entity_id", entity_id)
        parent = draft.values.get("parent")
        if parent is None:
            continue
        if parent.is_postable:
            draft.add_error("parent", _("%(account)s takes entries itself; say first that it takes none.") % {"account": parent.code})
        if parent.entity_id != entity_id:
            draft.add_error("parent", _("%(account)s belongs to another legal entity.") % {"account": parent.code})
        if draft.instance is not None and _is_below(parent, draft.instance):
            draft.add_error("parent", _("%(account)s stands below this account; choose another.") % {"account": parent.code})


def _is_below(account: Account, other: Account) -> bool:
    seen: set[int] = set()
    while account.pk not in seen:
        if account.pk == other.pk:
            return True
        seen.add(account.pk)
        if account.parent is None:
            return False
        account = account.parent
    return False


def complete_uses(drafts: Sequence[Draft], actor: Actor) -> None:
    """A use takes a postable account of the same books; the control accounts stay once something is posted on them."""
    for draft in drafts:
        account = draft.values.get("account")
        if account is None or draft.instance is None or account.pk == draft.instance.account_id:
            continue
        if not account.is_postable or account.entity_id != draft.instance.entity_id:
            draft.add_error("account", _("%(account)s takes no entries; choose one of the accounts below it.") % {"account": account.code})
        elif draft.instance.use in CONTROL and JournalLine.objects.filter(account_id=draft.instance.account_id).exists():
            draft.add_error(
                "account", _("%(account)s has entries already, so the documents behind it stay with it.") % {"account": draft.instance.account.code}
            )
