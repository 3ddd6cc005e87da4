"""Which role may do what, as the manifests say: for the page of headquarters and for `docs/rights.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.identity.rules import DEALER_ROLES, STAFF_ROLES, Role
from portal.kernel.registry import registry
from portal.web.api.operations import operations_of


@dataclass(frozen=True, slots=True)
class RightRow:
    """A right, who has it, and what it opens: labels of menu entries, and calls of the API (messages)."""

    right: str
    capability: str
    roles: frozenset[str]
    entries: tuple[str, ...]
    calls: tuple[str, ...]


def roles_of(*, of_dealer: bool) -> tuple[Role, ...]:
    """The roles of one side, in the order in which they are declared."""
    side = DEALER_ROLES if of_dealer else STAFF_ROLES
    return tuple(role for role in Role if role in side)


def matrix(*, of_dealer: bool) -> list[RightRow]:
    """Every right that a role of one side has, capability by capability."""
    return list(_rows(frozenset(roles_of(of_dealer=of_dealer))))


def _rows(side: frozenset[str]) -> Iterator[RightRow]:
    capabilities = registry().capabilities
    calls = operations_of(capabilities)
    for capability in capabilities:
        for right, roles in capability.rights.items():
            if roles & side:
                entries = (entry.label for one in capabilities for entry in one.menu if right in entry.rights)
                yield RightRow(
                    str(right),
                    capability.name,
                    frozenset(map(str, roles & side)),
                    tuple(dict.fromkeys(entries)),
                    tuple(call.summary for call in calls if right in call.rights),
                )
