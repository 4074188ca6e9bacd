"""Orders on hold, for whoever keeps the accounts: the list of orders as it shows them, in the menu of finance."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.credit.holds import decides_about_credit
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.screens import HELD, OrderScreen
from guanxi.kernel.screens.menu import menu_page
from guanxi.kernel.screens.visit import MEMBER, Visit, page

PATH = "finance/orders-on-hold"
menu_page(PATH, _("Orders on hold"), "player-pause", "finance", 25, lambda actor: actor.may("view", Order) and decides_about_credit(actor))


@page(MEMBER)
def held_page(visit: Visit) -> HttpResponse:
    return visit.redirect(OrderScreen.url(visit.set_key, rest=f"?{HELD}"))
