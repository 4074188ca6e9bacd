"""The command `guanxi`: everything an operator does, as subcommands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from pydantic import ValidationError

from guanxi.client import terminal
from guanxi.config.configuration import Configuration, configuration, default_data_folder
from guanxi.config.running import database
from guanxi.config.terminal import Quit, say
from guanxi.kernel.database.embedded import EmbeddedError
from guanxi.kernel.database.processes import FolderInUse

# Subcommands whose work is done elsewhere: name -> module with main(arguments) -> exit code.
ENGINES = {
    "check": ("guanxi.config.check", "prove the books, the ledgers and the walls between account sets"),
    "bench": ("guanxi.config.bench", "measure this installation with made-up data"),
    "import": ("guanxi.config.transfer", "take in a file of records (CSV, XLSX)"),
    "export": ("guanxi.config.transfer", "write records to a file (CSV, XLSX)"),
}


def own_version() -> str:
    """The version that is installed."""
    try:
        return version("guanxi")
    except PackageNotFoundError:
        return "from its source folder"


def boot() -> None:
    """Load Django once the database's place is known."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "guanxi.config.settings"
    import django

    django.setup()


def parser() -> argparse.ArgumentParser:
    """The command line; every subcommand explains itself with --help."""
    top = argparse.ArgumentParser(prog="guanxi", description="Guanxi: customer relationship management inside an ERP.")
    top.add_argument("--version", action="version", version=f"guanxi {own_version()}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", metavar="FOLDER", help="data folder (default: GUANXI_DATA or the user's own)")
    network = argparse.ArgumentParser(add_help=False)
    network.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    network.add_argument("--port", type=int, help="port to listen on (default 8000)")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str, *parents: argparse.ArgumentParser, passes_on: bool = False) -> argparse.ArgumentParser:
        # What is passed on has a parser of its own, with its own --help.
        return commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            parents=[shared, *parents],
            add_help=not passes_on,
            allow_abbrev=False,
        )

    serve = add("serve", "run everything: database (unless DATABASE_URL is set), web server and worker", network)
    serve.add_argument("--workers", type=int, help="processes of the web server (default: one for each processor, at most 4)")
    serve.add_argument("--threads", type=int, help="threads in each of them (default 8)")
    web = add("web", "run the web server only", network)
    web.add_argument("--threads", type=int, help="threads (default 8)")
    add("worker", "run the worker only: jobs, schedules and deliveries of events")
    add("migrate", "bring the database and every account set to this version")
    demo = add("demo", "fill an account set with a believable year, then run everything", network)
    demo.add_argument("--no-serve", action="store_true", help="only make the data")
    for name, (_module, text) in ENGINES.items():
        add(name, text, passes_on=True)
    config = add("check-config", "say what is set, from where, and whether it works")
    config.add_argument("--reference", action="store_true", help="print every setting with its meaning")
    add("api", "read, write and act over the API of an installation, with a key", passes_on=True)
    import_module("guanxi.config.people").arguments(add("user", "create, list and disable people, and give them roles"))
    import_module("guanxi.config.account_sets").arguments(add("set", "create, list, migrate, put out, take in and drop account sets"))
    add("django", "pass a command to Django (for developers: makemigrations, shell)", passes_on=True)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; 0 when it did what was asked."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["api"]:
        # Another machine's, perhaps: it needs neither a configuration nor a database here.
        return terminal.main(given[1:])
    arguments, rest = parser().parse_known_args(given)
    if rest and arguments.command not in {*ENGINES, "demo", "django"}:
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    for option, variable in (
        ("data", "GUANXI_DATA"),
        ("host", "GUANXI_HOST"),
        ("port", "GUANXI_PORT"),
        ("workers", "GUANXI_WEB_WORKERS"),
        ("threads", "GUANXI_WEB_THREADS"),
    ):
        if getattr(arguments, option, None) is not None:
            os.environ[variable] = os.path.abspath(arguments.data) if option == "data" else str(getattr(arguments, option))
    if arguments.command == "demo" and "GUANXI_DATA" not in os.environ:
        # The demo's passwords are public: it never gets into a real installation's folder by itself.
        os.environ["GUANXI_DATA"] = f"{default_data_folder()}-demo"
    configuration.cache_clear()
    try:
        conf = configuration()
        return handler(arguments.command)(conf, arguments, rest)
    except ValidationError as error:
        for problem in error.errors():
            say(f"{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}")
        return 2
    except (Quit, EmbeddedError, FolderInUse) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


Handler = Callable[[Configuration, argparse.Namespace, list[str]], int]


def handler(name: str) -> Handler:
    """The function behind a subcommand."""
    own: dict[str, Handler] = {
        "serve": serve_command,
        "web": web_command,
        "worker": worker_command,
        "migrate": migrate_command,
        "demo": demo_command,
        "check-config": check_config_command,
        "user": lambda conf, arguments, _rest: with_database(conf, "guanxi.config.people", arguments),
        "set": lambda conf, arguments, _rest: with_database(conf, "guanxi.config.account_sets", arguments),
        "django": django_command,
    }
    return own.get(name) or engine_command


def with_database(conf: Configuration, module: str, arguments: argparse.Namespace) -> int:
    """Run `module.run(arguments)` with a prepared database."""
    with database(conf, say):
        boot()
        prepared()
        return int(import_module(module).run(arguments) or 0)


def prepared() -> None:
    """Bring the global schema up to date, which costs nothing when it is."""
    from django.db import Error

    from guanxi.config.prepare import Unfit, close_owner, prepare

    try:
        prepare(say)
    except Unfit as error:
        raise Quit(str(error)) from None
    except Error as error:
        raise Quit(f"The database refuses: {str(error).strip()}. `guanxi check-config` says what it needs.") from None
    finally:
        close_owner()


def serve_command(conf: Configuration, arguments: argparse.Namespace, _rest: list[str]) -> int:
    from guanxi.config.supervisor import Supervisor

    return Supervisor(conf, say).run()


def web_command(conf: Configuration, arguments: argparse.Namespace, _rest: list[str]) -> int:
    with database(conf, say):
        boot()
        from guanxi.config import server

        return server.run(configuration())


def worker_command(conf: Configuration, arguments: argparse.Namespace, _rest: list[str]) -> int:
    with database(conf, say):
        boot()
        from guanxi.config import worker

        return worker.run(configuration())


def migrate_command(conf: Configuration, arguments: argparse.Namespace, _rest: list[str]) -> int:
    with database(conf, say):
        boot()
        from guanxi.config.prepare import close_owner, collect_static, prepare_sets

        prepared()
        failed = prepare_sets(say)
        close_owner()
        collect_static()
    return 1 if failed else 0


def demo_command(conf: Configuration, arguments: argparse.Namespace, rest: list[str]) -> int:
    with database(conf, say):
        boot()
        prepared()
        code = int(import_module("guanxi.config.demo").main(rest) or 0)
        from guanxi.config.prepare import close_owner

        close_owner()
    if code or arguments.no_serve:
        return code
    # A fresh process: the supervisor itself stays small and holds no connection.
    os.environ.pop("GUANXI_DATABASE_ADDRESS", None)
    os.execv(sys.executable, [sys.executable, "-m", "guanxi.config.command", "serve"])


def engine_command(conf: Configuration, arguments: argparse.Namespace, rest: list[str]) -> int:
    module, _text = ENGINES[arguments.command]
    given = [arguments.command, *rest] if arguments.command in ("import", "export") else rest
    if {"-h", "--help"} & {*rest}:
        boot()
        return int(import_module(module).main(given) or 0)
    with database(conf, say):
        boot()
        prepared()
        return int(import_module(module).main(given) or 0)


def check_config_command(conf: Configuration, arguments: argparse.Namespace, _rest: list[str]) -> int:
    from guanxi.config import check_config

    return check_config.run(conf, reference=arguments.reference)


def django_command(conf: Configuration, arguments: argparse.Namespace, rest: list[str]) -> int:
    from django.core.management import execute_from_command_line

    needs_database = rest[:1] not in ([], ["help"], ["check"], ["makemigrations"]) and "--help" not in rest
    with database(conf, say) if needs_database else nullcontext():
        boot()
        execute_from_command_line(["guanxi django", *rest])
    return 0


if __name__ == "__main__":
    sys.exit(main())
