"""The module's schedules; the worker looks for them here."""

from guanxi.erp.sales.impact.jobs import look_for_changes
from guanxi.erp.sales.offers.jobs import tell_lapsing_offers

__all__ = ["look_for_changes", "tell_lapsing_offers"]
