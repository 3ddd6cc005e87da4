"""Who may give whom which roles, and what an invitation is worth. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from portal.identity.custom_role_rules import is_custom
from portal.identity.rules import Role, roles_allowed
from portal.kernel.errors import N_, Fault


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


def invitation_state(
    *, accepted_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, at: datetime
) -> InvitationState:
    """What an invitation is at a moment."""
    if accepted_at is not None:
        return InvitationState.ACCEPTED
    if revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.OPEN if expires_at > at else InvitationState.EXPIRED


def leading_role(*, of_dealer: bool) -> Role:
    """The role of which a side always keeps one person: who manages its people."""
    return Role.DEALER_OWNER if of_dealer else Role.ADMINISTRATOR


def roles_in_order(roles: Iterable[str]) -> list[str]:
    """Each once, in the order in which roles are listed; after them those that a side composed itself."""
    given = set(roles)
    return [str(role) for role in Role if role in given] + sorted(filter(is_custom, given))


def role_faults(
    pointer: str, roles: Sequence[str], *, of_dealer: bool, composed: Collection[str] = ()
) -> list[Fault]:
    """What is wrong with the roles for somebody of a dealer or of headquarters. composed: codes of those that
    the side composed itself.
    """
    if not roles:
        return [Fault(pointer, "required", N_("Choose at least one role."))]
    if roles_allowed(of_dealer=of_dealer).union(composed).issuperset(roles):
        return []
    return [
        Fault(
            pointer,
            "roles",
            N_("These roles do not fit: people of a dealer and of headquarters have different ones."),
        )
    ]


def region_faults(
    pointer: str,
    region_ids: Collection[int],
    all_regions: bool,
    *,
    known: Collection[int],
    of_dealer: bool,
    has_dated: bool = False,
) -> list[Fault]:
    """What is wrong with the regions somebody is given; only headquarters' people have any.

    has_dated: whether there are regions with dates beside them.
    """
    if of_dealer:
        return (
            [Fault(pointer, "regions", N_("Only people of headquarters are given regions."))]
            if region_ids or all_regions
            else []
        )
    if all_regions and region_ids:
        return [Fault(pointer, "regions", N_("Choose the whole country or regions, not both."))]
    if not all_regions and not region_ids and not has_dated:
        return [Fault(pointer, "required", N_("Choose the whole country or at least one region."))]
    if not set(known).issuperset(region_ids):
        return [Fault(pointer, "regions", N_("There is no such region."))]
    return []
