"""Lists by keyset: a page and an opaque cursor to the next. Stable while rows are added."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from portal.errors import Fault, Invalid, N_

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
    back: bool


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]], place: Place | None = None) -> Page[T]:
    """A page from one row more than `limit`, nearest to the place first; `key` gives a row's sort key."""
    more, shown = len(rows) > limit, tuple(rows[:limit])
    back = place is not None and place.back
    items = shown[::-1] if back else shown
    if not items:
        return Page((), None)
    after = encode(key(items[-1])) if back or more else None
    before = encode(key(items[0]), back=True) if (more if back else place is not None) else None
    return Page(items, after, before)


def place_of(cursor: str | None, kinds: Sequence[Callable[[Any], Any]]) -> Place | None:
    """The place a cursor of `page_of` names, None without one. Raises Invalid for anything foreign."""
    if not cursor:
        return None
    *key, back = decode(cursor, (*kinds, bool)) if len(_parts(cursor)) > len(kinds) else (*decode(cursor, kinds), False)
    return Place(tuple(key), back)


def encode(key: Sequence[Any], *, back: bool = False) -> str:
    """Opaque cursor for a sort key of strings, integers and moments."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in (*key, *([True] if back else []))]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def _parts(cursor: str) -> list[Any]:
    """The parts of a cursor, none for anything that is no list. Orjson refuses what could harm later: half a surrogate pair, deep nesting."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        return []
    return parts if isinstance(parts, list) else []


def _read(kind: Callable[[Any], Any], part: Any) -> Any:
    if isinstance(kind, type) and type(part) is not kind:
        raise ValueError(f"{part!r} is no {kind.__name__}")
    return kind(part)


def moment(value: Any) -> datetime:
    """An aware moment from a cursor. Raises ValueError."""
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("a moment without a zone")
    return parsed


def decode(cursor: str, kinds: Sequence[Callable[[Any], Any]]) -> list[Any]:
    """The sort key of a cursor, each part read by its kind (``str``, ``int``, ``moment``). Raises Invalid for anything foreign."""
    try:
        return [_read(kind, part) for kind, part in zip(kinds, _parts(cursor), strict=True)]
    except (ValueError, TypeError, OverflowError):
        pass
    raise Invalid(faults=[Fault("/cursor", "bad_cursor", N_("This cursor is not one of ours."), N_("Start again without a cursor."))])
