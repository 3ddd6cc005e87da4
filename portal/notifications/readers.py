"""Who is told of an event that has no readers of its own: those who hold its roles, or get their letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import HELD, TOLD_AS, Reader
from portal.kernel.manifest import Audience
from portal.kernel.registry import registry

_DEALERS = text(
    f"""
    SELECT u.id AS user_id, u.email, u.display_name AS name, u.locale FROM user_account u
     WHERE u.dealer_id = :dealer_id AND u.disabled_at IS NULL AND {TOLD_AS.format("u")}
     ORDER BY u.id
    """
)
# Who answers for the dealer's province or its area; everybody where the event is of no dealer. Of some
# accounts, or of those who hold a role.
_STAFF = text(
    f"""
    SELECT a.id AS user_id, a.email, a.display_name AS name, a.locale
      FROM user_account a
      LEFT JOIN LATERAL (
        SELECT r.id, r.parent_id FROM dealer_region p JOIN region r ON r.id = p.region_id
         WHERE p.dealer_id = :dealer_id AND p.valid_from <= app_today()
         ORDER BY p.valid_from DESC LIMIT 1) placed ON true
     WHERE a.dealer_id IS NULL AND a.disabled_at IS NULL
       AND CASE WHEN cardinality(CAST(:only AS bigint[])) > 0 THEN a.id = ANY (CAST(:only AS bigint[]))
                ELSE {TOLD_AS.format("a")} END
       AND (CAST(:dealer_id AS bigint) IS NULL OR a.all_regions
            OR ARRAY[placed.id, placed.parent_id] && ({HELD}))
     ORDER BY a.id
    """
)
_ONLY = text(
    """
    SELECT id AS user_id, email, display_name AS name, locale FROM user_account
     WHERE id = ANY (CAST(:only AS bigint[])) AND dealer_id = :dealer_id AND disabled_at IS NULL
     ORDER BY id
    """
)

_NAMES = text("SELECT name_zh, name_en FROM dealer WHERE id = :dealer_id")


def readers_of(
    session: Session, *, event: str, dealer_id: int | None, only: Sequence[int] = (), but: int | None = None
) -> list[Reader]:
    """Who holds the event's roles, or gets their letters: at the dealer, or at headquarters who answers for
    the dealer.

    only: of some accounts alone, at headquarters of those who answer for the dealer. but: an account that is
    not told. In a session of the portal itself.
    """
    declared = registry().events[event]
    is_staff = declared.audience is Audience.STAFF
    parameters: dict[str, Any] = {"dealer_id": dealer_id, "roles": [str(role) for role in declared.roles]}
    if is_staff:
        rows = session.execute(_STAFF, parameters | {"only": list(only)})
    elif only:
        rows = session.execute(_ONLY, {"only": list(only), "dealer_id": dealer_id})
    else:
        rows = session.execute(_DEALERS, parameters)
    return [reader for row in rows if (reader := Reader(**row._mapping)).user_id != but]


def dealer_names(session: Session, dealer_id: int | None) -> dict[str, str]:
    """What a dealer is called, as facts of an event for staff; nothing for no dealer."""
    if dealer_id is None:
        return {}
    row = session.execute(_NAMES, {"dealer_id": dealer_id}).one()
    return {"dealer_zh": row.name_zh, "dealer_en": row.name_en}
