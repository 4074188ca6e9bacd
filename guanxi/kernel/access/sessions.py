"""What a session knows of a person's seat in a set: whether they stand in for somebody, and whether they came by two steps."""

from __future__ import annotations

from django.db import DatabaseError, connections
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.standing import StandingEnded, in_place_of, note_page
from guanxi.kernel.records.refusals import Forbidden

STANDING = "guanxi.standing"
"""In the session: {set key: [kind, id of the Deputy or the Look]} while somebody works, or looks, in another's place."""
_READ_ONLY = "25006"


def refused_write(error: DatabaseError) -> str:
    """What is said when the database refused to write because the transaction only looks; any other error goes on."""
    if getattr(error.__cause__, "sqlstate", None) != _READ_ONLY:
        raise error
    return only_looking()


def only_looking() -> str:
    return _("You are only looking at the set as somebody else; nothing was changed.")


def seated(request: HttpRequest, set_key: str, own: Actor) -> Actor:
    """The member in whose place the person stands, or the person. A look reads only: refused here, and by the database."""
    held = request.session.get(STANDING, {}).get(set_key)
    if not held:
        return own
    try:
        actor = in_place_of(own, held[0], held[1], language=own.language, channel=own.channel)
    except StandingEnded:
        stand_as(request, set_key, None)
        raise
    if actor.stand_in is not None and actor.stand_in.is_looking:
        if request.method not in ("GET", "HEAD"):
            raise Forbidden(only_looking())
        note_page(actor, request.get_full_path())
        with connections["default"].cursor() as cursor:
            # What the note refers to is checked now: at the end it could no longer be locked.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL transaction_read_only = on")
    return actor


def stand_as(request: HttpRequest, set_key: str, standing: tuple[str, int] | None) -> None:
    """From the next request on the person stands there, or with None for themselves again."""
    rest = {key: held for key, held in request.session.get(STANDING, {}).items() if key != set_key}
    request.session[STANDING] = {**rest, set_key: list(standing)} if standing else rest


def signed_in_by_two_steps(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed since, by a passkey or a code."""
    return any(step.get("method") == "mfa" for step in request.session.get("account_authentication_methods", ()))
