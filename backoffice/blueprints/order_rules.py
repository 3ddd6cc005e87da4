"""How grave each fault of an order is, and up to which amount who releases what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from pydantic import BeforeValidator
from werkzeug.wrappers import Response

from portal.kernel import clock, typed
from portal.kernel.errors import Conflict, Invalid
from portal.orders.holds_rules import RELEASING_ROLES, limit_of
from portal.orders.settings import (
    latest_versions,
    release_limits,
    set_release_limit,
    set_severity,
    severities,
    versions,
)
from portal.orders.severity_rules import BOUNDS, HOLD_LABELS, SEVERITY_LABELS, Severity, severity_of
from portal.orders.vocabulary import OrderRight
from portal.web.browser_session import ROLE_LABELS
from portal.web.forms import Form, Stripped, read_form
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("order_rules", __name__, url_prefix="/hq/order-rules")

AmountIfAny = Annotated[
    Decimal | None, BeforeValidator(lambda entered: typed.money(entered) if entered.strip() else None)
]


class SeverityForm(Form):
    """What a fault is to be."""

    code: Stripped
    severity: Stripped
    seen: int
    reason: str


class LimitForm(Form):
    """Up to which amount a role releases alone; empty for any."""

    role: Stripped
    hold: Stripped
    up_to: AmountIfAny
    seen: int
    reason: str


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """A fault as the page shows it. options: what it may be."""

    code: str
    label: str
    severity: Severity
    options: list[tuple[str, str]]
    version: int


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as the page shows it; `up_to` None for any amount."""

    role: str
    role_label: str
    hold: str
    up_to: Decimal | None
    version: int


@blueprint.get("")
@requires(OrderRight.RULES, OrderRight.DESK)
def index() -> str:
    """Both lists as they are in force, and what was decided about them."""
    session, at = current_session(), clock.now()
    decided, limits, latest = severities(session, at), release_limits(session, at), latest_versions(session)
    words = labels(SEVERITY_LABELS)
    return render_template(
        "backoffice/order_rules/index.html",
        faults=[
            SeverityRow(
                code,
                gettext(bounds.label),
                severity_of(code, decided),
                [(str(one), str(words[one])) for one in bounds.may_be],
                latest.get((code,), 0),
            )
            for code, bounds in BOUNDS.items()
        ],
        limits=[
            LimitRow(
                role,
                str(ROLE_LABELS[role]),
                str(hold),
                limit_of(role, hold, limits),
                latest.get((role, str(hold)), 0),
            )
            for role in RELEASING_ROLES
            for hold in HOLD_LABELS
        ],
        versions=versions(session),
        may_set=current_actor().may(OrderRight.RULES),
    )


@blueprint.post("/severities")
@requires(OrderRight.RULES)
def severity() -> Response:
    """Decide how grave a fault is from now on."""

    def act() -> None:
        form = read_form(SeverityForm)
        set_severity(
            current_session(),
            actor=current_actor(),
            code=form.code,
            severity=form.severity,
            seen=form.seen,
            reason=form.reason,
            at=clock.now(),
        )

    return _decide(act)


@blueprint.post("/limits")
@requires(OrderRight.RULES)
def limit() -> Response:
    """Decide up to which amount a role releases alone from now on."""

    def act() -> None:
        form = read_form(LimitForm)
        set_release_limit(
            current_session(),
            actor=current_actor(),
            role=form.role,
            hold=form.hold,
            up_to=form.up_to,
            seen=form.seen,
            reason=form.reason,
            at=clock.now(),
        )

    return _decide(act)


def _decide(act: Callable[[], None]) -> Response:
    try:
        act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(gettext("Saved. It counts from now on."), "success")
    return redirect(url_for("order_rules.index"), 303)
