"""The promotions that run for the dealer: what they give, how far it is, and joining them."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.promotions.join_promotion import join_promotion
from portal.promotions.offered import OfferedPromotion, offered
from portal.promotions.words import KINDS
from portal.web.presentation import labels
from portal.web.promotion_words import terms_in_words, time_left
from portal.web.reference_cache import dealer_facts
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("own_promotions", __name__, url_prefix="/promotions")
blueprint.context_processor(dealer_frame)


@blueprint.get("")
@requires(PriceRight.READ)
def index() -> str:
    """Cards, what ends first first; what is to come after what runs."""
    at = clock.now()
    found = offered(current_session(), dealer=dealer_facts(current_actor().own_dealer_id), at=at)
    found.sort(key=lambda one: one.phase != "running")
    cards = [(one, terms_in_words(one), time_left(one, at), _missing(one)) for one in found]
    return render_template("promotions/index.html", cards=cards, kinds=labels(KINDS))


@blueprint.post("/<number>/participation")
@requires(OrderRight.WRITE)
def participation(number: str) -> Response:
    """The dealer takes part from now on."""
    join_promotion(
        current_session(),
        actor=current_actor(),
        number=number,
        at=clock.now(),
        zone=portal().settings.timezone,
    )
    flash(gettext("You take part. Your next order counts."), "success")
    return redirect(url_for("own_promotions.index", _anchor=number), 303)


def _missing(one: OfferedPromotion) -> Decimal | None:
    """¥ that are missing to the total of a cumulative promotion; None of others, and when it is reached."""
    if one.period_amount is None or one.reached >= one.period_amount:
        return None
    return one.period_amount - one.reached
