"""The one who acts: a member with rights, a language, an entity and a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache, wraps
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import Q
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from guanxi.kernel.access.grants import ALL_RIGHTS, Rights, is_personal, union
from guanxi.kernel.access.said import said_columns, said_from
from guanxi.kernel.access.scopes import rights_model, rows_in, rows_of_owners
from guanxi.kernel.database import current_set
from guanxi.kernel.database.session import definitions_stamp

if TYPE_CHECKING:
    from guanxi.kernel.columns.column import Column


VISITOR = "visitor"
"""The code of the member who stands for whoever opens a public page."""


@dataclass(frozen=True)
class StandIn:
    """Another person acting, or only looking, in the member's place."""

    member_id: int
    name: str
    is_looking: bool
    id: int
    """Of the Deputy or the Look."""
    until_on: date | None = None


@dataclass(frozen=True)
class Actor:
    member_id: int
    name: str
    rights: Rights
    entity_id: int
    currency: str
    timezone: str
    kind: str = "staff"
    user_id: int | None = None
    party_id: int | None = None
    team_ids: tuple[int, ...] = ()
    """The member's team, those they lead, and all teams below."""
    role_ids: tuple[int, ...] = ()
    """Roles held today."""
    entity_currencies: tuple[str, ...] = ()
    """In what each legal entity keeps its books."""
    home: str = ""
    needs_two_step: bool = False
    language: str = "zh-hans"
    may_write: bool = True
    models_only: frozenset[str] = frozenset()
    stand_in: StandIn | None = None
    """Who really sits there, when it is not the member themselves."""
    channel: str = ""
    """The way they came, for the log of acts: page, api, job, command."""
    access_key_id: int | None = None
    said: tuple[tuple[str, frozenset[str]], ...] = ()
    """Of somebody who only looks: of which kinds of record anything is said (`access.said`); nothing here stands for all kinds."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def person_id(self) -> int:
        """The member who really acts: the deputy, where one stands in."""
        return self.stand_in.member_id if self.stand_in else self.member_id

    @property
    def has_several_entities(self) -> bool:
        """While there is one legal entity, nobody is asked which."""
        return len(self.entity_currencies) > 1

    @cached_property
    def today(self) -> date:
        """The entity's calendar day."""
        return self.now.astimezone(ZoneInfo(self.timezone)).date()

    @cached_property
    def team_member_ids(self) -> tuple[int, ...]:
        """The members of these teams."""
        if not self.team_ids:
            return ()
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT id FROM access_member WHERE team_id = ANY(%s) ORDER BY id", [list(self.team_ids)])
            return tuple(row[0] for row in cursor.fetchall())

    def on(self, day: date, hour: int = 10) -> Actor:
        """The same member, acting on another day (imports, demo data, tests)."""
        return replace(self, now=datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(self.timezone)).astimezone(UTC))

    @property
    def eyes(self) -> Eyes:
        return Eyes(self)

    def scopes(self, verb: str, model: type) -> frozenset[str]:
        """Scopes in which the actor may `verb` (view, add, change, delete) rows of `model`."""
        governing, _prefix = rights_model(model)
        return self.named_scopes(governing._meta.label_lower, verb)

    def named_scopes(self, name: str, verb: str) -> frozenset[str]:
        """The same by name: a model's label with a verb, or an operation's name with "do"."""
        if verb != "view" and (not self.may_write or self.stand_in and is_personal(name)):
            return frozenset()
        if self.models_only and verb != "do" and name not in self.models_only:
            return frozenset()
        return self.rights.scopes(name, verb)

    def owner_filter(self, model: type) -> Q | None:
        """The same to view, by the ids of the owners where they alone decide; else None."""
        return rows_of_owners(model, self)

    def may(self, what: str, model: type | None = None) -> bool:
        """`may("view", Order)` or `may("sales.confirm_order")`: in some scope at least."""
        return bool(self.scopes(what, model) if model else self.named_scopes(what, "do"))

    def row_filter(self, verb: str, model: type) -> Q | bool:
        """Which rows of `model`: True for all, False for none, or a filter."""
        return rows_in(model, self.scopes(verb, model), self)

    def sees(self, column: Column) -> bool:
        """Whether the column's field right, if it has one, is held, and those of all that it is computed from."""
        return self.rights.sees_right(column.right) and all(map(self.rights.sees_right, column.more_rights))

    def writes(self, column: Column) -> bool:
        """Whether the actor may give the column a value where they may change the row at all."""
        return self.sees(column) and self.rights.sees_right(column.write_right)


class Eyes:
    """An actor as far as what they see follows from it, and in which words: alike for each of a member's requests on a day, until a right
    or a definition changes. What is made from them may be kept, since conditions and columns hold no rows: they ask by subqueries."""

    def __init__(self, actor: Actor):
        self.actor = actor
        self.marks = (
            current_set(), definitions_stamp(), get_language(), get_current_timezone_name(), actor.member_id, actor.language, actor.timezone,
            actor.currency, actor.entity_currencies, actor.team_ids, actor.role_ids, actor.party_id, actor.entity_id, actor.kind,
            actor.may_write, actor.models_only, actor.stand_in, actor.today, actor.said,
        )

    def __hash__(self) -> int:
        return hash(self.marks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Eyes) and self.marks == other.marks and self.actor.rights == other.actor.rights


def once(make: Callable[..., Any]) -> Callable[..., Any]:
    """`@once def menu_of(actor): …`: made once for the same eyes. What else it is given must be hashable."""
    kept = lru_cache(500)(lambda eyes, *more: make(eyes.actor, *more))
    return wraps(make)(lambda actor, *more: kept(actor.eyes, *more))


MEMBER_COLUMNS = """m.id, m.name, m.kind, m.user_id, m.party_id, e.id, e.currency, e.timezone,
  coalesce((SELECT array_agg(t.id ORDER BY t.id) FROM access_team t WHERE t.path LIKE mt.path || '%%'
            OR EXISTS (SELECT 1 FROM access_team l WHERE l.lead_id = m.id AND t.path LIKE l.path || '%%')), '{}'),
  coalesce((SELECT array_agg(r.id || ':' || md5(r.grants::text || r.sees::text || r.home || r.is_two_step_needed) || ':' ||
                             coalesce(x.valid_from::text, '') || ':' || coalesce(x.valid_until::text, '') ORDER BY r.id)
            FROM access_roleassignment x JOIN access_role r ON r.id = x.role_id WHERE x.member_id = m.id), '{}'),
  (SELECT array_agg(currency ORDER BY id) FROM access_entity)"""
_COLUMNS = 11
MEMBER_TABLES = """access_member m
LEFT JOIN access_team mt ON mt.id = m.team_id
JOIN access_entity e ON e.id = coalesce(m.entity_id, (SELECT id FROM access_entity WHERE is_default))"""
_MEMBERS = f"SELECT {MEMBER_COLUMNS} FROM {MEMBER_TABLES} WHERE m.id = ANY(%s) AND m.is_active ORDER BY m.id"


def actor_of(member_id: int, *, only_looks: bool = False, **overrides: Any) -> Actor | None:
    """The member as an actor, read anew at each request so that a right taken away ends at once; None when not active. Whoever `only_looks`
    is told of which kinds of record anything is said."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_member(only_looks), [member_id])
        row = cursor.fetchone()
    if row is None:
        return None
    if only_looks:
        overrides["said"] = said_from(row[_COLUMNS:])
    return actor_from(row[:_COLUMNS], **overrides)


@cache
def _member(only_looks: bool) -> str:
    columns = f"{MEMBER_COLUMNS}, {said_columns()}" if only_looks else MEMBER_COLUMNS
    return f"SELECT {columns} FROM {MEMBER_TABLES} WHERE m.id = %s AND m.is_active"


def actors_of(member_ids: Iterable[int], **overrides: Any) -> list[Actor]:
    """Those of the members who are active, in one query."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_MEMBERS, [list(member_ids)])
        rows = cursor.fetchall()
    return [actor_from(row, **overrides) for row in rows]


def actor_from(row: Sequence[Any], **overrides: Any) -> Actor:
    """The actor of a row selected as MEMBER_COLUMNS."""
    now = overrides.pop("now", None) or datetime.now(UTC)
    roles = _held(row[9], now.astimezone(ZoneInfo(row[7])).date().isoformat())
    rights, home, needs_two_step = _rights_of(current_set(), roles)
    return Actor(
        member_id=row[0], name=row[1], kind=row[2], user_id=row[3], party_id=row[4], entity_id=row[5], currency=row[6],
        timezone=row[7], team_ids=tuple(row[8]), role_ids=tuple(int(role.partition(":")[0]) for role in roles), rights=rights, home=home,
        needs_two_step=needs_two_step, now=now, entity_currencies=tuple(row[10]), **overrides,
    )


def _held(assignments: Sequence[str], today: str) -> tuple[str, ...]:
    """Of "id:digest:from:until" those in force today, as "id:digest"."""
    held = []
    for assignment in assignments:
        role, digest, begins, ends = assignment.split(":")
        if begins <= today and (not ends or today <= ends):
            held.append(f"{role}:{digest}")
    return tuple(held)


@lru_cache(2048)
def _rights_of(set_key: str, roles: tuple[str, ...]) -> tuple[Rights, str, bool]:
    """`roles` as "id:digest", so that a changed role is read anew."""
    from guanxi.kernel.access.models import Role

    rows = list(Role.objects.filter(pk__in=[int(r.split(":")[0]) for r in roles]).order_by("pk"))
    rights = union((r.grants, [*r.sees, f"role:{r.pk}"]) for r in rows)
    return rights, next((r.home for r in rows if r.home), ""), any(r.is_two_step_needed for r in rows)


def system_actor(name: str = "Guanxi") -> Actor:
    """The set's own member, for imports from the command line, jobs and demo data: all rights."""
    from guanxi.kernel.access.models import Entity, Member

    member, _created = Member.objects.get_or_create(code="system", defaults={"name": name, "kind": "system"})
    entity = Entity.objects.get(is_default=True)
    return Actor(
        member_id=member.pk, name=member.name, kind="system", rights=ALL_RIGHTS, entity_id=entity.pk,
        currency=entity.currency, timezone=entity.timezone,
        entity_currencies=tuple(Entity.objects.order_by("pk").values_list("currency", flat=True)),
    )


def visitor_actor(grants: Mapping[str, str], language: str) -> Actor:
    """Whoever opens a public page: a member of the set with the rights that this page names, written as in a role."""
    from guanxi.kernel.access.models import Entity, Member

    member, _created = Member.objects.get_or_create(code=VISITOR, defaults={"name": "Visitor", "kind": "system"})
    entity = Entity.objects.get(is_default=True)
    return Actor(
        member_id=member.pk, name=member.name, kind="visitor", rights=union([(grants, ())]), entity_id=entity.pk, currency=entity.currency,
        timezone=entity.timezone, language=language,
    )
