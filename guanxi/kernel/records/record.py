"""`Record`, the base of all business rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from guanxi.kernel.database.known import known
from guanxi.kernel.records.lifecycle import Lifecycle

if TYPE_CHECKING:
    from guanxi.kernel.access.actor import Actor


class RecordQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor, verb: str = "view") -> Self:
        """The rows `actor` may view (or change, delete …): the only way pages, API, search and exports reach rows."""
        allowed = actor.row_filter(verb, self.model)
        if allowed is True:
            return self
        return self.none() if allowed is False else self.filter(allowed)

    def visible_by_owner(self, actor: Actor) -> Self:
        """The same rows as `visible_to`, where the owner alone decides by the ids of the owners: for what is asked once, as a list is."""
        theirs = None if has_own_sight(self.model) else actor.owner_filter(self.model)
        return self.visible_to(actor) if theirs is None else self.filter(theirs)

    def within_reach(self, actor: Actor) -> tuple[Self, list[Self]] | None:
        """Where it takes long to ask of each of very many rows who sees it: those that are seen as far as indexes tell, and the same in a part for
        each index (a row may stand in several), the largest first. That is for how many there are and for finding a page of them; each of
        that page is asked by `seen_of`. None elsewhere."""
        return None

    def told_apart(self) -> models.QuerySet[Any, Any]:
        """Of these few rows what `seen_of` has to know."""
        raise NotImplementedError

    def seen_of(self, actor: Actor, rows: list[Any]) -> list[int]:
        """Of these few rows the ids of those that are seen, in their order."""
        raise NotImplementedError

    def each_visible_to(self, actor: Actor, verb: str = "view") -> Self:
        """The same rows where each is asked of by itself; a condition that may be kept, and so holds no ids of others' rows."""
        return self.visible_to(actor, verb)

    def updated(self, **values) -> int:
        """Set-based update that also raises the version, so that nobody saves over it unseen."""
        return self.update(version=F("version") + 1, **values)


class Record(models.Model):
    """A business row. `version` rises with every change and guards against overwriting another person's edit."""

    business_key: ClassVar[str] = "id"
    """The column by which people, the API and imports name a row."""
    title_field: ClassVar[str] = ""
    """The column shown as the row's name wherever it is referred to; the business key when empty."""
    access_paths: ClassVar[dict[str, str]] = {}
    """Where a scope finds its owner: {"own": "owner", "team": "owner__team", "party": "customer"}."""
    part_of: ClassVar[str | None] = None
    """For lines: the relation to the document whose rights they share."""
    restricted: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Field right → names of the columns only its holders may read."""
    sorted_as: ClassVar[dict[str, str]] = {}
    """Columns in whose place another one is sorted: {"name": "name_sort"}, which holds the pinyin."""
    tones: ClassVar[dict[str, dict[str, str]]] = {}
    """Colours of choices by column: {"tier": {"A": "green"}}."""
    record_columns: ClassVar[dict[str, Any]] = {}
    """Records of any kind that a row speaks of, with their labels: {"target": _("About")} stands on target_model and target_id."""
    unlisted: ClassVar[tuple[str, ...]] = ()
    """Fields that are no columns: never listed, filtered, exported or given by the API."""
    append_only: ClassVar[bool] = False
    about_another: ClassVar[bool] = False
    """Whether a row only says something of another record, named by model and id: nothing is said of it in turn."""
    keeps_references: ClassVar[bool] = False
    """A log: what it says of a record stays said of that one when it is merged into another."""
    adds_up: ClassVar[tuple[str, ...]] = ()
    """Columns of a kept sum: when two records become one, of two rows for the same they are added."""
    tracked: ClassVar[bool] = True
    """Whether changes go to the history."""
    handed_over: ClassVar[Q | None] = None
    """Which rows of a leaving owner go to a successor; when not said, all but documents whose life is over."""
    keeps_owner: ClassVar[bool] = False
    """Posted: the name stays whoever leaves."""
    lifecycle: ClassVar[Lifecycle]
    loaded_with: ClassVar[tuple[str, ...]] = ()
    """Relations that operations on the row nearly always need, fetched by the statement that locks it."""
    number_series: ClassVar[str | None] = None
    """The series from which the writer numbers new rows."""
    number_field: ClassVar[str] = "number"
    """Where the number goes; a master's own code where people may also write one."""

    version = models.PositiveIntegerField(default=1, editable=False)
    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def assign(self, **values: Any) -> None:
        """Set attributes and remember them for `flush`; an operation flushes its target once, at its end."""
        for name, value in values.items():
            setattr(self, name, value)
        self.__dict__.setdefault("_assigned", set()).update(values)

    def flush(self) -> None:
        """Write what was assigned, in one statement, raising the version."""
        names = self.__dict__.pop("_assigned", set())
        if names and self.pk:
            values = {name: getattr(self, name) for name in names}
            type(self)._base_manager.filter(pk=self.pk).update(version=F("version") + 1, **values)
            self.version += 1

    @classmethod
    def about(cls, name: str, label: str, row_id: int) -> Q:
        """Which rows speak of a record, by one of `record_columns`."""
        return Q(**{f"{name}_model": label, f"{name}_id": row_id})

    @classmethod
    def record_sql(cls, name: str) -> Combinable:
        """`sales.order:12` of the record that `<name>_model` and `<name>_id` stand for."""
        both = Concat(F(f"{name}_model"), Value(":"), Cast(F(f"{name}_id"), models.TextField()), output_field=models.TextField())
        return Case(When(**{f"{name}_id__isnull": False}, then=both), output_field=models.TextField())

    def why_unknown(self, name: str) -> str:
        """Why a column has no value although a rule may have to look at it, in words; nothing where it may just be empty."""
        return ""

    @classmethod
    def label(cls) -> str:
        """`sales.order`: how rights, links, history and events name the model."""
        return cls._meta.label_lower

    def ref(self) -> tuple[str, int]:
        return self._meta.label_lower, self.pk

    def __str__(self) -> str:
        return str(getattr(self, type(self).title_field or type(self).business_key))


class AppendOnly(Record):
    """A ledger row: inserted and read, never changed or deleted; guarded by grant and by trigger."""

    append_only = True
    tracked = False

    class Meta:
        abstract = True

    @classmethod
    def holds(cls, act_id: int) -> bool:
        """Whether what the act wrote here stands for good, so that the act cannot be undone."""
        return cls._base_manager.filter(act_id=act_id).exists()  # type: ignore[misc]


@cache
def has_own_sight(model: type[Record]) -> bool:
    """Whether more than the right on the model decides who sees a row, as of files: then no right to all of them opens each."""
    return type(model.objects.all()).visible_to is not RecordQuerySet.visible_to


@known
def seen_ids(ids: list[int], *, model: Any, eyes: Any) -> Any:
    """Of the rows with these ids those that may be viewed."""
    return model.objects.each_visible_to(eyes.actor).order_by().filter(pk__any=ids).values_list("pk", flat=True)


def model_named(label: str) -> type[Record]:
    """The model class of a label such as `sales.order`; LookupError when there is none."""
    from django.apps import apps

    return apps.get_model(label)
