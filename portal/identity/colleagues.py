"""The people of headquarters, as their colleagues know them, whatever regions they answer for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import Reader
from portal.identity.rules import rights_of
from portal.kernel.registry import registry


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of headquarters who may sign in. region_ids: None for the whole country. held: those that were
    given, without what lies in them. custom_rights: of the roles that headquarters composed itself.
    """

    user_id: int
    email: str
    name: str
    locale: str
    roles: tuple[str, ...]
    region_ids: tuple[int, ...] | None
    held: tuple[int, ...] = ()
    custom_rights: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """As `Actor.key` has it."""
        return f"user:{self.user_id}"

    @property
    def reader(self) -> Reader:
        """Who gets a letter."""
        return Reader(self.user_id, self.email, self.name, self.locale)

    def may(self, right: str) -> bool:
        """Whether one of the roles gives a right."""
        return right in self.custom_rights or right in rights_of(self.roles, registry().rights)

    def answers_for(self, region_path: Collection[int]) -> bool:
        """Whether a dealer in these regions, area and province, is theirs."""
        return self.region_ids is None or not set(self.region_ids).isdisjoint(region_path)


def colleagues(session: Session) -> list[Colleague]:
    """Everybody of headquarters who may sign in, by name; nobody for a dealer."""
    return [
        Colleague(
            row.id,
            row.email,
            row.display_name,
            row.locale,
            tuple(row.roles),
            None if row.all_regions else tuple(row.region_ids),
            tuple(row.held_ids),
            frozenset(row.custom_rights),
        )
        for row in session.execute(_COLLEAGUES)
    ]


_COLLEAGUES = text(
    """
    SELECT h.id, h.email, h.display_name, h.locale, h.roles, h.all_regions, h.region_ids, h.held_ids,
           ARRAY(SELECT DISTINCT o.granted FROM custom_role c
                  CROSS JOIN LATERAL unnest(c.rights) AS o (granted)
                  WHERE c.code = ANY (h.roles) AND c.dealer_id IS NULL) AS custom_rights
      FROM hq_colleagues() h ORDER BY h.display_name, h.id
    """
)
