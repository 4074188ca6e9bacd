"""The web server as a browser and a monitor see it."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.database import in_set
from guanxi.kernel.events.live import CHANNEL
from guanxi.kernel.sets.models import Membership, User
from tests.support.cluster import ADMIN_PASSWORD
from tests.support.server import Live, stop


@contextmanager
def stream(live: Live, *topics: str, set_key: str = "alpha", username: str = "admin") -> Iterator[http.client.HTTPResponse]:
    """An open `/events` stream, as a browser's EventSource holds it."""
    query = urllib.parse.urlencode([("set", set_key), *(("topic", topic) for topic in topics)])
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(live.url).netloc, timeout=30)
    cookie = f"{settings.SESSION_COOKIE_NAME}={live.cookie(username)}" if username else ""
    connection.request("GET", f"/events?{query}", headers={"Cookie": cookie} if cookie else {})
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def next_event(answer: http.client.HTTPResponse) -> tuple[str, str]:
    """Name and data of the next event; an empty name at the end of the stream."""
    name, data = "", ""
    while line := answer.readline().decode():
        if line.startswith("event: "):
            name = line[7:].strip()
        elif line.startswith("data: "):
            data = line[6:].strip()
        elif not line.strip() and name:
            return name, data
    return "", ""


def team_topic(set_key: str, name: str) -> str:
    with in_set(set_key):
        return f"access.team:{Team.objects.create(name=name).pk}"


def announce(*topics: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, " ".join(topics)])


class TestMonitoring:
    def test_alive_without_and_ready_only_with_the_database(self, live: Live) -> None:
        assert live.get("/healthz")[:2] == (200, "alive\n")
        status, text, _headers = live.get("/readyz")
        assert (status, json.loads(text)) == (
            200,
            {"ready": True, "database": "reachable", "migrations": "current", "closed_sets": 0},
        )

    def test_tables_of_another_version_are_not_ready(self, live: Live) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("COMMENT ON SCHEMA guanxi IS 'stamp:older'")
        status, text, _headers = live.get("/readyz")
        assert status == 503
        assert json.loads(text)["migrations"] == "behind: run guanxi migrate"


class TestPages:
    def test_every_page_tells_the_browser_what_it_may_do(self, live: Live) -> None:
        _status, _text, headers = live.get("/accounts/login/")
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "no-store" in headers["cache-control"]
        assert headers["server"] == "guanxi"

    def test_a_static_file_is_compressed_and_kept_for_ever_by_its_hashed_name(self, live: Live) -> None:
        from django.contrib.staticfiles.storage import staticfiles_storage

        names = [name for name in staticfiles_storage.hashed_files.values() if name.endswith(".js")]
        status, _text, headers = live.get(f"/static/{names[0]}", Accept_Encoding="identity")
        assert status == 200
        assert "immutable" in headers["cache-control"]
        assert headers["x-content-type-options"] == "nosniff"
        assert live.get(f"/static/{names[0]}", If_Modified_Since=headers["last-modified"])[0] == 304
        assert live.get(f"/static/{names[0]}", Accept_Encoding="gzip")[2]["content-encoding"] == "gzip"
        assert live.get("/static/../settings.py")[0] == 404

    def test_a_list_that_is_fetched_as_a_file_comes_whole(self, live: Live) -> None:
        with in_set("alpha"):
            Team.objects.bulk_create(Team(name=f"Team {number:04}") for number in range(1000))
        status, text, _headers = live.get("/alpha/setup/teams/export/?format=csv&columns=name", "admin")
        assert status == 200
        assert text.lstrip("\ufeff").split() == ["Name", *(word for number in range(1000) for word in ("Team", f"{number:04}"))]

    def test_many_requests_at_once_are_all_answered(self, live: Live) -> None:
        answers: list[int] = []

        def ask() -> None:
            for _number in range(5):
                answers.append(live.get("/accounts/login/")[0])

        threads = [threading.Thread(target=ask) for _number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 100

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self, live: Live) -> None:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(live.url).netloc, timeout=30)
        connection.putrequest("POST", "/accounts/login/")
        connection.putheader("Content-Length", str(10**12))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


class TestSigningIn:
    def test_guessing_a_password_is_slowed_down_for_all_processes(self, live: Live) -> None:
        assert [sign_in(live, "admin", f"wrong {number}") for number in range(9)] == [200] * 9
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) > 0 FROM guanxi.cache")
            assert cursor.fetchone() == (True,)
        # The form again, not the way in: even the right one has to wait now.
        assert sign_in(live, "admin", ADMIN_PASSWORD) == 200

    def test_the_right_password_opens_a_session(self, live: Live) -> None:
        assert sign_in(live, "admin", ADMIN_PASSWORD) == 302


def sign_in(live: Live, username: str, password: str) -> int:
    """Status of the answer to the sign-in form."""
    page, text, headers = live.get("/accounts/login/")
    assert page == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "login": username, "password": password})
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(live.url).netloc, timeout=30)
    connection.request(
        "POST", "/accounts/login/", form,
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": headers["set-cookie"].split(";")[0]},
    )
    status = connection.getresponse().status
    connection.close()
    return status


class TestStreams:
    def test_a_page_hears_of_what_it_follows_and_of_nothing_else(self, live: Live) -> None:
        mine, other = team_topic("alpha", "Mine"), team_topic("alpha", "Other")
        with stream(live, mine) as answer:
            assert answer.status == 200
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert next_event(answer) == ("open", json.dumps([mine]))
            announce(f"alpha:{other}")
            announce(f"beta:{mine}")
            announce(f"alpha:{mine}")
            assert next_event(answer) == ("changed", mine)

    def test_nobody_follows_without_signing_in_or_in_a_set_without_a_place(self, live: Live) -> None:
        topic = team_topic("beta", "Theirs")
        with stream(live, topic, set_key="beta", username="") as answer:
            assert answer.status == 401
        User.objects.create(username="outsider", name="O", email="o@example.com")
        with stream(live, topic, set_key="beta", username="outsider") as answer:
            assert answer.status == 403
        with stream(live, topic, set_key="nosuch") as answer:
            assert answer.status == 403

    def test_another_site_cannot_open_one(self, live: Live) -> None:
        topic = team_topic("alpha", "Mine")
        status, _text, _headers = live.get(f"/events?set=alpha&topic={topic}", "admin", Sec_Fetch_Site="cross-site")
        assert status == 401

    def test_a_member_without_the_right_follows_nothing(self, live: Live) -> None:
        user = User.objects.create(username="li", name="Li", email="li@example.com")
        with in_set("alpha"):
            number = Member.objects.create(code="li", name="Li", user_id=user.pk).pk
        from guanxi.kernel.sets.models import AccountSet

        Membership.objects.create(user=user, account_set=AccountSet.objects.get(key="alpha"), member_id=number)
        with stream(live, team_topic("alpha", "Mine"), username="li") as answer:
            assert answer.status == 403

    def test_access_that_is_taken_away_ends_the_stream(self, live: Live) -> None:
        topic = team_topic("alpha", "Mine")
        with stream(live, topic) as answer:
            assert next_event(answer)[0] == "open"
            User.objects.filter(username="admin").update(is_active=False)
            begun = time.monotonic()
            assert next_event(answer) == ("end", "")
            assert time.monotonic() - begun < 20

    def test_stopping_the_server_ends_open_streams_at_once(self, live: Live) -> None:
        topic = team_topic("alpha", "Mine")
        with stream(live, topic) as first, stream(live, topic) as second:
            assert {next_event(first)[0], next_event(second)[0]} == {"open"}
            begun = time.monotonic()
            assert stop(live.process) == 0
            assert time.monotonic() - begun < 5
            assert next_event(first) == ("", "")

    def test_after_the_database_came_back_every_page_looks_again(self, live: Live) -> None:
        topic = team_topic("alpha", "Mine")
        with stream(live, topic) as answer:
            assert next_event(answer)[0] == "open"
            end_listening(live)
            assert next_event(answer) == ("changed", topic)


def end_listening(live: Live) -> None:
    """What a restart of PostgreSQL does to the one listening connection."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'guanxi-live' AND datname = current_database()"
        )
