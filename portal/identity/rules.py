"""People, their roles and their names. Pure; what a role may do, each capability says in its manifest."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.kernel.printable import print_faults

NAME_MAX = 100  # characters


class Role(StrEnum):
    """What somebody is. The first four belong to a dealer, the others to headquarters."""

    DEALER_BUYER = "dealer_buyer"
    DEALER_FINANCE = "dealer_finance"
    DEALER_OWNER = "dealer_owner"
    DEALER_SERVICE = "dealer_service"
    CHANNEL_MANAGER = "channel_manager"
    ORDER_DESK = "order_desk"
    HQ_FINANCE = "hq_finance"
    QUALITY = "quality"
    SERVICE_DESK = "service_desk"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"


DEALER_ROLES = frozenset({Role.DEALER_BUYER, Role.DEALER_FINANCE, Role.DEALER_OWNER, Role.DEALER_SERVICE})
STAFF_ROLES = frozenset(Role) - DEALER_ROLES


def rights_of(roles: Iterable[str], held: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Union of the rights of `roles`, by the rights that each role holds; an unknown role grants nothing."""
    return frozenset().union(*(held[role] for role in roles if role in held))


def roles_allowed(*, of_dealer: bool) -> frozenset[str]:
    """The roles a person may hold: those of a dealer or those of headquarters, never both."""
    return frozenset(DEALER_ROLES if of_dealer else STAFF_ROLES)


def scopes_allowed(rights: Iterable[str], *, of_dealer: bool) -> frozenset[str]:
    """Those of all `rights` that an API client may be given as scopes."""
    return frozenset(right for right in rights if right.startswith("hq:") != of_dealer)


def plain_name(typed: str) -> str:
    """The name of a person or a client as it is kept.

    Trimmed, composed, with the plain space for the wide one of Chinese keyboards.
    """
    return unicodedata.normalize("NFC", typed.replace("\u3000", " ")).strip()


def name_faults(pointer: str, name: str) -> list[Fault]:
    """What is wrong with a plain name.

    It stands in logs, letters and tables, where a line break or an invisible mark would deceive.
    """
    if not name:
        return [Fault(pointer, "required", N_("Enter a name."))]
    if len(name) > NAME_MAX or not name.isprintable():
        return [Fault(pointer, "name", N_("At most %(max)s printable characters."), params={"max": NAME_MAX})]
    return print_faults(pointer, name)


def is_local_path(target: str) -> bool:
    """Whether a browser that follows `target` stays on this site.

    Browsers drop tabs and line feeds and read a backslash as a slash, so that ``/\\evil`` and ``/<tab>/evil``
    leave it.
    """
    return (
        target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and all(" " <= character != "\x7f" for character in target)
    )
