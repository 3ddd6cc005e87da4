"""The queues of service as headquarters looks at them: which one, narrowed to what, in which order."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.dealers.queries import regions_in_scope
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.service.queue import QUEUES, queue_counts
from portal.service.rules import RequestState, ServiceKind, Severity
from portal.service.words import KINDS, SEVERITIES
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session, request
from portal.web.service_page import options

QUEUE = Listing(
    "service-queue",
    N_("Service requests"),
    (
        Column("number", N_("Service request"), Kind.CODE, width="c-16", css="text-nowrap"),
        Column("due_at", N_("Due at"), Kind.MOMENT, is_sortable=True, width="c-15"),
        Column("state", N_("Status"), Kind.STATUS, status="service request", width="c-15", css="cell-corner"),
        Column("severity", N_("Severity"), Kind.WORD, words=SEVERITIES, width="c-8"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-10"),
        Column("subject", N_("Subject")),
        Column("dealer", N_("Dealer"), Kind.NAME, width="c-12"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False),
        Column("sku", N_("SKU"), Kind.CODE, shown=False),
        Column("lot_no", N_("Lot"), Kind.CODE, shown=False),
        Column("serial", N_("Serial number"), Kind.CODE, shown=False),
        Column("assignee_label", N_("Handled by"), width="c-8"),
        Column("asked_by_label", N_("Asked by"), shown=False),
        Column("asked_at", N_("Asked at"), Kind.MOMENT, shown=False),
        Column("resolved_at", N_("Resolved at"), Kind.MOMENT, shown=False),
        Column("rating", N_("Stars"), Kind.QUANTITY, shown=False),
    ),
    sort="due_at",
)


def filters_of_address() -> dict[str, Any]:
    """What the address asks for."""
    said = {name: request.args.get(name, "") for name in ("queue", "kind", "severity", "region")}
    which = said["queue"]
    return {
        "which": which if which in (*QUEUES, *RequestState) else "open",
        "kind": said["kind"] if said["kind"] in list(ServiceKind) else "",
        "severity": said["severity"] if said["severity"] in list(Severity) else "",
        "region": said["region"][:32],
        "q": request.args.get("q", "").strip(),
    }


def sort_of_queue() -> str:
    """How the address wants the queue sorted."""
    return QUEUE.sorted_by(request.args.get("sort", ""))


def told(filters: dict[str, Any]) -> dict[str, Any]:
    """The filters as the page repeats them."""
    is_board = request.args.get("view") == "board"
    return {**filters, "queue": filters["which"], "view_name": "board" if is_board else ""}


def around(filters: dict[str, Any]) -> dict[str, Any]:
    """What stands around the rows: queues with how much waits in each, and what to choose from."""
    session, actor = current_session(), current_actor()
    names = {
        "mine": gettext("Mine"),
        "unassigned": gettext("Nobody's"),
        "overdue": gettext("Overdue"),
        "waiting": gettext("Waiting for dealers"),
        "open": gettext("All open"),
        "all": gettext("All"),
    }
    counts = queue_counts(session, actor=actor, at=clock.now())
    return {
        "tabs": [
            (
                url_for("service_desk.index", queue=one),
                name,
                filters["which"] == one,
                counts.get(one),
            )
            for one, name in names.items()
        ],
        "kind_options": options(KINDS, first=gettext("All kinds")),
        "severity_options": options(SEVERITIES, first=gettext("Every severity")),
        "region_options": [
            ("", gettext("All regions")),
            *((one.code, in_language(one.name_zh, one.name_en)) for one in regions_in_scope(session, actor)),
        ],
    }
