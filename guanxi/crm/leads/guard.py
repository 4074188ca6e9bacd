"""What comes through a public form: a guard against floods and machines, without a third party and without a riddle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import Count
from django.utils.crypto import get_random_string, salted_hmac

from guanxi.crm.leads.models import FormEntry, LeadForm
from guanxi.kernel.database import current_set

FROM_ONE, FROM_ALL = 10, 300
"""Entries of one form in an hour: from one address, and altogether."""
QUICKEST, LONGEST = timedelta(seconds=2), timedelta(days=1)
"""How long a person takes for a form: not less, and not more."""
TRAP = "homepage"
"""A field that no person sees; what fills in everything is a machine."""
_LINK = re.compile(r"(?:https?://|www\.|\[url)", re.IGNORECASE)


def new_stamp(form: LeadForm, now: datetime) -> str:
    """Stands in the page that is given out: signed with the moment, and the key under which it is taken once."""
    return signing.dumps([get_random_string(16), int(now.timestamp())], salt=_salt(form))


def read_stamp(form: LeadForm, stamp: str, now: datetime) -> tuple[str, timedelta] | None:
    """The key, and how long ago the page was given out; None when the stamp is not ours, or too old."""
    try:
        key, moment = signing.loads(stamp, salt=_salt(form))
    except (signing.BadSignature, ValueError):
        return None
    age = now - datetime.fromtimestamp(moment, tz=now.tzinfo)
    return (key, age) if age <= LONGEST else None


def _salt(form: LeadForm) -> str:
    return f"lead-form:{current_set()}:{form.pk}"


def origin_of(form: LeadForm, address: str, now: datetime) -> str:
    return salted_hmac(f"lead-form:{form.pk}:{now.date()}", address, algorithm="sha256").hexdigest()[:20]


def judge(form: LeadForm, given: Mapping[str, Any], origin: str, now: datetime) -> str:
    """`taken`, or why not: two counts in one query."""
    if given.get(TRAP):
        return "trap"
    recent = FormEntry.objects.filter(form=form, at__gt=now - timedelta(hours=1)).order_by()
    counts = dict(recent.values_list("origin").annotate(Count("pk")))
    if counts.get(origin, 0) >= FROM_ONE or sum(counts.values()) >= FROM_ALL:
        return "flood"
    text = f"{given.get('need', '')} {given.get('company', '')} {given.get('person', '')}"
    return "links" if len(_LINK.findall(text)) > 2 else "taken"
