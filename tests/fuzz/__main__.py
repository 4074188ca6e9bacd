"""`python -m tests.fuzz --minutes 60 --seed 1`: the whole API of a demo company over HTTP, with its figures. See README.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from tests.fuzz.asking import Fuzz
from tests.support.serving import Serving

LOCKS = ("/setup/keys", "/setup/members", "/setup/roles", "/setup/role-assignments", "/setup/entities")
"""What would lock the run itself out is only read here; the slice among the tests, which takes everything back, writes it too."""


def is_safe(operation: Any) -> bool:
    return operation.method == "get" or not operation.path.startswith(LOCKS)


class Outside:
    """Sends requests to a server, with a key."""

    def __init__(self, token: str, language: str = "en"):
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self.session = requests.Session()

    def __call__(self, request: requests.PreparedRequest) -> requests.Response:
        request.headers.update(self.headers)
        return self.session.send(request, timeout=120, allow_redirects=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=4, help="calls of each kind at an address before the next one's turn")
    parser.add_argument("--set", default="demo", dest="set_key", help="demo (Chinese) or harbour (English)")
    parser.add_argument("--member", default="admin", help="whose rights the run has")
    parser.add_argument("--data", default="", help="the folder of a demo that is there already and may be spoiled; a new one is made without it")
    parser.add_argument("--only", default="", help="addresses that hold this text")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guanxi-fuzz-") as folder:
        serving = Serving(Path(given.data or f"{folder}/data"), GUANXI_WEB_WORKERS="2")
        if not given.data and (made := serving.run("demo", "--no-serve")).returncode:
            print(made.stderr)
            return 1
        serving.start()
        try:
            return _fuzz(serving, given)
        finally:
            serving.stop()


def _fuzz(serving: Serving, given: argparse.Namespace) -> int:
    token = serving.run("user", "key", given.member, given.set_key, "--name", "fuzz").stdout.strip()
    base = f"http://127.0.0.1:{serving.port}/api/{given.set_key}"
    send = Outside(token, "zh-Hans" if given.set_key == "demo" else "en")
    described = send(requests.Request("GET", f"{base}/openapi.json").prepare()).json()
    described["servers"] = [{"url": base}]
    fuzz = Fuzz(described, send, given.seed)
    begun = time.monotonic()
    found = fuzz.run(given.examples, until=begun + given.minutes * 60, only=lambda one: is_safe(one) and given.only in one.path)
    still = send(requests.Request("GET", f"{base}/customers?limit=1").prepare()).status_code
    print(f"seed {given.seed}, {(time.monotonic() - begun) / 60:.1f} minutes, {os.cpu_count()} processors shared with others, set {given.set_key}")
    print(f"addresses and methods: {found.operations}; calls: {found.calls}; answers: {dict(sorted(found.statuses.items()))}")
    print(f"nothing could be made for: {sorted(set(found.unasked)) or 'none'}")
    for what, how in sorted(found.problems.items()):
        print(f"WRONG {what}\n      {how}")
    print(f"wrong: {len(found.problems)} kinds; the key still opens: {still == 200}; faults in the log: {serving.words().count('incident')}")
    for line in serving.words().splitlines():
        if "incident" in line:
            print(f"LOG {line}")
    return 1 if found.problems or still != 200 else 0


if __name__ == "__main__":
    sys.exit(main())
