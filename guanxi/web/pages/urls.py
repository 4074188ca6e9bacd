"""Hand-made pages; they stand before the general ones of the same address."""

from __future__ import annotations

from django.urls import path

from guanxi.erp.sales.screens import OrderScreen
from guanxi.shared.parties.screens import PartyScreen
from guanxi.web.pages import customer, order

urlpatterns = [
    path("<set:set_key>/customers/<int:pk>/", customer.customer_page, {"screen": PartyScreen}),
    path("<set:set_key>/sales/orders/<int:pk>/", order.order_page, {"screen": OrderScreen}),
]
