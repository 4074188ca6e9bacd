"""The one client goes only where it may, and comes back in time."""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_address, ip_network

import pytest
from django.utils.translation import override

from guanxi.config.configuration import Configuration
from guanxi.kernel.outbound import addresses
from guanxi.kernel.outbound.addresses import is_allowed, read_url
from guanxi.kernel.outbound.client import Limits, request
from guanxi.kernel.outbound.errors import (
    BadAddress,
    BadAnswer,
    BadCertificate,
    OutboundError,
    PrivateAddress,
    TimedOut,
    TooLarge,
    Unreachable,
    Unresolved,
)
from guanxi.kernel.outbound.tests.servers import answer, certificate, listening

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def at_home(settings):
    """An installation that may call this machine, without TLS."""
    settings.GUANXI_OUTBOUND_NETWORKS, settings.GUANXI_OUTBOUND_HTTP = LOOPBACK, True


@pytest.fixture
def names(monkeypatch):
    """A resolver of the test's own: {name: addresses}, or a function that gives them anew each time; and who was asked."""
    known: dict[str, object] = {}
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolver(host, port, *arguments, **named):
        if host not in known:
            return real(host, port, *arguments, **named)
        asked.append(host)
        found = known[host]() if callable(known[host]) else known[host]
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    known["asked"] = asked
    return known


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.9.10", "168.63.129.16", "169.254.169.254", "172.16.0.1",
            "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1",
            "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1",
            "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
        ],
    )
    def test_what_is_not_on_the_public_internet_is_closed(self, address):
        assert not is_allowed(ip_address(address))

    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "223.5.5.5", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
    )
    def test_what_is_on_the_public_internet_is_open(self, address):
        assert is_allowed(ip_address(address))

    def test_a_network_of_one_s_own_is_open_in_each_of_its_forms_and_nothing_beside_it(self):
        own = (ip_network("10.1.0.0/16"), ip_network("fd12::/16"))
        assert [is_allowed(ip_address(one), own) for one in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::7", "10.2.0.1", "fd13::7")] == [
            True, True, True, False, False,
        ]

    @pytest.mark.parametrize(
        "url",
        [
            "", "hook.example", "//hook.example/", "ftp://hook.example/", "file:///etc/passwd", "javascript:alert(1)", "http://hook.example/",
            "https://", "https://user@hook.example/", "https://user:secret@hook.example/", "https://hook.example:0/", "https://hook.example:99999/",
            "https://hook.example:x/", "https://0177.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/",
            "https://127.0.0.01/", "https://1.2.3.4.5/", "https://[fe80::1%25eth0]/", "https://[::1/", "https://[v1.x]/", "https://ho st.example/",
            "https://hook.example\\@127.0.0.1/", "https://hook.example\r\nX: y/", "https://-hook.example/", "https://hook..example/",
            "https://" + "a" * 2000 + ".example/",
        ],
    )
    def test_what_can_be_read_in_two_ways_is_no_address(self, url):
        with pytest.raises(BadAddress):
            read_url(url)

    @pytest.mark.parametrize(
        ("url", "host", "port", "path"),
        [
            ("https://Hook.Example", "hook.example", 443, "/"),
            ("https://hook.example.:8443/a b?x=1#part".replace(" ", "%20"), "hook.example", 8443, "/a%20b?x=1"),
            ("https://例子.example/回调", "xn--fsqu00a.example", 443, "/%E5%9B%9E%E8%B0%83"),
            ("https://１２７.0.0.1/", "127.0.0.1", 443, "/"),
            ("https://[2606:4700:0::1111]/", "2606:4700::1111", 443, "/"),
        ],
    )
    def test_an_address_is_taken_apart(self, url, host, port, path):
        found = read_url(url)
        assert (found.host, found.port, found.path) == (host, port, path)

    @pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://localhost/",
                                     "https://１２７.0.0.1/", "https://169.254.169.254/latest/meta-data/"])
    def test_a_private_address_is_not_called(self, url, names):
        names["localhost"] = ["::1", "127.0.0.1"]
        with pytest.raises(PrivateAddress):
            request("GET", url)

    def test_one_private_address_spoils_a_name(self, names):
        names["hook.example"] = ["8.8.8.8", "10.0.0.1"]
        with pytest.raises(PrivateAddress) as refusal, override("zh-hans"):
            request("GET", "https://hook.example/")
        assert str(refusal.value) == "hook.example 指向内部网络，本系统不允许访问。"

    def test_a_name_that_is_not_there_is_said_so(self, names):
        names["hook.example"] = []
        with pytest.raises(Unresolved):
            request("GET", "https://hook.example/")

    def test_a_resolver_that_does_not_answer_is_not_waited_for(self, names):
        gate = threading.Event()
        names["hook.example"] = lambda: gate.wait(20) and []
        begun = time.monotonic()
        with pytest.raises(TimedOut):
            request("GET", "https://hook.example/", limits=Limits(connect=0.2))
        gate.set()
        assert time.monotonic() - begun < 5

    def test_networks_are_set_as_numbers(self, monkeypatch):
        monkeypatch.setenv("GUANXI_OUTBOUND_NETWORKS", "10.1.0.0/16, 192.168.7.20")
        assert [str(one) for one in Configuration().open_networks] == ["10.1.0.0/16", "192.168.7.20/32"]
        monkeypatch.setenv("GUANXI_OUTBOUND_NETWORKS", "intranet")
        with pytest.raises(ValueError, match="intranet"):
            Configuration()


class TestConnecting:
    def test_it_connects_to_the_address_that_was_checked_however_often_the_name_changes(self, at_home, names):
        answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
        names["hook.example"] = lambda: next(answers)
        with listening() as server:
            found = request("GET", f"http://hook.example:{server.port}/x?y=1")
            assert (found.status, found.body) == (200, b"ok")
            assert names["asked"] == ["hook.example"]
            got = server.received[0]
            assert (got.path, got.headers["host"]) == ("/x?y=1", f"hook.example:{server.port}")
            with pytest.raises(PrivateAddress):
                request("GET", f"http://hook.example:{server.port}/")
            assert len(server.received) == 1

    def test_the_next_address_is_tried_when_one_takes_no_connection(self, at_home, names):
        names["hook.example"] = ["127.0.0.2", "127.0.0.1"]
        with listening() as server:
            assert request("GET", f"http://hook.example:{server.port}/").status == 200

    def test_a_closed_port_is_unreachable(self, at_home):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            with pytest.raises(Unreachable):
                request("GET", f"http://127.0.0.1:{probe.getsockname()[1]}/")

    def test_it_sends_what_it_is_given_and_nothing_of_the_environment(self, at_home, monkeypatch):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9/")
        with listening(lambda h: answer(h, Set_Cookie="a=b")) as server:
            for _time in range(2):
                request("POST", f"{server.url}/hook", body=b"{}", headers={"Content-Type": "application/json"})
        first, second = server.received
        assert (first.method, first.path, first.body) == ("POST", "/hook", b"{}")
        assert first.headers == {
            "host": server.url.removeprefix("http://"), "accept-encoding": "identity", "content-length": "2", "user-agent": "Guanxi",
            "accept": "*/*", "content-type": "application/json", "connection": "close",
        }
        assert second.headers == first.headers

    def test_a_header_cannot_bring_another_one_along(self, at_home):
        with listening() as server, pytest.raises(ValueError):
            request("GET", server.url, headers={"X-Name": "a\r\nX-Other: b"})
        assert server.received == []


class TestCertificates:
    def test_a_certificate_of_a_known_authority_for_the_name_is_taken(self, at_home, names, tmp_path, monkeypatch):
        context, authority = certificate(tmp_path)
        names["hook.example"] = ["127.0.0.1"]
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        with listening(context=context) as server:
            assert request("GET", f"https://hook.example:{server.port}/").body == b"ok"
            assert request("GET", server.url).body == b"ok"

    def test_one_of_an_unknown_authority_for_another_name_or_of_yesterday_is_refused(self, at_home, names, tmp_path, monkeypatch):
        names["other.example"] = names["hook.example"] = ["127.0.0.1"]
        context, authority = certificate(tmp_path)
        with listening(context=context) as server:
            with pytest.raises(BadCertificate, match="self"):
                request("GET", f"https://hook.example:{server.port}/")
            monkeypatch.setenv("SSL_CERT_FILE", str(authority))
            with pytest.raises(BadCertificate, match="mismatch"):
                request("GET", f"https://other.example:{server.port}/")
        context, _authority = certificate(tmp_path, days=-1)
        with listening(context=context) as server, pytest.raises(BadCertificate, match="expired"):
            request("GET", f"https://hook.example:{server.port}/")
        assert server.received == []


class TestRedirects:
    def test_none_is_followed_unasked(self, at_home):
        with listening(lambda h: answer(h, 302, b"", Location="http://169.254.169.254/")) as server:
            assert request("GET", server.url).status == 302
            assert request("POST", server.url, body=b"x", follow=3).status == 302

    def test_each_hop_is_checked_like_the_first(self, at_home):
        for where, error in [("http://169.254.169.254/", PrivateAddress), ("http://[::1]/", PrivateAddress), ("file:///etc/passwd", BadAddress)]:
            with listening(lambda h, where=where: answer(h, 302, b"", Location=where)) as server, pytest.raises(error):
                request("GET", server.url, follow=3)

    def test_headers_stay_with_the_server_they_were_meant_for(self, at_home):
        with listening() as second, listening(lambda h: answer(h, 307, b"", Location=f"{second.url}/there")) as first:
            found = request("GET", first.url, headers={"Authorization": "Bearer x"}, follow=1)
        assert (found.status, found.url) == (200, f"{second.url}/there")
        assert first.received[0].headers["authorization"] == "Bearer x"
        assert "authorization" not in second.received[0].headers

    def test_from_https_to_http_nobody_is_followed(self, at_home, tmp_path, monkeypatch):
        context, authority = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        with listening() as plain, listening(lambda h: answer(h, 302, b"", Location=plain.url), context=context) as server, pytest.raises(BadAddress):
            request("GET", server.url, follow=1)
        assert plain.received == []

    def test_going_round_in_circles_ends(self, at_home):
        with listening(lambda h: answer(h, 302, b"", Location="/again")) as server, pytest.raises(BadAnswer):
            request("GET", server.url, follow=4)
        assert len(server.received) == 5


class TestLimits:
    def test_an_endless_body_is_refused_or_cut_off(self, at_home):
        def endless(handler):
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b"x" * 65536)

        with listening(endless) as server:
            with pytest.raises(TooLarge):
                request("GET", server.url, limits=Limits(size=100_000))
            assert request("GET", server.url, limits=Limits(size=2048, cut=True)).body == b"x" * 2048

    @pytest.mark.parametrize("part", ["status", "header", "body"])
    def test_a_byte_now_and_then_does_not_hold_us(self, at_home, part):
        """Each pause is shorter than the limit of a single wait; all of them are longer than the whole may take."""
        done = threading.Event()

        def dripping(handler):
            beginning = {"status": b"", "header": b"HTTP/1.1 200 OK\r\nX: ", "body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}[part]
            handler.wfile.write(beginning)
            while not done.wait(0.05):
                handler.wfile.write(b"x")
                handler.wfile.flush()

        begun = time.monotonic()
        with listening(dripping) as server, pytest.raises(TimedOut):
            request("GET", server.url, limits=Limits(read=5, total=0.5))
        done.set()
        assert 0.4 < time.monotonic() - begun < 4

    def test_silence_is_not_waited_for(self, at_home):
        done = threading.Event()
        with listening(lambda h: done.wait(20)) as server, pytest.raises(TimedOut):
            request("GET", server.url, limits=Limits(read=0.2))
        done.set()

    def test_a_server_that_reads_nothing_does_not_hold_us(self, at_home):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            with pytest.raises(TimedOut):
                request("POST", f"http://127.0.0.1:{server.getsockname()[1]}/", body=b"x" * 30_000_000, limits=Limits(total=0.5))

    def test_a_body_that_breaks_off_is_no_answer(self, at_home):
        with listening(lambda h: answer(h, body=b"half", Content_Length="100")) as server, pytest.raises(BadAnswer):
            request("GET", server.url)

    def test_a_connection_kept_open_is_not_waited_for(self, at_home):
        done = threading.Event()

        def keeping(handler):
            answer(handler)
            handler.wfile.flush()
            done.wait(20)

        with listening(keeping) as server:
            assert request("GET", server.url, limits=Limits(read=10, total=10)).body == b"ok"
            done.set()

    def test_what_is_no_http_is_said_so(self, at_home):
        with listening(lambda h: h.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")) as server, pytest.raises(BadAnswer):
            request("GET", server.url)


def test_what_goes_wrong_outside_is_a_refusal_with_a_sentence(at_home):
    assert issubclass(OutboundError, Exception)
    with pytest.raises(OutboundError) as refusal, override("zh-hans"):
        request("GET", "ftp://hook.example/")
    assert str(refusal.value) == "请填写完整地址，以 https:// 开头。"


def test_the_resolver_is_asked_once_for_a_request(at_home, names):
    names["hook.example"] = ["127.0.0.1"]
    with listening() as server:
        request("GET", f"http://hook.example:{server.port}/")
    assert names["asked"] == ["hook.example"]
    assert addresses.PORTS == {"https": 443, "http": 80}
