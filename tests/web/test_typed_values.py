"""What people type into the pages' forms is booked as it was meant, or comes back beside its field as it
was typed.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests import cast
from tests.ledger.acts import balance

PAYMENT = {
    "amount": "1.00",
    "received_on": str(cast.TODAY),
    "method": "bank",
    "reference": "R-1",
    "idempotency_key": "one form",
}
AMBIGUOUS = [
    "10.000,00",
    "1.000",
    "1,23",
    "12,34,567",
    "1e3",
    "1_000",
    "2²",
    "①",
    "１２٣",
    "--5",
    "5-",
    "+5",
    "NaN",
    "1 000",
    "0x1F",
    "1'000",
    "五元",
]


@pytest.fixture
def buyer(sign_in):
    return sign_in(cast.huadong.buyer)


@pytest.fixture
def manager(sign_in):
    return sign_in(cast.national_manager)


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def value_of(answer, field: str) -> str:
    """What stands in a field of the page."""
    return html.unescape(
        re.search(rf'<input[^>]* name="{re.escape(field)}"[^>]* value="([^"]*)"', text_of(answer)).group(1)
    )


def pay(visitor, **typed):
    return visitor.post("/hq/dealers/huadong/payments", PAYMENT | typed)


@pytest.mark.only_asks
def test_an_amount_that_could_be_read_in_two_ways_is_not_booked_and_stays_as_typed(sign_in, owner):
    clerk = sign_in(cast.hq_finance)
    for amount in AMBIGUOUS:
        answer = pay(clerk, amount=amount)
        assert answer.status_code == 422 and 'id="field-amount-error"' in text_of(answer), amount
        assert value_of(answer, "amount") == amount
    assert balance(owner) == Decimal("0.00")


def test_an_amount_is_booked_as_it_is_written_in_this_country(sign_in, owner):
    clerk, day = (
        sign_in(cast.hq_finance),
        str(cast.TODAY).translate(str.maketrans("0123456789-", "０１２３４５６７８９－")),
    )
    for times, amount in enumerate(
        ["1,234.50", "１，２３４．５０", "¥1,234.50", "￥1234.5", "1234.50元", "\u30001234.50 "], start=1
    ):
        assert pay(clerk, amount=amount, received_on=day, reference=f"BK-{times}").status_code == 303, amount
        assert balance(owner) == times * Decimal("-1234.50")


def rule(manager, owner, **typed):
    """Add a rule for tier S on gloves to the draft."""
    revision = owner.scalar(
        text("SELECT revision FROM price_policy WHERE id = :id"), {"id": cast.policy_draft}
    )
    usual = {
        "revision": str(revision),
        "kind": "net",
        "dealer": "huadong",
        "sku": "GLOVES",
        "min_quantity": ["1"],
        "value": ["12.50"],
    }
    return manager.post(f"/hq/policies/{cast.policy_draft}/rules", usual | typed)


def rules_of_the_draft(owner) -> list[tuple[list[int], list[Decimal]]]:
    query = text(
        """SELECT min_quantities, "values" FROM price_rule WHERE policy_id = :id AND dealer_id IS NOT NULL"""
    )
    return [(row[0], row[1]) for row in owner.execute(query, {"id": cast.policy_draft})]


@pytest.mark.only_asks
@pytest.mark.parametrize("kind", ["net", "percent_off", "amount_off"])
def test_a_value_in_a_rule_that_could_be_read_in_two_ways_is_not_saved(manager, owner, kind):
    for value in AMBIGUOUS:
        answer = rule(manager, owner, kind=kind, value=[value])
        assert answer.status_code == 422 and value in html.unescape(text_of(answer)), value
    assert rules_of_the_draft(owner) == []


@pytest.mark.only_asks
def test_a_minimum_that_is_no_whole_number_is_not_saved(manager, owner):
    for minimum in ("1e1", "1²", "1,0", "1.0", "10_0", "1００ ０"):
        assert rule(manager, owner, min_quantity=["1", minimum], value=["12.50", "11"]).status_code == 422, (
            minimum
        )
    assert rules_of_the_draft(owner) == []


def test_a_rule_is_read_in_either_width(manager, owner):
    assert rule(manager, owner, min_quantity=["１", "1,000"], value=["￥12.50", "１１"]).status_code == 303
    assert rules_of_the_draft(owner) == [([1, 1000], [Decimal("12.50"), Decimal("11.00")])]


@pytest.mark.only_asks
def test_a_row_of_a_rule_that_is_none_of_ours_is_not_saved(manager, owner):
    revision = owner.scalar(
        text("SELECT revision FROM price_policy WHERE id = :id"), {"id": cast.policy_draft}
    )
    for rule_id in ("1_0", "７", "x", "-1", "999999999"):
        row = {
            "rule": rule_id,
            f"kind-{rule_id}": "net",
            f"min_quantity-{rule_id}": "1",
            f"value-{rule_id}": "1.00",
        }
        answer = manager.post(f"/hq/policies/{cast.policy_draft}/prices", {"revision": str(revision)} | row)
        assert answer.status_code in (404, 422), rule_id
    assert rules_of_the_draft(owner) == []


@pytest.mark.only_asks
def test_steps_are_counted_before_they_are_read(manager, owner):
    answer = rule(manager, owner, min_quantity=["x"] * 3000, value=["x"] * 3000)
    assert answer.status_code == 422 and len(text_of(answer)) < 300_000
    assert text_of(answer).count('href="#rules"') == 1


_NEW_YEAR = f"{datetime(2027, 1, 1, tzinfo=cast.ZONE).astimezone(UTC):%Y-%m-%d %H:%M}"
STARTS = [
    ("2027-01-01T00:00", _NEW_YEAR),
    ("2027-01-01 00:00", _NEW_YEAR),
    ("２０２７－０１－０１　００：００", _NEW_YEAR),
    ("2027-01-01T00:00+00:00", "2027-01-01 00:00"),
    ("2027-01-01T00:00Z", "2027-01-01 00:00"),
    ("2027-01-01T00:00-05:00", "2027-01-01 05:00"),
]


def test_the_start_of_a_policy_is_local_unless_it_names_its_offset(manager, owner):
    query = text(
        "SELECT to_char(valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM price_policy WHERE id = :id"
    )
    for revision, (typed, utc) in enumerate(STARTS, start=1):
        head = {
            "revision": str(revision),
            "title_zh": "草案",
            "title_en": "Draft",
            "text": "",
            "valid_from": typed,
        }
        assert manager.post(f"/hq/policies/{cast.policy_draft}/head", head).status_code == 303, typed
        assert owner.scalar(query, {"id": cast.policy_draft}) == utc, typed


def held(owner) -> dict[str, int]:
    return dict(
        owner.execute(
            text("SELECT p.sku, c.quantity FROM cart_line c JOIN product p ON p.id = c.product_id")
        ).all()
    )


@pytest.mark.parametrize("mode", ["add", "set"])
def test_a_quantity_that_is_none_or_too_large_changes_nothing(buyer, owner, mode):
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "3"})
    for quantity in (*AMBIGUOUS, "1.0", "12" + " " * 40 + "3", "1000001", "999999999999999"):
        form = buyer.form({"sku": "GLOVES", "quantity": quantity, "mode": mode})
        assert buyer.request("POST", "/cart", data=form, headers={"HX-Request": "true"}).status_code == 422, (
            quantity
        )
    assert held(owner) == {"GLOVES": 3}


def test_a_quantity_is_read_in_either_width_and_in_groups(buyer, owner):
    for quantity, kept in (
        ("1,000", 1000),
        ("１２", 12),
        ("１，０００", 1000),
        ("\u300012 ", 12),
        ("1000000", 1_000_000),
    ):
        assert buyer.post("/cart", {"sku": "GLOVES", "quantity": quantity}).status_code == 302, quantity
        assert held(owner) == {"GLOVES": kept}


def test_what_would_take_a_line_over_the_maximum_is_refused_with_the_maximum_and_what_is_there(buyer, owner):
    buyer.post("/locale/en")
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "999,998", "mode": "add"})
    more = buyer.form({"sku": "GLOVES", "quantity": "3", "mode": "add"})
    answer = buyer.request("POST", "/cart", data=more, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and held(owner) == {"GLOVES": 999_998}
    assert "At most 1000000 units a line, and 999998 are in the cart. Add at most 2." in re.sub(
        r"<[^>]+>|\s+", " ", text_of(answer)
    ).replace("  ", " ")


def order_with(visitor, **columns):
    page = text_of(visitor.get("/cart"))
    form = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page).group(1)
        for name in ("idempotency_key", "seen")
    }
    return visitor.post("/orders", form | {"ship_to": "main"} | columns)


def test_a_line_typed_twice_in_two_ways_is_taken_in_neither(buyer, owner):
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "3"})
    answer = order_with(buyer, sku=["GLOVES", "GLOVES"], quantity=["5", "7"], held=["3", "3"])
    assert (
        answer.status_code == 422
        and held(owner) == {"GLOVES": 3}
        and 'id="trouble-GLOVES"' in text_of(answer)
    )


def test_the_same_quantity_written_in_another_way_is_no_change(buyer, owner):
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "3"})
    assert order_with(buyer, sku=["GLOVES"], quantity=["３"], held=["3"]).status_code == 303


def test_a_torn_list_is_refused(buyer, owner):
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "3"})
    assert order_with(buyer, sku=["GLOVES", "SYRINGE"], quantity=["5"], held=["3", "1"]).status_code == 400
    assert held(owner) == {"GLOVES": 3}


def test_a_field_that_stands_twice_is_not_read_as_its_first_value(sign_in, owner):
    clerk = sign_in(cast.hq_finance)
    for twice in (
        {"amount": ["1.00", "2.00"]},
        {"received_on": [str(cast.TODAY), "2026-01-01"]},
        {"method": ["bank", "cash"]},
    ):
        assert pay(clerk, **twice).status_code == 400, twice
    assert balance(owner) == Decimal("0.00")


def test_a_question_that_stands_twice_in_an_address_is_refused_and_a_repetition_is_not(buyer):
    assert buyer.get("/orders?status=shipped&status=confirmed").status_code == 400
    assert buyer.get("/orders?status=shipped&status=shipped").status_code == 200


@pytest.mark.only_asks
def test_a_region_that_is_no_id_of_ours_filters_nothing(sign_in):
    staff = sign_in(cast.hq_finance)
    every = text_of(staff.get("/hq/dealers")).count("/hq/dealers/")
    for number in ("1_0", "١", "１", "9" * 30):
        assert (
            text_of(staff.get("/hq/dealers", query_string={"region": number})).count("/hq/dealers/") == every
        ), number


def pick(visitor, number: str, **fields):
    return visitor.post(f"/hq/orders/{number}/picking", {"lot_reason": "asked for"} | fields)


def parcel_of(owner, number: str) -> dict[str, int]:
    query = text(
        "SELECT l.lot_no, l.quantity FROM shipment_line l"
        " JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)"
        " JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id) WHERE o.number = :number"
    )
    return dict(owner.execute(query, {"number": number}).all())


def test_units_of_a_lot_that_are_none_are_refused_beside_their_line(sign_in, given, owner):
    desk, number = sign_in(cast.order_desk), given.an_order({cast.gloves: 5, cast.syringe: 50}).number
    for units in AMBIGUOUS:
        answer = pick(desk, number, **{"lot|2|SY-LATE": units})
        assert (
            answer.status_code == 422
            and 'id="trouble-2"' in text_of(answer)
            and 'id="trouble-1"' not in text_of(answer)
        ), units
    assert parcel_of(owner, number) == {}


def test_a_lot_that_is_named_in_two_ways_counts_with_the_sum(sign_in, given, owner):
    number = given.an_order({cast.syringe: 50}).number
    assert (
        pick(
            sign_in(cast.order_desk), number, **{"lot|1|SY-LATE": "１０", "lot|01|SY-LATE": "20"}
        ).status_code
        == 303
    )
    assert parcel_of(owner, number) == {"SY-LATE": 30, "SY-EARLY": 20}


def test_serial_numbers_are_taken_one_a_line_or_side_by_side(sign_in, given, owner):
    number = given.an_order({cast.stent: 3}).number
    parcel = given.a_parcel_of(number)
    check = {"line": "1", "lot": "ST-1", "quantity": "３", "outcome": "passed", "serials": "S1\nS2 S3"}
    check["left"] = "3"
    reviewed = sign_in(cast.desk_colleague).post(f"/hq/parcels/{parcel}/review", check)
    assert reviewed.status_code == 303
    form = {"shipment": parcel, "carrier": "SF", "tracking_no": "1"}
    assert sign_in(cast.order_desk).post(f"/hq/orders/{number}/shipping", form).status_code == 303
    assert owner.scalar(text("SELECT serials FROM shipment_line")) == ["S1", "S2", "S3"]
