"""What an administrator defined: the fields of each kind of record, and the choices of those that are chosen from a list."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Role
from guanxi.kernel.columns.added import CODE
from guanxi.kernel.records.customisable import ADDED, Customisable
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import TranslatedField

KINDS = [
    ("text", _("Line of text")), ("longtext", _("Long text")), ("integer", _("Whole number")), ("decimal", _("Decimal number")),
    ("money", _("Amount of money")),
    ("percent", _("Percentage")), ("date", _("Day")), ("moment", _("Day and time")), ("boolean", _("Yes or no")), ("choice", _("One choice")),
    ("choices", _("Several choices")), ("reference", _("Reference to a record")), ("url", _("Web address")), ("email", _("E-mail address")),
    ("phone", _("Telephone number")), ("formula", _("Formula")),
]
SHOWN_AS = [("integer", _("Whole number")), ("decimal", _("Decimal number")), ("money", _("Amount of money")), ("percent", _("Percentage"))]
TONES = [("green", _("Green")), ("blue", _("Blue")), ("orange", _("Orange")), ("red", _("Red")), ("grey", _("Grey"))]
CHOSEN = ("choice", "choices")
NOT_UNIQUE = ("longtext", "boolean", "choices", "formula")
WIDER = {
    "text": ("longtext",), "email": ("text", "longtext"), "url": ("text", "longtext"), "phone": ("text", "longtext"),
    "integer": ("decimal", "money"), "decimal": ("money",),
}
"""Kinds that a field may become while it has values: every value of the one is a value of the other."""


def customisable_models() -> list[Any]:
    """The kinds of records that may have fields of the account set's own."""
    return [model for model in apps.get_models() if issubclass(model, Customisable)]


def customisable_choices() -> list[tuple[str, Any]]:
    from guanxi.kernel.screens.screen import screen_of

    found = [(model, screen_of(model)) for model in customisable_models()]
    return [(model._meta.label_lower, screen.plural()) for model, screen in found if screen is not None]


def relation_choices() -> list[tuple[str, Any]]:
    """The kinds of records that have a page of their own."""
    from guanxi.kernel.screens.screen import SCREENS

    return [(screen.model._meta.label_lower, screen.plural()) for screen in SCREENS.values() if screen.menu]


class CustomField(Record):
    """A column that an administrator gave to a kind of record; its name everywhere is `x_` and its code."""

    business_key = "key"
    title_field = "name"

    key = models.CharField(_("Key"), max_length=110, unique=True, editable=False)
    record_kind = models.CharField(_("Kind of record"), max_length=60, choices=customisable_choices, db_index=True)
    name = TranslatedField(_("Name"))
    code = models.CharField(
        _("Code"), max_length=40, blank=True,
        validators=[RegexValidator(rf"^{CODE.pattern}$", _("Begin with a small Latin letter; go on with small letters, digits and _."))],
        help_text=_("Left empty, it is made from the name. Programs, imports and formulas name the field x_ and this code."),
    )
    kind = models.CharField(_("Kind of value"), max_length=12, choices=KINDS, default="text")
    relation = models.CharField(_("Refers to"), max_length=60, choices=relation_choices, blank=True)
    formula = models.TextField(
        _("Formula"), blank=True,
        help_text=_("For example x_budget * 0.1, or if(tier = \"A\", \"key account\", \"other\"). It is computed for every row and never entered."),
    )
    shown_as = models.CharField(_("Shown as"), max_length=12, choices=SHOWN_AS, blank=True, help_text=_("For formulas that give a number."))
    hint = TranslatedField(_("Help under the field"), blank=True)
    section = TranslatedField(
        _("Section"), blank=True, help_text=_("A section of the record's page by its name; another name makes a new section."),
    )
    position = models.PositiveIntegerField(_("Position"), default=0, help_text=_("Smaller numbers come first; 0 puts it last."))
    default_value = models.CharField(_("Starts with"), max_length=200, blank=True, help_text=_("What a new record has when nothing is entered."))
    is_required = models.BooleanField(
        _("Must be filled in"), default=False, help_text=_("Records that are there already are asked at their next change."),
    )
    is_unique = models.BooleanField(_("No two the same"), default=False)
    is_listed = models.BooleanField(_("Shown in the list"), default=False)
    readers = models.ManyToManyField(
        Role, blank=True, verbose_name=_("Who may see it"), related_name="+", help_text=_("Left empty, everybody who may see the record."),
    )
    writers = models.ManyToManyField(
        Role, blank=True, verbose_name=_("Who may fill it in"), related_name="+", help_text=_("Left empty, everybody who may change the record."),
    )
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Custom field")
        verbose_name_plural = _("Custom fields")
        ordering = ["record_kind", "position", "id"]

    @property
    def column_name(self) -> str:
        return ADDED + self.code

    @property
    def model(self) -> Any:
        """The kind of record it belongs to; LookupError when this installation has it no more."""
        return apps.get_model(self.record_kind)

    def rows_with_value(self) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(custom__has_key=self.code)  # type: ignore[no-any-return]


class CustomChoice(Record):
    """One of the choices of a field. A code that rows have stays; what is not offered any more can no longer be chosen."""

    title_field = "name"
    part_of = "field"

    field = models.ForeignKey(CustomField, models.CASCADE, verbose_name=_("Custom field"), related_name="choices")
    code = models.CharField(_("Code"), max_length=40, blank=True)
    name = TranslatedField(_("Name"))
    tone = models.CharField(_("Colour"), max_length=10, choices=TONES, blank=True)
    is_offered = models.BooleanField(_("Offered"), default=True)
    position = models.PositiveIntegerField(_("Position"), default=0, editable=False)

    class Meta:
        verbose_name = _("Choice")
        verbose_name_plural = _("Choices")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["field", "code"], name="one_choice_per_code", violation_error_message=_("Two choices have the same code."),
            ),
        ]
