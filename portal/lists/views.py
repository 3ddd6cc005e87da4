"""The views that a person keeps of a list: found, kept, given up.

Nobody else sees them, so they need no right and no audit: the database shows each to its person only.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.registry import registry
from portal.lists import rules
from portal.lists.vocabulary import MEANWHILE


@dataclass(frozen=True, slots=True)
class View:
    """A view of a list. query: of the list's address, without ``?``."""

    name: str
    query: str


_VIEWS = text(
    "SELECT name, query FROM saved_view WHERE user_id = :user_id AND listing = :listing"
    " ORDER BY name LIMIT :most"
)
# The lowest place that is free: two at once want the same, and the key refuses one of them.
_SAVE = text(
    """
    INSERT INTO saved_view (user_id, listing, place, name, query)
    SELECT :user_id, :listing, min(place), :name, :query
      FROM generate_series(1, :most) AS free(place)
     WHERE NOT EXISTS (SELECT FROM saved_view v
                        WHERE v.user_id = :user_id AND v.listing = :listing AND v.place = free.place)
    HAVING count(*) > 0
    RETURNING place
    """
)
_REMOVE = text(
    "DELETE FROM saved_view WHERE user_id = :user_id AND listing = :listing AND name = :name RETURNING name"
)


def views(session: Session, *, actor: Actor, listing: str) -> list[View]:
    """The actor's views of a list, by name."""
    rows = session.execute(_VIEWS, {**_whose(actor, listing), "most": rules.VIEWS_MAX})
    return [View(**row._mapping) for row in rows]


def save_view(session: Session, *, actor: Actor, listing: str, name: str, query: str) -> View:
    """Keep a view.

    Raises Invalid with what is wrong with its name, Conflict when another took its place meanwhile, NotFound
    for a list that is none of ours.
    """
    whose = _whose(actor, listing)
    view = View(" ".join(name.split()), rules.kept_query(query))
    names = {one.name for one in views(session, actor=actor, listing=listing)}
    if faults := rules.faults_of(view.name, view.query, names):
        raise Invalid(faults=faults)
    values = {**whose, "name": view.name, "query": view.query, "most": rules.VIEWS_MAX}
    if session.execute(_SAVE, values).one_or_none() is None:
        raise Conflict("view_meanwhile", MEANWHILE)
    return view


def remove_view(session: Session, *, actor: Actor, listing: str, name: str) -> None:
    """Give a view up. Raises NotFound when there is none of that name."""
    if session.execute(_REMOVE, {**_whose(actor, listing), "name": name}).one_or_none() is None:
        raise NotFound()


def _whose(actor: Actor, listing: str) -> dict[str, object]:
    if actor.user_id is None or listing not in registry().lists:
        raise NotFound()
    return {"user_id": actor.user_id, "listing": listing}
