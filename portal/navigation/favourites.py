"""The pages that a person marked as favourites.

Nobody else sees them, so they need no right and no audit: the database shows each to its person only.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.manifest import Audience
from portal.kernel.registry import registry
from portal.navigation.rules import FAVOURITES_MAX

_FAVOURITES = text("SELECT endpoint FROM user_favourite WHERE user_id = :user_id ORDER BY place LIMIT :most")
# The lowest place that is free: two at once want the same, and the key refuses one of them.
_ADD = text(
    """
    INSERT INTO user_favourite (user_id, place, endpoint)
    SELECT :user_id, min(place), :endpoint
      FROM generate_series(1, :most) AS free(place)
     WHERE NOT EXISTS (SELECT FROM user_favourite f WHERE f.user_id = :user_id AND f.place = free.place)
    HAVING count(*) > 0
    RETURNING place
    """
)
_REMOVE = text("DELETE FROM user_favourite WHERE user_id = :user_id AND endpoint = :endpoint")


def favourites(session: Session, *, actor: Actor) -> tuple[str, ...]:
    """Endpoints of the pages that the actor marked, as they stand on top of the menu."""
    if actor.user_id is None:
        return ()
    return tuple(session.scalars(_FAVOURITES, {"user_id": actor.user_id, "most": FAVOURITES_MAX}))


def add_favourite(session: Session, *, actor: Actor, endpoint: str) -> None:
    """Mark a page of the actor's menu; one that is marked already stays.

    Raises NotFound for what is no entry of that menu, Conflict beyond `FAVOURITES_MAX`.
    """
    _require_entry(actor, endpoint)
    if endpoint in favourites(session, actor=actor):
        return
    values = {"user_id": actor.user_id, "endpoint": endpoint, "most": FAVOURITES_MAX}
    if session.execute(_ADD, values).one_or_none() is None:
        raise Conflict(
            "too_many_favourites",
            N_("You have %(max)s favourites already."),
            fix=N_("Take one away that you no longer need."),
            max=FAVOURITES_MAX,
        )


def remove_favourite(session: Session, *, actor: Actor, endpoint: str) -> None:
    """Take a page off the favourites, also one that the actor may not open any more."""
    session.execute(_REMOVE, {"user_id": actor.user_id, "endpoint": endpoint})


def _require_entry(actor: Actor, endpoint: str) -> None:
    entries = registry().menus[Audience.STAFF if actor.is_staff else Audience.DEALERS]
    if actor.user_id is None or not any(
        entry.endpoint == endpoint and actor.rights.intersection(entry.rights) for entry in entries
    ):
        raise NotFound()
