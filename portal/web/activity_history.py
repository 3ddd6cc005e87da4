"""What happened to an activity, as a timeline, the latest first."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from portal.budgets.queries import ActivityDetail
from portal.budgets.rules import ActivityState
from portal.web.status_looks import status_look


def history_of(found: ActivityDetail) -> list[dict[str, Any]]:
    """Who planned it, handed it in, decided on it and ended it."""
    events: list[dict[str, Any]] = [
        {
            "at": found.asked_at,
            "title": gettext("Planned"),
            "text": found.asked_by_label,
            "icon": "file-pencil",
            "tone": "grey",
        }
    ]
    if found.submitted_at is not None:
        events.append(
            {"at": found.submitted_at, "title": gettext("Handed in"), "icon": "send", "tone": "blue"}
        )
    if found.decided_at is not None:
        events.append(
            {
                "at": found.decided_at,
                "title": status_look("activity", _decided(found)).label,
                "text": " · ".join(filter(None, (found.decided_by_label, found.reason))),
                "icon": status_look("activity", _decided(found)).icon,
                "tone": status_look("activity", _decided(found)).tone,
            }
        )
    if found.ended_at is not None:
        events.append(
            {
                "at": found.ended_at,
                "title": status_look("activity", found.state).label,
                "text": found.ended_by_label,
                "icon": "history",
                "tone": "grey",
            }
        )
    return events[::-1]


def _decided(found: ActivityDetail) -> str:
    """What the decision was, whatever came after it."""
    if found.approved is not None:
        return ActivityState.APPROVED
    return ActivityState.REJECTED if found.state == ActivityState.REJECTED else ActivityState.RETURNED
