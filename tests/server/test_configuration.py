"""What an operator may set, what they are told when it is wrong, and what never reaches a log."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from guanxi.config import logs
from guanxi.config.command import main
from guanxi.config.configuration import ENVIRONMENT_FILE, Configuration, configuration, derive
from guanxi.config.databases import mail_settings, place
from guanxi.config.stamp import source_stamp


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment in which nothing is set but the data folder."""
    for name in [name for name in os.environ if name.startswith("GUANXI_") or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GUANXI_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("guanxi.config.command.configuration", configuration.__wrapped__, raising=True)
    monkeypatch.setattr(configuration.__wrapped__, "cache_clear", lambda: None, raising=False)
    return tmp_path / "data"


class TestConfiguration:
    def test_the_environment_wins_over_the_file_and_the_file_over_the_default(self, clean: Path, monkeypatch) -> None:
        clean.mkdir()
        (clean / ENVIRONMENT_FILE).write_text("GUANXI_PORT=9001\nGUANXI_WEB_THREADS=3\n")
        monkeypatch.setenv("GUANXI_PORT", "9002")
        found = configuration.__wrapped__()
        assert (found.port, found.web_threads, found.job_threads) == (9002, 3, 2)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("GUANXI_PORT", "0"),
            ("GUANXI_SECRET", "short"),
            ("GUANXI_PUBLIC_URL", "crm.example.com"),
            ("DATABASE_URL", "mysql://host/name"),
            ("GUANXI_LANGUAGE", "fr"),
        ],
    )
    def test_a_wrong_value_is_named_and_nothing_starts(self, clean: Path, monkeypatch, capsys, name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(ValidationError):
            Configuration()
        assert main(["check-config"]) == 2
        assert name.removeprefix("GUANXI_") in capsys.readouterr().err.replace(" ", "_")

    def test_the_secret_is_made_once_and_only_its_owner_reads_it(self, clean: Path) -> None:
        found = Configuration()
        assert found.find_secret() is None
        secret = found.ensure_secret()
        assert len(secret) >= 43
        assert Configuration().ensure_secret() == secret
        assert found.secret_file.stat().st_mode & 0o777 == 0o600
        assert clean.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in clean.iterdir()] == ["secret"]

    def test_every_purpose_has_a_password_of_its_own(self) -> None:
        passwords = {derive("s" * 40, purpose) for purpose in ("django", "mfa", "database:owner", "database:app", "database:read")}
        assert len(passwords) == 5
        assert all(len(password) == 43 for password in passwords)

    def test_a_public_address_with_https_makes_cookies_secure(self, clean: Path, monkeypatch) -> None:
        monkeypatch.setenv("GUANXI_PUBLIC_URL", "https://crm.example.com/ignored")
        found = Configuration()
        assert (found.https, found.public_url) == (True, "https://crm.example.com")
        assert "crm.example.com" in found.hosts

    def test_an_address_of_a_database_keeps_its_options_and_hides_its_password(self, clean: Path, monkeypatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://boss:p%40ss@db.example:5433/crm?sslmode=verify-full")
        where = place(Configuration(), "s" * 40)
        assert where.conninfo("owner") == {
            "host": "db.example", "port": 5433, "dbname": "crm", "user": "boss", "password": "p@ss", "sslmode": "verify-full",
        }
        assert where.conninfo("app")["user"] == "boss_app"
        assert "p@ss" not in repr(where)
        assert "p%40ss" not in repr(Configuration())

    def test_mail_goes_where_the_address_says_or_into_files(self) -> None:
        assert mail_settings("smtps://me:pa%2Fss@mail.example", "/x")["EMAIL_PORT"] == 465
        assert mail_settings("smtp://me:pa%2Fss@mail.example", "/x") | {"EMAIL_TIMEOUT": 0} == {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "mail.example", "EMAIL_PORT": 587,
            "EMAIL_HOST_USER": "me", "EMAIL_HOST_PASSWORD": "pa/ss", "EMAIL_USE_SSL": False, "EMAIL_USE_TLS": True, "EMAIL_TIMEOUT": 0,
        }
        assert mail_settings(None, "/x/mail")["EMAIL_FILE_PATH"] == "/x/mail"

    def test_the_stamp_of_the_program_changes_with_where_it_works(self) -> None:
        assert source_stamp() == source_stamp()
        assert source_stamp("one database") != source_stamp("another")


class TestCheckConfig:
    def test_an_open_address_without_https_is_a_problem(self, clean: Path, monkeypatch, capsys) -> None:
        monkeypatch.setenv("GUANXI_HOST", "0.0.0.0")
        assert main(["check-config"]) == 1
        assert "open to the network without https" in capsys.readouterr().out

    def test_the_reference_explains_every_setting(self, clean: Path, capsys) -> None:
        assert main(["check-config", "--reference"]) == 0
        rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| `")]
        assert len(rows) == len(Configuration.model_fields) - 1
        assert all(len(row.split("|")[3].strip()) > 15 for row in rows)

    def test_values_that_are_secret_are_not_shown(self, clean: Path, monkeypatch, capsys) -> None:
        monkeypatch.setenv("GUANXI_SECRET", "x" * 40)
        monkeypatch.setenv("GUANXI_MAIL_URL", "smtp://me:hidden@mail.example")
        assert main(["check-config"]) == 0
        shown = capsys.readouterr().out
        assert "hidden" not in shown
        assert "x" * 40 not in shown


class TestLogs:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("postgresql://boss:word@host/db", "postgresql://boss:***@host/db"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            ("key gx_demo_Zm9v", "key gx_***"),
            ("mail to li@example.com", "mail to ***@***"),
            ("call 138 1234 5678 now", "call *** now"),
            ("duplicate key\nDETAIL:  Key (email)=(x) exists.", "duplicate key\nDETAIL: ***"),
            ("order 42 confirmed at 2026-11-23", "order 42 confirmed at 2026-11-23"),
        ],
    )
    def test_what_names_people_or_opens_doors_is_taken_out(self, text: str, expected: str) -> None:
        assert logs.redact(text) == expected

    def test_keys_that_name_a_secret_lose_their_value(self) -> None:
        event = {"event": "signed_in", "password": "x", "session_key": "y", "username": "li", "count": 3, "level": "info"}
        assert logs.redact_event(None, "info", event) == {
            "event": "signed_in", "password": "***", "session_key": "***", "username": "***", "count": 3, "level": "info",
        }

    def test_a_failed_statement_does_not_tell_the_row(self, capsys) -> None:
        steps = logs.processors()
        try:
            raise ValueError("duplicate key\nDETAIL:  Key (phone)=(13812345678) already exists.")
        except ValueError:
            event: dict = {"event": "failed", "exc_info": True, "_record": logging.makeLogRecord({})}
            for step in steps[5:]:
                event = step(None, "error", event)
        assert "13812345678" not in str(event)
        assert "ValueError" in event["exception"]
