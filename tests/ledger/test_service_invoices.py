"""Service invoices among the others: listed, shown, printed, found, and taken back whole."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger import listings
from portal.ledger.decide_correction import approve_correction
from portal.ledger.issued import issued_invoice
from portal.ledger.propose_correction import propose_service_reversal
from portal.statements.print_invoice import print_invoice
from tests import cast
from tests.checks.acts import found
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, paid
from tests.races import failures, together
from tests.repairs.acts import a_report, a_request, accepted, filed, offered, visited
from tests.service.acts import as_

FINANCE, COMPANY = cast.huadong.finance, ("通路", "Tonglu")


@pytest.fixture
def billed(database) -> str:
    """A repair done; the number of its invoice."""
    number = a_request(database)
    accepted(database, number, offered(database, number))
    return filed(database, number, visited(database, number), a_report(database)).invoice_no


def reversed_(database, number, *, by=cast.hq_finance, alone_max=D("10000.00"), reason="Billed in error."):
    return as_(
        database,
        by,
        lambda session: propose_service_reversal(
            session,
            actor=by.actor(),
            invoice_number=number,
            reason=reason,
            today=cast.TODAY,
            at=cast.NOW,
            alone_max=alone_max,
        ),
    )


def shown(database, number, *, by=FINANCE):
    return as_(database, by, lambda session: issued_invoice(session, number))


def printed(database, number, locale="zh", *, by=FINANCE):
    return as_(
        database,
        by,
        lambda session: print_invoice(
            session, actor=by.actor(), number=number, locale=locale, company=COMPANY, at=cast.NOW
        ),
    )


def test_its_lines_make_its_amounts_and_it_is_nobody_elses(database, billed):
    of = shown(database, billed)
    assert (sum(line.amount for line in of.lines), sum(line.tax for line in of.lines)) == (of.gross, of.tax)
    assert of.is_service and of.request_no and of.open == of.gross == of.net + of.tax
    for act in (shown, printed):
        with pytest.raises(NotFound):
            act(database, billed, by=cast.yuegang.finance)


def test_all_invoices_of_a_day_are_listed_page_by_page_each_once(given, database, billed):
    goods = [delivered(given, database, {cast.gloves: 1}).invoice_number for _ in range(3)]
    numbers, cursor = [], None
    while True:
        page = as_(
            database,
            FINANCE,
            lambda session, after=cursor: listings.invoices(
                session, dealer_id=cast.huadong.id, limit=1, cursor=after
            ),
        )
        numbers += [one.number for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert numbers == [*reversed(goods), billed]


def test_what_is_taken_back_is_owed_no_more_and_what_was_paid_is_free(database, owner, billed):
    gross = shown(database, billed).gross
    paid(database, str(gross))
    assert shown(database, billed).open == 0
    done = reversed_(database, billed)
    assert (done.state, done.document_no, done.amount) == ("approved", billed, gross)
    assert balance(owner) == -gross and shown(database, billed).reversed_at is not None
    with pytest.raises(Conflict) as refusal:
        reversed_(database, billed)
    assert refusal.value.code == "already_reversed"
    assert broken_promises(owner) == {} and not found(database)


def test_a_large_one_needs_another_person(database, owner, billed):
    asked = reversed_(database, billed, alone_max=D("1.00"))
    assert asked.state == "waiting" and balance(owner) == asked.amount

    def approve(by):
        return as_(
            database,
            by,
            lambda session: approve_correction(
                session, actor=by.actor(), number=asked.request_no, today=cast.TODAY, at=cast.NOW
            ),
        )

    with pytest.raises(Forbidden):
        approve(cast.hq_finance)
    assert approve(cast.finance_colleague).document_no == billed
    assert balance(owner) == 0


def test_two_at_once_take_it_back_once(database, owner, billed):
    outcomes = together(4, lambda _: reversed_(database, billed))
    assert {failure.code for failure in failures(outcomes)} == {"already_reversed"}
    assert balance(owner) == 0


def test_a_reason_is_needed_and_goods_are_credited_instead(given, database, billed):
    with pytest.raises(Invalid):
        reversed_(database, billed, reason=" ")
    with pytest.raises(Conflict) as refusal:
        reversed_(database, delivered(given, database, {cast.gloves: 1}).invoice_number)
    assert refusal.value.code == "not_reversible"
    for number in ("SI2611-00000000A", "x\x00"[:1]):
        with pytest.raises(NotFound):
            reversed_(database, number)


def test_paper_is_kept_as_it_was_first_made(given, database, owner, billed):
    goods = delivered(given, database, {cast.gloves: 1}).invoice_number
    for number in (billed, goods):
        first = printed(database, number)
        assert first.content.startswith(b"%PDF-") and printed(database, number) == first
        assert printed(database, number, "en").sha256 != first.sha256
    kept = text("SELECT count(*) FROM invoice_pdf")
    assert owner.execute(kept).scalar_one() == 4
