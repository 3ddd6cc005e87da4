"""What was done to a rebate programme and its amendments, by whom and when, as the audit has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.audit.history import Event, history
from portal.kernel.errors import N_
from portal.rebates.queries import ManagedProgramme
from portal.web.rebate_words import day_text
from portal.web.request import current_session

_KINDS = ("rebate_programme", "rebate_amendment")
LOOKS: Mapping[str, tuple[str, str, str]] = {
    "drafted": (N_("Written"), "file-pencil", "grey"),
    "edited": (N_("Changed"), "edit", "grey"),
    "submitted": (N_("Submitted"), "send", "amber"),
    "recalled": (N_("Taken back"), "arrow-left", "grey"),
    "approved": (N_("Approved"), "check", "blue"),
    "rejected": (N_("Rejected"), "x", "red"),
    "published": (N_("Published"), "send", "green"),
    "withdrawn": (N_("Withdrawn"), "ban", "red"),
    "simulated": (N_("Simulated over the past"), "chart-bar", "grey"),
}
"""By act: what it is called, its icon, its tone."""


def history_of(found: ManagedProgramme) -> list[dict[str, Any]]:
    """Every act, the latest first, as a timeline shows it.

    What the audit has not, of a programme that was loaded, is told from the programme itself.
    """
    events = history(current_session(), kinds=_KINDS, subject=found.number)
    told = {one.action for one in events}
    events += [one for one in _of_itself(found) if one.action not in told]
    events.sort(key=lambda one: one.at, reverse=True)
    return [_shown(one, found.number) for one in events]


def _of_itself(found: ManagedProgramme) -> list[Event]:
    acts = (
        ("drafted", found.created_at, found.proposed_by_label, ""),
        ("submitted", found.submitted_at, found.submitted_by_label, ""),
        ("approved", found.approved_at, found.approved_by_label, ""),
        ("published", found.published_at, found.published_by_label, ""),
        ("withdrawn", found.withdrawn_at, found.withdrawn_by_label, found.reason),
    )
    return [
        Event(at, f"rebate_programme:{act}", who or "", {}, reason)
        for act, at, who, reason in reversed(acts)
        if at is not None
    ]


def _shown(one: Event, number: str) -> dict[str, Any]:
    kind, _, act = one.action.partition(":")
    title, icon, tone = LOOKS[act]
    shown: dict[str, Any] = {
        "at": one.at,
        "title": gettext(title),
        "text": " · ".join(part for part in (one.actor_label, one.reason) if part),
        "icon": icon,
        "tone": tone,
    }
    if act == "simulated":
        days = (day_text(str(one.after[name])) for name in ("from", "to"))
        shown["title"] = f"{gettext(title)} · {' – '.join(days)}"
    if kind == "rebate_amendment":
        amendment, day = str(one.after["amendment"]), day_text(str(one.after["from"]))
        shown["title"] = f"{gettext(title)} · {gettext('Amendment from %(day)s on', day=day)}"
        shown["link"] = (
            url_for("rebate_amendments.show", number=number, amendment=amendment),
            amendment,
        )
    return shown
