"""Who acts, and what each role may do. Pure: the matrix below is the law, screens only follow it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from portal.errors import Fault, Forbidden, N_
from portal.printable import print_faults

NAME_MAX = 100  # characters


class Role(StrEnum):
    """Roles of product.md. The first four belong to a dealer, the others to headquarters."""

    DEALER_BUYER = "dealer_buyer"
    DEALER_FINANCE = "dealer_finance"
    DEALER_OWNER = "dealer_owner"
    DEALER_SERVICE = "dealer_service"
    CHANNEL_MANAGER = "channel_manager"
    ORDER_DESK = "order_desk"
    HQ_FINANCE = "hq_finance"
    QUALITY = "quality"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One right per act. Named ``subject:act``; the API scopes of a dealer's client are the same words."""

    CATALOGUE_READ = "catalogue:read"
    PRICES_READ = "prices:read"
    STOCK_READ = "stock:read"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    STATEMENTS_READ = "statements:read"
    HQ_CATALOGUE = "hq:catalogue"
    HQ_DEALERS = "hq:dealers"
    HQ_ORDERS = "hq:orders"
    HQ_SHIPPING = "hq:shipping"
    HQ_POLICIES = "hq:policies"
    HQ_FINANCE = "hq:finance"
    HQ_FINANCE_APPROVE = "hq:finance-approve"
    HQ_AUDIT = "hq:audit"
    HQ_ADMIN = "hq:admin"


_DEALER_READS = frozenset({Right.CATALOGUE_READ, Right.PRICES_READ, Right.STOCK_READ, Right.ORDERS_READ})
_DEALER_FINANCE = _DEALER_READS | {Right.STATEMENTS_READ}
_HQ_READS = frozenset({Right.HQ_CATALOGUE, Right.HQ_DEALERS})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.DEALER_BUYER: _DEALER_READS | {Right.ORDERS_WRITE},
    Role.DEALER_FINANCE: _DEALER_FINANCE,
    Role.DEALER_OWNER: _DEALER_FINANCE | {Right.ORDERS_WRITE},
    Role.DEALER_SERVICE: frozenset({Right.CATALOGUE_READ, Right.STOCK_READ, Right.ORDERS_READ}),
    Role.CHANNEL_MANAGER: _HQ_READS | {Right.HQ_POLICIES},
    Role.ORDER_DESK: _HQ_READS | {Right.HQ_ORDERS, Right.HQ_SHIPPING},
    Role.HQ_FINANCE: _HQ_READS | {Right.HQ_FINANCE, Right.HQ_FINANCE_APPROVE, Right.HQ_ORDERS},
    Role.QUALITY: _HQ_READS | {Right.HQ_AUDIT},
    Role.ADMINISTRATOR: _HQ_READS | {Right.HQ_ADMIN, Right.HQ_AUDIT},
}

DEALER_ROLES = frozenset({Role.DEALER_BUYER, Role.DEALER_FINANCE, Role.DEALER_OWNER, Role.DEALER_SERVICE})

HQ_SCOPES = frozenset(right for right in Right if right.startswith("hq:"))
DEALER_SCOPES = frozenset(Right) - HQ_SCOPES


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or an API client, with everything a verb needs to decide.

    dealer_id: the dealer it belongs to, None for headquarters.
    region_ids: regions a headquarters actor may see; None means all. Always empty for a dealer's actor.
    rights: what it may do (roles of a person, scopes of a client).
    """

    label: str
    rights: frozenset[str]
    user_id: int | None = None
    client_id: int | None = None
    dealer_id: int | None = None
    region_ids: tuple[int, ...] | None = ()
    roles: frozenset[str] = field(default=frozenset())
    locale: str = "zh"

    @property
    def is_staff(self) -> bool:
        """Belongs to headquarters."""
        return self.dealer_id is None

    @property
    def key(self) -> str:
        """Stable identity for idempotency keys and the audit: ``user:12``, ``client:3``, or ``system`` for the portal itself."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"client:{self.client_id}" if self.client_id is not None else "system"

    def may(self, right: str) -> bool:
        """Whether the actor holds a right."""
        return right in self.rights

    def require(self, *rights: str) -> None:
        """Raise Forbidden unless the actor holds at least one of `rights`."""
        if not any(right in self.rights for right in rights):
            raise Forbidden(
                "missing_right", N_("This needs the right %(right)s, which you do not have."), right=" / ".join(rights)
            )


def require_other_person(actor: Actor, proposed_by: str) -> None:
    """Raise Forbidden when `actor` is who asked (an `Actor.key`). Every verb that approves, rejects or releases calls this."""
    if actor.key == proposed_by:
        raise Forbidden("same_person", N_("You asked for this yourself. Another person decides on it."), fix=N_("Ask a colleague."))


def rights_of(roles: frozenset[str]) -> frozenset[str]:
    """Union of the rights of `roles`; an unknown role grants nothing."""
    known = [RIGHTS[Role(role)] for role in roles if role in RIGHTS]
    return frozenset().union(*known)


def roles_allowed(*, of_dealer: bool) -> frozenset[str]:
    """The roles a person may hold: those of a dealer or those of headquarters, never both."""
    return frozenset(DEALER_ROLES) if of_dealer else frozenset(Role) - DEALER_ROLES


def scopes_allowed(*, of_dealer: bool) -> frozenset[str]:
    """The scopes an API client may be given."""
    return frozenset(DEALER_SCOPES if of_dealer else HQ_SCOPES)


def plain_name(typed: str) -> str:
    """The name of a person or a client as it is kept: trimmed, composed, with the plain space for the wide one of Chinese keyboards."""
    return unicodedata.normalize("NFC", typed.replace("\u3000", " ")).strip()


def name_faults(pointer: str, name: str) -> list[Fault]:
    """What is wrong with a plain name; it stands in logs, letters and tables, where a line break or an invisible mark would deceive."""
    if not name:
        return [Fault(pointer, "required", N_("Enter a name."))]
    if len(name) > NAME_MAX or not name.isprintable():
        return [Fault(pointer, "name", N_("At most %(max)s printable characters."), params={"max": NAME_MAX})]
    return print_faults(pointer, name)


def is_local_path(target: str) -> bool:
    """Whether a browser that follows `target` stays on this site.

    Browsers drop tabs and line feeds and read a backslash as a slash, so that ``/\\evil`` and ``/<tab>/evil`` leave it.
    """
    return (
        target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and all(" " <= character != "\x7f" for character in target)
    )


ANONYMOUS = Actor(label="anonymous", rights=frozenset())
"""Somebody who has not proven who they are: what the audit says of a refused sign-in."""

SYSTEM = Actor(label="system", rights=frozenset(Right), region_ids=None)
"""The portal itself: schedules and jobs that cross dealers."""
