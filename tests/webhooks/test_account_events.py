"""Webhooks of the account: deposits, and of every document which kind it is."""

from __future__ import annotations

from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.webhooks.publish import publish
from tests import cast
from tests.ledger import document_acts as acts
from tests.ledger.acts import delivered, paid, reversed_
from tests.webhooks.acts import OWNER, RIVAL, messages, subscribed

DAY = cast.TODAY.isoformat()
OF_HUADONG = {"d": cast.huadong.id}
DEPOSITS = ("deposit.received", "deposit.used", "deposit.returned")


def told(owner) -> list[tuple[str, dict]]:
    owner.rollback()
    rows = owner.execute(
        text("SELECT topic, payload FROM outbox WHERE dealer_id = :d ORDER BY id"), OF_HUADONG
    )
    return [(row.topic, row.payload) for row in rows]


def test_a_deposit_tells_when_it_is_held_pays_and_comes_back(database, owner):
    [debt] = [one.document_no for one in acts.opened(database, ("OLD-1", "100.00"))]
    held = acts.held(database, "80.00")
    used = acts.used(database, held, (debt, "30.00")).document_no
    back = acts.returned_deposit(database, held, "20.00").document_no
    reversed_(database, back)
    rest = {"source": held, "occurred_on": DAY}
    assert [one for one in told(owner) if one[0].startswith(("deposit.", "document."))] == [
        ("deposit.received", {"number": held, "kind": "deposit", "amount": "80.00", "occurred_on": DAY}),
        ("deposit.used", {"number": used, "kind": "deposit_use", "amount": "30.00", **rest}),
        ("deposit.returned", {"number": back, "kind": "deposit_return", "amount": "20.00", **rest}),
        ("document.reversed", {"number": back, "kind": "deposit_return", "amount": "20.00"}),
    ]


def test_every_document_tells_its_kind(given, database, owner):
    invoice = delivered(given, database, {cast.gloves: 2}).invoice_number
    credit = paid(database, "500.00").document_no
    paid(database, "-5.00")
    acts.opened(database, ("OLD-1", "70.00"))
    acts.refunded(database, credit, "1.00")
    acts.charged(database)
    kinds = {event: [] for event, _ in told(owner)}
    for event, payload in told(owner):
        kinds[event].append(payload.get("kind"))
    assert kinds["invoice.issued"] == ["invoice"]
    assert kinds["payment.received"] == ["payment", "refund"]
    assert kinds["account_document.posted"] == ["opening", "refund", "interest"]
    assert ("invoice.issued", invoice) in [(event, payload.get("number")) for event, payload in told(owner)]


def test_a_rival_is_told_nothing_and_each_side_is_led_to_the_document(database, owner):
    ours = subscribed(database, "https://erp.example/a", *DEPOSITS).number
    theirs = subscribed(database, "https://erp.example/b", *DEPOSITS, who=RIVAL).number
    desk = subscribed(database, "https://erp.example/c", *DEPOSITS, who=cast.administrator).number
    held = acts.held(database, "80.00")
    rows = owner.execute(text("SELECT id, topic, dealer_id, payload FROM outbox ORDER BY id")).all()
    effects = [Effect(row.id, row.topic, row.dealer_id, row.payload, 0, cast.NOW) for row in rows]
    with transaction(database.system_session()) as session:
        publish(session, effects, api="https://portal.example/api/v1", at=cast.NOW)
    [mine] = messages(database, ours, who=OWNER)
    assert (mine.event, mine.subject) == ("deposit.received", held)
    assert messages(database, theirs, who=RIVAL) == []
    assert len(messages(database, desk, who=cast.administrator)) == 1
    addresses = owner.execute(text("SELECT data ->> 'url' FROM webhook_delivery ORDER BY id")).scalars().all()
    api = "https://portal.example/api/v1"
    assert set(addresses) == {f"{api}/account-documents/{held}", f"{api}/hq/account-documents/{held}"}
