"""A call that is repeated is harmless: the same key answers the first answer, and no second order, payment
or parcel.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.races import together

ORDER = {"purchase_order_no": "P1", "lines": [{"sku": "GLOVES", "quantity": 1}]}
PAYMENT = {"dealer": "huadong", "amount": "10.00", "received_on": cast.TODAY.isoformat(), "method": "bank"}


def count(owner, table):
    return owner.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_the_same_key_with_the_same_body_answers_the_first_order_again(huadong, owner):
    first, second = (huadong.post("/orders", ORDER, key="k1") for _ in range(2))
    assert kept(first) and first.data == second.data
    assert "Idempotency-Replayed" not in first.headers and second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == second.headers["Location"]
    assert count(owner, "sales_order") == 1


def test_spacing_and_the_order_of_members_do_not_make_another_body(huadong, owner):
    kept(huadong.post("/orders", ORDER, key="k1"))
    again = huadong.request(
        "POST",
        "/orders",
        data=b'{ "lines": [ { "quantity": 1, "sku": "GLOVES" } ], "purchase_order_no": "P1" }',
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )
    assert kept(again) and count(owner, "sales_order") == 1


def test_the_same_key_with_another_body_is_refused(huadong, owner):
    kept(huadong.post("/orders", ORDER, key="k1"))
    refused(
        huadong.post("/orders", ORDER | {"purchase_order_no": "P2"}, key="k1"), 422, "idempotency_key_reused"
    )
    assert count(owner, "sales_order") == 1


def test_the_same_key_for_another_call_is_refused(huadong):
    number = kept(huadong.post("/orders", ORDER, key="k1"))["number"]
    refused(huadong.post(f"/orders/{number}/cancellation", {}, key="k1"), 422, "idempotency_key_reused")


def test_keys_of_two_dealers_have_nothing_to_do_with_each_other(huadong, rival, owner):
    assert (
        kept(huadong.post("/orders", ORDER, key="k1"))["number"]
        != kept(rival.post("/orders", ORDER, key="k1"))["number"]
    )


def test_without_a_key_every_call_is_another_order(huadong, owner):
    assert kept(huadong.post("/orders", ORDER))["number"] != kept(huadong.post("/orders", ORDER))["number"]


def test_a_refused_order_may_be_sent_again_with_its_key(huadong, given):
    given.a_withdrawn(product := given.a_product(price="10.00"))
    body = {"lines": [{"sku": product.sku, "quantity": 1}]}
    refused(huadong.post("/orders", body, key="k1"), 422, "order_refused")
    assert kept(huadong.post("/orders", ORDER, key="k1"))


@pytest.mark.only_asks
@pytest.mark.parametrize("key", ["", "x" * 256, "密钥", "a\tb"])
def test_a_key_that_is_none_is_refused(huadong, owner, key):
    answer = huadong.post("/orders", ORDER, headers={"Idempotency-Key": key.encode().decode("latin-1")})
    assert faults(answer) == {"Idempotency-Key": "idempotency_key"}
    assert count(owner, "sales_order") == 0


@pytest.mark.parametrize("key", ["x" * 255, "a key with blanks", "!~"])
def test_any_printable_key_will_do(huadong, key):
    kept(huadong.post("/orders", ORDER, key=key))


def test_eight_identical_calls_at_once_are_one_order(huadong, owner):
    answers = together(8, lambda _: huadong.post("/orders", ORDER, key="k1"))
    assert len({kept(answer)["number"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (count(owner, "sales_order"), count(owner, "outbox")) == (1, 1)
    assert owner.execute(text("SELECT sum(reserved) FROM stock_level")).scalar() == 1


def test_eight_identical_payments_at_once_are_one_payment(hq, owner):
    answers = together(8, lambda _: hq.post("/hq/payments", PAYMENT, key="k1"))
    assert len({kept(answer)["number"] for answer in answers}) == 1
    assert (count(owner, "payment"), count(owner, "journal_entry")) == (1, 1)


def test_a_payment_with_another_body_under_the_same_key_is_refused(hq, owner):
    kept(hq.post("/hq/payments", PAYMENT, key="k1"))
    refused(hq.post("/hq/payments", PAYMENT | {"amount": "11.00"}, key="k1"), 422, "idempotency_key_reused")
    assert count(owner, "payment") == 1


def test_a_payment_that_was_refused_leaves_its_key_free(hq, owner):
    assert faults(hq.post("/hq/payments", PAYMENT | {"amount": "0.00"}, key="k1")) == {"/amount": "amount"}
    assert kept(hq.post("/hq/payments", PAYMENT, key="k1"))
    assert count(owner, "idempotency_key") == 1


def test_a_cancellation_and_a_parcel_are_answered_again_where_the_act_itself_would_be_refused(huadong, hq):
    number = kept(huadong.post("/orders", ORDER))["number"]
    parcel = {"order": number, "carrier": "SF", "tracking_no": "SF1"}
    assert (
        kept(first := hq.post("/hq/shipments", parcel, key="s1"))
        and first.data == hq.post("/hq/shipments", parcel, key="s1").data
    )
    refused(hq.post("/hq/shipments", parcel, key="s2"), 409)
    number = kept(huadong.post("/orders", ORDER))["number"]
    path = f"/orders/{number}/cancellation"
    assert kept(huadong.post(path, {}, key="c1")) == kept(huadong.post(path, {}, key="c1"))
    refused(huadong.post(path, {}, key="c2"), 409, "already_cancelled")
