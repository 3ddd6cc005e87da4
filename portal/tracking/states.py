"""What the numbers of services mean, each by its own table: 2 is trouble with one and transit with another.
Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.tracking.rules import EventCode
from portal.tracking.texts import code_of_text

_E = EventCode


class Service(StrEnum):
    """Services whose codes are understood."""

    KUAIDI100 = "kuaidi100"
    KDNIAO = "kdniao"
    SF = "sf"


STATES: Mapping[Service, Mapping[str, EventCode | None]] = {
    Service.KUAIDI100: {
        "0": _E.IN_TRANSIT,
        "1": _E.ACCEPTED,
        "2": _E.EXCEPTION,
        "3": _E.DELIVERED,
        "4": _E.RETURNED,
        "5": _E.OUT_FOR_DELIVERY,
        "6": _E.RETURNING,
        "7": _E.IN_TRANSIT,
        "10": _E.IN_CUSTOMS,
        "11": _E.IN_CUSTOMS,
        "12": _E.IN_CUSTOMS,
        "13": _E.EXCEPTION,
        "14": _E.REFUSED,
    },
    Service.KDNIAO: {
        "0": None,
        "1": _E.ACCEPTED,
        "2": _E.IN_TRANSIT,
        "201": _E.ARRIVED_AT_HUB,
        "202": _E.OUT_FOR_DELIVERY,
        "204": _E.ARRIVED_AT_HUB,
        "205": _E.ARRIVED_AT_HUB,
        "211": _E.READY_FOR_PICKUP,
        "3": _E.DELIVERED,
        "301": _E.DELIVERED,
        "302": _E.DELIVERED,
        "304": _E.DELIVERED,
        "311": _E.DELIVERED,
        "4": _E.EXCEPTION,
        "404": _E.REFUSED,
        "406": _E.RETURNED,
        "412": _E.EXCEPTION,
        "414": _E.EXCEPTION,
        "5": _E.IN_TRANSIT,
        "6": _E.IN_CUSTOMS,
    },
    Service.SF: {
        "50": _E.ACCEPTED,
        "54": _E.ACCEPTED,
        "30": _E.IN_TRANSIT,
        "31": _E.ARRIVED_AT_HUB,
        "36": _E.IN_TRANSIT,
        "80": _E.DELIVERED,
    },
}
"""None: there is nothing to tell yet. What is missing is read differently by different clients."""


def code_of_state(service: Service, state: str, text: str) -> EventCode | None:
    """The event behind a service's number; by its text where the number is not in the table."""
    states = STATES[service]
    return states[state] if state in states else code_of_text(text)
