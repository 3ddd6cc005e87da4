"""Where the portal may send something on somebody's word: which URLs, hosts, ports and addresses.

Whoever enters an address of a receiver must not reach what stands beside the portal: its database, the
machine's metadata, the printers of the office. Names are judged by all the addresses they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import idna

from portal.kernel.errors import N_

URL_MAX = 2000
PORTS = frozenset({80, 443, 8000, 8080, 8443, 9443})
"""Where web servers listen. In an allowed private network it may be any other port."""

Private = bool | Collection[str]
"""Private addresses that are allowed: none, all of them, or networks such as ``10.3.0.0/16``."""

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

_VISIBLE: Final = re.compile(r"[!-\[\]-~]+")  # ASCII without blanks, control characters and backslash
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9_.-]*[a-z0-9])?")
_GLOBAL_V6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_SPECIAL: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""For protocols between machines, and for a relay that is gone; no receiver stands there. A cloud keeps what
tells a machine's secrets in the first of them."""
# Answer with credentials of the machine, or belong to its host; never allowed, in no network.
_METADATA: Final = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))


class Refusal(StrEnum):
    """Why nothing is sent there."""

    MALFORMED = "malformed_url"
    SCHEME = "not_https"
    USER = "user_in_url"
    PORT = "port_not_allowed"
    PRIVATE = "private_address"


REFUSALS: Final = {
    Refusal.MALFORMED: N_("This is no complete web address."),
    Refusal.SCHEME: N_("Only addresses that begin with https:// are allowed."),
    Refusal.USER: N_("The address must not contain a user or a password."),
    Refusal.PORT: N_("This port is not allowed; web servers listen on 443 or 8443."),
    Refusal.PRIVATE: N_("The address lies in a private network."),
}


class AddressRefused(Exception):
    """Nothing may be sent to this address."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(REFUSALS[refusal])
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL that was taken apart once. host: ASCII, without brackets. target: path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """What stands in the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def destination(url: str) -> Destination:
    """Take a URL apart. Raises AddressRefused for what is no plain web address, whatever it stands for."""
    if len(url) > URL_MAX:
        raise AddressRefused(Refusal.MALFORMED)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused(Refusal.MALFORMED) from None
    if parts.scheme not in ("http", "https"):
        raise AddressRefused(Refusal.SCHEME)
    if "@" in parts.netloc:
        raise AddressRefused(Refusal.USER)
    if port == 0:
        raise AddressRefused(Refusal.PORT)
    host, target = _host(parts.hostname or ""), _target(url, parts)
    return Destination(parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme], target)


def require_allowed(to: Destination, addresses: Iterable[str], private: Private) -> list[_Address]:
    """The addresses a host stands for, when each of them is allowed. Raises AddressRefused.

    Plain http and other ports than `PORTS` are for allowed private networks alone.
    """
    found = [_plain(address) for address in addresses]
    if not found or not all(is_allowed(address, private) for address in found):
        raise AddressRefused(Refusal.PRIVATE)
    if any(map(is_public, found)):
        if to.scheme != "https":
            raise AddressRefused(Refusal.SCHEME)
        if to.port not in PORTS:
            raise AddressRefused(Refusal.PORT)
    return found


def is_allowed(address: _Address, private: Private) -> bool:
    """Whether something may be sent to an address: a public one, or a private one that is allowed."""
    inner = _embedded(address)
    if _is_never(inner):
        return False
    if is_public(address):
        return True
    if isinstance(private, bool):
        return private and not inner.is_reserved
    return any(inner.version == network.version and inner in network for network in map(_network, private))


def is_public(address: _Address) -> bool:
    """Whether an address is a machine of the open internet, to every reading of it."""
    inner = _embedded(address)
    if isinstance(inner, IPv6Address) and inner not in _GLOBAL_V6:
        return False
    if any(inner in network for network in _SPECIAL):
        return False
    return inner.is_global and not inner.is_multicast and not _is_never(inner)


def _host(host: str) -> str:
    """As it is asked for and as it stands on the certificate."""
    if ":" in host:
        try:
            return str(IPv6Address(host.replace("%", "/")))  # no name of an interface
        except ValueError:
            raise AddressRefused(Refusal.MALFORMED) from None
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise AddressRefused(Refusal.MALFORMED) from None
    name = name.lower().removesuffix(".")
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise AddressRefused(Refusal.MALFORMED)
    return name


def _target(url: str, parts: SplitResult) -> str:
    """Path and query; what is not ASCII is quoted, as browsers do."""
    if any(ord(character) <= 32 or character in "\\\x7f" for character in url):
        raise AddressRefused(Refusal.MALFORMED)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    quoted = quote(target, safe="/?:@!$&'()*+,;=-._~%[]")
    if not _VISIBLE.fullmatch(quoted):
        raise AddressRefused(Refusal.MALFORMED)
    return quoted


def _plain(address: str) -> _Address:
    """An address of the resolver, which may name an interface."""
    return _embedded(ip_address(address.partition("%")[0]))


def _embedded(address: _Address) -> _Address:
    """The IPv4 address that a translated one leads to in the end; any other address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address


def _is_never(address: _Address) -> bool:
    """Addresses no setting opens: the link itself, groups, nobody, and what tells a machine's secrets."""
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA


def _network(written: str) -> _Network:
    return ip_network(written)
