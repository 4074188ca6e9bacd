"""What people look at, and the same questions as hand-written SQL: the rows, and where the page says how many there are, that number.

In the statements {scope} stands for the rows that the person who looks may see: of the whole company, of a team, one's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

FIRST = "SELECT * FROM {table} t WHERE {where} AND {{scope}} ORDER BY {order} LIMIT 50"
COUNTED = "SELECT count(*) FROM (SELECT 1 FROM {table} t WHERE {where} AND {{scope}} LIMIT 10001) c"
OWNED = {
    "administrator": "true",
    "sales_manager": "t.{owner} IN (SELECT id FROM access_member WHERE team_id IN (SELECT id FROM access_team WHERE lead_id = {member}))",
    "salesperson": "t.{owner} = {member}",
}
OF_PARTY = {
    "administrator": "true",
    **{role: f"t.party_id IN (SELECT id FROM parties_party p WHERE {OWNED[role].replace('t.{owner}', 'p.owner_id')})" for role in list(OWNED)[1:]},
}
WORD = "常州"
"""A part of the names of one customer in twelve."""


@dataclass(frozen=True)
class Question:
    """A page: its address, how often it comes in the mix, what kind of bar it has to meet, and its bare SQL."""

    name: str
    address: str
    weight: int
    statements: tuple[str, ...] = ()
    scopes: dict[str, str] | None = None
    owner: str = "owner_id"
    people: tuple[str, ...] = tuple(OWNED)
    kind: str = "page"
    """page: 30 ms in the middle, 100 ms for 95 of 100; slow: a second."""

    def bare(self, role: str, member: int) -> list[str]:
        scope = (self.scopes or OWNED)[role].replace("{owner}", self.owner).replace("{member}", str(member))
        return [statement.replace("{scope}", scope) for statement in self.statements]


def listed(name: str, address: str, weight: int, table: str, order: str, where: str = "true", **more: object) -> Question:
    """A list: its first rows, and how many there are up to ten thousand."""
    parts = {"table": table, "where": where, "order": order}
    statements = tuple(text.format(**parts) for text in (FIRST, COUNTED))
    return Question(name, address, weight, statements, **more)  # type: ignore[arg-type]


_OPEN = "t.status = 'open'"
_STAGES = "SELECT s.id FROM leads_stage s JOIN leads_pipeline p ON p.id = s.pipeline_id WHERE p.is_default"
_BOARD = (
    f"SELECT o.* FROM ({_STAGES}) s, LATERAL (SELECT * FROM leads_opportunity t WHERE stage_id = s.id AND status = 'open' AND {{scope}}"
    " ORDER BY expected_on, id LIMIT 25) o"
)
_CUSTOMER = (
    "SELECT * FROM parties_party t WHERE id = {id}",
    "SELECT * FROM activities_activity WHERE party_id = {id} ORDER BY at DESC LIMIT 20",
    "SELECT * FROM leads_opportunity WHERE customer_id = {id} AND status = 'open'",
    "SELECT count(*) FROM sales_order WHERE customer_id = {id}",
    "SELECT count(*) FROM parties_contact WHERE party_id = {id}",
)


def _search(typed: str, query: str) -> Question:
    # Few at first: in the order of the ids the database would walk through all entries for a word that hardly one has.
    found = f"SELECT id, model, object_id, title FROM search_searchentry WHERE terms @@ $${query}$$::tsquery LIMIT 3001"
    statement = f"WITH found AS MATERIALIZED ({found}) SELECT * FROM found ORDER BY id DESC LIMIT 24"
    return Question(f"search {typed}", f"search/?q={quote(typed)}", 4, (statement,))


QUESTIONS = (
    listed("customers by name", "customers/?f.is_customer=yes", 10, "parties_party", "name_sort, id", "is_customer"),
    listed("customers by code, falling", "customers/?f.is_customer=yes&sort=-code", 2, "parties_party", "code DESC", "is_customer"),
    listed("customers of a region", "customers/?f.region={region}", 4, "parties_party", "name_sort, id", "region_id = {region}"),
    listed("contacts by name", "contacts/", 4, "parties_contact", "name_sort, id", scopes=OF_PARTY),
    listed("leads by day", "leads/?f.status=new,working", 6, "leads_lead", "received_on DESC, id DESC", "status IN ('new', 'working')"),
    listed("opportunities by day", "opportunities/?f.status=open", 6, "leads_opportunity", "expected_on, id", _OPEN),
    listed("opportunities by amount", "opportunities/?f.status=open&sort=-amount", 4, "leads_opportunity", "amount DESC, id DESC", _OPEN),
    listed("opportunities of a week", "opportunities/?f.expected_on=next_week", 3, "leads_opportunity", "expected_on, id",
           "expected_on BETWEEN date_trunc('week', now())::date + 7 AND date_trunc('week', now())::date + 13"),
    listed("activities by moment", "activities/", 6, "activities_activity", "at DESC, id DESC", scopes=OF_PARTY),
    listed("my open tasks", "activities/?f.kind=task&f.is_open=yes&f.owner=me&sort=due_on", 6, "activities_activity", "due_on, id",
           "kind = 'task' AND done_at IS NULL AND owner_id = {member}", scopes=dict.fromkeys(OWNED, "true")),
    listed("customers, page 200", "customers/?f.is_customer=yes&page=200", 1, "parties_party", "name_sort, id OFFSET 9950", "is_customer",
           people=("administrator",)),
    Question("board", "opportunities/board/?f.status=open", 6, (_BOARD,)),
    Question("customer page", "customers/{id}/", 12, _CUSTOMER),
    Question("opportunity page", "opportunities/{opportunity}/", 6, ("SELECT * FROM leads_opportunity WHERE id = {opportunity}",)),
    _search(WORD, f"'{WORD}'"),
    _search("cz", "'cz':*"),
    _search("wangwei", "'wangwei':*"),
    _search("13800012345", "'13800012345':* | '=13800012345':* | '~54321000831':*"),
    Question("totals of the board", "opportunities/board/sums/?f.status=open", 0, (
        f"SELECT stage_id, currency, count(*), sum(amount), sum(amount * chance) FROM leads_opportunity t WHERE {_OPEN} AND {{scope}} GROUP BY 1, 2",
    ), kind="slow"),
    Question("totals of opportunities", "opportunities/sums/?f.status=open", 0, (
        f"SELECT currency, sum(amount), sum(amount * chance) FROM leads_opportunity t WHERE {_OPEN} AND {{scope}} GROUP BY 1",
    ), kind="slow"),
    listed("customers by credit limit", "customers/?f.is_customer=yes&sort=-credit_limit", 0, "parties_party",
           "credit_limit DESC NULLS LAST, id DESC", "is_customer", kind="slow"),
)
