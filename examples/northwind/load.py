"""Take the Northwind files through the public import into the account set `northwind`, and print what the books say."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SET = "northwind"
STEPS = (
    ("regions", "region.csv"), ("territories", "territories.csv"), ("members", "employees.csv"), ("superiors", "employees.csv"),
    ("categories", "categories.csv"), ("suppliers", "suppliers.csv"), ("products", "products.csv"), ("customers", "customers.csv"),
    ("contacts", "customers.csv"), ("supplier_contacts", "suppliers.csv"), ("addresses", "customers.csv"), ("supplier_addresses", "suppliers.csv"),
    ("faxes", "customers.csv"), ("opening", "products.csv"), ("receive", ""), ("orders", "orders.csv"), ("confirm", "orders.csv"),
    ("deliver", "orders.csv"), ("invoice", "orders.csv"), ("confirm_open", "orders.csv"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="examples/northwind/load", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the CSV files are")
    parser.add_argument("--data", type=Path, help="data folder of Guanxi (default: GUANXI_DATA or the user's own)")
    given = parser.parse_args()
    if given.data:
        os.environ["GUANXI_DATA"] = str(given.data.resolve())
    if not (given.folder / "order_details.csv").is_file():
        return say(f"{given.folder} does not hold the Northwind files (order_details.csv and the others)")

    from guanxi.config.command import boot, prepared
    from guanxi.config.configuration import configuration
    from guanxi.config.running import database

    with database(configuration(), say):
        boot()
        prepared()
        from guanxi.config.prepare import close_owner

        make_set()
        close_owner()
        if code := load(given.folder):
            return code
        print(json.dumps(figures(), indent=2))
    return 0


def say(text: str) -> int:
    print(f"northwind: {text}", file=sys.stderr, flush=True)
    return 1


def make_set() -> None:
    """The account set, unless it is there from an earlier run."""
    from guanxi.kernel.sets import lifecycle

    if SET not in {row.key for row in lifecycle.list_sets()}:
        lifecycle.create_set(SET, "Northwind Traders", language="en", currency="USD", country="US", timezone="America/Los_Angeles")


def load(folder: Path) -> int:
    """Every step by `guanxi import`, all rows of it or none; 0 when all were taken."""
    from guanxi.config.transfer import main as guanxi

    for name, file in STEPS:
        path = folder / file if file else HERE / "opening.csv"
        began, told = time.monotonic(), io.StringIO()
        with contextlib.redirect_stdout(told):
            code = guanxi(["import", str(path), "--set", SET, "--mapping", str(HERE / "mappings" / f"{name}.toml"), "--language", "en"])
        if code:
            return say(f"{name} was not taken:\n{told.getvalue()}") and code
        counts = {key: value for key, value in json.loads(told.getvalue()).items() if isinstance(value, int) and value and key != "written"}
        say(f"{name}: {', '.join(f'{value} {key}' for key, value in counts.items()) or 'nothing'} ({time.monotonic() - began:.1f} s)")
    return 0


def figures() -> dict[str, object]:
    """From the documents and the ledgers, in dollars and cents."""
    from django.db.models import Sum

    from guanxi.erp.finance.models import Invoice
    from guanxi.erp.finance.queries import receivables_of, trial_balance
    from guanxi.erp.sales.models import Order, OrderLine
    from guanxi.kernel.access.actor import system_actor
    from guanxi.kernel.database import in_set
    from guanxi.shared.parties.models import Party

    with in_set(SET):
        entity = system_actor().entity_id
        years = Order.objects.values_list("ordered_on__year").annotate(total=Sum("net")).order_by("ordered_on__year")
        customers = list(Party.objects.filter(is_customer=True).values_list("pk", flat=True))
        balance = trial_balance(entity)
        return {
            "customers": len(customers),
            "orders": Order.objects.count(),
            "lines": OrderLine.objects.count(),
            "ordered": cents(Order.objects.aggregate(total=Sum("net"))["total"]),
            "ordered_by_year": {str(year): cents(total) for year, total in years},
            "invoiced": cents(Invoice.objects.filter(status="posted").aggregate(total=Sum("total"))["total"]),
            "receivable": cents(sum(receivables_of(customers, entity).values())),
            "trial_balance": cents(sum(row.debit for row in balance) - sum(row.credit for row in balance)),
        }


def cents(value: object) -> float:
    return float(f"{value or 0:.2f}")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[1]))
    sys.exit(main())
