"""Who signs in here as a member who came from elsewhere: found by e-mail address, else made without a password."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count

from guanxi.kernel.sets.models import User
from guanxi.shared.portable.manifest import Person


def matched(people: Iterable[Person]) -> dict[int, User]:
    """By member: the user here with the same address. A user name alone may be somebody else's."""
    people = list(people)
    found = {user.email.lower(): user for user in User.objects.using("owner").all() if user.email}
    taken: set[int] = set()
    members: dict[int, User] = {}
    for person in people:
        user = found.get(person.email.lower())
        if user is not None and user.pk not in taken:
            taken.add(user.pk)
            members[person.member_id] = user
    return members


def made(people: Iterable[Person], known: dict[int, User], key: str) -> dict[int, User]:
    """By member: new users for those who had a place and are not known here. They sign in once they are given a password."""
    members: dict[int, User] = {}
    for person in people:
        if person.has_place and person.member_id not in known:
            user = User(
                username=_free(person.username), email=person.email, name=person.name, language=person.language, timezone=person.timezone,
                is_active=person.is_active, last_set=key,
            )
            user.set_unusable_password()
            user.full_clean(exclude=["password"], validate_unique=False)
            user.save(using="owner")
            members[person.member_id] = user
    return members


def _free(username: str) -> str:
    names = chain([username], (f"{username[:140]}{number}" for number in count(2)))
    return next(name for name in names if not User.objects.using("owner").filter(username=name).exists())
