"""How grave each fault of an order is, and up to which amount who releases what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from pydantic import BeforeValidator
from werkzeug.wrappers import Response

from portal.identity.rules import Role
from portal.kernel import clock, typed
from portal.kernel.errors import Conflict, Invalid
from portal.orders.holds_rules import RELEASING_ROLES, limit_of
from portal.orders.settings import (
    Version,
    latest_versions,
    release_limits,
    set_release_limit,
    set_severity,
    severities,
    versions,
)
from portal.orders.severity_rules import BOUNDS, HOLD_LABELS, SEVERITY_LABELS, Hold, Severity, severity_of
from portal.orders.vocabulary import OrderRight
from portal.web.browser_session import ROLE_LABELS
from portal.web.forms import Form, OwnNumber, Stripped, read_form
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
    seen: OwnNumber
    reason: str


class LimitForm(Form):
    """Up to which amount a role releases alone; empty for any."""

    role: Stripped
    hold: Stripped
    up_to: AmountIfAny
    seen: OwnNumber
    reason: str


class EnteredForm(Form):
    """Either form as it was typed, to be shown again."""

    code: str = ""
    severity: str = ""
    role: str = ""
    hold: str = ""
    up_to: str = ""
    reason: str = ""


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


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A decision as the page shows it: `severity` in words, or `up_to`, None for any amount."""

    version: Version
    what: str
    severity: str
    up_to: Decimal | None


@blueprint.get("")
@requires(OrderRight.RULES, OrderRight.DESK)
def index() -> str:
    """Both lists as they are in force, and what was decided about them."""
    return _page()


@blueprint.post("/severities")
@requires(OrderRight.RULES)
def severity() -> str | Response:
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

    return _decide(act, f"severity-{read_form(EnteredForm).code}")


@blueprint.post("/limits")
@requires(OrderRight.RULES)
def limit() -> str | Response:
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

    entered = read_form(EnteredForm)
    return _decide(act, f"limit-{entered.role}-{entered.hold}")


def _decide(act: Callable[[], None], dialog: str) -> str | Response:
    """Do it; a refusal opens the dialog it came from again, with what was typed and what is in force now."""
    try:
        act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_page(dialog, refusal), 422 if isinstance(refusal, Invalid) else 409)
    flash(gettext("Saved. It counts from now on."), "success")
    return redirect(url_for("order_rules.index"), 303)


def _page(opened: str = "", refusal: Invalid | Conflict | None = None) -> str:
    at = clock.now()
    faults = refusal.faults if refusal else ()
    return render_template(
        "backoffice/order_rules/index.html",
        faults=_severity_rows(at),
        limits=_limit_rows(at),
        versions=[_version_row(one) for one in versions(current_session())],
        may_set=current_actor().may(OrderRight.RULES),
        opened=opened,
        entered=read_form(EnteredForm) if refusal else EnteredForm.model_validate({}),
        told=[in_full(refusal)] if refusal and not faults else [],
        beside=lambda *pointers: [in_full(one) for one in faults if one.pointer in pointers],
    )


def _severity_rows(at: datetime) -> list[SeverityRow]:
    session = current_session()
    decided, latest, words = severities(session, at), latest_versions(session), labels(SEVERITY_LABELS)
    return [
        SeverityRow(
            code,
            gettext(bounds.label),
            severity_of(code, decided),
            [(str(one), str(words[one])) for one in bounds.may_be],
            latest.get((code,), 0),
        )
        for code, bounds in BOUNDS.items()
    ]


def _limit_rows(at: datetime) -> list[LimitRow]:
    session = current_session()
    limits, latest = release_limits(session, at), latest_versions(session)
    return [
        LimitRow(
            role,
            str(ROLE_LABELS[role]),
            str(hold),
            limit_of(role, hold, limits),
            latest.get((role, str(hold)), 0),
        )
        for role in RELEASING_ROLES
        for hold in HOLD_LABELS
    ]


def _version_row(one: Version) -> VersionRow:
    """A decision in the words that the two lists above it use."""
    if len(one.name) == 1:
        [code] = one.name
        value = gettext(SEVERITY_LABELS[Severity(str(one.value))])
        return VersionRow(one, gettext(BOUNDS[code].label), value, None)
    role, hold = one.name
    what = f"{ROLE_LABELS[Role(role)]} · {gettext(HOLD_LABELS[Hold(hold)])}"
    return VersionRow(one, what, "", None if one.value is None else Decimal(one.value))
