"""What a dealer's people do on the way to an order, as the verbs have it."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

from portal.identity.rules import Role
from portal.kernel.db import transaction
from portal.orders.answer import Idempotency
from portal.orders.request import OrderRequest
from portal.orders.terms import OrderLimits, OrderTerms
from portal.purchasing import drafts, limits, recurring, rules, templates
from portal.purchasing import keep_draft as keeping
from portal.purchasing.change_within import change_within
from portal.purchasing.decide_draft import approve_draft, order_draft, reject_draft
from portal.purchasing.place_or_ask import place_or_ask
from portal.purchasing.run_recurring import run_recurring
from tests import cast
from tests.orders.test_place_order import wanted

TERMS = OrderTerms(OrderLimits(lines_max=1000, quantity_max=1_000_000), "CNY", cast.ZONE)
_NAMES = count(1)
BUYERS = rules.role(Role.DEALER_BUYER)


def act(database, person, what):
    """What `what(session, actor)` gives, committed."""
    actor = person.actor()
    with transaction(database.dealer_session(actor)) as session:
        return what(session, actor)


def keep(database, person, name, *lines, revision=None):
    return act(
        database,
        person,
        lambda session, actor: templates.keep_template(
            session,
            actor=actor,
            name=name,
            lines=wanted(*lines),
            limits=TERMS.limits,
            at=cast.NOW,
            revision=revision,
        ),
    )


def template(database, person, name):
    return act(database, person, lambda s, a: templates.template(s, actor=a, name=name))


def limit(database, person, subject, amount):
    value = None if amount is None else Decimal(amount)
    act(
        database,
        person,
        lambda s, a: limits.set_amount(s, actor=a, subject=subject, amount=value, at=cast.NOW),
    )


def order(database, person, *lines, key: str = "", **more):
    return act(
        database,
        person,
        lambda s, a: place_or_ask(
            s,
            actor=a,
            dealer_id=a.own_dealer_id,
            request=OrderRequest(wanted(*lines), **more),
            terms=TERMS,
            at=cast.NOW,
            idempotency=Idempotency(key, "f") if key else None,
        ),
    )


def change(database, person, number, *lines):
    return act(
        database,
        person,
        lambda s, a: change_within(
            s, actor=a, number=number, request=OrderRequest(wanted(*lines)), terms=TERMS, at=cast.NOW
        ),
    )


def draft(database, person, number):
    return act(database, person, lambda s, a: drafts.draft(s, actor=a, number=number))


def keep_draft(database, person, name, *lines):
    return act(
        database,
        person,
        lambda s, a: keeping.keep_draft(
            s,
            actor=a,
            name=name,
            request=OrderRequest(wanted(*lines)),
            limits=TERMS.limits,
            at=cast.NOW,
            today=cast.TODAY,
        ),
    )


def order_kept(database, person, number, seen=None):
    return act(
        database,
        person,
        lambda s, a: order_draft(s, actor=a, number=number, seen=seen, terms=TERMS, at=cast.NOW),
    )


def approve(database, person, number, seen=None):
    return act(
        database,
        person,
        lambda s, a: approve_draft(s, actor=a, number=number, seen=seen, terms=TERMS, at=cast.NOW),
    )


def reject(database, person, number, reason="too dear"):
    act(
        database,
        person,
        lambda s, a: reject_draft(s, actor=a, number=number, reason=reason, at=cast.NOW),
    )


def take(database, person, number):
    return act(database, person, lambda s, a: keeping.take_draft(s, actor=a, number=number, at=cast.NOW))


def recur(database, person, name, *, rhythm="weekly", day=1, does="place"):
    return act(
        database,
        person,
        lambda s, a: recurring.keep_recurring(
            s,
            actor=a,
            template_name=name,
            rhythm=rhythm,
            day=day,
            act=does,
            today=cast.TODAY,
            at=cast.NOW,
        ),
    )


def a_template_a_draft_and_what_recurs(database, dealer, goods=cast.gloves) -> dict[str, str]:
    """What a dealer owns of purchasing, by the kinds of addresses."""
    keep(database, dealer.buyer, f"list-of-{dealer.code}", (goods, 5))
    return {
        "order template": f"list-of-{dealer.code}",
        "order draft": keep_draft(database, dealer.buyer, "for Friday", (goods, 5)),
        "recurring order": recur(database, dealer.buyer, f"list-of-{dealer.code}"),
    }


def ask(database, dealer, goods) -> str:
    """The draft of an order that the buyer may not place alone."""
    limit(database, dealer.boss, BUYERS, "0.00")
    number = order(database, dealer.buyer, (goods, 1)).number
    assert draft(database, dealer.boss, number).state == "waiting"
    return number


def comes_to_its_day(database, person, goods) -> None:
    """A recurring order of the person is placed."""
    name = f"of {goods.sku} {next(_NAMES)}"
    keep(database, person, name, (goods, 1))
    number = recur(database, person, name)

    def run(session, actor):
        [order] = [
            one.order
            for one in recurring.recurring_orders(session, actor=actor)
            if one.order.number == number
        ]
        day = rules.business_day(order.next_on)
        return run_recurring(session, actor=actor, recurring_id=order.id, terms=TERMS, today=day, at=cast.NOW)

    assert act(database, person, run) == "placed"
