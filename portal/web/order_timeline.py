"""The life of an order as its page tells it: the road at a glance, and what happened, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from portal.kernel.errors import N_
from portal.orders import lifecycle
from portal.orders.lifecycle import Event, Step
from portal.orders.queries import OrderDetail
from portal.shipping.queries import Shipment

_LOOKS = {
    "placed": ("check", "blue"),
    "released": ("player-play", "green"),
    "held": ("player-pause", "amber"),
    "picked": ("package", "violet"),
    "shipped": ("truck-delivery", "teal"),
    "received": ("checks", "green"),
    "cancelled": ("ban", "grey"),
}
_ROAD = (
    ("placed", N_("Ordered")),
    ("held", N_("Awaiting release")),
    ("released", N_("Release")),
    ("picked", N_("Picking")),
    ("shipped", N_("Shipping")),
    ("received", N_("Receipt")),
)
_DETOUR = frozenset({"held", "released"})  # most orders never come here


def history(order: OrderDetail, shipments: Sequence[Shipment]) -> list[dict[str, Any]]:
    """What has happened, newest first, for the macro `ui.timeline`."""
    return [_told(event) for event in reversed(lifecycle.timeline(order, shipments)) if event.at is not None]


def road(order: OrderDetail, shipments: Sequence[Shipment]) -> list[dict[str, Any]]:
    """The stations of an order, for the macro `ui.steps`: four, and its release where it needed one."""
    events = lifecycle.timeline(order, shipments)
    ahead = {event.kind for event in events if event.step is not Step.DONE}
    reached = {event.kind: event.at for event in events if event.step is Step.DONE}
    if "held" in ahead:
        reached.pop("released", None)  # it was held once more
    steps = [
        {
            "label": gettext(label),
            "at": reached.get(kind),
            "state": "done" if kind in reached and kind not in ahead else "todo",
        }
        for kind, label in _ROAD
        if kind not in _DETOUR or kind in ahead or kind in reached
    ]
    current = next((step for step in steps if step["state"] == "todo"), None)
    if current is not None:
        current["state"] = "current"
    return steps


def _told(event: Event) -> dict[str, Any]:
    icon, tone = _LOOKS[event.kind]
    return {
        "at": event.at,
        "title": gettext(event.text, **event.params),
        "text": event.params.get("reason") or None,
        "icon": icon,
        "tone": tone,
    }
