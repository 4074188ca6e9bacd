"""The list of fields and the form in which they are defined."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.custom.completion import complete_fields
from guanxi.kernel.custom.models import CustomChoice, CustomField
from guanxi.kernel.custom.operations import values_of
from guanxi.kernel.screens.screen import Lines, Screen


class CustomFieldScreen(Screen):
    model = CustomField
    path = "setup/custom-fields"
    icon = "columns-3"
    menu = ("setup", 40)
    columns = ("name", "record_kind", "code", "kind", "section", "position", "is_required", "is_listed", "archived_at")
    filters = ("record_kind", "kind", "is_required", "archived_at")
    search = ("code", "name")
    default_sort = "record_kind,position"
    title = "name"
    subtitle = ("record_kind", "kind", "code")
    sections = {
        _("Custom field"): ("record_kind", "name", "kind", "relation", "formula", "shown_as", "code", "hint"),
        _("Where it stands"): ("section", "position", "is_listed"),
        _("What may be entered"): ("is_required", "is_unique", "default_value"),
        _("Field rights"): ("readers", "writers"),
    }
    lines = Lines(CustomChoice, "name code tone is_offered", parent="field", required=False)
    shown_when = {
        "relation": "kind:reference", "formula": "kind:formula", "shown_as": "kind:formula", "lines": "kind:choice,choices",
    }
    complete = complete_fields
    record_template = "pages/custom_field.html"

    @classmethod
    def goes_with(cls, record):
        count = values_of(record)
        return {_("Values in records of this kind"): count} if count else {}
