"""The words that the options of a configured product add to a line; to its price, the price engine adds them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.validate import Draft


def complete_options(line: Draft) -> Any:
    """The configuration that counts for the line, with its words on it: one that is turned into another product has none any more."""
    configuration = line.get("configuration") if line.key("configuration") else None
    if configuration is not None and configuration.product_id != line.key("product"):
        if line.values.get("configuration") is not None and line.key("configuration") != getattr(line.instance, "configuration_id", None):
            line.add_error("configuration", _("This configuration is of another product."))
        line.values["configuration"] = configuration = None
    _describe_anew(line)
    if configuration is not None and not line.get("description"):
        line.values["description"] = _words(line.get("product"), configuration)
    return configuration


def _describe_anew(line: Draft) -> None:
    """Words that the system had made of what was chosen before are made anew; what a person wrote stays."""
    old = line.instance
    if old is None or (line.key("product"), line.key("configuration")) == (old.product_id, old.configuration_id):
        return
    if line.get("description") == _words(old.product, old.configuration):
        line.values["description"] = ""


def _words(product: Any, configuration: Any) -> str:
    return (f"{product.name} · {configuration.summary}" if configuration is not None else str(product.name))[:200]
