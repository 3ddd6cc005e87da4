"""What was agreed with a dealer: each limit just before, at and after."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.orders.terms_rules import Lot, Term, Wish, amount_faults, overdue_faults, quantity_faults
from tests.faults import all_said

DAY = date(2026, 11, 20)
PRODUCT, OTHER = 7, 8


def a_term(product_id: int | None = PRODUCT, **agreed) -> Term:
    nothing = dict.fromkeys(Term._fields)
    return Term(**(nothing | {"product_id": product_id} | agreed))


def told(term: Term, quantity: int, *, multiple: int = 1, lots: tuple[Lot, ...] = ()) -> list[str]:
    wish = Wish("/lines/0", "A1", PRODUCT, quantity, multiple, lots)
    return [fault.code for fault in quantity_faults([term], [wish], DAY)]


@pytest.mark.parametrize(
    ("quantity", "codes"), [(9, ["min_quantity"]), (10, []), (50, []), (51, ["max_quantity"])]
)
def test_quantities_keep_to_the_range(quantity, codes):
    assert told(a_term(min_quantity=10, max_quantity=50), quantity) == codes


@pytest.mark.parametrize(
    ("ordered", "quantity", "codes"), [(0, 100, []), (40, 60, []), (40, 61, ["quota"]), (120, 1, ["quota"])]
)
def test_a_quota_counts_what_was_ordered_before(ordered, quantity, codes):
    assert told(a_term(quota=100, quota_days=30, ordered=ordered), quantity) == codes


def test_a_proposal_keeps_whole_packs():
    wish = Wish("/lines/0", "A1", PRODUCT, 60, 12)
    terms = [a_term(quota=50, quota_days=30, ordered=10)]
    assert all_said(quantity_faults(terms, [wish], DAY)) == [
        "/lines/0/quantity quota: The quota of A1 is 50 in 30 days, of which 10 are ordered."
        " Order at most 36 now."
    ]


def test_terms_of_another_product_do_not_count():
    assert told(a_term(OTHER, max_quantity=1), 5) == []


@pytest.mark.parametrize(("days", "codes"), [(179, ["shelf_life"]), (180, [])])
def test_lots_have_to_keep_as_long_as_agreed(days, codes):
    lot = Lot(1, 5, None, DAY + timedelta(days=days))
    assert told(a_term(None, shelf_life_days=180), 5, lots=(lot,)) == codes


def test_lots_add_up_and_what_never_expires_keeps():
    lots = (Lot(1, 2, None, None), Lot(2, 3, None, DAY + timedelta(days=400)), Lot(1, 9, None, DAY))
    assert told(a_term(shelf_life_days=180), 5, lots=lots) == []
    assert told(a_term(shelf_life_days=180), 6, lots=lots) == ["shelf_life"]


def test_the_product_s_own_shelf_life_goes_before_the_dealer_s():
    lot = Lot(1, 5, None, DAY + timedelta(days=100))
    wish = Wish("/lines/0", "A1", PRODUCT, 5, 1, (lot,))
    terms = [a_term(None, shelf_life_days=180), a_term(shelf_life_days=90)]
    assert quantity_faults(terms, [wish], DAY) == []


@pytest.mark.parametrize(("total", "faults"), [("499.99", 1), ("500.00", 0)])
def test_an_order_is_worth_the_least_that_was_agreed(total, faults):
    terms = [a_term(None, min_amount=Decimal("500.00")), a_term(max_quantity=1)]
    assert len(amount_faults(terms, Decimal(total))) == faults


@pytest.mark.parametrize(("overdue", "faults"), [("0.00", 0), ("0.01", 1)])
def test_a_debt_overdue_counts_from_the_first_fen(overdue, faults):
    assert len(overdue_faults(Decimal(overdue), 30)) == faults
