"""Whom of headquarters the dealer lets act for it, and what was done in its name; for its owners."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.blueprints.frame import dealer_frame
from portal.identity import consent
from portal.identity.standing_in_rules import ACTED_AS, ASKED_TO_ACT, Standing
from portal.identity.vocabulary import IdentityRight
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.web.acting import Answer, acted, refused
from portal.web.browser_session import ROLE_LABELS
from portal.web.forms import Form, Stripped, column_of_form, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, issuing_session, portal
from portal.web.sent_once import Said

blueprint = Blueprint("consents", __name__, url_prefix="/settings/acting")
blueprint.context_processor(dealer_frame)

SHOWN_DAYS = timedelta(days=400)


class ConsentForm(Form):
    """Whom, when and why; as what is ticked."""

    mail: Stripped
    staff_role: str
    begin: str
    until: str
    reason: Stripped


@blueprint.get("")
@requires(IdentityRight.PEOPLE)
def index() -> str:
    """Consents and what was done by them."""
    return _page()


@blueprint.post("")
@requires(IdentityRight.PEOPLE)
@fresh_sign_in
@takes_columns("role")
def create() -> Answer:
    """Let somebody act for the dealer."""
    form, roles, at = read_form(ConsentForm), column_of_form("role"), clock.now()

    def act() -> None:
        faults: list[Fault] = []
        begin = _moment(form.begin, "/begin", faults) if form.begin.strip() else at
        end = _moment(form.until, "/until", faults)
        if begin is None or end is None:
            raise Invalid(faults=faults)
        wanted = consent.Wanted(form.mail, form.staff_role, roles, begin, end, form.reason)
        consent.give_consent(issuing_session(), actor=current_actor(), wanted=wanted, at=at)

    return acted(
        act,
        shown=_shown_again,
        then=lambda _: Said(
            gettext("Headquarters may act for you. You can end it at any time."), url_for(".index")
        ),
    )


@blueprint.post("/<consent_key>/revocation")
@requires(IdentityRight.PEOPLE)
def revocation(consent_key: str) -> Answer:
    """End a consent at once."""

    def act() -> None:
        _dealer_id, consent_id = consent.opened_consent(current_session(), consent_key)
        consent.revoke_consent(
            issuing_session(), actor=current_actor(), consent_id=consent_id, at=clock.now()
        )

    return acted(
        act,
        shown=_shown_again,
        then=lambda _: Said(gettext("Nobody acts for you by this consent any more."), url_for(".index")),
    )


def _shown_again(refusal: DomainError) -> str:
    issuing_session().rollback()
    return _page(refusal)


def _page(refusal: DomainError | None = None) -> str:
    session, actor, at = current_session(), current_actor(), clock.now()
    return render_template(
        "account/consents.html",
        consents=consent.consents_of_dealer(session, actor=actor, at=at),
        acted=consent.acted_for_dealer(session, dealer_id=actor.own_dealer_id, since=at - SHOWN_DAYS),
        open_standings=(Standing.COMING, Standing.IN_FORCE),
        whom_options=[
            ("", gettext("A person by mail")),
            *((str(role), ROLE_LABELS[role]) for role in ASKED_TO_ACT),
        ],
        role_options=[(str(role), ROLE_LABELS[role]) for role in ACTED_AS],
        role_labels=ROLE_LABELS,
        chosen=column_of_form("role"),
        **refused(refusal),
    )


def _moment(entered: str, pointer: str, faults: list[Fault]) -> datetime | None:
    zone = portal().settings.timezone
    return typed.field(lambda value: typed.moment(value, zone), entered, pointer, faults)
