"""Questions to a customer's credit: what it owes and will owe, and whether a document may be taken on it."""

from guanxi.erp.credit.queries.checking import Asked, Check, CreditStopped, check_credit, has_policies, hold_account, in_books, look_at, policy_for
from guanxi.erp.credit.queries.exposure import DEDUCTED, PARTS, Exposure, exposure_part, exposures_of

__all__ = [
    "Asked", "Check", "CreditStopped", "DEDUCTED", "Exposure", "PARTS", "check_credit", "exposure_part", "exposures_of", "has_policies",
    "hold_account", "in_books", "look_at", "policy_for",
]
