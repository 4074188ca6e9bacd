"""`guanxi api …`: the API from the command line."""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from getpass import getpass
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from guanxi.client.client import Client
from guanxi.client.errors import ApiError, Unreachable
from guanxi.client.results import Batch, Record

EXAMPLES = """examples:
  guanxi api profile --url https://crm.example.com       asks for the key and keeps both
  guanxi api list customers -f tier=A --sort -code --fields code,name,owner
  guanxi api list customers --where 'any(tier:A;created_on:this_month)' --all --as lines
  guanxi api get customers 17
  guanxi api post customers name="Acme 有限公司" tier=A
  guanxi api patch customers 17 tier=B --version 3
  guanxi api do sales/orders 5 confirm_order promised_on=2026-04-01
  guanxi api upsert customers rows.json --mode each"""
WIDEST = 40


class Wrong(Exception):
    """What was typed cannot be done; the message says why."""


def profile_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(os.environ.get("GUANXI_API_FILE") or f"{base}/guanxi/api.toml").expanduser()


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="guanxi api", description="Read and write records and perform operations over the API, with a key's rights.", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--profile", default=os.environ.get("GUANXI_API_PROFILE", "default"), help="which address and key of the file to use")
    shared.add_argument("--as", dest="form", choices=("json", "table", "lines"), help="how to print: table on a terminal, json otherwise")
    shared.add_argument("--language", default=os.environ.get("LANG", "en"), help="language of labels and messages: en or zh-Hans")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str, *arguments: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", parents=[shared], allow_abbrev=False)
        for argument in arguments:
            one.add_argument(argument, type=int if argument == "id" else str)
        return one

    rows = add("list", "rows of a list", "path")
    rows.add_argument("-f", dest="filters", action="append", default=[], metavar="COLUMN=VALUE", help="a filter, as in a list's address")
    for option, text in (("where", "conditions within conditions"), ("q", "words to search for"), ("sort", "columns, - for falling"),
                         ("fields", "columns to show"), ("view", "a saved view")):
        rows.add_argument(f"--{option}", default="", help=text)
    rows.add_argument("--limit", type=int, default=20, help="so many rows (20)")
    rows.add_argument("--all", action="store_true", help="all rows")
    one = add("get", "one record", "path", "id")
    one.add_argument("--fields", default="", help="columns to show")
    for name, text, arguments in (
        ("post", "a new record", ("path",)), ("patch", "change a record", ("path", "id")), ("do", "perform an operation on a record", ("path", "id")),
        ("run", "perform an operation that needs no record", ("path",)),
    ):
        command = add(name, text, *arguments)
        if name in ("do", "run"):
            command.add_argument("operation")
        command.add_argument("values", nargs="*", metavar="NAME=VALUE", help="or one JSON object; - reads it from standard input")
        command.add_argument("--key", default="", help="idempotency key; one is made when you give none")
        if name == "patch":
            command.add_argument("--version", type=int, help="the version you read; without it whatever is there is overwritten")
    add("delete", "delete a record", "path", "id").add_argument("--key", default="", help="idempotency key")
    many = add("upsert", "take in rows by their business key", "path")
    many.add_argument("file", help="JSON list, or JSON objects line by line; - for standard input")
    many.add_argument("--mode", choices=("all", "each"), default="all", help="a batch whole or not at all, or each row for itself")
    many.add_argument("--key", default="", help="idempotency key")
    kept = add("profile", "keep an address and a key in a file that only you can read")
    kept.add_argument("--url", required=True, help="https://crm.example.com")
    add("description", "the OpenAPI description")
    return top


def main(argv: Sequence[str]) -> int:
    """0 when it was done, 1 when it was refused, 2 when it cannot be understood."""
    given = parser().parse_args(argv)
    try:
        if given.command == "profile":
            return keep_profile(given)
        with client_for(given) as client:
            return COMMANDS[given.command](client, given)
    except (ApiError, Unreachable) as error:
        print(f"guanxi: {error}", file=sys.stderr)
        return 1
    except (Wrong, ValueError, OSError) as error:
        print(f"guanxi: {error}", file=sys.stderr)
        return 2


# ---- where, and as whom ---------------------------------------------------------------------------------------------------
def client_for(given: argparse.Namespace) -> Client:
    """GUANXI_API_URL and GUANXI_API_KEY, or the profile of the file."""
    url, key = os.environ.get("GUANXI_API_URL", ""), os.environ.get("GUANXI_API_KEY", "")
    if not (url and key):
        found = read_profiles(profile_file()).get(given.profile, {})
        url, key = url or found.get("url", ""), key or found.get("key", "")
    if not (url and key):
        raise Wrong("Say where and with which key: GUANXI_API_URL and GUANXI_API_KEY, or once `guanxi api profile --url …`.")
    return Client(url, key, language="zh-Hans" if given.language.lower().startswith("zh") else "en")


def read_profiles(path: Path) -> dict[str, dict[str, str]]:
    """The file's profiles; refused when others can read the keys in it."""
    if not path.exists():
        return {}
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Wrong(f"Others can read the keys in {path}: chmod 600 {path}")
    return tomllib.loads(path.read_text())


def keep_profile(given: argparse.Namespace) -> int:
    key = sys.stdin.readline().strip() if not sys.stdin.isatty() else getpass("key (gx_…): ").strip()
    Client(given.url, key)
    path = profile_file()
    found = read_profiles(path) | {given.profile: {"url": given.url, "key": key}}
    lines = [f"[{json.dumps(name)}]\nurl = {json.dumps(one['url'])}\nkey = {json.dumps(one['key'])}\n" for name, one in found.items()]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines))
    part.replace(path)
    print(f"guanxi: kept as “{given.profile}” in {path}", file=sys.stderr)
    return 0


# ---- what to do -----------------------------------------------------------------------------------------------------------
def list_rows(client: Client, given: argparse.Namespace) -> int:
    filters = dict(pair(text) for text in given.filters)
    rows = client.list(
        given.path, filters=filters, where=given.where, q=given.q, sort=given.sort, fields=given.fields, view=given.view,
        most=None if given.all else given.limit,
    )
    show_rows(rows, form_of(given))
    return 0


def get_row(client: Client, given: argparse.Namespace) -> int:
    return show(client.get(given.path, given.id, fields=given.fields), given)


def post(client: Client, given: argparse.Namespace) -> int:
    return show(client.create(given.path, values_of(given.values), key=given.key), given)


def patch(client: Client, given: argparse.Namespace) -> int:
    return show(client.update(given.path, given.id, values_of(given.values), version=given.version, key=given.key), given)


def delete(client: Client, given: argparse.Namespace) -> int:
    client.delete(given.path, given.id, key=given.key)
    return 0


def do(client: Client, given: argparse.Namespace) -> int:
    done = client.do(given.path, getattr(given, "id", None), given.operation, values_of(given.values), key=given.key)
    if done.awaiting is not None:
        print("guanxi: it waits for approval", file=sys.stderr)
        return show(done.awaiting, given)
    return show(done.record if done.record is not None else {"result": done.result}, given)


def upsert(client: Client, given: argparse.Namespace) -> int:
    text = sys.stdin.read() if given.file == "-" else Path(given.file).read_text()
    rows = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines() if line.strip()]
    batch: Batch = client.upsert(given.path, rows, mode=given.mode, key=given.key)
    for entry in batch.failed:
        print(f"guanxi: row {entry.index + 1}: {entry.error}", file=sys.stderr)
    show(dict(batch.counts), given)
    return 1 if batch.failed else 0


def description(client: Client, given: argparse.Namespace) -> int:
    return show(client.description(), given)


COMMANDS: dict[str, Callable[[Client, argparse.Namespace], int]] = {
    "list": list_rows, "get": get_row, "post": post, "patch": patch, "delete": delete, "do": do, "run": do, "upsert": upsert,
    "description": description,
}


# ---- in and out -----------------------------------------------------------------------------------------------------------
def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Wrong(f"“{text}” is not NAME=VALUE")
    return name, value


def values_of(given: Sequence[str]) -> Record:
    """NAME=VALUE pairs (NAME:=JSON for what is no text), or one JSON object."""
    if len(given) == 1 and (given[0] == "-" or given[0].lstrip().startswith("{")):
        found = json.loads(sys.stdin.read() if given[0] == "-" else given[0])
        if not isinstance(found, dict):
            raise Wrong("Give one JSON object: {…}")
        return found
    return {name.removesuffix(":"): json.loads(value) if name.endswith(":") else value for name, value in map(pair, given)}


def form_of(given: argparse.Namespace) -> str:
    return given.form or ("table" if sys.stdout.isatty() else "json")


def show(record: Record, given: argparse.Namespace) -> int:
    if form_of(given) == "table":
        width = max(map(len, record), default=0)
        for name, value in record.items():
            print(f"{name.ljust(width)}  {cell(value)}")
    else:
        print(json.dumps(record, ensure_ascii=False, indent=None if given.form == "lines" else 2))
    return 0


def show_rows(rows: Iterable[Record], form: str) -> None:
    if form == "lines":
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    found = list(rows)
    if form == "json":
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    names = list(dict.fromkeys(name for row in found for name in row if name != "version"))
    table = [names, *([cut(cell(row.get(name))) for name in names] for row in found)]
    widths = [max(wide(line[place]) for line in table) for place in range(len(names))]
    for line in table:
        print("  ".join(text + " " * (width - wide(text)) for text, width in zip(line, widths, strict=True)).rstrip())


def cell(value: Any) -> str:
    """A value on one line; a reference by its code and title."""
    if isinstance(value, dict) and "title" in value:
        return " ".join(dict.fromkeys(str(part) for part in (value.get("code"), value["title"]) if part))
    if isinstance(value, list) and value and all(isinstance(one, dict) and "title" in one for one in value):
        return ", ".join(str(one["title"]) for one in value)
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # What a record holds must not command the terminal.
    return "".join(sign if sign.isprintable() else " " for sign in text)


def wide(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
