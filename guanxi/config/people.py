"""`guanxi user`: people who sign in, and their places in account sets."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys

from guanxi.config.terminal import Quit, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `guanxi user`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def add(name: str, text: str, *, named: bool = True) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=text, description=text)
        if named:
            made.add_argument("username")
        return made

    create = add("create", "add a person; the password is asked for, read from standard input, or made")
    create.add_argument("--name", help="name shown to others (default: the user name)")
    create.add_argument("--email", help="address for mail of the system (default: USERNAME@localhost.invalid)")
    create.add_argument("--language", choices=["en", "zh-hans"], default="zh-hans", help="language of pages")
    create.add_argument("--set", dest="sets", action="append", default=[], metavar="KEY", help="give a place in this set")
    create.add_argument("--role", dest="roles", action="append", default=[], metavar="ROLE", help="with this role")
    password = add("password", "give a person a new password and end their sessions")
    for made in (create, password):
        made.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        made.add_argument("--generate", action="store_true", help="make a password and print it")
    add("disable", "end a person's access at once, everywhere")
    add("enable", "let a disabled person sign in again")
    add("list", "everyone, with their places", named=False)
    join = add("join", "give a person a place in an account set, or change their roles there")
    join.add_argument("set")
    join.add_argument("--role", dest="roles", action="append", default=[], metavar="ROLE")
    add("leave", "end a person's place in an account set").add_argument("set")
    key = add("key", "make a key for a program, with the rights of this person (or of any member's code) in a set; printed once")
    key.add_argument("set")
    key.add_argument("--name", default="command line", help="what the key is for")
    key.add_argument("--read-only", action="store_true", help="it may read, and write nothing")


def run(arguments: argparse.Namespace) -> int:
    """Do what one subcommand says."""
    action = {
        "create": create_user,
        "password": new_password,
        "disable": lambda given: switch(given.username, False),
        "enable": lambda given: switch(given.username, True),
        "list": lambda given: show(),
        "join": lambda given: join(find(given.username), given.set, given.roles),
        "leave": lambda given: leave(find(given.username), given.set),
        "key": lambda given: new_key(given.username, given.set, given.name, given.read_only),
    }[arguments.action]
    action(arguments)
    return 0


def find(username: str):  # type: ignore[no-untyped-def]
    """The person with this user name."""
    from django.contrib.auth import get_user_model

    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise Quit(f"There is no user “{username}”: `guanxi user list` shows everyone.")
    return user


def create_user(given: argparse.Namespace) -> None:
    from django.contrib.auth import get_user_model
    from django.core.exceptions import ValidationError
    from django.db import transaction

    User = get_user_model()
    if User.objects.filter(username=given.username).exists():
        raise Quit(f"There is already a user “{given.username}”.")
    for key in given.sets:
        check_set(key, given.roles)
    user = User(
        username=given.username,
        name=given.name or given.username,
        email=given.email or f"{given.username}@localhost.invalid",
        language=given.language,
    )
    set_password(user, given)
    try:
        user.full_clean()
    except ValidationError as error:
        raise Quit("; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())) from None
    with transaction.atomic():
        user.save()
    for key in given.sets:
        join(user, key, given.roles)
    say(f"created the user {user.username}")


def new_password(given: argparse.Namespace) -> None:
    user = find(given.username)
    set_password(user, given)
    user.save(update_fields=["password"])
    end_sessions(user)
    say(f"{user.username} has a new password")


def set_password(user, given: argparse.Namespace) -> None:  # type: ignore[no-untyped-def]
    """Ask, read or make a password that passes the rules."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if given.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif given.generate or not sys.stdin.isatty():
        password = secrets.token_urlsafe(12)
        print(f"password of {user.username}: {password}")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise Quit("The two passwords differ.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Quit(" ".join(error.messages)) from None
    user.set_password(password)


def switch(username: str, active: bool) -> None:
    """Disabling also ends every session, so that open pages stop at their next request."""
    user = find(username)
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_sessions(user)
        end_keys(user)
    say(f"{username} may {'sign in again' if active else 'no longer sign in; their sessions and keys are ended'}")


def end_keys(user) -> None:  # type: ignore[no-untyped-def]
    """Keys made for this person open nothing any more, in every set that is open."""
    from guanxi.kernel.access.models import AccessKey
    from guanxi.kernel.database import UnknownSet, in_set
    from guanxi.kernel.sets.models import Membership

    for set_key in list(Membership.objects.filter(user=user).values_list("account_set__key", flat=True)):
        try:
            with in_set(set_key):
                AccessKey.objects.filter(member__user_id=user.pk, is_active=True).updated(is_active=False)
        except UnknownSet:
            say(f"the account set {set_key} cannot be entered: end this person's keys there once it is open")


def new_key(code: str, set_key: str, name: str, read_only: bool) -> None:
    """Print the key of a member; only its hash is kept."""
    from guanxi.kernel.access.keys import make_key
    from guanxi.kernel.access.models import Member
    from guanxi.kernel.database import in_set

    check_set(set_key, [])
    with in_set(set_key):
        member = Member.objects.filter(code=code, is_active=True).first()
        if member is None:
            raise Quit(f"There is no active member “{code}” in the account set “{set_key}”.")
        _row, token = make_key(member, name, may_write=not read_only)
    print(token)


def end_sessions(user) -> None:  # type: ignore[no-untyped-def]
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    found = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=list(found.values_list("session_key", flat=True))).delete()
    found.delete()


def check_set(key: str, roles: list[str]) -> None:
    """The set and the roles must exist before anything is written."""
    from guanxi.kernel.access.models import Role
    from guanxi.kernel.database import UnknownSet, in_set
    from guanxi.kernel.sets.models import AccountSet

    if not AccountSet.objects.filter(key=key).exists():
        raise Quit(f"There is no account set “{key}”: `guanxi set list` shows them all.")
    try:
        with in_set(key):
            known = set(Role.objects.values_list("key", flat=True))
    except UnknownSet:
        raise Quit(f"The account set “{key}” is closed: run `guanxi set migrate {key}`.") from None
    unknown = [role for role in roles if role not in known]
    if unknown:
        raise Quit(f"The account set “{key}” has no role {', '.join(unknown)}; it has {', '.join(sorted(known))}.")


def join(user, key: str, roles: list[str]) -> int:  # type: ignore[no-untyped-def]
    """Give a person a place in a set; named roles replace those they had. Returns the member's number."""
    from guanxi.kernel.access.models import Member, Role
    from guanxi.kernel.database import in_set
    from guanxi.kernel.sets.models import AccountSet, Membership

    check_set(key, roles)
    with in_set(key):
        member = Member.objects.filter(user_id=user.pk).first()
        if member is None:
            member = Member.objects.create(code=user.username, name=user.name, email=user.email, user_id=user.pk, language=user.language)
        if not member.is_active:
            member.is_active = True
            member.save(update_fields=["is_active"])
        if roles:
            member.roles.set(Role.objects.filter(key__in=roles))
        number = int(member.pk)
    Membership.objects.update_or_create(
        user=user, account_set=AccountSet.objects.get(key=key), defaults={"member_id": number}
    )
    say(f"{user.username} has a place in the account set {key}" + (f" as {', '.join(roles)}" if roles else ""))
    return number


def leave(user, key: str) -> None:  # type: ignore[no-untyped-def]
    """End a person's place; the member row stays, because documents name it."""
    from guanxi.kernel.access.models import Member
    from guanxi.kernel.database import in_set
    from guanxi.kernel.sets.models import Membership

    ended, _models = Membership.objects.filter(user=user, account_set__key=key).delete()
    if not ended:
        raise Quit(f"{user.username} has no place in the account set “{key}”.")
    with in_set(key):
        Member.objects.filter(user_id=user.pk).update(is_active=False)
    say(f"{user.username} has no place in the account set {key} any more")


def show() -> None:
    from django.contrib.auth import get_user_model

    for user in get_user_model().objects.prefetch_related("memberships__account_set").order_by("username"):
        places = ", ".join(m.account_set.key for m in user.memberships.all()) or "no account set"
        print(f"{user.username}\t{user.name}\t{'active' if user.is_active else 'disabled'}\t{places}")
