"""What only an attacker or a slipping finger sends to a page is refused like anything else that is wrong:
never a 500.
"""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest

from tests import cast
from tests.ledger.acts import balance

DEEP = base64.urlsafe_b64encode(b"[" * 5000).decode()
HALF_A_PAIR = base64.urlsafe_b64encode(b'["\\ud800", 1]').decode()
DIGITS = "9" * 5000
PAYMENT = {
    "amount": "1.00",
    "received_on": str(cast.TODAY),
    "method": "bank",
    "reference": "R-1",
    "idempotency_key": "one form",
}

DEALERS_LISTS = ("/orders", "/catalogue", "/statements")
STAFFS_LISTS = ("/hq/orders", "/hq/dealers")


@pytest.mark.only_asks
@pytest.mark.parametrize("cursor", [DEEP, HALF_A_PAIR, "é", "%00", "W10"], ids=lambda cursor: cursor[:12])
def test_a_cursor_nobody_was_given_is_refused(sign_in, cursor):
    for person, paths in ((cast.huadong.boss, DEALERS_LISTS), (cast.order_desk, STAFFS_LISTS)):
        visitor = sign_in(person)
        for path in paths:
            assert visitor.get(path, query_string={"cursor": cursor}).status_code == 422, path


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "amount", ["1e1000000", "1e999999999", "-1e-999999", "NaN", "sNaN", "Infinity", DIGITS]
)
def test_an_amount_nobody_has_is_refused_beside_its_field(sign_in, owner, amount):
    answer = sign_in(cast.hq_finance).post("/hq/dealers/huadong/payments", PAYMENT | {"amount": amount})
    assert answer.status_code == 422
    assert balance(owner) == Decimal("0.00")


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "change",
    [{"received_on": "0206-11-20"}, {"method": "m" * 65}, {"method": "x\x00"}, {"reference": "a\r\nBcc: b"}],
)
def test_a_payment_with_a_slip_in_it_is_not_booked(sign_in, owner, change):
    assert sign_in(cast.hq_finance).post("/hq/dealers/huadong/payments", PAYMENT | change).status_code == 422
    assert balance(owner) == Decimal("0.00")


def test_a_double_click_is_one_payment_and_a_changed_form_another(sign_in, owner):
    finance = sign_in(cast.hq_finance)
    for typed in (PAYMENT, PAYMENT, PAYMENT | {"amount": "2.00", "reference": "R-2"}):
        assert finance.post("/hq/dealers/huadong/payments", typed).status_code == 303
    assert balance(owner) == Decimal("-3.00")


@pytest.mark.only_asks
@pytest.mark.parametrize("period", ["9999-12", "2026-13", "0000-01", "٢٠٢٦-١٠", "\x00", ""])
def test_a_month_nobody_can_close_is_not_closed(sign_in, period):
    answer = sign_in(cast.hq_finance).post("/hq/closes", {"period": period})
    assert (answer.status_code, answer.location) == (303, "/hq/closes")


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("picking", {f"lot|{DIGITS}|X": "1"}),
        ("picking", {"lot|²|X": "1"}),
        ("picking", {"lot|1|\x00": "1"}),
        ("shipping", {"carrier": "x", "tracking_no": "1", f"serials|{DIGITS}|X": "1"}),
        ("shipping", {"shipment": "\x00"}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_field_of_no_lot_breaks_nothing(sign_in, given, act, typed):
    number = given.an_order({cast.gloves: 1}).number
    if act == "shipping":
        typed = {"shipment": given.a_parcel_of(number)} | typed
    assert sign_in(cast.order_desk).post(f"/hq/orders/{number}/{act}", typed).status_code < 500


def test_a_statement_is_kept_by_nobody_on_its_way(sign_in, given):
    given.an_order({cast.gloves: 1})
    number = statement_of_last_month(given)
    for person, path in (
        (cast.huadong.finance, f"/statements/{number}.pdf"),
        (cast.hq_finance, f"/hq/closes/statements/{number}.pdf"),
    ):
        visitor = sign_in(person)
        paper = visitor.get(path)
        assert paper.cache_control.private and paper.cache_control.no_cache
        again = visitor.get(path, headers={"If-None-Match": paper.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")


def statement_of_last_month(given) -> str:
    """Number of a statement of `cast.huadong`."""
    last_day = cast.TODAY.replace(day=1) - cast.TODAY.resolution
    given.a_payment_by(cast.huadong, "1.00", on=last_day)
    return given.a_closed_month(f"{last_day:%Y-%m}")[cast.huadong.id]
