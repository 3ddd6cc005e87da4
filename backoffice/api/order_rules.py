"""The rules of orders: how grave each fault is, and who releases what."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.holds import LimitBody, LimitShape, OrderRulesShape, SeverityBody, SeverityShape
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.holds_rules import RELEASING_ROLES, limit_of
from portal.orders.settings import (
    latest_versions,
    release_limits,
    set_release_limit,
    set_severity,
    severities,
)
from portal.orders.severity_rules import BOUNDS, HOLD_LABELS, severity_of
from portal.orders.vocabulary import OrderRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/order-rules",
    tag=HEADQUARTERS,
    rights=(OrderRight.RULES, OrderRight.DESK),
    answers=OrderRulesShape,
    summary=N_("The rules of orders"),
    about=N_("What each fault does to an order, and up to which amount who releases alone."),
)
def index() -> dict[str, Any]:
    session, at = current_session(), clock.now()
    decided, limits, latest = severities(session, at), release_limits(session, at), latest_versions(session)
    return {
        "severities": [
            {
                "code": code,
                "severity": severity_of(code, decided),
                "may_be": list(bounds.may_be),
                "version": latest.get((code,), 0),
            }
            for code, bounds in BOUNDS.items()
        ],
        "limits": [
            {
                "role": role,
                "hold": hold,
                "up_to": limit_of(role, hold, limits),
                "version": latest.get((role, hold), 0),
            }
            for role in RELEASING_ROLES
            for hold in HOLD_LABELS
        ],
    }


@operation(
    "PUT",
    "/hq/order-rules/severities/<code>",
    tag=HEADQUARTERS,
    rights=(OrderRight.RULES,),
    body=SeverityBody,
    answers=SeverityShape,
    conflicts=True,
    summary=N_("Decide what a fault does"),
    about=N_("409 if somebody decided otherwise since the version named."),
)
def severity(code: str, body: SeverityBody) -> dict[str, Any]:
    set_severity(
        current_session(),
        actor=current_actor(),
        code=code,
        severity=body.severity,
        seen=body.version,
        reason=body.reason,
        at=clock.now(),
    )
    bounds = BOUNDS[code]
    return {
        "code": code,
        "severity": body.severity,
        "may_be": list(bounds.may_be),
        "version": body.version + 1,
    }


@operation(
    "PUT",
    "/hq/order-rules/limits/<role>/<hold>",
    tag=HEADQUARTERS,
    rights=(OrderRight.RULES,),
    body=LimitBody,
    answers=LimitShape,
    conflicts=True,
    summary=N_("Decide who releases what alone"),
    about=N_("409 if somebody decided otherwise since the version named."),
)
def limit(role: str, hold: str, body: LimitBody) -> dict[str, Any]:
    set_release_limit(
        current_session(),
        actor=current_actor(),
        role=role,
        hold=hold,
        up_to=body.up_to,
        seen=body.version,
        reason=body.reason,
        at=clock.now(),
    )
    return {"role": role, "hold": hold, "up_to": body.up_to, "version": body.version + 1}
