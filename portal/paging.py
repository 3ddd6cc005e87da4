"""Lists by keyset: a page and an opaque cursor to the next. Stable while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from portal.errors import Fault, Invalid, N_

T = TypeVar("T")
LIMIT_MAX = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and the cursor to what follows, None at the end."""

    items: tuple[T, ...]
    next_cursor: str | None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]]) -> Page[T]:
    """A page from one row more than `limit`; `key` gives the sort key of the last item shown."""
    items = tuple(rows[:limit])
    return Page(items, encode(key(items[-1])) if len(rows) > limit else None)


def encode(key: Sequence[Any]) -> str:
    """Opaque cursor for a sort key of strings, integers and moments."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


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
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, list) and len(key) == len(kinds):
            return [_read(kind, part) for kind, part in zip(kinds, key, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError):
        pass
    raise Invalid(faults=[Fault("/cursor", "bad_cursor", N_("This cursor is not one of ours."), N_("Start again without a cursor."))])
