"""What has a say before a changed order is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft

ORDER_GUARDS: list[Callable[[Draft, Actor], Any]] = []
"""Called for each order that is changed, with its lines completed; a guard adds errors to what may not be."""

CANCEL_GUARDS: list[Callable[[Any], None]] = []
"""What modules above refuse before an order is cancelled: functions (order)."""
