"""Letters: proposed for what is overdue, released by a person, sent once, kept as they were sent."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.dunning.print_letter import download_letter
from portal.dunning.rules import LetterState
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.checks.acts import found as differing
from tests.disputes import acts as disputes
from tests.dunning.acts import (
    DAY,
    all_sent,
    charged,
    discarded,
    letter,
    letters_of,
    owing,
    policy_is,
    proposed,
    released,
    sent,
)
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, no_books_yet, paid
from tests.played import played
from tests.races import failures, together
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, LAST_MONTH

HUADONG = cast.huadong.code


@played
def overdue(given, database, owner):
    """Huadong owes two invoices, overdue for 50 and 10 days, Yuegang one for 8; the first letters are due."""
    no_books_yet(owner)
    policy_is(database)
    new = owing(given, database, days_late=10, units=2)
    old = owing(given, database, days_late=50)
    rival = owing(given, database, days_late=8, to=cast.yuegang)
    return old, new, rival


def stops_of(owner, dealer=cast.huadong) -> int:
    query = text("SELECT count(*) FROM dealer_stop WHERE dealer_id = :id AND ended_at IS NULL")
    return owner.execute(query, {"id": dealer.id}).scalar_one()


def test_a_run_proposes_a_letter_a_dealer_and_a_person_releases_it(overdue, database, owner):
    old, new, _ = overdue
    run = proposed(database)
    found = {one.dealer_code: one for one in letters_of(database, run)}
    assert {code: (one.level, one.state) for code, one in found.items()} == {
        HUADONG: (1, "proposed"),
        cast.yuegang.code: (1, "proposed"),
    }
    with pytest.raises(Conflict, match="run_waits"):
        proposed(database)
    assert released(database, run, [found[HUADONG].number]) == 1
    assert letter(database, found[cast.yuegang.code].number).head.state == "left_out"
    number = found[HUADONG].number
    with pytest.raises(NotFound):
        letter(database, number, by=cast.huadong.finance)
    assert sent(database, number) == LetterState.SENT
    assert sent(database, number) == LetterState.SENT, "the second time nothing happens"
    shown = letter(database, number, by=cast.huadong.finance)
    assert [(one.document_no, one.level) for one in shown.items] == [(old, 1), (new, 1)]
    assert shown.content["amount"] == f"{shown.head.amount:.2f}"
    with pytest.raises(NotFound):
        letter(database, number, by=cast.yuegang.finance)
    assert audited(owner, number) == ["dunning_letter:sent"]
    assert differing(database).keys().isdisjoint({"dunning/letters", "dunning/papers"})


def test_each_run_raises_a_debt_by_one_level_and_the_last_stops_the_dealer(overdue, database, owner):
    policy_is(database, stop_level=3)
    levels = []
    for days in (0, 7, 8, 16, 24):  # the letter gives seven days to pay
        today = cast.TODAY + days * DAY
        run = proposed(database, today)
        by_code = all_sent(database, run, today=today) if run else {}
        levels.append(by_code[HUADONG].level if HUADONG in by_code else None)
        assert stops_of(owner) == (1 if days >= 16 else 0)
    assert levels == [1, None, 2, 3, None], "nothing rises any more: no letter"


def test_what_was_paid_meanwhile_is_not_demanded(overdue, database, owner):
    run = proposed(database)
    [number] = [one.number for one in letters_of(database, run) if one.dealer_code == HUADONG]
    released(database, run)
    paid(database, f"{balance(owner):.2f}")
    assert sent(database, number) == LetterState.SETTLED
    assert letter(database, number).head.state == "settled"


def test_a_disputed_document_is_left_out_until_it_is_answered(given, database, owner):
    no_books_yet(owner)
    policy_is(database)
    invoice, later = (
        delivered(given, database, {cast.gloves: 3}, on=LAST_DAY).invoice_number,
        cast.TODAY + 60 * DAY,
    )
    statement = given.a_closed_month(LAST_MONTH)[cast.huadong.id]
    opened = disputes.opened(database, statement, disputes.disputed(invoice))
    assert proposed(database, later) is None
    disputes.withdrawn(database, opened)
    assert proposed(database, later) is not None


def test_two_people_who_release_at_once_release_once(overdue, database, owner):
    run = proposed(database)
    people = (cast.hq_finance, cast.finance_colleague)
    outcomes = together(2, lambda place: released(database, run, by=people[place]))
    [lost] = failures(outcomes)
    assert isinstance(lost, Conflict) and lost.code == "run_decided"
    number = letters_of(database, run)[0].number
    both = together(2, lambda _: sent(database, number))
    assert both == [LetterState.SENT, LetterState.SENT]
    query = text("SELECT max(n) FROM (SELECT count(*) n FROM dunning_reached GROUP BY dealer_id, entry_id) x")
    assert owner.execute(query).scalar_one() == 1


def test_the_paper_is_kept_as_it_was_sent(overdue, database, owner):
    by_code = all_sent(database, proposed(database))
    number = by_code[HUADONG].number
    for person, locale in ((cast.huadong.finance, "zh"), (cast.hq_finance, "en")):
        with transaction(database.session_for(person.actor())) as session:
            paper = download_letter(session, actor=person.actor(), number=number, locale=locale)
        assert paper.content.startswith(b"%PDF")
        assert hashlib.sha256(paper.content).hexdigest() == paper.sha256
        assert letter(database, number).papers[locale] == paper.sha256
    with pytest.raises(NotFound), transaction(database.session_for(cast.yuegang.finance.actor())) as session:
        download_letter(session, actor=cast.yuegang.finance.actor(), number=number, locale="zh")
    for statement in (
        "UPDATE dunning_letter SET amount = amount + 1 WHERE number = :n",
        "DELETE FROM dunning_item WHERE letter_id = (SELECT id FROM dunning_letter WHERE number = :n)",
        "UPDATE dunning_letter_pdf SET content = ''",
    ):
        with pytest.raises(DBAPIError):
            owner.execute(text(statement), {"n": number} if ":n" in statement else {})


def test_interest_is_posted_once_and_only_when_a_person_says_so(overdue, database, owner):
    policy_is(database, interest_rate=Decimal("0.0600"))
    first = all_sent(database, proposed(database))[HUADONG]
    before = balance(owner)
    assert first.interest > 0
    later = cast.TODAY + 8 * DAY
    second = all_sent(database, proposed(database, later), today=later)[HUADONG]
    note = charged(database, first.number)
    assert note.startswith("IT") and balance(owner) == before + first.interest
    for number in (first.number, second.number):
        with pytest.raises(Conflict, match="interest_posted"):
            charged(database, number)
    assert letter(database, first.number).head.interest_no == note
    assert broken_promises(owner) == {}


def test_who_may_not_is_refused_and_bad_choices_are_told(overdue, database):
    for person in (cast.order_desk, cast.huadong.finance):
        with pytest.raises(Forbidden):
            proposed(database, by=person)
    run = proposed(database)
    with pytest.raises(Invalid):
        released(database, run, [])
    with pytest.raises(Invalid):
        released(database, run, ["DN2611-000000000"])
    with pytest.raises(NotFound):
        released(database, "DG2611-000000000")
    discarded(database, run)
    with pytest.raises(Conflict, match="run_decided"):
        released(database, run)
    assert {one.state for one in letters_of(database, run)} == {"left_out"}
    with pytest.raises(Forbidden):
        policy_is(database, by=cast.order_desk)
    with pytest.raises(Invalid):
        policy_is(database, days=())
