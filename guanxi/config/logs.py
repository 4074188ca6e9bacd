"""Logs for people and for machines, without secrets and without personal data."""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

SECRET_KEYS = re.compile(r"passw|secret|token|cookie|authorization|session|email|phone|mobile|username|api_?key", re.IGNORECASE)
SECRET_TEXT = (
    # Passwords in addresses, bearer keys, and what PostgreSQL quotes from a row.
    (re.compile(r"(\w+://[^\s:/@]+:)[^\s@]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), r"\1 ***"),
    (re.compile(r"\bgx_[a-z0-9_]+_\w+"), "gx_***"),
    # Links that open something to whoever holds them.
    (re.compile(r"(/invitations/\w+/|/password/reset/key/)[\w-]+"), r"\1***"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_***"),
    (re.compile(r"(?m)^(DETAIL|CONTEXT):.*$"), r"\1: ***"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "***@***"),
    (re.compile(r"(?<![\w.:-])\+?\d[\d -]{9,}\d(?![\w.:-])"), "***"),
)


def redact(text: str) -> str:
    """Take out of a text what must not stand in a log."""
    for pattern, replacement in SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last step before writing: keys that name a secret lose their value, texts are redacted."""
    for key, value in event.items():
        if key in ("timestamp", "level", "logger"):
            continue
        if SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = redact(value)
    return event


def drop_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Django hangs the whole request on its records: only the path is of use (a query may hold names)."""
    request = event.pop("request", None)
    if request is not None and hasattr(request, "path"):
        event["path"] = request.path
    return event


def processors() -> list[Any]:
    """The steps that every record takes, ours and the libraries'."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(allow={"request", "status_code"}),
        drop_request,
        structlog.processors.format_exc_info,
        redact_event,
    ]


def configure(level: str, style: str) -> None:
    """Send everything to standard error, once."""
    people = style == "text" or (style == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if people
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    steps = processors()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "guanxi": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": steps,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "guanxi"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
                "psycopg.pool": {"level": "ERROR"},
                "asyncio": {"level": "WARNING"},
                "_granian": {"level": "WARNING"},
                "granian.access": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *steps,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
