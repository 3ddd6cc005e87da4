"""Roles in words: built-in ones in the language of the page, those of a side's own making by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.identity.custom_role_queries import names_of_roles, roles_of_side
from portal.identity.people_rules import roles_in_order
from portal.identity.rules import roles_allowed
from portal.web.browser_session import ROLE_LABELS

Options = list[tuple[str, Any]]
"""What boxes offer: roles with their labels."""


def role_words(roles: Iterable[str], custom_names: Iterable[str] = ()) -> str:
    """Roles in one line. custom_names: of those among them that are a side's own."""
    built_in = [str(label) for role, label in ROLE_LABELS.items() if role in roles]
    return " / ".join([*built_in, *custom_names]) or "–"


def role_options(session: Session, roles: Sequence[str]) -> Options:
    """Roles that somebody has, to choose from."""
    names = names_of_roles(session, roles)
    labels: dict[str, Any] = {str(role): label for role, label in ROLE_LABELS.items()} | names
    return [(role, labels[role]) for role in roles_in_order(roles) if role in labels]


def roles_to_choose(session: Session, *, of_dealer: bool, dealer_id: int | None) -> Options:
    """The roles of a side: the built-in ones, and those of its own making where it is known which side."""
    built_in: Options = [
        (role, label) for role, label in ROLE_LABELS.items() if role in roles_allowed(of_dealer=of_dealer)
    ]
    is_known = not of_dealer or dealer_id is not None
    return built_in + (list(roles_of_side(session, dealer_id).items()) if is_known else [])
