"""Other programs that keep books read ours."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from guanxi.erp.finance.queries import TrialBalanceRow

BEAN_CHECK = Path(sys.executable).with_name("bean-check")


def read_by(form: str, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The other program reads the file, and checks what it asserts."""
    file = folder / f"books.{form}"
    file.write_text(text, encoding="utf-8")
    command = ["hledger", "check", "-s", "-f", str(file)] if form == "hledger" else [str(BEAN_CHECK), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})


def assert_adds_up(form: str, text: str, kept: Iterable[TrialBalanceRow], folder: Path) -> None:
    """No complaint, and each account is worth what we keep, to the cent."""
    read = read_by(form, text, folder)
    assert (read.returncode, read.stdout, read.stderr) == (0, "", "")
    ours = {row.code: row.balance for row in kept if row.balance}
    assert ours and _added_up(form, folder / f"books.{form}") == ours


def _added_up(form: str, file: Path) -> dict[str, Decimal]:
    if form == "hledger":
        command = ["hledger", "balance", "-f", str(file), "--flat", "--no-total", "-O", "csv", "-B"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}).stdout
        rows = [(account, balance) for account, balance in csv.reader(io.StringIO(answer))][1:]
    else:
        answer = subprocess.run([sys.executable, "-c", _SUMS, str(file)], capture_output=True, text=True, check=True).stdout
        rows = list(csv.reader(io.StringIO(answer)))
    return {account.rsplit(":", 1)[1].split("-")[0]: Decimal(balance.split(" ")[0]) for account, balance in rows if Decimal(balance.split(" ")[0])}


# In a process of its own: it is no part of ours.
_SUMS = """
import csv, sys
from beancount import loader
from beancount.core import data, realization
entries, errors, _options = loader.load_file(sys.argv[1])
assert not errors
out = csv.writer(sys.stdout)
for account in realization.iter_children(realization.realize(entries), leaf_only=True):
    for position in account.balance:
        out.writerow([account.account, str(position.units)])
"""
