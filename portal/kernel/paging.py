"""Lists by keyset: a page and an opaque cursor to the next. Stable while rows are added.

A cursor is sealed for its list and for those who see the same rows: a rival's is as foreign as a made-up one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
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


COUNTED_MAX = 1000
"""How far the rows of a list are counted; one more says that there are more."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """What a list can be sorted by, before the id that keeps equal rows apart. sql: never NULL.

    read: a value of it from the text in a cursor. index: that gives the rows in this order, so that a page
    reads no more than it shows; or, in brackets, why there is none: what bounds the rows that are sorted.
    """

    sql: str
    read: Callable[[Any], Any]
    index: str


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: by which of its keys, and whether from the end."""

    key: str
    descending: bool = False

    def __str__(self) -> str:
        """As addresses say it: ``-placed_at``."""
        return f"{'-' * self.descending}{self.key}"


def sort_of(said: str, keys: Collection[str], default: Sort) -> Sort:
    """The order that an address asks for; the usual one for what the list cannot be sorted by."""
    key = said.removeprefix("-")
    return Sort(key, said.startswith("-")) if key in keys else default


def keyset(sql: str, row_id: str, *, descending: bool, back: bool | None) -> tuple[str, str]:
    """SQL: which rows follow a place, and the order of the page that is read from there.

    The place is ``:from_key`` and ``:from_id``. back: before the place instead; None begins at the beginning.
    """
    downwards = descending is not bool(back)
    turn = " DESC" if downwards else ""
    after = "" if back is None else f"({sql}, {row_id}) {'<' if downwards else '>'} (:from_key, :from_id)"
    return after, f"{sql}{turn}, {row_id}{turn}"


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

    def after(self, key: Sequence[Any]) -> str:
        """The cursor to what follows a row that no page shows."""
        return self._cursor(key, back=False)

    def _cursor(self, key: Sequence[Any], *, back: bool) -> str:
        parts = (str(part) if isinstance(part, Decimal) else part for part in key)
        return self.sealer.seal(self.purpose, [back, *parts])


def cursors(session: Session, name: str, *kinds: Callable[[Any], Any]) -> Cursors:
    """Cursors of the list `name`.

    `kinds` are those of its sort key: ``str``, ``int``, ``moment``, ``date.fromisoformat``.
    """
    scope = scope_of(session)
    return Cursors(sealer_of(session), f"cursor {name} {scope.dealer_id} {scope.region_ids}", kinds)


moment = datetime.fromisoformat
"""A moment of a sort key, from its text."""
