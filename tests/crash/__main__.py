"""`python -m tests.crash --kills 40 --seed 7`: the whole proof, with its figures. See README.md."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support import place

if TYPE_CHECKING:
    from guanxi.kernel.database.embedded import EmbeddedServer


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """A PostgreSQL of this run's own, with the account sets of the tests; what its processes are told."""
    with served() as (_server, environment):
        yield environment


@contextmanager
def served(*, durable: bool = False) -> Iterator[tuple[EmbeddedServer, dict[str, str]]]:
    """The same with the server; `durable` is one that waits for the disk, as in earnest."""
    place.announce(is_kept_by_the_disk=durable)
    import django

    django.setup()
    from django.db import connections

    from guanxi.config.prepare import collect_static
    from tests.support import cluster

    server = cluster.start(durable=durable)
    try:
        cluster.clone(place.own_database())
        collect_static()
        yield server, dict(os.environ)
    finally:
        connections.close_all()
        server.stop()
        shutil.rmtree(place.folder(), ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=6, help="who tell stories at the same time")
    parser.add_argument("--pace", type=float, default=2.0, help="seconds between two kills, on the average")
    parser.add_argument("--webs", type=int, default=2, help="processes of the web server")
    parser.add_argument("--hurry", action="store_true", help="do not wait for the leases of killed workers (150 s): they end at once")
    parser.add_argument("--sd", action="store_true", help="the sales-and-distribution load, and PostgreSQL is killed as well")
    parser.add_argument("--controls", action="store_true", help="with --sd: afterwards two defects, which have to be found")
    given = parser.parse_args()
    if given.sd:
        with served(durable=True) as (server, environment):
            from tests.crash.sd import run as run_load

            return run_load(given, server, environment, lambda words: print(words, flush=True))
    first = time.monotonic()
    with database() as environment:
        from tests.crash.outside import outside
        from tests.crash.proof import problems, repeated
        from tests.crash.run import begun

        with outside() as receivers, begun(receivers, environment, given.seed, place.folder() / "guanxi.log", webs=given.webs) as run:
            run.tell_under_fire(kills=given.kills, clients=given.clients, pace=given.pace, say=lambda words: print(words, flush=True))
            found, seconds = run.come_to_rest(patience=400, is_hurried=given.hurry)
            wrong = [*run.complaints, *problems(run.stories, found, run.company)]
        mails, hooks = repeated(found)
    print(f"\nseed {given.seed}; kills: {dict(sorted(run.installation.kills.items()))}")
    print(f"stories: {len(run.stories)}; records: {len(found.rows)}; events: {len(found.events)}; notices: {len(found.notices)}")
    print(f"requests: {dict(sorted(run.counts.items()))}")
    print(f"mails: {len(found.mails)} came, {mails} of them again under the same Message-ID")
    print(f"webhooks: {len(found.hooks)} came, {hooks} of them again under the same webhook-id")
    print(f"at rest {seconds:.0f} s after the last story; {time.monotonic() - first:.0f} s in all, {os.cpu_count()} processors")
    print("\n".join(wrong[:100]) if wrong else "Nothing was lost, nothing was doubled; guanxi check holds.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
