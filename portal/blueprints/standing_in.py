"""Acting in somebody's name: delegations of one's own rights, those of others, dealers that consented."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.identity import consent, delegate
from portal.identity.people import opened_person, person_key
from portal.identity.queries import Person
from portal.identity.stand_in import begin_consented, begin_delegated, end_standing_in
from portal.identity.standing_in_rules import Standing
from portal.kernel import clock, typed
from portal.kernel.db import sealer_of
from portal.kernel.errors import DomainError, Fault, Invalid, NotFound
from portal.web.acting import Answer, acted, refused
from portal.web.browser_session import home
from portal.web.forms import Form, Stripped, column_of_form, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.request import current_actor, current_session, issuing_session, portal
from portal.web.role_words import role_options, role_words
from portal.web.sent_once import Said, tell
from portal.web.standing_in import CONSENT, DELEGATION, leave_standing_in, stand_in_by

blueprint = Blueprint("standing_in", __name__, url_prefix="/account/acting")
blueprint.context_processor(dealer_frame)


class DelegationForm(Form):
    """To whom, when and why; roles are ticked."""

    taker: str
    first_day: str
    last_day: str
    reason: Stripped


@blueprint.get("")
def index() -> str:
    """In whose name one may act, and who may in one's own."""
    return _page()


@blueprint.post("/delegations")
@fresh_sign_in
@takes_columns("role")
def create() -> Answer:
    """Delegate own rights for some days."""
    form, roles, at = read_form(DelegationForm), column_of_form("role"), clock.now()

    def act() -> None:
        faults: list[Fault] = []
        first = typed.field(typed.day, form.first_day, "/first_day", faults)
        last = typed.field(typed.day, form.last_day, "/last_day", faults)
        if first is None or last is None:
            raise Invalid(faults=faults)
        delegate.delegate_rights(
            issuing_session(),
            actor=current_actor(),
            taker_id=opened_person(current_session(), form.taker) if form.taker else 0,
            roles=roles,
            first_day=first,
            last_day=last,
            reason=form.reason,
            today=_today(),
            at=at,
        )

    return acted(
        act,
        shown=_shown_again,
        then=lambda _: Said(gettext("Your rights are delegated for these days."), url_for(".index")),
    )


@blueprint.post("/delegations/<delegation>/revocation")
def revocation(delegation: str) -> Answer:
    """End a delegation at once."""
    return acted(
        lambda: delegate.revoke_delegation(
            issuing_session(),
            actor=current_actor(),
            delegation_id=delegate.opened_delegation(current_session(), delegation),
            today=_today(),
            at=clock.now(),
        ),
        shown=_shown_again,
        then=lambda _: Said(gettext("The delegation has ended."), url_for(".index")),
    )


@blueprint.post("/delegations/<delegation>/begin")
def begin_delegation(delegation: str) -> Response:
    """Act in the name of who delegated."""
    begin_delegated(
        issuing_session(),
        person=_own(),
        delegation_id=delegate.opened_delegation(current_session(), delegation),
        today=_today(),
        at=clock.now(),
    )
    stand_in_by(DELEGATION, delegation)
    return tell(Said("", home()))


@blueprint.post("/consents/<consent_key>/begin")
def begin_consent(consent_key: str) -> Response:
    """Act for a dealer that consented."""
    session = current_session()
    dealer_id, consent_id = consent.opened_consent(session, consent_key)
    begin_consented(session, person=_own(), dealer_id=dealer_id, consent_id=consent_id, at=clock.now())
    stand_in_by(CONSENT, consent_key)
    return tell(Said("", url_for("dashboard.index")))


@blueprint.post("/end")
def end() -> Response:
    """Act in one's own name again."""
    if current_user.stand_in is not None:
        end_standing_in(current_session(), found=current_user.stand_in)
    leave_standing_in()
    return tell(Said(gettext("You act in your own name again."), url_for("account.profile")))


def _own() -> Person:
    """Who is signed in. Raises NotFound for who acts in somebody's name already: nothing chains."""
    if current_user.stand_in is not None:
        raise NotFound()
    return cast(Person, current_user.own)


def _shown_again(refusal: DomainError) -> str:
    issuing_session().rollback()
    return _page(refusal)


def _page(refusal: DomainError | None = None) -> str:
    session, actor, at = current_session(), current_actor(), clock.now()
    rows = delegate.delegations(session, actor=actor, today=_today())
    mine = actor.on_behalf_of is None
    return render_template(
        "account/acting.html",
        delegations=rows,
        may_begin={
            one.key for one in rows if mine and one.taker_id == actor.user_id and _in_force(one.standing)
        },
        may_revoke={one.key for one in rows if mine and one.standing in (Standing.COMING, Standing.IN_FORCE)},
        consents=consent.consents_for(session, person=current_user.own, at=at)
        if mine and actor.is_staff
        else (),
        in_force=Standing.IN_FORCE,
        takers=[
            (person_key(sealer_of(session), one.id), one.name)
            for one in (delegate.others_of_side(session, actor=actor) if mine else ())
        ],
        role_options=role_options(session, current_user.own.roles) if mine else (),
        role_words=role_words,
        chosen=column_of_form("role") or list(current_user.own.roles),
        mine=mine,
        today=_today(),
        layout="backoffice/base.html" if actor.is_staff else "base.html",
        **refused(refusal),
    )


def _in_force(standing: Standing) -> bool:
    return standing is Standing.IN_FORCE


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
