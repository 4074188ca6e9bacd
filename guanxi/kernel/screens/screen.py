"""`Screen`: what a kind of record looks like, said in names; everything else follows from its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from guanxi.kernel.columns.added import added_columns
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import Advice, Form, LineForm, register_form
from guanxi.kernel.columns.placing import listed_names, with_added
from guanxi.kernel.columns.registry import column_of, columns_of, has_field
from guanxi.kernel.records.record import Record
from guanxi.kernel.search import searchable

SCREENS: dict[str, type[Screen]] = {}
"""By path: `sales/orders`."""
_OF_MODEL: dict[str, type[Screen]] = {}


@dataclass(frozen=True)
class Lines:
    """Lines of a document: the columns entered, those computed while entering, and what became of them later."""

    model: type[Record]
    columns: str
    parent: str
    shown: str = ""
    progress: str = ""
    """Shown on the document's page, not in its form."""
    required: bool = True
    section: str = ""
    """The column with the heading that a line stands under."""
    subtotal: str = ""
    """The column that is summed for each section."""
    apart: tuple[str, str] = ("", "")
    """A column and its value: lines that are offered beside the others and count in no subtotal."""
    inside: tuple[tuple[str, str], ...] = ()
    """A column and the one in whose cell it is entered, with a button that leads to where it is made: ("configuration", "product")."""
    spared: tuple[tuple[str, str], ...] = (("description", "product"), ("discount", ""))
    """Columns that a document's page leaves out where they say nothing on any line: a text that repeats the name in the column beside it, a
    figure that is nothing."""

    @cached_property
    def entered(self) -> tuple[str, ...]:
        return tuple(self.columns.split())

    @cached_property
    def computed(self) -> tuple[str, ...]:
        return tuple(self.shown.split())

    @cached_property
    def names(self) -> tuple[str, ...]:
        return (*self.entered, *self.computed, *self.progress.split())

    def counted(self, value_of: Callable[[str], Any]) -> Any:
        """What a line adds to its section, given its values by their names."""
        return None if self.apart[0] and value_of(self.apart[0]) == self.apart[1] else value_of(self.subtotal)

    def seen(self, names: Iterable[str], actor) -> list[Column]:
        """Columns of a line (also of related rows, such as account__code) without those the actor may not read."""
        own = columns_of(self.model)
        columns = [column_of(self.model, name) for name in names]
        return [c for c in columns if actor.sees(c) and actor.sees(own[c.name.partition("__")[0]])]


@dataclass(frozen=True)
class Board:
    """Rows as cards in columns, one for each row of a relation: `Board("stage", stages_of_board, move="move_opportunity", …)`."""

    by: str
    groups: Callable[..., Iterable[Any]]
    """(the list's parameters, actor) → the related rows that are columns, in their order."""
    move: str
    """The operation that moves a card; the column's row is its parameter named `by`."""
    asks: Callable[[Any], str] = lambda _group: ""
    """(the column's row) → the operation whose dialog a card asks for there, for what is not lightly done."""
    card: tuple[str, ...] = ()
    """Columns under a card's title, a line each."""
    day: str = ""
    person: str = ""
    amounts: tuple[str, ...] = ()
    """Summed over each column; the first stands on the cards."""
    marks: tuple[str, ...] = ()
    """Yes-or-no columns that stand out where they are true."""

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(name for name in (*self.card, *self.amounts, *self.marks, self.day, self.person) if name)


@dataclass(frozen=True)
class Calendar:
    """Rows on the days of a calendar: `Calendar(("due_on", "at"), minutes={"at": "minutes"})`."""

    days: tuple[str, ...]
    minutes: Mapping[str, str] = field(default_factory=dict)
    """Moment → the column with its length in minutes."""
    until: Mapping[str, str] = field(default_factory=dict)
    """Day → the column of the last day."""
    begins: Mapping[str, str] = field(default_factory=dict)
    """Day → what a row that is made on it starts with: {"due_on": "kind=task"}."""
    moves: Mapping[str, str] = field(default_factory=dict)
    """Day → the operation that changes it, by a parameter of its name, where it is not written by hand: {"promised_on": "promise_order"}."""


@dataclass(frozen=True)
class Funnel:
    """How far rows came: the step in which they are, and those that entries of another kind keep. `Funnel(stages_of_board, StageEntry,
    parent="opportunity", by="stage", within="pipeline")`."""

    steps: Callable[..., Iterable[Any]]
    """(the list's parameters, actor) → the related rows that are steps, in their order."""
    entries: type[Record]
    parent: str
    by: str
    """Of row and entry: the step."""
    within: str
    """Of row and step: the whole to which the steps belong; a row of it reached the first."""
    amount: str = ""


class Screen:
    """Subclass it in a module's screens.py; the class is never instantiated.

    `sections` give the record page and the form; a column stands in the form when it is writable.
    """

    model: ClassVar[type[Record]]
    path: ClassVar[str] = ""
    icon: ClassVar[str] = "file"
    label: ClassVar[Any] = None
    teaches: ClassVar[Any] = ""
    """What belongs here, and what comes of it: said where nothing stands yet."""
    menu: ClassVar[tuple[str, int] | None] = None
    """(group, place): the group is customers, sales, prices, erp, finance or setup."""
    badge: ClassVar[str] = ""
    """A list query whose number of rows stands in the menu: `f.status=waiting`."""
    columns: ClassVar[tuple[str, ...]] = ()
    filters: ClassVar[tuple[str, ...]] = ()
    search: ClassVar[tuple[str, ...]] = ()
    search_begun: ClassVar[tuple[str, ...]] = ()
    """Columns by whose beginning a row is found, such as the e-mail addresses of one firm."""
    default_sort: ClassVar[str] = ""
    sorts: ClassVar[tuple[str, ...]] = ()
    """Columns by which very many rows are sorted at once: each has an index (`lists/sorting.py`). By any other, every row is read first."""
    default_filters: ClassVar[str] = ""
    """The list one comes to from the menu: `f.status=draft,confirmed`."""
    views: ClassVar[Mapping[str, tuple[Any, str]]] = {}
    """Built-in views beside all rows, one's own and one's team's: {"overdue": (_("Overdue"), "f.due_on=past")}."""
    sections: ClassVar[Mapping[Any, tuple[str, ...]]] = {}
    elsewhere: ClassVar[tuple[str, ...]] = ()
    """Columns that API and import write like the others, and people on a page of their own instead of the form."""
    shown_until: ClassVar[Mapping[str, str]] = {}
    """Columns that stand on the page until another has a value: {"wording": "text"}."""
    title: ClassVar[str] = ""
    subtitle: ClassVar[tuple[str, ...]] = ()
    facts: ClassVar[tuple[str, ...]] = ()
    """Figures in the strip under the title."""
    totals: ClassVar[tuple[str, ...]] = ()
    """Columns of the document shown under its lines; the last one is the sum."""
    unsummed: ClassVar[tuple[str, ...]] = ()
    """Amounts and quantities of the list whose sum says nothing, such as the least quantity of a price."""
    lines: ClassVar[Lines | None] = None
    quick: ClassVar[tuple[str, ...]] = ()
    """Columns asked when a row is made from a choice field; the required ones when empty."""
    example: ClassVar[Mapping[str, Any]] = {}
    """Values for an example in the API's description, where the kinds of the columns do not say enough."""
    peek: ClassVar[tuple[str, ...]] = ()
    complete: ClassVar[Callable[..., None] | None] = None
    operations: ClassVar[tuple[str, ...]] = ()
    """Names of operations in the order of their buttons; those left out follow."""
    board: ClassVar[Board | None] = None
    calendar: ClassVar[Calendar | None] = None
    """The days (or moments) by which rows stand in a calendar; the first is the usual one."""
    funnel: ClassVar[Funnel | tuple[str, ...]] = ()
    """The states that lead to the end, in their order; or the steps of a relation and where it is kept who reached them."""
    regions: ClassVar[tuple[str, ...]] = ()
    """Columns that say where: `region`, `customer__region`."""
    primary: ClassVar[tuple[str, ...]] = ()
    """Operations that may be the one filled button, first come first, but for one whose proposal has no line left; a step of the row's life when
    none is named."""
    hidden_operations: ClassVar[tuple[str, ...]] = ()
    begins: ClassVar[tuple[str, ...]] = ()
    """Operations without a row whose buttons stand over the list: `members.invite_member`."""
    among_entities: ClassVar[tuple[str, ...]] = ()
    """Columns that matter only where there are several legal entities, beside those that name one."""
    narrowed: ClassVar[Mapping[str, str]] = {}
    """Choices that follow another field: {"contact": "customer:party"} offers contacts whose party is the customer."""
    shown_when: ClassVar[Mapping[str, str]] = {}
    """Fields of the form that only matter for some values of another one: {"relation": "kind:reference"}."""
    advice: ClassVar[Mapping[str, Callable[[Mapping[str, Any], Any, Any], Advice]]] = {}
    """Column → function (values of the form so far, actor, record or None) whose sentences stand under its field while it is filled in."""
    decided_late: ClassVar[tuple[str, ...]] = ()
    """Fields that stay empty in a new form although the system fills them in: with what depends on all the rest."""
    proposals: ClassVar[Mapping[str, Callable[..., Mapping[str, Any]]]] = {}
    """Operation → function (record, actor) that gives the values its dialog starts with."""
    brings: ClassVar[tuple[str, str] | None] = None
    """Another kind of record that a row of an imported file may hold as well: its screen's path, and its column that refers to this one."""
    may_create: ClassVar[bool] = True
    may_edit: ClassVar[bool] = True
    record_template: ClassVar[str] = "screens/record.html"
    value_templates: ClassVar[Mapping[str, str]] = {}
    """Column name → template that draws its value, given `cell`."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not getattr(cls, "model", None) or not cls.path:
            return
        SCREENS[cls.path] = cls
        _OF_MODEL.setdefault(cls.model._meta.label_lower, cls)
        if cls.complete is not None and not isinstance(cls.__dict__.get("complete"), staticmethod):
            cls.complete = staticmethod(cls.complete)  # type: ignore[assignment]
        cls.title = cls.title or cls.model.title_field or cls.model.business_key
        numbered = (cls.title,) if cls.model.number_series and columns_of(cls.model)[cls.title].writable else ()
        if cls.search:
            shown = [name for name in cls.subtitle if has_field(cls.model, name.partition("__")[0])]
            searchable(cls.model._meta.label_lower, title=cls.title, subtitle=shown, names=cls.search, begun=cls.search_begun)
        register_form(
            Form(
                cls.model,
                cls.form_names() + numbered,
                LineForm(cls.lines.model, cls.lines.entered, cls.lines.parent, required=cls.lines.required) if cls.lines else None,
                cls.complete,
            )
        )

    @classmethod
    def form_names(cls) -> tuple[str, ...]:
        """Every column named in the sections, and the title where it may be written."""
        names = [name for _label, section in cls.all_sections() for name in section if "__" not in name]
        own = columns_of(cls.model)
        if cls.title in own and own[cls.title].writable and own[cls.title].required and cls.title not in names:
            names.insert(0, cls.title)
        return tuple(dict.fromkeys(names))

    @classmethod
    def all_sections(cls) -> list[tuple[Any, tuple[str, ...]]]:
        """The sections with what this account set added to them, and those that it added."""
        return with_added(cls.sections, added_columns(cls.model).values())

    @classmethod
    def all_columns(cls) -> tuple[str, ...]:
        """The columns that a list begins with: those named here, and those that the account set put beside them."""
        return (*cls.columns, *listed_names(added_columns(cls.model).values()))

    @classmethod
    def narrowing(cls) -> dict[str, str]:
        """`narrowed`, and what follows from the models: rows that must belong to what was chosen before them."""
        found: dict[str, str] = {}
        own = columns_of(cls.model)
        earlier: list[Column] = []
        for column in (own[name] for name in cls.form_names() if name in own and own[name].kind == "reference" and not own[name].many):
            for other in earlier:
                belongs = [
                    f.name for f in column.relation._meta.concrete_fields
                    if f.is_relation and f.related_model is other.relation and not f.null and column.relation is not other.relation
                ]
                if len(belongs) == 1:
                    found[column.name] = f"{other.name}:{belongs[0]}"
            earlier.append(column)
        return found | dict(cls.narrowed)

    @classmethod
    def plural(cls) -> Any:
        return cls.label or cls.model._meta.verbose_name_plural

    @classmethod
    def singular(cls) -> Any:
        return cls.model._meta.verbose_name

    @classmethod
    def declared(cls) -> tuple[str, ...]:
        """Related columns that this screen names; no others of related rows can be asked for."""
        named = (*cls.columns, *cls.filters, *cls.subtitle, *cls.facts, *cls.totals, *(n for s in cls.sections.values() for n in s))
        return tuple(dict.fromkeys(name for name in named if "__" in name))

    @classmethod
    def available(cls, actor) -> dict[str, Column]:
        """The columns this actor may know of: shown, filtered, sorted, exported are never others than these."""
        found = {n: c for n, c in columns_of(cls.model).items() if actor.sees(c)}
        for name in cls.declared():
            column = column_of(cls.model, name)
            if actor.sees(column) and actor.sees(columns_of(cls.model)[name.partition("__")[0]]):
                found[name] = column
        return found

    @classmethod
    def seen(cls, names: Iterable[str], actor) -> list[Column]:
        """Columns for `names` without those the actor may not read, or that say nothing here."""
        available = cls.available(actor)
        return [available[name] for name in names if name in available and not cls.is_idle(available[name], actor)]

    @classmethod
    def is_idle(cls, column: Column, actor) -> bool:
        """While there is one legal entity, pages neither show nor ask which; import and API know the column all the same."""
        if actor.has_several_entities or column.name == cls.title:
            return False
        return column.names_entity or column.name in cls.among_entities

    @classmethod
    def goes_with(cls, record: Any) -> Mapping[Any, int]:
        """What a deletion takes away beside related rows, for its preview: {label: number}."""
        return {}

    @classmethod
    def url(cls, set_key: str, pk: Any = None, rest: str = "") -> str:
        return f"/{set_key}/{cls.path}/" + (f"{pk}/" if pk is not None else "") + rest


def screen_of(model: Any) -> type[Screen] | None:
    """The screen of a model or label, if there is one."""
    return _OF_MODEL.get(model if isinstance(model, str) else model._meta.label_lower)


def record_url(set_key: str, model: type | str, pk: Any) -> str:
    """The address of a row's page; an empty text when its kind has none."""
    screen = screen_of(model)
    return screen.url(set_key, pk) if screen and pk else ""
