"""Every address of the description asked with what it allows and with what it does not, and every answer held against it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

Send = Callable[[requests.PreparedRequest], requests.Response]
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
BASE = "http://guanxi.invalid"
REAL = 0.7
"""How often an id in the address is one that is there."""


@dataclass
class Found:
    """What was asked, and what should not have been answered."""

    operations: int = 0
    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    """One of each kind: where and what → how to see it again."""
    unasked: list[str] = field(default_factory=list)

    def note(self, what: str, request: requests.PreparedRequest) -> None:
        body = request.body if isinstance(request.body, str) else (request.body or b"").decode(errors="replace")
        self.problems.setdefault(what, f"{request.method} {request.path_url} {body[:600]}")


class Fuzz:
    """One run over a description; `send` puts a request through and answers it."""

    def __init__(self, document: dict[str, Any], send: Send, seed: int):
        self.document, self.send, self.seed = document, send, seed
        self.random = random.Random(seed)
        self.found = Found()
        self.codes = set(document["x-error-codes"])
        self.ids: dict[str, list[int]] = {}
        schema = schemathesis.openapi.from_dict({**document, "servers": [{"url": BASE}], "security": []})
        self.operations = [found for result in schema.get_all_operations() if (found := result.ok()) is not None]
        self.found.operations = len(self.operations)

    def run(self, examples: int, *, until: float | None = None, only: Callable[[Any], bool] = lambda _operation: True) -> Found:
        """`examples` calls of each kind at each address, again and again `until` then, or once."""
        turn = 0
        while True:
            for operation in self._mixed(turn, only):
                for mode in GenerationMode:
                    if until is not None and time.monotonic() > until:
                        return self.found
                    self._ask(operation, mode, examples, turn)
            turn += 1
            if until is None:
                return self.found

    def _mixed(self, turn: int, only: Callable[[Any], bool]) -> Iterator[Any]:
        chosen = [one for one in self.operations if only(one)]
        random.Random(f"{self.seed} {turn}").shuffle(chosen)
        yield from chosen

    def _ask(self, operation: Any, mode: GenerationMode, examples: int, turn: int) -> None:
        @seeded(f"{self.seed} {turn} {operation.label} {mode}")
        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=False, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def asked(case: Case) -> None:
            self._once(operation, case)

        try:
            asked()
        except (Unsatisfiable, FlakyStrategyDefinition):
            # There is nothing that such an address would not allow.
            if mode is GenerationMode.POSITIVE:
                self.found.unasked.append(operation.label)

    def _once(self, operation: Any, case: Case) -> None:
        self._name_real_rows(operation, case)
        if self.random.random() < 0.5 and operation.method in ("patch", "post"):
            case.headers["If-Match"] = "*"
        try:
            request = requests.Request(**case.as_transport_kwargs(base_url=self.document["servers"][0]["url"])).prepare()
        except (requests.RequestException, ValueError, UnicodeError):
            return  # No program can send this.
        answer = self.send(request)
        self.found.calls += 1
        self.found.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self.found.note(f"{answer.status_code} {operation.label}", request)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self._note(operation, failure, answer, request)
        except Failure as failure:
            self._note(operation, failure, answer, request)
        if answer.status_code >= 400 and request.method != "HEAD":
            code = answer.json().get("error", {}).get("code")
            if code not in self.codes:
                self.found.note(f"code {code} {operation.label}", request)

    def _note(self, operation: Any, failure: Any, answer: requests.Response, request: requests.PreparedRequest) -> None:
        words = " ".join(str(getattr(failure, "message", failure)).split())[:300]
        self.found.note(f"{type(failure).__name__} {answer.status_code} {operation.label}: {words}", request)

    def _name_real_rows(self, operation: Any, case: Case) -> None:
        """Most calls name rows that are there, or hardly any would get past “not found”."""
        path = operation.path.partition("/{id}")[0] if "{id}" in operation.path else operation.path.rpartition("/")[0]
        if not ("{id}" in operation.path or isinstance(case.body, dict) and "ids" in case.body) or self.random.random() > REAL:
            return
        if path not in self.ids:
            headers = {"Accept-Language": "en"}
            base = self.document["servers"][0]["url"]
            answer = self.send(requests.Request("GET", f"{base}{path}?limit=20&fields=id&total=no", headers=headers).prepare())
            self.ids[path] = [row["id"] for row in answer.json().get("rows", ())] if answer.status_code == 200 else []
        if not self.ids[path]:
            return
        if "{id}" in operation.path:
            case.path_parameters["id"] = self.random.choice(self.ids[path])
        elif isinstance(case.body["ids"], list):
            case.body["ids"] = self.random.sample(self.ids[path], min(3, len(self.ids[path])))
