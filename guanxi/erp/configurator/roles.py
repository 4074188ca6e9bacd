"""Who makes models, and who chooses."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_MAKES = {
    **{f"configurator.{name}": "view add change delete" for name in ("feature", "productmodel", "compatibilityrule")},
}
_CHOOSES = {f"configurator.{name}": "view" for name in ("feature", "productmodel", "compatibilityrule")}

role(
    "salesperson", _("Salesperson"),
    {**_CHOOSES, "configurator.configuration": "view:own change:own", "configurator.save_configuration": "company"},
)
role(
    "sales_manager", _("Sales manager"),
    {**_MAKES, "configurator.configuration": "view:team change:team", "configurator.save_configuration": "company"},
)
