"""The audit, for whoever supervises."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.audit import AuditPage, AuditQuery, SealShape
from portal.audit.queries import EventFilter, newest_seal
from portal.audit.vocabulary import AuditRight
from portal.kernel.errors import N_, Invalid
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.audit_events import USUAL_DAYS, ShownEvent, between, events, span_faults
from portal.web.request import current_session


@operation(
    "GET",
    "/hq/audit",
    tag=HEADQUARTERS,
    rights=(AuditRight.READ,),
    query=AuditQuery,
    answers=AuditPage,
    summary=N_("Acts of the audit, the latest first"),
    about=N_("By document, person, dealer and days. Without document and dealer at most 366 days at once."),
)
def index(query: AuditQuery) -> dict[str, Any]:
    dealer_id, today = named_dealer(query.dealer), now_and_today()[1]
    first = query.first_day
    if not (first or query.last_day or query.subject):
        first = today - USUAL_DAYS
    is_narrow = bool(query.subject) or dealer_id is not None
    if faults := span_faults(first, query.last_day or today, is_narrow=is_narrow):
        raise Invalid(faults=faults)
    sought = EventFilter(
        subject=query.subject.strip(),
        kind=query.kind.strip(),
        actor=query.actor.strip(),
        dealer_id=dealer_id,
        **between(first, query.last_day),
    )
    page = events(sought, cursor=query.cursor, limit=query.limit)
    return {"items": [_item(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/audit/seal",
    tag=HEADQUARTERS,
    rights=(AuditRight.READ,),
    answers=SealShape,
    summary=N_("The newest seal of the audit"),
    about=N_("Number 0 and nothing else before the first."),
)
def seal() -> dict[str, Any]:
    found = newest_seal(current_session())
    if found is None:
        return {"root": None, "key": None, "batch": 0, "sealed_at": None, "last_at": None}
    return {
        "root": found.root,
        "key": found.key,
        "batch": found.number,
        "sealed_at": found.sealed_at,
        "last_at": found.last_at,
    }


def _item(one: ShownEvent) -> dict[str, Any]:
    event = one.event
    return {
        "at": event.at,
        "action": event.action,
        "subject": event.subject,
        "actor": event.actor,
        "actor_label": event.actor_label,
        "on_behalf_of": event.on_behalf_of or None,
        "dealer": one.dealer.code or None,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "address": event.address,
        "request_id": event.request_id,
        "sealed": event.is_sealed,
    }
