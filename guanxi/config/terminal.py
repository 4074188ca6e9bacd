"""How commands speak to the person at the terminal."""

from __future__ import annotations

import sys


class Quit(Exception):
    """End the command with a message a person can act on."""


def say(text: str) -> None:
    """A line of progress, on standard error; results go to standard output."""
    print(f"guanxi: {text}", file=sys.stderr, flush=True)
