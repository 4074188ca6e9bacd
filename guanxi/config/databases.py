"""Where the database is and who signs in to it, as Django settings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from guanxi.config.configuration import Configuration, derive

EMBEDDED_OWNER = "guanxi"
EMBEDDED_NAME = "guanxi"
SEARCH_PATH = "guanxi,extensions"
ADDRESS_VARIABLE = "GUANXI_DATABASE_ADDRESS"


@dataclass(frozen=True)
class Place:
    """One PostgreSQL database and the role that owns it."""

    host: str
    port: int
    name: str
    owner: str
    owner_password: str = field(repr=False)
    app_password: str = field(repr=False)
    read_password: str = field(repr=False)
    options: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def app(self) -> str:
        return f"{self.owner}_app"

    @property
    def reader(self) -> str:
        return f"{self.owner}_read"

    def conninfo(self, role: str = "owner") -> dict[str, Any]:
        """Keyword arguments of `psycopg.connect` for the roles "owner", "app" and "read"."""
        user, password = {
            "owner": (self.owner, self.owner_password),
            "app": (self.app, self.app_password),
            "read": (self.reader, self.read_password),
        }[role]
        return {
            **self.options,
            "host": self.host,
            "port": self.port,
            "dbname": self.name,
            "user": user,
            "password": password,
        }

    def named(self, name: str) -> Place:
        """The same server and roles, another database."""
        return replace(self, name=name)


def place(configuration: Configuration, secret: str) -> Place:
    """The database that this configuration means."""
    app_password, read_password = derive(secret, "database:app"), derive(secret, "database:read")
    if configuration.database_url is not None:
        parts: dict[str, Any] = dict(conninfo_to_dict(configuration.database_url.get_secret_value()))
        return Place(
            host=str(parts.pop("host", "") or "127.0.0.1"),
            port=int(parts.pop("port", "") or 5432),
            name=str(parts.pop("dbname", "") or EMBEDDED_NAME),
            owner=str(parts.pop("user", "") or EMBEDDED_OWNER),
            owner_password=str(parts.pop("password", "") or ""),
            app_password=app_password,
            read_password=read_password,
            options={key: str(value) for key, value in parts.items() if value not in (None, "") and key != "options"},
        )
    host, port, name = address(configuration)
    return Place(
        host=host,
        port=port,
        name=name,
        owner=EMBEDDED_OWNER,
        owner_password=derive(secret, "database:owner"),
        app_password=app_password,
        read_password=read_password,
    )


def address(configuration: Configuration) -> tuple[str, int, str]:
    """Host (or socket folder), port and name of the embedded database."""
    if configuration.database_address:
        host, port, name = configuration.database_address.split("|")
        return host, int(port), name
    return str(configuration.data / "postgres" / "socket"), 5432, EMBEDDED_NAME


def announce(host: str, port: int, name: str = EMBEDDED_NAME) -> None:
    """Tell this process and its children where the embedded database listens."""
    os.environ[ADDRESS_VARIABLE] = f"{host}|{port}|{name}"


def django_databases(where: Place) -> dict[str, dict[str, Any]]:
    """`DATABASES`: "default" signs in as the application, "owner" may change tables."""
    shared = {
        "ENGINE": "guanxi.kernel.database.backend",
        "HOST": where.host,
        "PORT": str(where.port),
        "NAME": where.name,
        "ATOMIC_REQUESTS": False,
        "TIME_ZONE": None,
        "CONN_HEALTH_CHECKS": True,
    }
    options = {
        **where.options,
        "options": f"-c search_path={SEARCH_PATH}",
        "connect_timeout": 10,
        "application_name": "guanxi",
        # Planning takes twice as long as running the short statements of an act: the database keeps the plans.
        "server_side_binding": True,
        "prepare_threshold": 3,
    }
    return {
        "default": {
            **shared,
            "USER": where.app,
            "PASSWORD": where.app_password,
            # A thread of the web server keeps its connection between requests.
            "CONN_MAX_AGE": 600,
            "OPTIONS": dict(options),
        },
        "owner": {
            **shared,
            "USER": where.owner,
            "PASSWORD": where.owner_password,
            "CONN_MAX_AGE": 0,
            "OPTIONS": {**options, "application_name": "guanxi-owner"},
        },
    }


def mail_settings(url: str | None, folder: str) -> dict[str, Any]:
    """Django's mail settings from `smtp://` or `smtps://`; files when there is no server."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
    }
