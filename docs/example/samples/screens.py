"""How sample loans are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.screen import Screen
from samples.models import SampleLoan


class SampleLoanScreen(Screen):
    model = SampleLoan
    path = "samples"
    menu = ("sales", 60)
    columns = ("number", "customer", "product", "status", "lent_on", "due_on", "returned_on", "owner")
    filters = ("status", "customer", "due_on")
    search = ("number", "customer__name", "product__name")
    sections = {_("Sample loan"): ("customer", "product", "lent_on", "due_on", "returned_on", "owner")}
    default_sort = "due_on"
