"""Those a policy is written for are told that it is there."""

from typing import Any

from guanxi.erp.pricing.events import PolicyPublished
from guanxi.erp.pricing.queries import readers_of
from guanxi.kernel.notices.kinds import notify


def readers(event: PolicyPublished, policy: Any) -> list[int]:
    return readers_of(policy) if policy.status == "published" else []


notify(PolicyPublished, to=readers, reason="assigned")
