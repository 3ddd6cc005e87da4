"""The dealer's finances at a glance: what is due when, what waits for an answer; and ageing at any day."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.blueprints.frame import dealer_frame
from portal.dealers.payment_reference import grouped, reference_of
from portal.dealers.queries import load_dealer
from portal.disputes.queries import disputes
from portal.disputes.rules import DisputeState
from portal.finance.due_rules import by_span, credit_of
from portal.finance.queries import latest_payments
from portal.finance.words import AGES, SPANS
from portal.kernel import clock
from portal.ledger.ageing import open_on
from portal.ledger.ageing_rules import AsOf, buckets_of
from portal.ledger.queries import position
from portal.ledger.words import ENTRY_KINDS, METHODS
from portal.own_ledgers import queries as own_ledgers
from portal.statements import queries as statements
from portal.statements.company import Issuer
from portal.statements.vocabulary import StatementRight
from portal.web.as_of import asked_day
from portal.web.document_acts import document_acts
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("finance", __name__, url_prefix="/finance")
blueprint.context_processor(dealer_frame)

SHOWN = 5  # of statements, disputes, ledgers and payments; their lists have the others
DUE_SHOWN = 30  # documents; the ageing of today has the others


@blueprint.get("")
@requires(StatementRight.READ)
def index() -> str:
    """What finance has to pay, to confirm and to answer."""
    actor, session = current_actor(), current_session()
    settings = portal().settings
    today = clock.business_date(clock.now(), settings.timezone)
    dealer_id = actor.own_dealer_id
    dealer = load_dealer(session, dealer_id, day=today)
    items = open_on(session, dealer_id=dealer_id, as_of=AsOf(today))
    to_confirm = statements.statements(session, dealer_id=dealer_id, state=statements.TO_CONFIRM, limit=SHOWN)
    return render_template(
        "finance/index.html",
        today=today,
        position=position(session, dealer_id),
        buckets=buckets_of(items, today),
        dues=by_span(items, today, shown=DUE_SHOWN),
        hidden=max(sum(item.amount > 0 for item in items) - DUE_SHOWN, 0),
        credit=credit_of(items),
        document_acts=document_acts,
        to_confirm=to_confirm.items,
        may_confirm=actor.may(StatementRight.CONFIRM),
        disputes=disputes(session, dealer_id=dealer_id, state=str(DisputeState.OPEN), limit=SHOWN).items,
        ledgers=own_ledgers.ledgers(session, actor=actor, limit=SHOWN).items,
        payments=latest_payments(session, dealer_id=dealer_id, limit=SHOWN),
        bank=Issuer.of(settings).bank,
        reference=grouped(reference_of(dealer.code)),
        spans=labels(SPANS),
        kinds=labels(ENTRY_KINDS),
        methods={str(method): word for method, word in labels(METHODS).items()},
    )


@blueprint.get("/ageing")
@requires(StatementRight.READ)
def ageing() -> str:
    """What was open at the end of a day, document by document."""
    asked = asked_day()
    dealer_id = current_actor().own_dealer_id
    as_of = asked.as_of
    items = open_on(current_session(), dealer_id=dealer_id, as_of=as_of) if as_of else []
    return render_template(
        "finance/ageing.html",
        asked=asked,
        items=items,
        buckets=buckets_of(items, as_of.day) if as_of else None,
        ages=labels(AGES),
        kinds=labels(ENTRY_KINDS),
    )
