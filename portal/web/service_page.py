"""A service request as a page shows it: its conversation, its light, and what a form of it is about."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext

from portal.kernel.errors import DomainError, Fault
from portal.repairs.words import EVENTS_BY_NAME
from portal.service.queries import RequestDetail, TimelineEntry
from portal.service.rules import EntryKind, ServiceKind, Severity
from portal.service.sla_rules import Clock, Light, Stage
from portal.service.words import CLOCKS, ENTRIES, KINDS, LIGHTS, SEVERITIES, STAGES
from portal.web.presentation import in_full, in_words
from portal.web.request import request

LIGHT_LOOKS = {
    Light.GREEN: ("green", "circle-check"),
    Light.AMBER: ("amber", "alert-triangle"),
    Light.RED: ("red", "alert-circle"),
    Light.PAUSED: ("violet", "player-pause"),
    Light.NONE: ("grey", "checks"),
}
SEVERITY_TONES = {
    Severity.LOW: "grey",
    Severity.NORMAL: "blue",
    Severity.HIGH: "amber",
    Severity.URGENT: "red",
}
_LOOKS = {
    EntryKind.OPENED: ("inbox", "blue"),
    EntryKind.NOTE: ("lock", "amber"),
    EntryKind.ASSIGNED: ("user-circle", "grey"),
    EntryKind.TAKEN: ("user-circle", "grey"),
    EntryKind.ASKED: ("help-circle", "violet"),
    EntryKind.SORTED: ("tags", "grey"),
    EntryKind.RESOLVED: ("circle-check", "green"),
    EntryKind.CLOSED: ("checks", "green"),
    EntryKind.REOPENED: ("refresh", "amber"),
    EntryKind.CANCELLED: ("x", "grey"),
    EntryKind.MERGED: ("copy", "grey"),
    EntryKind.RATED: ("star", "green"),
    EntryKind.ESCALATED: ("hourglass", "red"),
    EntryKind.REPAIR: ("refresh", "blue"),
}


def conversation(found: RequestDetail) -> list[dict[str, Any]]:
    """Everything that was said and done, the latest first."""
    return [_shown(found, one) for one in reversed(found.entries)]


def options(words: dict[Any, str], *, first: str = "") -> list[tuple[str, str]]:
    """Words to choose from; before them, where it is said, what stands for all."""
    chosen = [(str(key), gettext(word)) for key, word in words.items()]
    return [("", first), *chosen] if first else chosen


def light_cell(light: Light) -> dict[str, str]:
    """A light as a badge: word, tone and icon."""
    tone, icon = LIGHT_LOOKS[light]
    return {"label": gettext(LIGHTS[light]), "tone": tone, "icon": icon}


def severity_cell(severity: str) -> dict[str, str]:
    """A severity as a badge: word and tone."""
    return {"label": gettext(SEVERITIES[Severity(severity)]), "tone": SEVERITY_TONES[Severity(severity)]}


def refusal_context(refusal: DomainError | None, fields: dict[str, str]) -> dict[str, Any]:
    """What a page shows of a refusal. fields: id of the field by pointer; others lead to the page's top.

    errors_at: of the form of a view, if it was that one.
    """
    faults = list(refusal.faults) if refusal else []
    where = (request.endpoint or "").rpartition(".")[2] if refusal else ""
    return {
        "summary": [(fields.get(_head(one), "content"), in_words(one)) for one in faults],
        "said": in_full(refusal) if refusal and not faults else "",
        "errors": lambda pointer: [in_full(one) for one in faults if _head(one) == pointer],
        "errors_at": lambda view, pointer: [
            in_full(one) for one in faults if view == where and _head(one) == pointer
        ],
    }


def typed_in(refusal: DomainError | None) -> dict[str, Any]:
    """What was typed into which of a page's forms, where it comes back refused."""
    where = (request.endpoint or "").rpartition(".")[2] if refusal else ""
    return {
        "typed_at": lambda view, name="text": request.form.get(name, "") if view == where else "",
    }


def rendered(template: str, context: dict[str, Any]) -> str:
    """A page of a request."""
    return render_template(
        template,
        kinds={key: gettext(word) for key, word in KINDS.items()},
        severity_cell=severity_cell,
        light_cell=light_cell,
        **context,
    )


def _head(fault: Fault) -> str:
    return "/" + fault.pointer.strip("/").split("/")[0]


def _shown(found: RequestDetail, entry: TimelineEntry) -> dict[str, Any]:
    icon, tone = _LOOKS.get(EntryKind(entry.kind), ("mail", "teal" if entry.is_staff else "blue"))
    return {
        "at": entry.said_at,
        "title": _title(entry),
        "who": entry.author_label if entry.author != "system" else "",
        "text": entry.text,
        "files": entry.files,
        "icon": icon,
        "tone": tone,
        "is_internal": entry.is_internal,
        "of": entry.number if entry.number != found.number else "",
    }


def _title(entry: TimelineEntry) -> str:
    details, kind = entry.details, EntryKind(entry.kind)
    if kind in (EntryKind.ASSIGNED, EntryKind.TAKEN):
        return gettext("Handled by %(name)s", name=details["to"])
    if kind is EntryKind.SORTED:
        severity = gettext(SEVERITIES[Severity(details["severity"])])
        word = gettext(KINDS[ServiceKind(details["kind"])])
        return gettext("Now %(kind)s, %(severity)s", kind=word, severity=severity)
    if kind is EntryKind.MERGED and "into" in details:
        return gettext("Goes on in %(number)s", number=details["into"])
    if kind is EntryKind.MERGED:
        return gettext("%(number)s goes on here", number=details["from"])
    if kind is EntryKind.RATED:
        return gettext("Rated: %(stars)s of 5", stars=details["stars"])
    if kind is EntryKind.ESCALATED:
        clock, stage = gettext(CLOCKS[Clock(details["clock"])]), gettext(STAGES[Stage(details["stage"])])
        return f"{clock}: {stage}"
    if kind is EntryKind.REPAIR and (words := EVENTS_BY_NAME.get(details.get("event", ""))):
        return gettext(words, **details)
    return gettext(ENTRIES[kind])
