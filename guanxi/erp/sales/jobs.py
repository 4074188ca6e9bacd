"""The module's schedules; the worker looks for them here."""

from guanxi.erp.sales.offers.jobs import tell_lapsing_offers

__all__ = ["tell_lapsing_offers"]
