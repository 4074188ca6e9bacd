"""Who may know of what was noted about a record: whoever may see the record."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.screens.screen import SCREENS


def about_visible(actor: Actor, model_field: str, id_field: str, *, without: tuple[str, ...] = ()) -> Q:
    """Rows that name, by model label and id, a record with a page that the actor may see; one subquery per kind of
    record of which the actor sees only a part, none for the others. (EXISTS, not IN: for a few rows the database then
    looks up each record instead of listing all that may be seen.)"""
    open_labels: list[str] = []
    parts: list[Q] = []
    for model in {screen.model for screen in SCREENS.values()}:
        label = model._meta.label_lower
        if label in without or not actor.may("view", model):
            continue
        rows = model.objects.visible_to(actor)
        if rows.query.is_empty():
            continue
        if rows.query.where:
            parts.append(Q(**{model_field: label}) & Q(Exists(rows.order_by().filter(pk=OuterRef(id_field)))))
        else:
            open_labels.append(label)
    return reduce(or_, parts, Q(**{f"{model_field}__in": sorted(open_labels)}))
