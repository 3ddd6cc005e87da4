"""Lists by keyset: a page and an opaque cursor to the next. Stable while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    """Opaque cursor for a sort key of strings and integers."""
    return base64.urlsafe_b64encode(json.dumps(list(key), ensure_ascii=False).encode()).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The sort key of a cursor. Raises Invalid for anything this module did not make."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, list) and [type(part) for part in key] == list(kinds):
            return key
    except (binascii.Error, ValueError, UnicodeDecodeError):
        pass
    raise Invalid(faults=[Fault("/cursor", "bad_cursor", N_("This cursor is not one of ours."), N_("Start again without a cursor."))])
