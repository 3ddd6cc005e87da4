"""Money at Stripe that the books lack: seen until it is booked, or two people say why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.money import ZERO
from portal.payments.desk import close_aside, set_aside, try_again
from portal.payments.event_queries import event as event_of
from portal.payments.event_queries import events, unbooked_money
from portal.payments.rules import (
    Dispute,
    DisputeState,
    EventState,
    News,
    Posted,
    PostingKind,
    Trouble,
    beside,
    lacking,
)
from portal.payments.waiting import work
from tests import cast
from tests.ledger.acts import CAUTION, delivered, reversed_
from tests.payments.acts import begun, intent_event, postings, refund_event, told
from tests.played import played
from tests.races import together
from tests.shipping.acts import audited

FIRST, SECOND = cast.hq_finance, cast.finance_colleague


@played
def refunded(given, database, owner):
    """Of a payment that was reversed by hand, 10 went back at Stripe: the event waits."""
    made = begun(database, delivered(given, database, {cast.gloves: 3}).invoice_number)
    told(database, intent_event(made))
    reversed_(database, owner.execute(text("SELECT payment_no FROM online_posting")).scalar_one())
    refund = refund_event(made, "10.00", at=1)
    assert told(database, refund)[0].trouble is Trouble.REVERSED
    return made, refund["id"]


def as_(database, person, act, **about):
    with transaction(database.session_for(person.actor())) as session:
        return act(session, actor=person.actor(), at=cast.NOW, **about)


def aside(database, event, reason="booked by hand", by=FIRST):
    as_(database, by, set_aside, event=event, reason=reason)


def close(database, event, reason="paid back in cash", by=SECOND):
    as_(database, by, close_aside, event=event, reason=reason)


def again(database, event, by=FIRST):
    return as_(database, by, try_again, event=event, zone=cast.ZONE, caution=CAUTION)


def listed(database, by=FIRST):
    with transaction(database.session_for(by.actor())) as session:
        return {one.event: one.unbooked for one in events(session, unbooked=True).items}


def row(database, event):
    with transaction(database.session_for(FIRST.actor())) as session:
        return event_of(session, event)


def summed(database):
    with transaction(database.session_for(FIRST.actor())) as session:
        return {one.currency: (one.received, one.given_back) for one in unbooked_money(session)}


def waits(database, by=FIRST):
    """What the cockpit says: number and amount of what is set aside."""
    with transaction(database.session_for(by.actor())) as session:
        [_, shown] = work(session, by.actor(), cast.NOW, cast.TODAY)
    return shown.count, shown.amount


def test_what_is_set_aside_stays_among_what_is_not_booked_until_another_person_closes_it(
    refunded, database, owner
):
    _, event = refunded
    assert listed(database) == {event: -10}
    aside(database, event)
    shown = row(database, event)
    assert (shown.state, shown.trouble, shown.note) == ("aside", "payment_reversed", "booked by hand")
    assert listed(database) == {event: -10} and waits(database) == (1, -10)
    with pytest.raises(Forbidden) as same:
        close(database, event, by=FIRST)
    assert same.value.code == "same_person"
    with pytest.raises(Invalid):
        close(database, event, "  ")
    with pytest.raises(IntegrityError, match="ck_stripe_event_other_person"):
        owner.execute(
            text(
                "UPDATE stripe_event SET state = 'closed', closed_by = decided_by, close_reason = 'x'"
                " WHERE event = :event"
            ),
            {"event": event},
        )
    close(database, event)
    shown = row(database, event)
    assert (shown.state, shown.unbooked, shown.close_reason) == ("closed", -10, "paid back in cash")
    assert listed(database) == {} and waits(database) == (0, None) and summed(database) == {}
    assert audited(owner, event)[-1] == "stripe_event:closed"
    for act in (close, aside, again):
        with pytest.raises(Conflict):
            act(database, event)


def test_only_what_is_set_aside_is_closed_and_by_who_works_for_all_regions(refunded, database):
    _, event = refunded
    with pytest.raises(Conflict) as refusal:
        close(database, event)
    assert refusal.value.code == "not_aside"
    aside(database, event)
    with pytest.raises(Forbidden):
        close(database, event, by=replace(SECOND, regions=(cast.east,)))
    with pytest.raises(NotFound):
        close(database, "evt_nothing")


def test_what_was_set_aside_is_booked_once_it_can_be(database, owner):
    event = intent_event("OP-1", id="pi_late", amount=1200, amount_received=1200, metadata={})
    assert told(database, event)[0].unbooked == 12
    aside(database, event["id"], "nothing of ours")
    assert again(database, event["id"]).state is EventState.ASIDE
    made = begun(database, amount="12.00", intent="pi_late")
    assert summed(database) == {"CNY": (12, 0)}
    assert again(database, event["id"]).state is EventState.DONE
    assert len(postings(owner, made)) == 1 and listed(database) == {}
    assert row(database, event["id"]).note == "nothing of ours"


def test_events_that_tell_of_the_same_money_are_counted_once_and_a_closed_one_is_not_told_again(
    refunded, database
):
    made, first = refunded
    more = refund_event(made, "30.00", at=2)
    told(database, more, refund_event(made, "30.00", at=3))
    assert listed(database) == {first: -10, more["id"]: -20}
    assert summed(database) == {"CNY": (0, 30)}
    aside(database, first)
    close(database, first)
    told(database, refund_event(made, "35.00", at=4))
    assert summed(database) == {"CNY": (0, 25)}


def test_money_of_other_currencies_stands_by_itself(database):
    made = begun(database, amount="9.00")
    usd, eur = intent_event(made, currency="usd"), intent_event(made, currency="eur")
    told(database, usd, eur)
    assert summed(database) == {"EUR": (9, 0), "USD": (9, 0)}
    aside(database, usd["id"])
    assert waits(database) == (1, None)


def test_closed_and_booked_at_once_it_is_one_of_both(database, owner):
    event = intent_event("OP-1", id="pi_late", amount=1200, amount_received=1200, metadata={})
    told(database, event)
    aside(database, event["id"])
    made = begun(database, amount="12.00", intent="pi_late")
    together(2, lambda place: (close if place else again)(database, event["id"]))
    state = row(database, event["id"]).state
    assert (state, len(postings(owner, made))) in (("closed", 0), ("done", 1))


fen = st.integers(1, 10_000).map(lambda count: Decimal(count) / 100)


@any_of(st.lists(fen, min_size=1, max_size=6))
def test_sums_told_in_any_order_come_to_the_largest(sums):
    told_already = ZERO
    for one in sums:
        told_already += beside(-one, told_already)
    assert -told_already == max(sums)


@any_of(captured=fen, refunded=fen, paid=fen, lost=fen)
def test_what_is_lacking_is_what_news_tell_and_nobody_posted(captured, refunded, paid, lost):
    at = datetime(2026, 11, 28, tzinfo=UTC)
    news = News(
        intent="pi_1",
        at=at,
        captured=captured,
        refunded=refunded,
        dispute=Dispute("dp_1", DisputeState.LOST, lost),
    )
    assert lacking(news, ()) == captured - refunded - lost
    posted = [Posted(PostingKind.PAID, "a", paid), Posted(PostingKind.DISPUTE, "dp_1", lost)]
    assert lacking(news, posted) == max(captured - paid, ZERO) - refunded
    assert lacking(replace(news, dispute=Dispute("dp_1", DisputeState.OPEN, lost)), ()) == captured - refunded
