"""Finance puts a booked mistake right on its pages, alone or with a colleague."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests import cast
from tests.ledger import document_acts as documents
from tests.ledger.acts import balance, delivered, paid
from tests.shipping.acts import lots

DEALER = "/hq/dealers/huadong"


def english(visitor):
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def clerk(sign_in):
    return english(sign_in(cast.hq_finance))


@pytest.fixture
def colleague(sign_in):
    return english(sign_in(cast.finance_colleague))


def shown(visitor, path, status=200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def key_on(page: str) -> str:
    return re.search(r'name="idempotency_key" value="([^"]+)"', page).group(1)


def pay(clerk, **typed):
    usual = {
        "amount": "1.00",
        "received_on": str(cast.TODAY),
        "method": "bank transfer",
        "reference": "R-1",
        "idempotency_key": "form",
    }
    return clerk.post(f"{DEALER}/payments", usual | typed)


def box_on(answer, name) -> str | None:
    """What the box that confirms a doubt sends, if there is one."""
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.get_data(as_text=True))
    return found and found.group(1)


def test_the_account_leads_to_its_documents_and_what_can_be_done_with_them(clerk, given, database):
    invoice = delivered(given, database, {cast.gloves: 10}).invoice_number
    payment = paid(database, "50.00").document_no
    page = shown(clerk, f"{DEALER}/ledger")
    for link in (
        f"/hq/invoices/{invoice}",
        f"/hq/payments/{payment}",
        f"/hq/invoices/{invoice}#correct",
        f"/hq/payments/{payment}#correct",
    ):
        assert f'href="{link}"' in page
    assert invoice in shown(clerk, f"/hq/payments/{payment}") and payment in shown(
        clerk, f"/hq/invoices/{invoice}"
    )


def test_a_small_reversal_is_posted_and_what_it_settled_is_open_again(clerk, given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    number = paid(database, "50.00").document_no
    answer = clerk.post(f"/hq/payments/{number}/reversal", {"reason": "bounced", "idempotency_key": "one"})
    assert answer.status_code == 303
    assert balance(owner) == done.gross
    page = shown(clerk, f"/hq/payments/{number}")
    assert "Reversed" in page and "Undone" in page and 'id="correct"' not in page


def test_a_reason_is_asked_for_beside_its_field(clerk, database):
    number = paid(database, "50.00").document_no
    answer = clerk.post(f"/hq/payments/{number}/reversal", {"reason": "  ", "idempotency_key": "one"})
    assert answer.status_code == 422 and 'id="field-reason-error"' in answer.get_data(as_text=True)


def test_a_large_one_waits_for_a_colleague(clerk, colleague, database, owner):
    number = paid(database, "10000.01").document_no
    assert "another person has to approve" in shown(clerk, f"/hq/payments/{number}")
    assert (
        clerk.post(
            f"/hq/payments/{number}/reversal", {"reason": "wrong dealer", "idempotency_key": "one"}
        ).status_code
        == 303
    )
    assert 'id="correct"' not in shown(clerk, f"/hq/payments/{number}")
    request = owner.execute(text("SELECT number FROM correction_request")).scalar_one()
    assert "Another person decides." in shown(
        clerk, "/hq/corrections"
    ) and f"{request}/approval" not in shown(clerk, "/hq/corrections")
    assert f"/hq/corrections/{request}/approval" in shown(colleague, "/hq/corrections")
    clerk.post(f"/hq/corrections/{request}/approval")
    assert "You asked for this yourself" in shown(clerk, "/hq/corrections") and balance(owner) == Decimal(
        "-10000.01"
    )
    colleague.post(f"/hq/corrections/{request}/approval")
    assert balance(owner) == 0
    assert request in shown(colleague, "/hq/corrections?state=approved")


def test_whoever_decides_reads_what_each_kind_of_request_is_about(colleague, given, database):
    invoice = delivered(given, database, {cast.gloves: 3}).invoice_number
    nobody_alone = {"alone_max": Decimal(0)}
    gone = documents.written_off(database, (invoice, "12.34"), **nobody_alone)
    twice = paid(database, "30.00", dealer=cast.yuegang).document_no
    back = documents.refunded(database, twice, "5.00", reference="RB-77", **nobody_alone)
    held = documents.held(database, "80.00")
    returned = documents.returned_deposit(database, held, "70.00", reference="RB-78", **nobody_alone)
    page = shown(colleague, "/hq/corrections")
    for request in (gone, back, returned):
        assert f"/hq/corrections/{request.request_no}/approval" in page
    assert f"/hq/invoices/{invoice}" in page and "12.34" in page and "RB-77" in page and "RB-78" in page
    for request in (gone, back, returned):
        colleague.post(f"/hq/corrections/{request.request_no}/approval")
    decided = shown(colleague, "/hq/corrections?state=approved")
    assert all(request.request_no in decided for request in (gone, back, returned))


def test_a_rejection_needs_its_reason(colleague, given, database, owner):
    request = given.a_reversal_asked_for(paid(database, "10.00").document_no)
    colleague.post(f"/hq/corrections/{request}/rejection", {"reason": ""})
    assert "Say why." in shown(colleague, "/hq/corrections")
    colleague.post(f"/hq/corrections/{request}/rejection", {"reason": "it is right"})
    assert "it is right" in shown(colleague, "/hq/corrections?state=rejected")


def units(invoice: str, *quantities: str, **more) -> dict:
    return {
        "line": ["1", "1"],
        "lot": ["GZ-FRESH", "GZ-SHORT"],
        "quantity": list(quantities),
        "reason": "damaged",
        "idempotency_key": "one",
    } | more


def test_what_came_back_is_credited_lot_by_lot_and_once(clerk, given, database, owner):
    done = delivered(given, database, {cast.gauze: 50})
    before = lots(owner, cast.gauze)["GZ-FRESH"][0]
    for _ in range(2):  # a second click is the same credit note
        assert (
            clerk.post(
                f"/hq/invoices/{done.invoice_number}/credit-notes", units(done.invoice_number, "５", "")
            ).status_code
            == 303
        )
    assert balance(owner) == done.gross - 50
    assert lots(owner, cast.gauze)["GZ-FRESH"][0] == before + 5


@pytest.mark.parametrize("typed", ["21", "0", "-1", "1.5", "many", "2²"])
def test_a_wrong_quantity_is_told_in_its_row_and_kept(clerk, given, database, owner, typed):
    done = delivered(given, database, {cast.gauze: 50})
    answer = clerk.post(
        f"/hq/invoices/{done.invoice_number}/credit-notes",
        units(done.invoice_number, "1", typed) | {"lot": ["GZ-SHORT", "GZ-FRESH"]},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and page.count("row-trouble") == 1 and f'value="{typed}"' in page
    assert balance(owner) == done.gross


def test_nothing_typed_is_nothing_credited(clerk, given, database, owner):
    done = delivered(given, database, {cast.gauze: 50})
    assert (
        clerk.post(
            f"/hq/invoices/{done.invoice_number}/credit-notes", units(done.invoice_number, "", " ")
        ).status_code
        == 422
    )
    assert balance(owner) == done.gross


def test_the_same_bank_reference_is_shown_and_confirmed(clerk, owner):
    assert pay(clerk).status_code == 303
    first = owner.execute(text("SELECT number FROM payment")).scalar_one()
    answer = pay(clerk, reference="Ｒ-1", amount="2.00", idempotency_key="another form")
    assert answer.status_code == 422 and first in answer.get_data(as_text=True)
    box = box_on(answer, "confirm_duplicate")
    assert (
        pay(
            clerk, reference="Ｒ-1", amount="2.00", idempotency_key="another form", confirm_duplicate=box
        ).status_code
        == 303
    )
    assert balance(owner) == -3


def test_a_confirmation_is_of_what_was_shown(clerk, owner):
    answer = pay(clerk, amount="999,999,999,999.99")
    box = box_on(answer, "confirm_amount")
    assert box and pay(clerk, amount="99,999,999,999.99", confirm_amount=box).status_code == 422
    assert balance(owner) == 0
    assert pay(clerk, amount="999,999,999,999.99", confirm_amount=box).status_code == 303


@pytest.mark.parametrize("person", [cast.order_desk, cast.national_manager, cast.quality])
def test_the_books_are_for_finance(sign_in, given, database, person):
    invoice = delivered(given, database, {cast.gloves: 1}).invoice_number
    payment = paid(database, "50.00").document_no
    visitor = sign_in(person)
    for path in (f"{DEALER}/ledger", f"/hq/invoices/{invoice}", f"/hq/payments/{payment}", "/hq/corrections"):
        shown(visitor, path, 403)
    assert visitor.post(f"/hq/payments/{payment}/reversal", {"reason": "x"}).status_code == 403
