"""What is typed into the search across the portal, if it is a code of a device."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.manifest import Hit
from portal.scanning.read_code import read_code

_NO_CODES = frozenset({"empty", "no_code", "no_device_in_address", "too_long"})
_SHOWN_MAX = 40


def find_scanned(_session: Session, _actor: Actor, q: str, _limit: int) -> Iterator[Hit]:
    """The page that says what the code is, or why it cannot be read; nothing for words and numbers."""
    try:
        read = read_code(q, today=clock.now().date())
    except Invalid as refused:
        if refused.code not in _NO_CODES:
            yield Hit("scanning.index", {"data": q}, q[:_SHOWN_MAX])
        return
    said = (read.di, read.lot, read.serial, read.expiry)
    yield Hit("scanning.index", {"data": q}, " · ".join(str(one) for one in said if one))
