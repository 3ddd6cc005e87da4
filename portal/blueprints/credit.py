"""The dealer's credit: its limit and its use, terms, what was in force; whether new orders are held."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.blueprints.frame import dealer_frame
from portal.credit.queries import history
from portal.credit.stop_queries import stop_of_dealer
from portal.credit.words import KINDS
from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.ledger.queries import position, settlement
from portal.statements.vocabulary import StatementRight
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("credit", __name__, url_prefix="/credit")
blueprint.context_processor(dealer_frame)


@blueprint.get("")
@requires(StatementRight.READ)
def index() -> str:
    """Limit, use, terms and their history."""
    session, dealer_id = current_session(), current_actor().own_dealer_id
    today = clock.business_date(clock.now(), portal().settings.timezone)
    return render_template(
        "credit/index.html",
        position=position(session, dealer_id),
        due=settlement(session, dealer_id),
        dealer=load_dealer(session, dealer_id, day=today),
        history=history(session, dealer_id, today=today),
        stop=stop_of_dealer(session, dealer_id, today=today),
        phone=portal().settings.finance_phone,
        kinds=labels(KINDS),
        at_headquarters=False,
        today=today,
    )
