"""Payments that have to be confirmed, and documents put right, as headquarters' systems do it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.ledger import document_acts as documents
from tests.ledger.acts import balance, delivered, paid
from tests.races import together

PAYMENT = {
    "dealer": "huadong",
    "amount": "10.00",
    "received_on": str(cast.TODAY),
    "method": "bank transfer",
    "reference": "FT 1",
}
LARGE = "10000.01"  # above what one person corrects alone


@pytest.fixture
def erp(api):
    return api(cast.erp)


def test_the_same_bank_reference_is_a_conflict_until_it_is_confirmed(erp, owner):
    kept(erp.post("/hq/payments", PAYMENT))
    again = PAYMENT | {"reference": "ｆｔ１", "amount": "12.00"}
    refused(erp.post("/hq/payments", again), 409, "duplicate_reference")
    assert faults(erp.post("/hq/payments", again), 409) == {"/confirm_duplicate": "duplicate_reference"}
    kept(erp.post("/hq/payments", again | {"confirm_duplicate": True}))
    assert balance(owner) == -22


def test_an_unusual_amount_is_a_conflict_until_it_is_confirmed(erp, owner):
    huge = PAYMENT | {"amount": "999999999999.99"}
    refused(erp.post("/hq/payments", huge | {"confirm_duplicate": True}), 409, "unusual_amount")
    assert balance(owner) == 0
    kept(erp.post("/hq/payments", huge | {"confirm_amount": True}))


def test_a_confirmation_is_true_or_false(erp):
    assert set(
        faults(erp.post("/hq/payments", PAYMENT | {"confirm_duplicate": "yes", "confirm_amount": 1}))
    ) == {"/confirm_duplicate", "/confirm_amount"}


def test_a_request_says_what_is_given_up_or_paid_out(erp, given, database):
    invoice = delivered(given, database, {cast.gloves: 3}).invoice_number
    gone = documents.written_off(database, (invoice, "12.34"), alone_max=Decimal(0))
    held = documents.held(database, "80.00")
    back = documents.returned_deposit(database, held, "70.00", reference="RB-78", alone_max=Decimal(0))
    asked = kept(erp.get(f"/hq/corrections/{gone.request_no}"))
    assert asked["debts"] == [{"document": invoice, "amount": "12.34"}]
    assert (asked["lines"], asked["payment"]) == ([], None)
    asked = kept(erp.get(f"/hq/corrections/{back.request_no}"))
    assert (asked["lines"], asked["debts"], asked["payment"]["reference"]) == ([], [], "RB-78")


def test_a_small_payment_is_reversed_at_once(erp, owner):
    number = kept(erp.post("/hq/payments", PAYMENT))["number"]
    done = kept(erp.post(f"/hq/payments/{number}/reversal", {"reason": "wrong dealer"}))
    assert (done["state"], done["document"], done["amount"], done["request"]) == (
        "approved",
        number,
        "10.00",
        None,
    )
    assert balance(owner) == 0
    refused(erp.post(f"/hq/payments/{number}/reversal", {"reason": "again"}), 409, "already_reversed")
    assert kept(erp.get(f"/hq/payments/{number}"))["reversed_at"]


def test_a_large_one_is_proposed_by_one_system_and_approved_by_another(erp, controller, database, owner):
    number = paid(database, LARGE).document_no
    asked = kept(erp.post(f"/hq/payments/{number}/reversal", {"reason": "wrong dealer"}))
    assert (asked["state"], asked["document"]) == ("waiting", None)
    request = f"/hq/corrections/{asked['request']}"
    refused(erp.post(f"{request}/approval"), 403, "insufficient_scope")
    assert [one["number"] for one in kept(controller.get("/hq/corrections?state=waiting"))["items"]] == [
        asked["request"]
    ]
    done = kept(controller.post(f"{request}/approval"))
    assert (done["state"], done["document"], done["amount"]) == ("approved", number, LARGE)
    assert balance(owner) == 0
    shown = kept(controller.get(request))
    assert (shown["proposed_by"], shown["decided_by"], shown["reason"]) == (
        "ERP",
        "Controller",
        "wrong dealer",
    )
    refused(controller.post(f"{request}/rejection", {"reason": "too late"}), 409, "already_decided")


def test_who_may_do_both_still_does_not_approve_the_own_request(api, database, sign_in):
    number = paid(database, LARGE).document_no
    clerk = sign_in(cast.hq_finance)
    assert clerk.post(f"/hq/payments/{number}/reversal", {"reason": "wrong dealer"}).status_code == 303
    (asked,) = kept(api(cast.controller).get("/hq/corrections"))["items"]
    assert clerk.post(f"/hq/corrections/{asked['number']}/approval").status_code == 303
    assert kept(api(cast.controller).get(f"/hq/corrections/{asked['number']}"))["state"] == "waiting"


def test_a_rejection_posts_nothing(erp, controller, database, owner):
    number = paid(database, LARGE).document_no
    asked = kept(erp.post(f"/hq/payments/{number}/reversal", {"reason": "wrong dealer"}))
    done = kept(controller.post(f"/hq/corrections/{asked['request']}/rejection", {"reason": "it is theirs"}))
    assert (done["state"], done["document"]) == ("rejected", None)
    assert balance(owner) == -Decimal(LARGE)


def test_a_payment_tells_what_it_settles(erp, given, database):
    invoice = delivered(given, database, {cast.gloves: 10}).invoice_number
    number = paid(database, "50.00").document_no
    told = kept(erp.get(f"/hq/payments/{number}"))
    assert [(row["document_no"], row["amount"]) for row in told["allocations"]] == [(invoice, "50.00")]
    kept(erp.post(f"/hq/payments/{number}/reversal", {"reason": "bounced"}))
    told = kept(erp.get(f"/hq/payments/{number}"))
    assert [(row["document_no"], row["amount"]) for row in told["allocations"]] == [
        (invoice, "50.00"),
        (invoice, "-50.00"),
        (number, "50.00"),
    ]


def test_what_came_back_is_credited(erp, given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    body = {
        "invoice": done.invoice_number,
        "reason": "damaged",
        "lines": [{"line": 1, "quantity": 2}, {"line": 1, "quantity": 1, "lot": "-"}],
    }
    note = kept(erp.post("/hq/credit-notes", body))
    assert (note["kind"], note["state"], note["amount"]) == ("credit_note", "approved", "60.00")
    assert balance(owner) == done.gross - 60


def test_every_fault_of_a_credit_note_is_told_at_its_place(erp, given, database):
    done = delivered(given, database, {cast.gloves: 10})
    body = {
        "invoice": done.invoice_number,
        "reason": " ",
        "lines": [{"line": 9, "quantity": 1}, {"line": 1, "quantity": 11}, {"line": 1, "quantity": -1}],
    }
    assert faults(erp.post("/hq/credit-notes", body)) == {
        "/reason": "reason_missing",
        "/lines/0/line": "unknown_line",
        "/lines/1/quantity": "quantity_out_of_range",
        "/lines/2/quantity": "quantity_out_of_range",
    }
    refused(erp.post("/hq/credit-notes", body | {"invoice": "IN2611-00000000A", "reason": "x"}), 404)


def test_a_credit_note_repeated_under_its_key_is_one(erp, given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    body = {"invoice": done.invoice_number, "reason": "damaged", "lines": [{"line": 1, "quantity": 1}]}
    answers = together(4, lambda _: erp.post("/hq/credit-notes", body, key="k1"))
    assert len({kept(answer)["document"] for answer in answers}) == 1
    assert balance(owner) == done.gross - 20


def test_a_dealer_corrects_nothing(api, database):
    number = paid(database, "10.00").document_no
    for path, body in (
        (f"/hq/payments/{number}/reversal", {"reason": "x"}),
        ("/hq/credit-notes", {}),
        ("/hq/corrections/CR/approval", {}),
    ):
        refused(api(cast.huadong.system).post(path, body), 403)
