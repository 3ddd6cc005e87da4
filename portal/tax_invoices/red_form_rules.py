"""The life of a red-letter confirmation form (红字信息确认单) on the tax platform. Pure.

The states are the platform's own, 01 to 09. A form that one side entered and the other did not confirm
within 72 hours is void. It says nothing about our credit note, which follows the goods.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from portal.kernel.errors import N_, Conflict

CONFIRMED_WITHIN = timedelta(hours=72)


class RedFormState(StrEnum):
    """The platform's states by their codes."""

    NEEDS_NONE = "01"
    SELLER_ENTERED = "02"
    BUYER_ENTERED = "03"
    CONFIRMED = "04"
    DENIED_BY_BUYER = "05"
    DENIED_BY_SELLER = "06"
    EXPIRED = "07"
    TAKEN_BACK = "08"
    CANCELLED = "09"


_LATER = {
    RedFormState.NEEDS_NONE: {RedFormState.CANCELLED},
    RedFormState.SELLER_ENTERED: {
        RedFormState.CONFIRMED,
        RedFormState.DENIED_BY_BUYER,
        RedFormState.EXPIRED,
        RedFormState.TAKEN_BACK,
    },
    RedFormState.BUYER_ENTERED: {
        RedFormState.CONFIRMED,
        RedFormState.DENIED_BY_SELLER,
        RedFormState.EXPIRED,
        RedFormState.TAKEN_BACK,
    },
    RedFormState.CONFIRMED: {RedFormState.CANCELLED},
}
WAITING = frozenset({RedFormState.SELLER_ENTERED, RedFormState.BUYER_ENTERED})
GRANTED = frozenset({RedFormState.NEEDS_NONE, RedFormState.CONFIRMED})
"""A red-letter invoice may be issued by it."""


def later_states(state: RedFormState) -> list[RedFormState]:
    """Where a form may go from a state, in the order of their codes."""
    return sorted(_LATER.get(state, ()))


def require_later(state: RedFormState, new: RedFormState) -> None:
    """Raise Conflict unless a form in a state may come to another."""
    if new not in later_states(state):
        message = N_("The form stands at %(state)s and cannot come to %(new)s.")
        raise Conflict("red_form_state", message, state=str(state), new=str(new))


def void_at(asked_at: datetime) -> datetime:
    """When a form that the other side does not confirm becomes void."""
    return asked_at + CONFIRMED_WITHIN
