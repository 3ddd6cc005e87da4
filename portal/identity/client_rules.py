"""API clients: how they prove themselves, what they may be given, from where they may ask. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from portal.kernel.errors import N_, Fault

OF_ONE_OWNER_MAX = 50
NETWORKS_MAX = 20
OVERLAP_MAX = timedelta(days=30)
USE_NOTED = timedelta(minutes=5)
"""A client that asks all the time has its last use written down this often."""


class Method(StrEnum):
    """How a client proves itself."""

    SECRET = "secret"
    PRIVATE_KEY = "private_key"


class ClientState(StrEnum):
    """What is told of a client."""

    ACTIVE = "active"
    CHANGING = "changing"
    """Two secrets are good."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Networks:
    """Written networks, and what is wrong with them."""

    networks: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


def read_networks(written: Iterable[str]) -> Networks:
    """Networks as they are kept: ``203.0.113.7/32`` for an address, each once."""
    found: dict[str, None] = {}
    faults = []
    for place, text in enumerate(one.strip() for one in written):
        try:
            network = ip_network(text)
        except ValueError:
            message = N_("%(network)s is no network.")
            fix = N_("Enter an address or a network such as 203.0.113.0/24, whose bits after the / are 0.")
            faults.append(Fault(f"/networks/{place}", "network", message, fix, {"network": text[:60]}))
            continue
        if network.prefixlen == 0:
            message = N_("This is every address there is.")
            faults.append(
                Fault(f"/networks/{place}", "network", message, N_("Leave the field empty for that."))
            )
        found[str(network)] = None
    if len(found) > NETWORKS_MAX:
        message = N_("At most %(max)s networks.")
        faults.append(Fault("/networks", "too_many", message, params={"max": NETWORKS_MAX}))
    return Networks(tuple(found), tuple(faults))


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Whether a client may ask from an address; without networks from any."""
    if not networks:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in ip_network(network) for network in networks)


def state_of(*, revoked: bool, former_until: datetime | None, at: datetime) -> ClientState:
    """What is told of a client."""
    if revoked:
        return ClientState.REVOKED
    return ClientState.CHANGING if former_until and former_until > at else ClientState.ACTIVE


def is_good(generation: int, *, current: int, former_until: datetime | None, at: datetime) -> bool:
    """Whether a proof of a generation counts: the current one, or the one before it while both are good."""
    return generation == current or (
        generation == current - 1 and former_until is not None and former_until > at
    )


def scope_faults(
    scopes: Sequence[str], *, allowed: frozenset[str], held: frozenset[str] | None
) -> list[Fault]:
    """What is wrong with the scopes of a client. held: of a program, which gives no more than it has."""
    if not scopes:
        return [Fault("/scopes", "required", N_("Choose at least one scope."))]
    if not allowed.issuperset(scopes):
        message = N_("These scopes do not fit: clients of a dealer and of headquarters have different ones.")
        return [Fault("/scopes", "scopes", message)]
    if held is not None and not held.issuperset(scopes):
        message = N_("A program gives no scope that it does not have itself.")
        return [Fault("/scopes", "scopes_not_held", message, N_("Ask a person, or leave it out."))]
    return []
