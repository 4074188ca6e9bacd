"""`guanxi check`: proves the walls between account sets and the books inside them, and says what it proved."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.config.census import census, census_of
from guanxi.kernel.database.checks import MOST_PROBLEMS, Proof, run_ledger_checks
from guanxi.kernel.database.session import path_of
from guanxi.kernel.files.checks import LABEL as FILES_LABEL
from guanxi.kernel.files.checks import all_contents_are_whole
from guanxi.kernel.sets.lifecycle import wanted_stamp

Part = tuple[str, list[Proof]]


def main(given: list[str] | None = None) -> int:
    """Check every account set, or those named; 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="guanxi check")
    parser.add_argument("keys", nargs="*", metavar="SET", help="account sets to check (default: all)")
    parser.add_argument("--files", action="store_true", help="read every file and compare it with its hash, not only some")
    asked = parser.parse_args(given)
    proofs = problems = 0
    for title, parts in check(asked.keys, every_file=asked.files):
        print(f"\n{title}")
        for label, found in parts:
            print(f"  {label}")
            for proof in found:
                proofs, problems = proofs + 1, problems + len(proof.problems)
                print("\n".join(lines_of(proof)))
    print()
    if problems:
        print(ngettext("%(count)s problem was found.", "%(count)s problems were found.", problems) % {"count": problems})
        return 1
    print(_("Everything holds: %(count)s proofs.") % {"count": proofs})
    return 0


def lines_of(proof: Proof) -> Iterator[str]:
    """The sentence when it holds, else what contradicts it."""
    if not proof.problems:
        yield f"    ✓ {proof.sentence}"
        return
    for problem in proof.problems[:MOST_PROBLEMS]:
        yield f"    ✗ {problem}"
    if len(proof.problems) > MOST_PROBLEMS:
        yield "    ✗ " + _("… and %(count)s more.") % {"count": len(proof.problems) - MOST_PROBLEMS}


def check(keys: Iterable[str] = (), *, every_file: bool = False) -> Iterator[tuple[str, list[Part]]]:
    """(title, parts) for the walls and for each account set, read in one snapshot by the role that can only read."""
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("read")) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT key, name, stamp FROM guanxi.sets_accountset ORDER BY key")
        sets = cursor.fetchall()
        wanted = list(keys) or [key for key, _name, _stamp in sets]
        yield _("Walls between the account sets"), [*census(cursor, [key for key, _name, _stamp in sets]), *_unknown(wanted, sets)]
        for key, name, stamp in sets:
            if key in wanted:
                yield _("Account set %(key)s: %(name)s") % {"key": key, "name": name}, _parts(cursor, key, stamp, every_file)


def _unknown(wanted: list[str], sets: list[tuple[Any, ...]]) -> list[Part]:
    missing = set(wanted) - {key for key, _name, _stamp in sets}
    return [(_("Account sets"), [Proof("", [_("There is no account set “%(key)s”.") % {"key": key} for key in sorted(missing)])])] if missing else []


def _parts(cursor: Any, key: str, stamp: str, every_file: bool) -> list[Part]:
    if stamp != wanted_stamp():
        problem = _("It is behind this version; run: guanxi set migrate %(key)s") % {"key": key}
        return [(_("Version"), [Proof("", [problem])])]
    cursor.execute("SELECT set_config('search_path', %s, true)", [path_of(key)])
    files = [(str(FILES_LABEL), all_contents_are_whole(cursor))] if every_file else []
    return [*census_of(cursor, key), *run_ledger_checks(cursor), *files]
