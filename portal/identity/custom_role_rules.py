"""Roles that a side composes itself: of which rights, by whom, and what follows from them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from portal.identity.rules import rights_of, roles_allowed, scopes_allowed
from portal.identity.standing_in_rules import NEVER_LENT
from portal.kernel.errors import N_, Fault

OF_ONE_SIDE_MAX = 50
_BEGINNING = "own-"


def code_of(random: str) -> str:
    """The code under which accounts have a role, from random signs."""
    return _BEGINNING + random


def is_custom(role: str) -> bool:
    """Whether a role is one that a side composed itself; whether it is still there is another matter."""
    return role.startswith(_BEGINNING)


def rights_to_give(held: Mapping[str, frozenset[str]], *, of_dealer: bool) -> frozenset[str]:
    """The rights of which a side may compose a role: those that a role of its own has. held: by role.

    Who manages people and systems is an owner or an administrator, and nobody else.
    """
    of_side = rights_of(roles_allowed(of_dealer=of_dealer), held)
    return scopes_allowed(of_side, of_dealer=of_dealer) - NEVER_LENT


def roles_to_be_told_as(
    held: Mapping[str, frozenset[str]], own: Collection[str], *, of_dealer: bool
) -> frozenset[str]:
    """The built-in roles of a side whose letters somebody may have others get: those that may nothing which
    whoever composes may not. own: the rights of that person.
    """
    return frozenset(
        role for role in roles_allowed(of_dealer=of_dealer) if held.get(role, frozenset()).issubset(own)
    )


def composition_faults(
    rights: Sequence[str], *, allowed: Collection[str], own: Collection[str]
) -> list[Fault]:
    """What is wrong with the rights of a role. allowed: of its side. own: of whoever composes it."""
    if not rights:
        return [Fault("/rights", "required", N_("Choose at least one right."))]
    if not set(allowed).issuperset(rights):
        message = N_("These rights do not fit: a role has rights of its own side, and manages nobody.")
        return [Fault("/rights", "rights", message)]
    if beyond := sorted(set(rights).difference(own)):
        message = N_("You do not have these rights yourself: %(rights)s.")
        fix = N_("Leave them out, or ask somebody who has them.")
        return [Fault("/rights", "rights_not_held", message, fix, {"rights": ", ".join(beyond)})]
    return []


def told_faults(told_as: Sequence[str], *, allowed: Collection[str]) -> list[Fault]:
    """What is wrong with the roles whose letters a role gets. allowed: those that may be chosen."""
    if set(allowed).issuperset(told_as):
        return []
    message = N_("These letters are not yours to have sent: choose built-in roles that may no more than you.")
    return [Fault("/told_as", "told_as", message)]


def needs_factor(
    roles: Iterable[str],
    rights: Iterable[str],
    *,
    demanding: Collection[str],
    held: Mapping[str, frozenset[str]],
) -> bool:
    """Whether somebody needs a second factor. demanding: roles that demand one. held: rights by role.

    It is demanded of a role, and of a right that only such roles give: composed into another role, the right
    is no way around it.
    """
    if not demanding:
        return False
    without = rights_of([role for role in held if role not in demanding], held)
    return not set(demanding).isdisjoint(roles) or not without.issuperset(rights)
