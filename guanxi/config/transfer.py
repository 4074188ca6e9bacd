"""`guanxi import` and `guanxi export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from django.http import QueryDict
from django.utils import translation

from guanxi.erp.finance.plaintext import BOOKS, write_books
from guanxi.kernel.access.actor import Actor, actor_of, system_actor
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.importing.importer import ALL, GOOD, import_file
from guanxi.kernel.importing.writing import screen_at
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.sets.models import AccountSet
from guanxi.kernel.transfer.exporting import FORMATS, write_list
from guanxi.kernel.transfer.mapping import read_mapping
from guanxi.kernel.transfer.report import Report


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="guanxi")
    commands = top.add_subparsers(dest="command", required=True)
    taking = commands.add_parser("import", help="take in a file of records (CSV, XLSX)")
    taking.add_argument("file", type=Path)
    taking.add_argument("--mapping", type=Path, required=True, metavar="TOML", help="what a row becomes: see the README of guanxi.kernel.transfer")
    taking.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
    taking.add_argument("--good-rows", action="store_true", help="take the good rows; without it all rows or none")
    taking.add_argument("--errors", type=Path, metavar="FILE", help="write the rows that were not taken there, with the reason")
    giving = commands.add_parser("export", help="write a list to a file (CSV, XLSX), or the books for other programs (hledger, beancount)")
    giving.add_argument("path", help="the list's address, with its filters: 'sales/orders?f.status=confirmed'; or 'journal', for the books")
    giving.add_argument("--format", choices=(*FORMATS, *BOOKS), default="csv")
    giving.add_argument("--entity", metavar="CODE", help="of the books: the legal entity (default: the account set's own)")
    giving.add_argument("--out", type=Path, metavar="FILE", help="where to (default: standard output, but for XLSX)")
    for command in (taking, giving):
        command.add_argument("--set", required=True, metavar="KEY", dest="set_key", help="the account set")
        command.add_argument("--as", metavar="MEMBER", dest="member", help="code of the member who does it (default: the system, with all rights)")
        command.add_argument("--language", choices=["en", "zh-hans"], help="of labels and messages (default: the account set's)")
    return top


def main(argv: Sequence[str]) -> int:
    """0 when all of it was done, 3 when rows were not taken, 1 when nothing could be."""
    given = parser().parse_args(argv)
    account_set = AccountSet.objects.filter(key=given.set_key).first()
    if account_set is None:
        return _say(f"There is no account set “{given.set_key}”: `guanxi set list` shows them all.")
    language = given.language or account_set.language
    with translation.override(language):
        try:
            return (_import if given.command == "import" else _export)(given, language)
        except Refused as refusal:
            return _say(str(refusal))
        except UnknownSet:
            return _say(f"The account set “{given.set_key}” is closed: run `guanxi set migrate {given.set_key}`.")


def _say(text: str) -> int:
    print(f"guanxi: {text}", file=sys.stderr)
    return 1


def _actor(code: str | None, language: str) -> Actor:
    """Inside a set: the member with this code, or the system."""
    if code is None:
        return replace(system_actor(), channel="command")
    member = Member.objects.filter(code=code).first()
    actor = actor_of(member.pk, language=language, channel="command") if member else None
    if actor is None:
        raise Refused(f"There is no active member “{code}” in this account set.")
    return actor


def _import(given: argparse.Namespace, language: str) -> int:
    mapping = read_mapping(given.mapping)
    mode = GOOD if given.good_rows else ALL
    with in_set(given.set_key):
        actor = _actor(given.member, language)
    if mode == GOOD and not given.dry_run:
        # Batch by batch, so that a long import holds no lock of others for long.
        report = import_file(given.file, mapping, actor, mode=mode, scope=lambda: in_set(given.set_key, member=actor.member_id))
    else:
        with in_set(given.set_key, member=actor.member_id):
            report = import_file(given.file, mapping, actor, dry_run=given.dry_run, mode=mode)
    return _tell(report, given.errors)


def _tell(report: Report, errors: Path | None) -> int:
    if errors is not None and report.errors:
        errors.write_bytes(report.error_file())
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    return 3 if report.failed else 0


def _export(given: argparse.Namespace, language: str) -> int:
    path, _mark, query_string = given.path.partition("?")
    if (path == "journal") != (given.format in BOOKS):
        raise Refused("The books are `guanxi export journal --format hledger`, or beancount; lists are csv or xlsx.")
    with in_set(given.set_key):
        actor = _actor(given.member, language)
        if given.format in BOOKS:
            return _export_books(given, actor)
        screen = screen_at(path.strip("/"))
        query = ListQuery(screen, actor, QueryDict(query_string), set_key=given.set_key)
        if query.notes:
            raise Refused(" ".join(str(note) for note in query.notes))
        if given.format == "xlsx" and given.out is None:
            raise Refused("Say by --out where the workbook goes.")
        with given.out.open("wb") if given.out else sys.stdout.buffer as out:
            write_list(query, given.format, out)
    return 0


def _export_books(given: argparse.Namespace, actor: Actor) -> int:
    wanted = {"code": given.entity} if given.entity else {"is_default": True}
    entity = Entity.objects.filter(**wanted).first()
    if entity is None:
        raise Refused(f"There is no legal entity “{given.entity}” in this account set.")
    with given.out.open("w", encoding="utf-8") if given.out else nullcontext(sys.stdout) as out:
        out.writelines(write_books(entity, given.format, actor))
    return 0
