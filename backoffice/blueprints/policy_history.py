"""Who did what to a version of a policy, as a line of time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext

from portal.pricing.policies import PolicySummary


def events(policy: PolicySummary) -> list[dict[str, Any]]:
    """What happened, the first first; what has not happened is not there."""
    told = (
        _Event(policy.created_at, gettext("Drafted"), policy.author, "", "file-pencil", "grey"),
        _Event(policy.submitted_at, gettext("Submitted"), policy.submitted_by, "", "send", "amber"),
        _Event(policy.approved_at, gettext("Approved"), policy.approved_by, "", "checks", "blue"),
        _Event(
            policy.published_at,
            gettext("Published"),
            policy.published_by,
            _restored(policy),
            "circle-check",
            "green",
        ),
        _Event(
            policy.withdrawn_at,
            gettext("Withdrawn"),
            policy.withdrawn_by,
            policy.withdrawn_reason,
            "ban",
            "red",
        ),
    )
    return [
        {
            "at": event.at,
            "title": event.title,
            "text": " · ".join(part for part in (event.who, event.why) if part),
            "icon": event.icon,
            "tone": event.tone,
        }
        for event in told
        if event.at is not None
    ]


class _Event(NamedTuple):
    at: datetime | None
    title: str
    who: str | None
    why: str
    icon: str
    tone: str


def _restored(policy: PolicySummary) -> str:
    return gettext("as version %(version)s was", version=policy.restores) if policy.restores else ""
