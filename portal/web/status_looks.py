"""The word, tone and icon of every status, in one table.

A status is never shown by colour alone: the word says it, the tone and icon only help the eye.
The tones are the classes ``tone-…`` of ``static/css/portal.css``.
"""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


class Look(NamedTuple):
    """How one status is shown."""

    label: LazyString | str
    tone: str
    icon: str


_ORDER = {
    "confirmed": Look(_("Confirmed"), "blue", "circle-check"),
    "on_hold": Look(_("On hold"), "amber", "player-pause"),
    "picking": Look(_("Being picked"), "violet", "package"),
    "partially_shipped": Look(_("Partly shipped"), "teal", "truck"),
    "shipped": Look(_("Shipped"), "teal", "truck-delivery"),
    "received": Look(_("Received"), "green", "checks"),
    "cancelled": Look(_("Cancelled"), "grey", "ban"),
}

STATUS_LOOKS: dict[str, dict[str, Look]] = {
    "order": _ORDER,
    "desk order": _ORDER | {"confirmed": Look(_("To be picked"), "blue", "circle-check")},  # what a dealer sees confirmed is work to headquarters
    "shipment": {
        "picking": Look(_("Being picked"), "violet", "package"),
        "packed": Look(_("Packed"), "violet", "packages"),
        "shipped": Look(_("In transit"), "teal", "truck-delivery"),
        "received": Look(_("Received"), "green", "checks"),
        "cancelled": Look(_("Cancelled"), "grey", "ban"),
    },
    "statement": {
        "issued": Look(_("Issued"), "blue", "file-check"),
    },
    "policy": {
        "draft": Look(_("Draft"), "grey", "file-pencil"),
        "published": Look(_("Published"), "green", "circle-check"),
        "superseded": Look(_("Superseded"), "grey", "history"),
    },
    "close": {
        "open": Look(_("Not closed"), "grey", "lock-open"),
        "closing": Look(_("Being closed"), "amber", "hourglass"),
        "closed": Look(_("Closed"), "green", "lock"),
    },
    "task": {
        "pending": Look(_("Waiting"), "grey", "clock"),
        "running": Look(_("Running"), "blue", "hourglass"),
        "done": Look(_("Done"), "green", "circle-check"),
        "failed": Look(_("Failed"), "red", "alert-circle"),
    },
    "correction": {
        "waiting": Look(_("Waits for approval"), "amber", "hourglass"),
        "approved": Look(_("Approved"), "green", "circle-check"),
        "rejected": Look(_("Rejected"), "grey", "circle-x"),
    },
    "dealer": {
        "active": Look(_("Active"), "green", "circle-check"),
        "suspended": Look(_("Suspended"), "red", "ban"),
    },
}


def status_look(kind: str, status: str) -> Look:
    """The look of a status. One that is not in the table is shown as its own word, in grey."""
    unknown = Look(str(status).replace("_", " "), "grey", "circle-dashed")
    return STATUS_LOOKS.get(kind, {}).get(str(status), unknown)
