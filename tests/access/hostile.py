"""What somebody may try: every address, API address and operation, each once by reading and once by writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from guanxi.kernel.acts.operation import OPERATIONS, Operation, operations_of
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.screens.screen import SCREENS, Screen, screen_of
from guanxi.shared.messaging.models import MessageAttachment
from tests.access.routes import API_KEY, OPEN, SIGNED_IN, Route, routes
from tests.access.rows import Rows
from tests.access.world import Person

REFUSED = {401, 403, 404}
REFUSED_BRIEFLY = {"Accept": "application/json"}
"""The door is the same; what it says is not drawn as a page, which takes more time than all that is decided."""
MEMBER = "member"


@dataclass(frozen=True)
class Attempt:
    """One request. `right` is the verb on the screen's model, the operation's name, or "member"."""

    face: str
    method: str
    address: str
    right: str
    screen: type[Screen] | None = None
    operation: str = ""
    body: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{self.face} {self.method} {self.address}"

    def by(self, who: Person) -> Any:
        if self.face == "API":
            return who.api(self.method, self.address, self.body if self.method != "GET" else None, **{"If-Match": "*"})
        if self.method == "GET":
            return who.client.get(self.address, headers=REFUSED_BRIEFLY)
        return who.post(self.address, self.body, **REFUSED_BRIEFLY)


def is_refused(answer: Any) -> bool:
    """Turned away, or sent to sign in."""
    if answer.status_code in REFUSED:
        return True
    return answer.status_code in (302, 303) and "/accounts/login" in answer.headers.get("Location", "")


def on_pages(key: str, rows: Rows) -> Iterator[Attempt]:
    """Every address of the URLconf below a set, filled with the ids of `rows`."""
    for route in routes():
        if "set_key" not in {name for _kind, name in route.names} or route.right in (OPEN, SIGNED_IN, API_KEY):
            continue
        for values, operation in fillings(key, route, rows):
            for method in ("GET", "POST"):
                right = operation.name if operation else route.right
                yield Attempt("page", method, route.url(**values), right, route.screen, operation.name if operation else "", posted(route, rows))


def fillings(key: str, route: Route, rows: Rows) -> Iterator[tuple[dict[str, Any], Operation | None]]:
    """Values for the parts of an address that vary: ids of the first row, and each operation there is."""
    names = {name for _kind, name in route.names}
    values: dict[str, Any] = {"set_key": key}
    if "pk" in names:
        values["pk"] = row_id(route.screen, rows)
    if "file" in names:
        values["file"] = rows.of(MessageAttachment)[0].pk
    if "act_id" in names:
        values["act_id"] = 1
    if "name" in names and route.screen is not None:
        values["name"] = written_in_place(route.screen)
    if "label" in names:
        values["label"] = "parties.party"
    if "operation" in names:
        for found in operations_of(route.screen.model if route.screen else None):
            yield {**values, "operation": found.name}, found
        return
    # Names of other parts (a mapping, a token) are words that mean nothing: a wrong one must not open anything either.
    yield {**dict.fromkeys(names, "1"), **values}, None


def written_in_place(screen: type[Screen]) -> str:
    """A column that people may write where it stands in a list."""
    known = form_of(screen.model).columns
    asked = [name for name in screen.form_names() if name in known and name not in screen.elsewhere]
    return next((name for name in asked if known[name].kind not in ("lines", "json", "translated", "secret")), "1")


def row_id(screen: type[Screen] | None, rows: Rows) -> int:
    found = rows.by_model.get(screen.model) if screen else None
    return found[0].pk if found else 1


def posted(route: Route, rows: Rows) -> dict[str, Any]:
    """What a form of any of these pages would send."""
    one = str(row_id(route.screen, rows))
    return {"ids": one, "id": one, "column": "note", "note": "x", "restore": "1"}


def on_the_api(key: str, rows: Rows) -> Iterator[Attempt]:
    for screen in SCREENS.values():
        if ".tests." in screen.__module__:
            continue
        base, pk = f"{key}/{screen.path}", row_id(screen, rows)
        yield Attempt("API", "GET", base, "view", screen)
        yield Attempt("API", "GET", f"{base}/{pk}", "view", screen)
        if screen.may_create:
            yield Attempt("API", "POST", base, "add", screen)
        if screen.may_edit:
            yield Attempt("API", "PATCH", f"{base}/{pk}", "change", screen, body={"version": 1})
            yield Attempt("API", "DELETE", f"{base}/{pk}", "delete", screen)
            if any(f.name == "archived_at" for f in screen.model._meta.fields):
                yield Attempt("API", "POST", f"{base}/{pk}/archive", "change", screen)
        for found in operations_of(screen.model):
            if found.key not in screen.hidden_operations:
                yield Attempt("API", "POST", f"{base}/{pk}/{found.key}", found.name, screen, found.name)


def attempts(key: str, rows: Rows) -> list[Attempt]:
    return [*on_pages(key, rows), *on_the_api(key, rows)]


def own_operations() -> list[Operation]:
    return [found for found in OPERATIONS.values() if ".tests." not in found.function.__module__]


def everything(*but: tuple[str, str]) -> dict[str, str]:
    """Grants of a role that may do all there is except these (name, verb); "do" for operations."""
    from guanxi.kernel.access.grants import VERBS
    from guanxi.kernel.access.scopes import rights_model
    from tests.access.rows import set_models

    grants = {}
    for model in set_models():
        label = rights_model(model)[0]._meta.label_lower
        grants[label] = " ".join(verb for verb in VERBS if (label, verb) not in but)
    grants |= {found.name: "company" for found in own_operations() if (found.name, "do") not in but}
    return {name: text for name, text in grants.items() if text}


def has_page(found: Operation) -> bool:
    return found.target is None or screen_of(found.target) is not None
