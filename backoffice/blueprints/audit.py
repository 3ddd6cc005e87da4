"""The audit: searched by document, person, dealer and time; the whole story of one document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.audit import queries
from portal.audit.queries import EventFilter, changes
from portal.audit.vocabulary import AuditRight
from portal.audit.words import SUBJECTS
from portal.dealers.queries import NOBODY, sought_dealer_id
from portal.kernel import typed
from portal.kernel.errors import Fault, NotFound
from portal.kernel.paging import Page
from portal.kernel.registry import registry
from portal.web.api.buyer import now_and_today
from portal.web.audit_events import (
    AUDIT,
    USUAL_DAYS,
    ShownEvent,
    between,
    events,
    shown,
    span_faults,
    value_text,
)
from portal.web.forms import takes_columns
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_session, request

blueprint = Blueprint("audit", __name__, url_prefix="/hq/audit")

_NAMES = ("subject", "kind", "actor", "dealer", "from", "to")


@blueprint.get("")
@requires(AuditRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Acts, the latest first: of the last thirty days, or what is asked for."""
    said, faults = _said(), list[Fault]()
    sought = _sought(said, faults)

    def fetch(cursor: str | None, limit: int) -> Page[ShownEvent]:
        if faults or sought.dealer_id == NOBODY:
            return Page((), None)
        return events(sought, cursor=cursor, limit=limit)

    return show_list(
        AUDIT,
        fetch,
        "backoffice/audit/index.html",
        {"said": said},
        page_only=lambda: {
            "troubles": [in_full(fault) for fault in faults],
            "kind_options": _kind_options(),
            "seal": queries.newest_seal(current_session()),
        },
        dealer_id=sought.dealer_id or None,
    )


@blueprint.get("/story")
@requires(AuditRight.READ)
def story() -> str:
    """Everything that was done to one document, with every field that changed."""
    subject = request.args.get("subject", "").strip()[:200]
    found = queries.story(current_session(), subject) if subject else []
    if not found:
        raise NotFound()
    return render_template(
        "backoffice/audit/story.html",
        subject=subject,
        events=shown(found),
        changes=changes,
        value_text=value_text,
        most=queries.STORY_MAX,
    )


def _said() -> dict[str, str]:
    """What the address asks for, as it was typed; the last days where it names neither document nor day."""
    said = {name: request.args.get(name, "").strip()[:200] for name in _NAMES}
    if not (said["from"] or said["to"] or said["subject"]):
        said["from"] = (now_and_today()[1] - USUAL_DAYS).isoformat()
    return said


def _sought(said: Mapping[str, str], faults: list[Fault]) -> EventFilter:
    first, last = _day(said, "from", faults), _day(said, "to", faults)
    dealer_id = sought_dealer_id(current_session(), said["dealer"])
    if not faults:
        is_narrow = bool(said["subject"]) or dealer_id is not None
        faults.extend(span_faults(first, last or now_and_today()[1], is_narrow=is_narrow))
    return EventFilter(
        subject=said["subject"],
        kind=said["kind"],
        actor=said["actor"],
        dealer_id=dealer_id,
        **({} if faults else between(first, last)),
    )


def _day(said: Mapping[str, str], name: str, faults: list[Fault]) -> date | None:
    return typed.field(typed.day, said[name], f"/{name}", faults) if said[name] else None


def _kind_options() -> list[tuple[str, str]]:
    """Of which kinds of documents there are acts, by their words."""
    kinds = {str(action).split(":", 1)[0] for action in registry().actions}
    return sorted(
        ((kind, gettext(SUBJECTS[kind])) for kind in kinds), key=lambda option: option[1].casefold()
    )
