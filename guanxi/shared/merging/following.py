"""From a record that is gone to the one that it was merged into."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.kernel.likeness.declared import alike_of
from guanxi.shared.merging.models import Merge

LONGEST_CHAIN = 20


def survivor_of(label: str, pk: int) -> int | None:
    """The id of the record that took it in, or that took that one in; None when it was not merged."""
    if alike_of(label) is None:
        return None
    found: int | None = None
    for _step in range(LONGEST_CHAIN):
        following = Merge.objects.filter(survivor_model=label, gone_id=found or pk).values_list("survivor_id", flat=True).first()
        if following is None:
            break
        found = following
    return found


def former_words(label: str, ids: Sequence[int]) -> dict[int, set[str]]:
    """By record the words by which those that it took in were found."""
    if alike_of(label) is None:
        return {}
    found: dict[int, set[str]] = {}
    for pk, words in Merge.objects.filter(survivor_model=label, survivor_id__in=ids).values_list("survivor_id", "words"):
        found.setdefault(pk, set()).update(words)
    return found
