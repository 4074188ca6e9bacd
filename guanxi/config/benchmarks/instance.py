"""The server that is measured: its processes, the time they use, and the account set they work in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from guanxi.config.configuration import configuration
from guanxi.config.running import read_running
from guanxi.config.terminal import Quit
from guanxi.kernel.database.processes import free_port

TICKS = os.sysconf("SC_CLK_TCK")
PRODUCTS = 5
PLENTY = 10_000_000


@contextmanager
def server() -> Iterator[str]:
    """The address of the server on this data folder; one is started for the run when none is there."""
    found = read_running(configuration())
    if found is not None:
        yield found.url
        return
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # This command runs the database already; the other parts attach to it.
    parts = [*(_part("web", "--port", str(port)) for _number in range(configuration().web_workers)), _part("worker")]
    try:
        _wait(url, parts[0])
        yield url
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(60)


def _part(*arguments: str) -> subprocess.Popen:
    # Limits are for strangers; here a few clients ask as fast as they can.
    unlimited = {"GUANXI_API_PER_KEY": "0", "GUANXI_API_PER_MEMBER": "0"}
    environment = {**os.environ, "GUANXI_DATA": str(configuration().data), **unlimited}
    return subprocess.Popen([sys.executable, "-m", "guanxi.config.command", *arguments], env=environment)


def _wait(url: str, process: subprocess.Popen, patience: float = 120) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Quit("The server to be measured ended by itself; what it said stands above.")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise Quit("The server to be measured did not become ready.")


def cpu_seconds() -> dict[str, float]:
    """Processor time used so far by the web, worker and database processes of this data folder."""
    running = read_running(configuration())
    root = running.pid if running else os.getpid()
    used = {"web": 0.0, "worker": 0.0, "database": 0.0}
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    for pid in family - {root}:
        try:
            command = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            name, _closed, rest = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")
        except OSError:
            continue
        stat = rest.split()
        # The postmaster's waited-for children (backends that ended) count too: fields 15 and 16.
        seconds = sum(int(stat[n]) for n in (11, 12, 13, 14)) / TICKS
        # A process that has just ended has no command any more, but still its name and its time.
        part = "database" if "postgres" in command or "postgres" in name else "worker" if "worker" in command else "web"
        used[part] += seconds
    return used


def prepare_set(key: str, clients: int) -> tuple[str, list[SimpleNamespace]]:
    """The account set with a key, and for each client a customer and five products of which there is plenty."""
    from guanxi.erp.inventory.models import GoodsReceipt, StockBalance
    from guanxi.erp.inventory.operations import receive_goods
    from guanxi.kernel.access.actor import system_actor
    from guanxi.kernel.access.keys import make_key
    from guanxi.kernel.access.models import AccessKey, Member, Role
    from guanxi.kernel.acts.writer import create_record
    from guanxi.kernel.database import in_set
    from guanxi.kernel.sets.lifecycle import create_set, list_sets
    from guanxi.shared.catalog.models import Product
    from guanxi.shared.parties.models import Party

    if not any(account_set.key == key for account_set in list_sets()):
        create_set(key, "Benchmark", language="en", currency="USD", country="US", timezone="UTC")
    places = []
    with in_set(key):
        actor = system_actor()
        member, _made = Member.objects.get_or_create(code="bench", defaults={"name": "Benchmark", "kind": "key"})
        member.roles.set(Role.objects.filter(key="administrator"))
        AccessKey.objects.filter(member=member).delete()
        _row, token = make_key(member, "bench")
        for number in range(clients):
            customer = Party.objects.filter(code=f"BENCH-{number}").first() or create_record(
                Party, {"code": f"BENCH-{number}", "name": f"Customer {number} of the benchmark"}, actor=actor
            ).result
            products = [
                Product.objects.filter(code=f"B{number}-{n}").first() or create_record(
                    Product,
                    {
                        "code": f"B{number}-{n}", "name": f"Product {number}-{n}", "unit": "pc",
                        "list_price": str(Decimal("9.99") + n), "standard_cost": "4",
                    },
                    actor=actor,
                ).result
                for n in range(PRODUCTS)
            ]
            low = [p for p in products if not StockBalance.objects.filter(product=p, on_hand__gt=PLENTY // 2).exists()]
            if low:
                lines = [{"product": p.pk, "quantity": str(PLENTY), "unit_cost": "4"} for p in low]
                receipt = create_record(GoodsReceipt, {"kind": "opening", "lines": lines}, actor=actor).result
                receive_goods(receipt, actor=actor)
            places.append(SimpleNamespace(customer=customer.pk, products=[p.code for p in products]))
    return token, places
