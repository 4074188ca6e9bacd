"""`guanxi bench`: load and speed, through the public interface, beside the same work as bare SQL."""

from __future__ import annotations

import argparse


def main(rest: list[str] | None = None) -> int:
    """`sd`: the order business of many clients. `data`, `grow`: very many rows. `ui`: what people look at there. `print`: paper. `price`: prices."""
    parser = argparse.ArgumentParser(prog="guanxi bench", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    sd = kinds.add_parser("sd", help="orders an hour: the six dialog steps of SAP's Sales and Distribution benchmark")
    sd.add_argument("--clients", type=int, default=4, help="each with its own customer and five products (default 4)")
    sd.add_argument("--seconds", type=float, default=30, help="how long to measure, after a warm-up (default 30)")
    sd.add_argument("--url", help="a running server; needs --token (default: one of its own on this data folder)")
    sd.add_argument("--token", help="an API key of an account set made by an earlier run")
    sd.add_argument("--set", dest="key", default="bench", help="account set to work in; made when missing (default bench)")
    sd.add_argument("--floor", action="store_true", help="the same work as hand-written SQL in the same run, and the ratio")
    sd.add_argument("--json", action="store_true", help="print the figures as JSON only")
    data = kinds.add_parser("data", help="fill an account set by COPY")
    data.add_argument("--set", dest="key", default="big", help="account set; made when missing (default big)")
    defaults = {"customers": 100_000, "contacts": 200_000, "orders": 100_000, "activities": 500_000, "leads": 0, "opportunities": 0}
    for name, count in defaults.items():
        data.add_argument(f"--{name}", type=int, default=count, help=f"default {count:,}")
    data.add_argument("--no-search", action="store_true", help="leave them out of the search index, which takes most of the time")
    data.add_argument("--lines", type=int, default=3, help="lines of an order, each with a journal line (default 3)")
    growing = kinds.add_parser("grow", help="a set for `sd` with very many orders behind it, copied with all they wrote from a short run")
    growing.add_argument("--set", dest="key", default="grown", help="account set; made when missing (default grown)")
    growing.add_argument("--orders", type=int, default=10_000, help="default 10,000")
    paper = kinds.add_parser("print", help="documents a second: quotations with different lines, by the renderer of this process")
    paper.add_argument("--lines", type=int, default=24, help="lines of a document (default 24)")
    paper.add_argument("--documents", type=int, default=50, help="how many are printed after the first (default 50)")
    ui = kinds.add_parser("ui", help="lists, boards, records and search of a filled set, by one client and by eight, beside bare SQL")
    ui.add_argument("--set", dest="key", default="big", help="account set that `data` filled (default big)")
    ui.add_argument("--times", type=int, default=30, help="how often each page is asked for (default 30)")
    ui.add_argument("--clients", type=int, default=8, help="people at once in the second run of the mix (default 8)")
    ui.add_argument("--seconds", type=float, default=60, help="how long each run of the mix is noted, after as long a warm-up (default 60)")
    ui.add_argument("--pause", type=float, default=1, help="seconds that a person looks at a page, half as long to half as long again (default 1)")
    ui.add_argument("--only", default="", help="only the pages with this in their name, and no mix")
    ui.add_argument("--json", action="store_true", help="print the figures as JSON as well")
    price = kinds.add_parser("price", help="prices of a document under lists, policies and promotions, and under none")
    price.add_argument("--set", dest="key", default="bench", help="account set to work in; made when missing (default bench)")
    price.add_argument("--lines", type=int, default=200, help="lines of the document (default 200)")
    price.add_argument("--times", type=int, default=200, help="how often it is priced (default 200)")
    price.add_argument("--json", action="store_true", help="print the figures as JSON only")
    taking = kinds.add_parser("import", help="customers with a contact each from one file, beside bare COPY of the same rows")
    taking.add_argument("--rows", type=int, default=100_000, help="rows of the file (default 100,000)")
    taking.add_argument("--json", action="store_true", help="print the figures as JSON only")
    given = parser.parse_args(rest or [])
    if given.kind == "grow":
        from guanxi.config.benchmarks.growing import grow

        return grow(given)
    if given.kind == "import":
        from guanxi.config.benchmarks.taking import run as run_import

        return run_import(given)
    if given.kind == "price":
        from guanxi.config.benchmarks.price import measure as measure_prices

        return measure_prices(given)
    if given.kind == "print":
        from guanxi.config.benchmarks.paper import measure

        return measure(given)
    if given.kind == "ui":
        from guanxi.config.benchmarks.ui import run as run_ui

        return run_ui(given)
    if given.kind == "sd":
        from guanxi.config.benchmarks.sd import run

        return run(given)
    from guanxi.config.benchmarks.fill import fill

    return fill(given)
