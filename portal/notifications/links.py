"""Links in letters that work without signing in, and tell nothing to a stranger. Sealed."""

from __future__ import annotations

from typing import Any, NamedTuple

from portal.kernel.errors import NotFound
from portal.kernel.opaque import Sealer

LETTER = "letter"
"""The purpose under which the names of letters are sealed."""
DIGEST_OF_ALL = "*digest"
"""Stands in a link for every event of which somebody gets the digest."""
_STOP, _CONFIRM = "stop mail", "confirm mail"


class Stop(NamedTuple):
    """Somebody wants no mail about an event any more."""

    user_id: int
    event: str


def stop_path(sealer: Sealer, stop: Stop) -> str:
    """Path of the page on which mail about an event is stopped."""
    return f"/mail/stop/{sealer.seal(_STOP, list(stop))}"


def read_stop(sealer: Sealer, token: str) -> Stop:
    """What a link says. Raises NotFound for one that is not ours."""
    user_id, event = _opened(sealer, _STOP, token)
    return Stop(int(user_id), str(event))


def confirm_path(sealer: Sealer, user_id: int, address: str) -> str:
    """Path of the page on which somebody confirms an address."""
    return f"/mail/confirm/{sealer.seal(_CONFIRM, [user_id, address])}"


def read_confirm(sealer: Sealer, token: str) -> tuple[int, str]:
    """Account and address of a link. Raises NotFound for one that is not ours."""
    user_id, address = _opened(sealer, _CONFIRM, token)
    return int(user_id), str(address)


def _opened(sealer: Sealer, purpose: str, token: str) -> list[Any]:
    try:
        return sealer.open(purpose, token)
    except ValueError:
        raise NotFound() from None
