"""Hand-made pages; they stand before the general ones of the same address."""

from __future__ import annotations

from django.urls import path

from guanxi.erp.sales.screens import OrderScreen
from guanxi.web.pages import order

urlpatterns = [
    path("<set:set_key>/sales/orders/<int:pk>/", order.order_page, {"screen": OrderScreen}),
]
