"""Another tier of a dealer from a day on: proposed by one person, decided on by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.dealers import change_tier
from portal.dealers.queries import dealer_id_of, load_dealer
from portal.dealers.rules import TierChangeState
from portal.dealers.vocabulary import DealerRight
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, Stripped, read_form
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.reference_cache import tier_options
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("tier_changes", __name__, url_prefix="/hq/tier-changes")


class TierForm(Form):
    """Which tier, from when, and why."""

    dealer: Stripped
    tier: str
    valid_from: str
    reason: Stripped


class ReasonForm(Form):
    """Why it is refused."""

    reason: Stripped


@blueprint.get("")
@requires(DealerRight.TIERS)
def index() -> str:
    """What was asked for, what waits first."""
    return render_template("backoffice/tiers/index.html", changes=change_tier.tier_changes(current_session()))


@blueprint.get("/new")
@requires(DealerRight.TIERS)
def new() -> str:
    """The form of another tier."""
    return _form(request.args.get("dealer", "").strip())


@blueprint.post("")
@requires(DealerRight.TIERS)
@fresh_sign_in
def create() -> Answer:
    """Propose another tier."""
    form, at = read_form(TierForm), clock.now()
    dealer_id = dealer_id_of(current_session(), form.dealer[:64])

    def act() -> str:
        faults: list[Fault] = []
        day = typed.field(typed.day, form.valid_from, "/valid_from", faults)
        if day is None:
            raise Invalid(faults=faults)
        return change_tier.propose_tier(
            current_session(),
            actor=current_actor(),
            dealer_id=dealer_id,
            tier=form.tier,
            valid_from=day,
            reason=form.reason,
            today=_today(),
            at=at,
        )

    def then(number: str) -> Said:
        words = gettext("%(number)s waits for another person's approval.", number=number)
        return Said(words, url_for("tier_changes.show", number=number))

    return acted(act, shown=lambda refusal: _form(form.dealer, refusal), then=then)


@blueprint.get("/<number>")
@requires(DealerRight.TIERS)
def show(number: str) -> str:
    """One change."""
    return _page(number)


@blueprint.post("/<number>/approval")
@requires(DealerRight.TIERS)
@fresh_sign_in
def approval(number: str) -> Answer:
    """Approve what another person proposed."""
    return _decide(
        number,
        gettext("%(number)s is approved.", number=number),
        lambda: change_tier.approve_tier(
            current_session(), actor=current_actor(), number=number, today=_today(), at=clock.now()
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(DealerRight.TIERS)
def rejection(number: str) -> Answer:
    """Refuse it, with the reason."""
    form = read_form(ReasonForm)
    return _decide(
        number,
        gettext("%(number)s has been rejected.", number=number),
        lambda: change_tier.reject_tier(
            current_session(), actor=current_actor(), number=number, reason=form.reason, at=clock.now()
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(DealerRight.TIERS)
def withdrawal(number: str) -> Answer:
    """Take the own proposal back."""
    return _decide(
        number,
        gettext("%(number)s has been withdrawn.", number=number),
        lambda: change_tier.withdraw_tier(
            current_session(), actor=current_actor(), number=number, at=clock.now()
        ),
    )


def _decide(number: str, done: str, act: Callable[[], None]) -> Answer:
    change_tier.tier_change_of(current_session(), number)
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("tier_changes.show", number=number)),
    )


def _form(code: str, refusal: DomainError | None = None) -> str:
    session = current_session()
    dealer = load_dealer(session, dealer_id_of(session, code[:64]), day=_today()) if code else None
    return render_template(
        "backoffice/tiers/new.html",
        dealer=dealer,
        tier_options=tier_options(),
        today=_today(),
        **refused(refusal),
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    found = change_tier.tier_change_of(session, number)
    waits = found.state == TierChangeState.WAITING
    return render_template(
        "backoffice/tiers/show.html",
        found=found,
        history=change_tier.tiers_of(session, found.dealer_id),
        may_decide=waits and found.proposed_by not in actor.counts_as,
        may_withdraw=waits and found.proposed_by == actor.key,
        **refused(refusal),
    )


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
