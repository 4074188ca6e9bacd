"""Which addresses may be called: read strictly, resolved once, and every address checked that a name leads to."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.kernel.outbound.errors import BadAddress, PrivateAddress, TimedOut, Unresolved

Network = IPv4Network | IPv6Network
PORTS = {"https": 443, "http": 80}
LONGEST = 2000

# IANA's registries of special-purpose addresses, said here because the versions of Python disagree about them.
_CLOSED_4 = [
    ip_network(text) for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # Public by its number, but answered by the host of Azure's virtual machines.
        "168.63.129.16/32",
    )
]
_OPEN_6 = IPv6Network("2000::/3")
# Protocol assignments with Teredo, documentation, 6to4: none of them is a server's own address.
_CLOSED_6 = [ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_TRANSLATED = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """An address as it was written, taken apart."""

    scheme: str
    host: str
    """As it goes into the Host header and the TLS handshake: lower case, in ASCII."""
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def read_url(url: str) -> Target:
    """The address taken apart; BadAddress with what is wrong."""
    # A browser and a library may read an unusual address differently: what is unusual is refused.
    if not url.isprintable() or re.search(r"[\s\\]", url) or len(url) > LONGEST:
        raise BadAddress(_("This is not a web address: %(url)s") % {"url": url[:100]})
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError:
        raise BadAddress(_("This is not a web address: %(url)s") % {"url": url[:100]}) from None
    if parts.scheme not in PORTS or not host:
        raise BadAddress(_("Write the whole address, beginning with https://."))
    if parts.scheme == "http" and not settings.GUANXI_OUTBOUND_HTTP:
        raise BadAddress(_("Only https:// is allowed, so that nobody on the way can read or change what is sent."))
    if parts.username is not None or parts.password is not None:
        raise BadAddress(_("An address with a user name or a password in it is not called."))
    if port == 0:
        raise BadAddress(_("This is not a web address: %(url)s") % {"url": url[:100]})
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _ascii(host, parts.netloc), port or PORTS[parts.scheme], _quoted(path))


def _ascii(host: str, netloc: str) -> str:
    """The host as DNS knows it; numbers only in the one form that everybody reads alike."""
    refusal = BadAddress(_("This is not the name of a server: %(host)s") % {"host": host[:100]})
    if "[" in netloc:
        try:
            if "%" in host:
                raise ValueError
            return IPv6Address(host).compressed
        except ValueError:
            raise refusal from None
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise refusal from None
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", name):
        raise refusal
    last = name.rpartition(".")[2]
    # 127.1, 0177.0.0.1, 2130706433 and 0x7f.1 are all 127.0.0.1 to the C library.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise refusal from None
    return name


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/?&=+:;,@!$'()*~%-._#[]")


def is_allowed(address: IPv4Address | IPv6Address, networks: Iterable[Network] = ()) -> bool:
    """Whether it is on the public internet, or in one of the installation's own networks."""
    inner = _carried(address)
    if any(one in network for one in (address, inner) for network in networks if one.version == network.version):
        return True
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _CLOSED_4)
    return inner in _OPEN_6 and not any(inner in network for network in _CLOSED_6)


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address only carries to a translator."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def resolve(target: Target, seconds: float) -> list[str]:
    """The addresses to connect to, in the order to try them; PrivateAddress when one of them is not allowed."""
    found = []
    for text in _looked_up(target, seconds):
        address = ip_address(text)
        # One forbidden address spoils the name: which of them answers would be left to whoever runs its DNS.
        if not is_allowed(address, settings.GUANXI_OUTBOUND_NETWORKS):
            raise PrivateAddress(
                _("%(host)s leads into a private network, which this installation does not allow.") % {"host": target.host}
            )
        found.append(text)
    if not found:
        raise Unresolved(_("There is no server called %(host)s.") % {"host": target.host})
    return list(dict.fromkeys(found))


def _looked_up(target: Target, seconds: float) -> list[str]:
    """What the system's resolver says, in a thread of its own: it knows no time limit."""
    answers: list[str] = []
    failures: list[Exception] = []

    def ask() -> None:
        try:
            answers.extend(str(row[4][0]) for row in socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=ask, name="guanxi-resolver", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimedOut(_("The name %(host)s could not be looked up in time.") % {"host": target.host})
    if failures:
        raise Unresolved(_("There is no server called %(host)s.") % {"host": target.host}) from failures[0]
    return answers
