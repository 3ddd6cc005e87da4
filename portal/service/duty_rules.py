"""Who serves what, and whom a request goes to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

DUTIES_MAX = 200
"""Rows of a team."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody of a team serves a kind, a product category and a region; empty means any.

    category: a code, and whatever lies below it. region: code of an area or a province. lead_id: who is told
    when time runs out.
    """

    team_id: int
    user_id: int
    kind: str = ""
    category: str = ""
    region: str = ""
    lead_id: int | None = None

    def fits(self, kind: str, categories: Collection[str], regions: Collection[str]) -> bool:
        """Whether a request of a kind, about a product in these categories, of a dealer in these regions."""
        return (
            self.kind in ("", kind)
            and (not self.category or self.category in categories)
            and (not self.region or self.region in regions)
        )

    @property
    def precision(self) -> int:
        """How many of the three it names: whoever knows just this goes before whoever does everything."""
        return sum(map(bool, (self.kind, self.category, self.region)))


def chosen(
    duties: Iterable[Duty],
    *,
    kind: str,
    categories: Collection[str],
    regions: Collection[str],
    loads: Mapping[int, int],
    able: Collection[int],
) -> Duty | None:
    """Whose request it becomes: of those who fit the least loaded; None where nobody does.

    loads: open requests by person. able: who may have it at all. Equal ones: the more precise duty, then the
    person, then the team that was there first.
    """
    fitting = [one for one in duties if one.user_id in able and one.fits(kind, categories, regions)]
    return min(
        fitting,
        key=lambda one: (loads.get(one.user_id, 0), -one.precision, one.user_id, one.team_id),
        default=None,
    )
