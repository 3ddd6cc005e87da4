"""How debts are demanded: levels, the smallest amount, interest and the stop, with who set them and why."""

from __future__ import annotations

import re
from decimal import Decimal

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.dunning.policy import policies, set_policy
from portal.dunning.rules import Policy
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, read_form
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said

blueprint = Blueprint("dunning_policy", __name__, url_prefix="/hq/dunning-policy")

READERS = (LedgerRight.READ, LedgerRight.POST)
_BETWEEN = re.compile(r"[,，、;；\s]+")


class PolicyForm(Form):
    """The settings as somebody types them. days: of each level, with commas between."""

    days: str
    minimum: str
    interest_rate: str
    day_count: OwnNumber
    stop_level: OwnNumber
    respite: str
    reason: str
    seen: OwnNumber


@blueprint.get("")
@requires(*READERS)
def show() -> str:
    """What is in force, what was, and the form."""
    return _page()


@blueprint.post("")
@requires(LedgerRight.APPROVE)
def change() -> Answer:
    """Demand debts in another way from the next run on."""
    form, at = read_form(PolicyForm), clock.now()
    return acted(
        lambda: set_policy(
            current_session(),
            actor=current_actor(),
            policy=_read(form),
            seen=form.seen,
            reason=form.reason,
            at=at,
        ),
        shown=_page,
        then=lambda version: Said(
            gettext("Version %(version)s counts from the next run on.", version=version),
            url_for("dunning_policy.show"),
        ),
    )


def _read(form: PolicyForm) -> Policy:
    """Raises Invalid with a fault beside every field that cannot be read."""
    faults: list[Fault] = []
    days = [
        typed.field(typed.quantity, one, "/days", faults)
        for one in _BETWEEN.split(form.days.strip()[:200])[:20]
        if one
    ]
    minimum = typed.field(typed.money, form.minimum, "/minimum", faults)
    rate: Decimal | None = None
    if form.interest_rate.strip():
        percent = typed.field(typed.percent, form.interest_rate, "/interest_rate", faults)
        rate = None if percent is None else percent / 100
    respite = typed.field(typed.quantity, form.respite, "/respite", faults)
    if faults or minimum is None or respite is None:
        raise Invalid(faults=faults)
    levels = tuple(one for one in days if one is not None)
    return Policy(levels, minimum, rate, form.day_count, form.stop_level or None, respite)


def _page(refusal: DomainError | None = None) -> str:
    versions = policies(current_session())
    return render_template(
        "backoffice/dunning/policy.html",
        versions=versions,
        current=versions[0],
        may_change=current_actor().may(LedgerRight.APPROVE),
        day_counts=[(360, gettext("360 days")), (365, gettext("365 days"))],
        stops=[
            (0, gettext("Never")),
            *((one, gettext("From level %(level)s on", level=one)) for one in range(1, 6)),
        ],
        **refused(refusal),
    )
