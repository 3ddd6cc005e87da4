"""People who were invited to the first dealer and to headquarters, in every state an invitation can be in.

Nobody has their links: an invitation that waits is sent again from the page.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import psycopg

from demo.loading.rows import put
from demo.scenario import Part, Scenario

_GOOD_FOR = timedelta(hours=72)
_COLUMNS = (
    "token_hash",
    "nonce",
    "dealer_id",
    "email",
    "display_name",
    "locale",
    "roles",
    "all_regions",
    "invited_by",
    "invited_by_label",
    "created_at",
    "sent_at",
    "expires_at",
    "accepted_at",
    "revoked_at",
    "user_id",
)


class _Invited(NamedTuple):
    """dealer: key, None for headquarters. hours: since when. role: whose account it became, if any."""

    email: str
    name: str
    role: str
    dealer: int | None
    hours: int
    became: str = ""


_INVITED = (
    _Invited("new.buyer@d0001.example", "苏婷", "dealer_buyer", 1, 5),
    _Invited("late.clerk@d0001.example", "魏然", "dealer_finance", 1, 120),
    _Invited("wrong.address@d0001.example", "钱进", "dealer_service", 1, 30, "revoked"),
    _Invited("service@d0001.example", "", "dealer_service", 1, 240, "accepted"),
    _Invited("new.quality@hq.example", "邵静", "quality", None, 20),
)


def load_invitations(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Invited by the dealer's owner, and by an administrator."""
    put(connection, "invitation", _COLUMNS, [_row(connection, one, scenario) for one in _INVITED])


def _row(connection: psycopg.Connection, one: _Invited, scenario: Scenario) -> tuple[Any, ...]:
    by = _account(connection, "administrator" if one.dealer is None else "dealer_owner", one.dealer)
    sent = scenario.now - timedelta(hours=one.hours)
    ended: datetime = sent + timedelta(hours=2)
    became = _account(connection, one.role, one.dealer) if one.became == "accepted" else None
    nonce = sha256(f"{scenario.seed}/invitation/{one.email}".encode()).hexdigest()[:32]
    return (
        sha256(nonce.encode()).hexdigest(),
        nonce,
        one.dealer,
        became[1] if became else one.email,
        became[2] if became else one.name,
        "zh",
        [one.role],
        one.dealer is None,
        f"user:{by[0]}",
        by[2],
        sent,
        sent,
        sent + _GOOD_FOR,
        ended if became else None,
        ended if one.became == "revoked" else None,
        became[0] if became else None,
    )


def _account(connection: psycopg.Connection, role: str, dealer: int | None) -> tuple[int, str, str]:
    """The first account of a side with a role."""
    found = connection.execute(
        "SELECT id, email, display_name FROM user_account"
        " WHERE %s = ANY (roles) AND dealer_id IS NOT DISTINCT FROM CAST(%s AS bigint) ORDER BY id LIMIT 1",
        (role, dealer),
    ).fetchone()
    assert found is not None, role
    return found


PART = Part("invitations", load=load_invitations)
