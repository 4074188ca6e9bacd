"""Messages that survive a redirect; shown as toasts."""

from django.contrib import messages

from guanxi.kernel.screens.visit import Visit


def tell(visit: Visit, text: str, *, bad: bool = False) -> None:
    messages.add_message(visit.request, messages.ERROR if bad else messages.SUCCESS, text)
