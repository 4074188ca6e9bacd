"""`python -m tests.ledgers --sequences 2000 --seed 1`: random business against the independent model. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.crash.__main__ import database

RESULTS = Path(__file__).parent / "results"
TOGETHER = 100
"""Sequences drawn from one seed of Hypothesis; after each hundred the figures are kept."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ledgers", description=__doc__)
    parser.add_argument("--sequences", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=30, help="acts in a sequence, at most")
    parser.add_argument("--plant", default="", help="a defect of defects.py that has to be found")
    parser.add_argument("--keep", action="store_true", help="write the figures into results/")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    with database():
        from tests.ledgers.business import World
        from tests.ledgers.defects import planted
        from tests.ledgers.sequences import run_many
        from tests.support.database import inside

        started, wrong = time.monotonic(), ""
        with inside("alpha") as actor, planted(given.plant) if given.plant else nullcontext():
            world = World(actor)
            for batch, first in enumerate(range(0, given.sequences, TOGETHER)):
                sequences = min(TOGETHER, given.sequences - first)
                try:
                    run_many(world, sequences, given.seed * 10_000 + batch, counts=counts, most=given.most, shrinks=not given.plant)
                except Exception as error:
                    wrong = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
                figures = _figures(given, counts, wrong, time.monotonic() - started)
                if given.keep:
                    RESULTS.mkdir(exist_ok=True)
                    text = json.dumps(figures, indent=2, ensure_ascii=False)
                    (RESULTS / f"seed-{given.seed}.json").write_text(text + "\n", encoding="utf-8")
                if wrong:
                    break
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return 1 if wrong else 0


def _figures(given: argparse.Namespace, counts: Counter[str], wrong: str, seconds: float) -> dict[str, Any]:
    acts = Counter({name: number for name, number in counts.items() if name != "sequences"})
    return {
        "sequences": counts["sequences"], "seed": given.seed, "acts": acts.total(), "done": _sum(acts, "done"),
        "refused_by_both": _sum(acts, "refused"), "planted": given.plant, "found": wrong, "seconds": round(seconds),
        "by_kind": dict(sorted(acts.items())),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
    }


def _sum(counts: Counter[str], outcome: str) -> int:
    return sum(number for name, number in counts.items() if name.endswith(outcome))


if __name__ == "__main__":
    sys.exit(main())
