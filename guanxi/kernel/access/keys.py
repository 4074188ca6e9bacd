"""API keys: made once, shown once, kept as a hash."""

import hashlib
import secrets
from datetime import UTC, datetime

from guanxi.kernel.access.actor import Actor, actor_of
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


def key_actor(secret: str) -> Actor | None:
    """Inside the token's set: the key's member with the key's limits; None when unknown, expired or switched off."""
    row = AccessKey.objects.filter(digest=digest_of(secret), is_active=True).values_list(
        "member_id", "may_write", "models_only", "expires_at"
    ).first()
    if row is None or (row[3] and row[3] < datetime.now(UTC)):
        return None
    return actor_of(row[0], may_write=row[1], models_only=frozenset(row[2]))
