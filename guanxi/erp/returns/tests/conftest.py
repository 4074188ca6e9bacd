"""What is sold before it comes back."""

from guanxi.erp.sales.tests.conftest import trade

__all__ = ["trade"]
