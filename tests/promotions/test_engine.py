"""What holds of promotions whatever is bought and whatever is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.promotions.discounts import Goods, Piece, split
from portal.promotions.engine import apply_promotions
from portal.promotions.rules import Buyer, Condition, Gift, Kind, Lot, Promotion, Reward

CATEGORIES = {"A-1": "0101", "A-2": "0102", "B-1": "02"}
SKUS = st.sampled_from(sorted(CATEGORIES))
FEN = st.decimals(min_value="0.01", max_value="9999.99", places=2)
NO_PRICE = Decimal("0.00")


@st.composite
def goods(draw, sku: str) -> Goods:
    pieces = draw(st.lists(st.builds(Piece, st.integers(1, 300), FEN), min_size=1, max_size=3))
    floor = draw(st.none() | st.decimals(min_value="0.01", max_value="50", places=2))
    return Goods(sku, CATEGORIES[sku], sum(one.quantity for one in pieces), tuple(pieces), 1, floor)


CARTS = st.lists(SKUS, min_size=1, max_size=3, unique=True).flatmap(
    lambda skus: st.tuples(*(goods(sku) for sku in skus))
)
LIMITS = st.none() | st.decimals(min_value=0, max_value=2000, places=2)


@st.composite
def promotions(draw) -> Promotion:
    kind = draw(st.sampled_from(Kind))
    percent = draw(st.integers(1, 100))
    reward = Reward(amount=draw(FEN)) if draw(st.booleans()) else Reward(percent=Decimal(percent))
    if kind is Kind.GIFT:
        reward = Reward(gift=Gift(draw(SKUS), draw(st.integers(1, 3)), draw(st.none() | st.integers(1, 50))))
    if kind is Kind.AMOUNT_OFF:
        reward = Reward(amount=draw(FEN))
    skus = draw(st.frozensets(SKUS, max_size=2))
    lots = (
        tuple(Lot(sku, "L", draw(st.integers(0, 40))) for sku in sorted(skus)) if draw(st.booleans()) else ()
    )
    condition = Condition(
        skus=skus or frozenset({"A-1"} if kind is Kind.BUNDLE else ()),
        category=None if skus else draw(st.none() | st.sampled_from(["01", "02"])),
        min_quantity=draw(st.none() | st.integers(1, 200)),
        min_amount=draw(st.none() | FEN),
        period_amount=draw(FEN) if kind is Kind.CUMULATIVE else None,
        lots=lots,
    )
    number = draw(st.integers(1, 10**6))
    return Promotion(
        number=f"CX-{number}",
        kind=kind,
        condition=condition,
        reward=reward,
        priority=draw(st.integers(1, 3)),
        published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        combinable=draw(st.booleans()),
        budget_left=draw(LIMITS),
        cap_left=draw(LIMITS),
        may_pass_floor=draw(st.booleans()),
        reached=draw(st.decimals(min_value=0, max_value=9999, places=2)),
    )


MANY = st.lists(promotions(), max_size=5, unique_by=lambda one: one.number)
BUYERS = st.builds(Buyer, st.booleans(), st.fixed_dictionaries(dict.fromkeys(CATEGORIES, FEN)))


@given(CARTS, MANY, BUYERS)
def test_no_line_is_negative_and_the_lines_are_the_total(lines, many, buyer):
    outcome = apply_promotions(lines, many, buyer)
    amounts = [outcome.amount(place) for place in range(len(lines))]
    assert all(amount >= 0 for amount in amounts)
    assert sum(amounts) == outcome.total
    assert outcome.total + outcome.discount_total == sum(line.amount for line in lines)
    for taken in (one for line in outcome.discounts for one in line):
        assert taken.amount > 0 and taken.amount == round(taken.amount, 2)


@given(CARTS, MANY, BUYERS)
def test_budget_and_cap_are_never_overspent(lines, many, buyer):
    outcome = apply_promotions(lines, many, buyer)
    for one in many:
        spent = sum(
            (found.amount for line in outcome.discounts for found in line if found.promotion is one), NO_PRICE
        )
        spent += sum((given.value for given in outcome.gifts if given.promotion is one), NO_PRICE)
        assert one.left is None or spent <= one.left


@given(CARTS, MANY, BUYERS)
def test_a_promotion_either_acts_or_says_why_not(lines, many, buyer):
    outcome = apply_promotions(lines, many, buyer)
    acting = {found.promotion.number for line in outcome.discounts for found in line}
    acting |= {given.promotion.number for given in outcome.gifts}
    idle = {promotion.number for promotion, _ in outcome.not_applied}
    assert not acting & idle
    assert acting | idle == {promotion.number for promotion in many}


@given(CARTS, MANY, BUYERS)
def test_an_exclusive_promotion_stands_alone_on_its_lines(lines, many, buyer):
    outcome = apply_promotions(lines, many, buyer)
    for line in outcome.discounts:
        if any(not found.promotion.combinable for found in line):
            assert len(line) == 1


@given(CARTS, MANY, BUYERS)
def test_no_promotion_takes_a_line_below_its_floor_unless_it_may(lines, many, buyer):
    outcome = apply_promotions(lines, many, buyer)
    for place, line in enumerate(lines):
        below = min((price for _, price in line.pieces)) < (line.floor or 0)
        if (
            line.floor
            and not below
            and not any(one.promotion.may_pass_floor for one in outcome.discounts[place])
        ):
            # an average may be rounded by half a fen a unit
            assert outcome.amount(place) >= line.floor * line.quantity - Decimal("0.005") * line.quantity


@given(CARTS, MANY, BUYERS)
def test_a_promotion_that_does_nothing_changes_nothing(lines, many, buyer):
    outcome = apply_promotions(lines, many, buyer)
    idle = {promotion.number for promotion, _ in outcome.not_applied}
    again = apply_promotions(lines, [one for one in many if one.number not in idle], buyer)
    assert (again.discounts, again.gifts) == (outcome.discounts, outcome.gifts)


@given(st.lists(st.tuples(FEN, FEN), min_size=1, max_size=8), st.decimals(min_value=0, max_value=1, places=4))
def test_a_split_is_exact_and_keeps_within_its_room(pairs, part):
    weights, room = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    amount = round(sum(room) * part, 2)
    shares = split(amount, weights, room)
    assert sum(shares) == amount
    assert all(0 <= share <= most for share, most in zip(shares, room, strict=True))
