"""Lists by keyset: a page and an opaque cursor to the next. Stable while rows are added.

A cursor is sealed for its list and for those who see the same rows: a rival's is as foreign as a made-up one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from portal.kernel.db import scope_of, sealer_of
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.opaque import Sealer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and the cursors to what follows and what comes before, None where there is nothing."""

    items: tuple[T, ...]
    next_cursor: str | None
    previous_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: right after `key`, or, going `back`, right before it."""

    key: tuple[Any, ...]
    back: bool = False


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one list, as those see it who share a scope. `kinds` read the parts of its sort key."""

    sealer: Sealer
    purpose: str
    kinds: tuple[Callable[[Any], Any], ...]

    def page_of(
        self, rows: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]], place: Place | None = None
    ) -> Page[T]:
        """A page from one row more than `limit`, nearest to the place first; `key` gives a row's sort key."""
        more, shown = len(rows) > limit, tuple(rows[:limit])
        back = place is not None and place.back
        items = shown[::-1] if back else shown
        if not items:
            return Page((), None)
        after = self._cursor(key(items[-1]), back=False) if back or more else None
        before = self._cursor(key(items[0]), back=True) if (more if back else place is not None) else None
        return Page(items, after, before)

    def place_of(self, cursor: str | None) -> Place | None:
        """The place a cursor of `page_of` names, None without one. Raises Invalid for anything foreign."""
        if not cursor:
            return None
        try:
            back, *parts = self.sealer.open(self.purpose, cursor)
            return Place(tuple(kind(part) for kind, part in zip(self.kinds, parts, strict=True)), back)
        except ValueError:
            pass
        raise Invalid(
            faults=[
                Fault(
                    "/cursor",
                    "bad_cursor",
                    N_("This cursor is not one of ours."),
                    N_("Start again without a cursor."),
                )
            ]
        )

    def _cursor(self, key: Sequence[Any], *, back: bool) -> str:
        return self.sealer.seal(self.purpose, [back, *key])


def cursors(session: Session, name: str, *kinds: Callable[[Any], Any]) -> Cursors:
    """Cursors of the list `name`.

    `kinds` are those of its sort key: ``str``, ``int``, ``moment``, ``date.fromisoformat``.
    """
    scope = scope_of(session)
    return Cursors(sealer_of(session), f"cursor {name} {scope.dealer_id} {scope.region_ids}", kinds)


moment = datetime.fromisoformat
"""A moment of a sort key, from its text."""
