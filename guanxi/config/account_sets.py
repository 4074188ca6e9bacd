"""`guanxi set`: account sets (账套), from the terminal."""

from __future__ import annotations

import argparse

from guanxi.config import beginning, portable
from guanxi.config.terminal import Quit, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `guanxi set`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a new, empty account set")
    create.add_argument("key", help="short name in addresses: small letters, digits and _")
    create.add_argument("--name", help="name that people see (default: the key)")
    create.add_argument("--language", choices=["en", "zh-hans"], default="zh-hans", help="language of its basic archives")
    create.add_argument("--currency", default="CNY", help="currency of its books (default CNY)")
    create.add_argument("--country", default="CN", help="country of its first legal entity (default CN)")
    create.add_argument("--timezone", default="Asia/Shanghai", help="time zone of its calendar days")
    begin = actions.add_parser("begin", help="make an empty account set with the people, teams, roles and letterhead of another one")
    begin.add_argument("key")
    begin.add_argument("--from", dest="source", required=True, metavar="KEY", help="the set they come from, such as the demo's")
    begin.add_argument("--name", help="name that people see (default: that of the other one)")
    begin.add_argument("--yes", metavar="KEY", help="the new key once more, to say that you mean it")
    actions.add_parser("list", help="all account sets, and whether they are up to date")
    drop = actions.add_parser("drop", help="delete an account set with everything in it")
    drop.add_argument("key")
    drop.add_argument("--yes", metavar="KEY", help="the key once more, to say that you mean it")
    two_step = actions.add_parser("two-step", help="ask everybody in a set for a second step at the sign-in, or no longer")
    two_step.add_argument("key")
    two_step.add_argument("state", choices=["on", "off"])
    migrate = actions.add_parser("migrate", help="bring account sets to this version")
    migrate.add_argument("keys", nargs="*", metavar="KEY", help="which (default: all)")
    portable.arguments(actions)


def run(given: argparse.Namespace) -> int:
    """Do what one subcommand says."""
    from django.core.exceptions import ValidationError

    from guanxi.config.prepare import close_owner
    from guanxi.kernel.sets import lifecycle

    try:
        return {
            "create": create, "begin": beginning.begin,
            "list": show, "drop": drop, "migrate": migrate, "two-step": ask_two_steps, "output": portable.output,
            "input": portable.intake,
        }[given.action](given)
    except lifecycle.SetError as error:
        raise Quit(str(error)) from None
    except ValidationError as error:
        raise Quit("; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())) from None
    finally:
        close_owner()


def create(given: argparse.Namespace) -> int:
    from guanxi.kernel.sets import lifecycle

    lifecycle.create_set(
        given.key,
        given.name or given.key,
        language=given.language,
        currency=given.currency,
        country=given.country,
        timezone=given.timezone,
    )
    say(f"created the account set {given.key}")
    return 0


def show(_given: argparse.Namespace) -> int:
    from guanxi.kernel.sets import lifecycle

    for row in lifecycle.list_sets():
        state = "open" if row.stamp == lifecycle.wanted_stamp() else "closed (run: guanxi set migrate)"
        print(f"{row.key}\t{row.name}\t{row.currency}\t{row.timezone}\t{state}")
    return 0


def drop(given: argparse.Namespace) -> int:
    from guanxi.kernel.sets import lifecycle

    if given.yes != given.key:
        raise Quit(f"This deletes every record of “{given.key}” for ever; if you mean it, add: --yes {given.key}")
    lifecycle.drop_set(given.key)
    say(f"dropped the account set {given.key}")
    return 0


def ask_two_steps(given: argparse.Namespace) -> int:
    from guanxi.kernel.sets.models import AccountSet

    if not AccountSet.objects.filter(key=given.key).update(is_two_step_needed=given.state == "on"):
        raise Quit(f"There is no account set “{given.key}”: `guanxi set list` shows them all.")
    say(f"{given.key}: two-step sign-in is " + ("needed from now on" if given.state == "on" else "no longer needed"))
    return 0


def migrate(given: argparse.Namespace) -> int:
    from guanxi.kernel.sets import lifecycle

    known = [row.key for row in lifecycle.list_sets()]
    unknown = [key for key in given.keys if key not in known]
    if unknown:
        raise Quit(f"There is no account set {', '.join(unknown)}.")
    for key in given.keys or known:
        say(f"{key}: " + ("brought to this version" if lifecycle.migrate_set(key) else "already up to date"))
    return 0
