"""The people of headquarters, as their colleagues know them, whatever regions they answer for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import Reader


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of headquarters who may sign in. region_ids: None for the whole country. held: those that were
    given, without what lies in them.
    """

    user_id: int
    email: str
    name: str
    locale: str
    roles: tuple[str, ...]
    region_ids: tuple[int, ...] | None
    held: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """As `Actor.key` has it."""
        return f"user:{self.user_id}"

    @property
    def reader(self) -> Reader:
        """Who gets a letter."""
        return Reader(self.user_id, self.email, self.name, self.locale)

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
        )
        for row in session.execute(_COLLEAGUES)
    ]


_COLLEAGUES = text(
    "SELECT id, email, display_name, locale, roles, all_regions, region_ids, held_ids FROM hq_colleagues()"
    " ORDER BY display_name, id"
)
