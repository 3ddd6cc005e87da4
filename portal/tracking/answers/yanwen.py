"""Yanwen's answers: a leg at home and one abroad, which overlap. Pure.

Both legs tell of one parcel. An answer whose ``code`` says that it failed is believed in nothing, whatever
``state`` it carries along. Abroad the time is the place's own although it is written with China's offset; it
is taken as it is written, since the place's zone is nowhere.
"""

from __future__ import annotations

from typing import Any

from portal.kernel.errors import N_
from portal.tracking.answers.parcel import (
    ParcelTold,
    json_object,
    moment,
    objects,
    parcel,
    refusal,
    unreadable,
)
from portal.tracking.rules import Event
from portal.tracking.texts import code_of_text

_NUMBERS = ("waybill_number", "exchange_number", "yanwen_number")


def read_yanwen(content: bytes) -> tuple[ParcelTold, ...]:
    """One parcel. Raises Invalid."""
    answer = json_object(content)
    if "code" not in answer:
        raise unreadable()
    if answer["code"] != 0:
        raise refusal(N_("The carrier answers: %(words)s"), words=str(answer.get("message", ""))[:200])
    items = [*objects(answer.get("origin_items")), *objects(answer.get("destin_items"))]
    return (parcel([answer.get(name) for name in _NUMBERS], map(_event, items)),)


def _event(item: dict[str, Any]) -> Event:
    text = str(item.get("message", ""))
    return Event(moment(item.get("timestamp")), code_of_text(text), str(item.get("location") or ""), text)
