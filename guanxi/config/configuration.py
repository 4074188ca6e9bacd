"""What a person who runs Guanxi may set: environment variables, or `guanxi.env` in the data folder."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_FILE = "secret"
ENVIRONMENT_FILE = "guanxi.env"


def default_data_folder() -> Path:
    """`/var/lib/guanxi` for root, the user's own data folder for anybody else."""
    if os.geteuid() == 0:
        return Path("/var/lib/guanxi")
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "guanxi"


class Configuration(BaseSettings):
    """Every setting of an installation, with its default and its meaning."""

    model_config = SettingsConfigDict(env_prefix="GUANXI_", extra="ignore", validate_default=True)

    data: Path = Field(
        default_factory=default_data_folder,
        description="Folder of everything that is kept: secret, files, and the embedded database.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "GUANXI_DATABASE_URL"),
        description="PostgreSQL (15 or newer) of your own, as its owner: postgresql://owner:password@host/name. "
        "Without it Guanxi runs its own PostgreSQL in the data folder.",
    )
    database_address: str | None = Field(
        default=None,
        description="Internal: host|port|name of the embedded database, set by the process that started it.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="Secret that signs sessions and derives database passwords (32 characters or more). "
        "Without it one is made and kept in the data folder. Several web machines need the same one.",
    )
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the web server listens on.")
    web_workers: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 4), ge=1, le=64,
        description="Processes of the web server; one for each processor, but not more than four, when nothing is said.",
    )
    web_threads: int = Field(default=8, ge=1, le=256, description="Threads in each process of the web server.")
    job_threads: int = Field(default=2, ge=1, le=64, description="Jobs that the worker runs at the same time.")
    public_url: str | None = Field(
        default=None,
        description="Address people use, for example https://crm.example.com; https turns on secure cookies and HSTS.",
    )
    allowed_hosts: str = Field(
        default="", description="More host names to answer to, separated by commas."
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=10, description="How many proxies of your own stand in front (for the client's address)."
    )
    outbound_networks: str = Field(
        default="",
        description="Private networks that Guanxi may call over HTTP (webhooks), separated by commas: 10.1.0.0/16, 192.168.7.20. "
        "Without them it calls addresses on the public internet only.",
    )
    outbound_http: bool = Field(default=False, description="Whether Guanxi may also call http:// addresses; without it https:// only.")
    api_per_key: int = Field(
        default=1200, ge=0, description="Requests a minute that one API key may send; 0 for as many as it likes."
    )
    api_per_member: int = Field(
        default=2400, ge=0, description="Requests a minute that all API keys of one member may send together; 0 for as many as they like."
    )
    largest_file_mb: int = Field(default=50, ge=1, le=2048, description="Largest file, in MB, that may be attached to a record.")
    files_quota_mb: int = Field(
        default=20_480, ge=0, description="Room, in MB, for all files of one account set; 0 for as much as there is on the disk."
    )
    mail_url: SecretStr | None = Field(
        default=None,
        description="Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://…:465. "
        "Without it outgoing mail is kept as files in the data folder.",
    )
    mail_from: str = Field(default="guanxi@localhost", description="Sender of the system's own mail.")
    language: Literal["en", "zh-hans"] = Field(
        default="en", description="Language of pages for people whose browser and account say nothing."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="text for people, json for machines; auto takes text on a terminal."
    )
    server_timing: bool = Field(
        default=False, description="Whether each answer says how long it took and how many statements it needed (Server-Timing)."
    )
    fast_hashing: bool = Field(
        default=False, description="Tests only: cheap password hashing. Refused together with a public address."
    )

    @field_validator("data")
    @classmethod
    def absolute(cls, value: Path) -> Path:
        """A relative data folder would move with the working directory."""
        return Path(os.path.abspath(value.expanduser()))

    @field_validator("secret")
    @classmethod
    def long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        """A short secret could be guessed."""
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("public_url")
    @classmethod
    def web_address(cls, value: str | None) -> str | None:
        """Only a scheme and a host make sense here."""
        if value is None or value == "":
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must look like https://crm.example.com")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("outbound_networks")
    @classmethod
    def networks_only(cls, value: str) -> str:
        """Numbers, since names would have to be looked up."""
        for text in filter(None, map(str.strip, value.split(","))):
            ip_network(text)
        return value

    @field_validator("database_url")
    @classmethod
    def postgresql_only(cls, value: SecretStr | None) -> SecretStr | None:
        """One database, used well."""
        if value is None or value.get_secret_value() == "":
            return None
        if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value

    @property
    def https(self) -> bool:
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def hosts(self) -> list[str]:
        """Host names that requests may carry."""
        names = ["127.0.0.1", "localhost", "[::1]"]
        if self.host not in ("0.0.0.0", "::", ""):
            names.append(self.host)
        if self.public_url:
            names.append(urlsplit(self.public_url).hostname or "")
        names += [name.strip() for name in self.allowed_hosts.split(",")]
        return list(dict.fromkeys(name for name in names if name))

    @property
    def open_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Private networks that may be called."""
        return tuple(ip_network(text) for text in map(str.strip, self.outbound_networks.split(",")) if text)

    @property
    def secret_file(self) -> Path:
        return self.data / SECRET_FILE

    def find_secret(self) -> str | None:
        """The secret if there is one, without making one."""
        if self.secret is not None:
            return self.secret.get_secret_value()
        try:
            return self.secret_file.read_text().strip() or None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def ensure_secret(self) -> str:
        """The secret; the first call on a new data folder makes and keeps one (readable by its owner only)."""
        found = self.find_secret()
        if found:
            return found
        make_private_folder(self.data)
        made = secrets.token_urlsafe(48)
        temporary = self.data / f".{SECRET_FILE}.{os.getpid()}"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, never replaces the secret of a process that was faster.
            os.link(temporary, self.secret_file)
        except FileExistsError:
            made = self.secret_file.read_text().strip()
        finally:
            temporary.unlink()
        return made


def make_private_folder(path: Path) -> Path:
    """Make a folder only its owner may enter; a folder that exists keeps the permissions it has."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700 if folder == path else 0o755, exist_ok=True)
    return path


def derive(secret: str, purpose: str) -> str:
    """A password for one purpose from the one secret (HMAC-SHA256, printable)."""
    digest = hmac.new(secret.encode(), f"guanxi:{purpose}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@cache
def configuration() -> Configuration:
    """The configuration of this process, read once."""
    first = Configuration()
    file = first.data / ENVIRONMENT_FILE
    if file.is_file():
        return Configuration(_env_file=file)  # type: ignore[call-arg]
    return first
