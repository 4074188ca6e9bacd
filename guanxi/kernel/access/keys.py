"""API keys: made once, shown once, kept as a hash."""

import hashlib
import json
import secrets
from typing import Any

from django.db import connections

from guanxi.kernel.access.actor import MEMBER_COLUMNS, MEMBER_TABLES, Actor, actor_from
from guanxi.kernel.access.models import AccessKey, Member
from guanxi.kernel.database import current_set


def digest_of(secret: str) -> str:
    """The secret has 256 random bits, so one fast hash is enough to keep it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_key(member: Member, name: str, **options) -> tuple[AccessKey, str]:
    """The row, and the token `gx_<set>_<secret>` that is never shown again."""
    secret = secrets.token_hex(32)
    row = AccessKey.objects.create(member=member, name=name, digest=digest_of(secret), **options)
    return row, f"gx_{current_set()}_{secret}"


def split_token(token: str) -> tuple[str, str] | None:
    """(set key, secret) of a token, or None when it is not one of ours."""
    head, _, secret = token.rpartition("_")
    return (head[3:], secret) if head.startswith("gx_") and len(secret) == 64 else None


_BY_KEY = f"""
SELECT {MEMBER_COLUMNS}, k.may_write, k.models_only, k.id, set_config('guanxi.member', m.id::text, true)
FROM {MEMBER_TABLES} JOIN access_accesskey k ON k.member_id = m.id
WHERE k.digest = %s AND k.is_active AND m.is_active AND (k.expires_at IS NULL OR k.expires_at > now())
"""


def key_actor(secret: str, **overrides: Any) -> Actor | None:
    """Inside the token's set: the key's member with the key's limits; None when unknown, expired or switched off.

    The same statement makes the transaction the member's.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(_BY_KEY, [digest_of(secret)])
        row = cursor.fetchone()
    if row is None:
        return None
    only = json.loads(row[-3]) if isinstance(row[-3], str) else row[-3]
    return actor_from(row, may_write=row[-4], models_only=frozenset(only), access_key_id=row[-2], channel="api", **overrides)
