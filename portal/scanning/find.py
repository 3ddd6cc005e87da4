"""What is typed into the search across the portal, if it is a code of a device."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.manifest import Hit
from portal.scanning.read_code import read_code

_NO_CODES = frozenset({"empty", "no_code", "no_device_in_address", "too_long"})
_SHOWN_MAX = 40
_ANY_DAY = date(2000, 1, 1)  # no date is shown here, so it is all one which century it is in


def find_scanned(_session: Session, actor: Actor, q: str, _limit: int) -> Iterator[Hit]:
    """The page that says what the code is, or why it cannot be read; nothing for words and numbers."""
    page = "hq_scanning.index" if actor.is_staff else "scanning.index"
    try:
        read = read_code(q, today=_ANY_DAY)
    except Invalid as refused:
        if refused.code not in _NO_CODES:
            yield Hit(page, {"data": q}, q[:_SHOWN_MAX])
        return
    yield Hit(page, {"data": q}, " · ".join(filter(None, (read.di, read.lot, read.serial))))
