"""Which prices are nonsense, which are risky: worked examples, and properties that hold for any two rules."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pricing import rules
from portal.pricing.rules import Concern, Ladder, doubt, rule_faults

SHARE = Decimal("0.30")


def ladder(kind: str, *steps: tuple[int, str]) -> Ladder:
    return Ladder(kind, tuple(minimum for minimum, _ in steps), tuple(Decimal(value) for _, value in steps))


def concern_of(
    list_price: str, before: Ladder | None, after: Ladder | None, *, own: bool = True
) -> Concern | None:
    found = doubt(Decimal(list_price), before, after, SHARE, own=own)
    return found and found.concern


@pytest.mark.parametrize(
    ("kind", "steps", "where"),
    [
        ("net", [(1, "39.99"), (100, "440.00")], [1]),
        ("net", [(1, "5.00"), (10, "5.01"), (20, "4.00")], [1]),
        ("net", [(1, "5.00"), (10, "4.00"), (20, "4.50"), (30, "4.60")], [2, 3]),
        ("percent_off", [(1, "20"), (50, "2")], [1]),
        ("percent_off", [(1, "0"), (50, "10"), (99, "9.99")], [2]),
        ("amount_off", [(1, "3.00"), (10, "0.30")], [1]),
    ],
)
def test_a_break_that_makes_a_unit_dearer_is_refused_beside_its_value(kind, steps, where):
    wrong = ladder(kind, *steps)
    found = [
        (fault.pointer, fault.code)
        for fault in rule_faults(kind, wrong.min_quantities, wrong.values, "/breaks")
    ]
    assert found == [(f"/breaks/{place}/value", "dearer_break") for place in where]


@pytest.mark.parametrize(
    ("kind", "value"), [("net", "5.00"), ("percent_off", "10"), ("amount_off", "0.10"), ("percent_off", "0")]
)
def test_a_break_at_the_same_price_is_no_nonsense(kind, value):
    same = ladder(kind, (1, value), (10, value))
    assert rule_faults(kind, same.min_quantities, same.values, "/breaks") == []


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("net", "0", "zero_price"),
        ("net", "0.00", "zero_price"),
        ("percent_off", "100", "percent_range"),
        ("net", "-1", "negative_value"),
    ],
)
def test_a_price_of_nothing_is_refused(kind, value, code):
    for steps in ([(1, value)], [(1, "50"), (10, value)]):
        wrong = ladder(kind, *steps)
        assert [fault.code for fault in rule_faults(kind, wrong.min_quantities, wrong.values, "/breaks")] == [
            code
        ]


@pytest.mark.parametrize(
    ("list_price", "before", "after", "concern"),
    [
        ("3.20", None, ladder("amount_off", (1, "3.20")), Concern.ZERO),
        ("3.20", None, ladder("amount_off", (1, "0.10"), (50, "9.00")), Concern.ZERO),
        ("0.01", None, ladder("percent_off", (1, "60")), Concern.ZERO),
        ("100.00", None, ladder("percent_off", (1, "30")), Concern.FAR_BELOW),
        ("100.00", None, ladder("percent_off", (1, "29.99")), None),
        ("100.00", ladder("net", (1, "80.00")), ladder("net", (1, "56.00")), Concern.FAR_BELOW),
        ("100.00", ladder("net", (1, "80.00")), ladder("net", (1, "56.01")), None),
        (
            "100.00",
            ladder("net", (1, "80.00"), (10, "60.00")),
            ladder("net", (1, "60.00"), (10, "50.00")),
            None,
        ),
        (
            "100.00",
            ladder("net", (1, "80.00")),
            ladder("net", (1, "70.00"), (500, "40.00")),
            Concern.FAR_BELOW,
        ),
        ("100.00", ladder("net", (1, "90.00"), (10, "50.00")), ladder("net", (1, "63.01")), None),
        ("39.99", None, ladder("net", (1, "3999.00")), Concern.ABOVE_LIST),
        ("39.99", ladder("net", (1, "45.00")), ladder("net", (1, "45.00")), None),
        ("39.99", ladder("net", (1, "45.00")), ladder("net", (1, "44.00")), None),
        ("39.99", ladder("percent_off", (1, "50")), None, None),
    ],
)
def test_a_doubtful_price_is_found_at_whatever_quantity_it_is(list_price, before, after, concern):
    assert concern_of(list_price, before, after) is concern


def test_what_gives_way_to_another_policys_rule_is_doubted_only_for_its_fall():
    free, dear = ladder("amount_off", (1, "9.00")), ladder("net", (1, "20.00"))
    assert concern_of("9.00", None, free, own=False) is Concern.FAR_BELOW
    assert concern_of("9.00", None, dear, own=False) is None
    assert concern_of("9.00", free, free, own=False) is None


def test_the_gravest_doubt_is_named():
    found = doubt(
        Decimal(10),
        ladder("net", (1, "9.00"), (50, "8.00")),
        ladder("net", (1, "11.00"), (10, "5.00"), (50, "1.00")),
        SHARE,
    )
    assert (found.concern, found.min_quantity, found.before, found.after) == (
        Concern.FAR_BELOW,
        50,
        Decimal("8.00"),
        Decimal("1.00"),
    )


ladders = st.one_of(
    st.none(),
    st.builds(
        lambda kind, top, steps: Ladder(
            kind, tuple(range(1, 1 + 10 * len(steps), 10)), tuple(sorted(steps, reverse=kind == "net"))
        ),
        st.sampled_from(["net", "percent_off", "amount_off"]),
        st.none(),
        st.lists(st.decimals("0.01", "99.99", places=2), min_size=1, max_size=4),
    ),
)


@given(
    st.decimals("0.01", "200.00", places=2),
    ladders,
    ladders,
    st.decimals("0.01", "0.99", places=2),
    st.integers(1, 60),
)
def test_no_quantity_is_in_doubt_when_nothing_is_found(list_price, before, after, share, quantity):
    if doubt(list_price, before, after, share) is None:
        old, new = (
            rules.unit_price(before, quantity, list_price),
            rules.unit_price(after, quantity, list_price),
        )
        assert new > 0 and (new >= old or new > old * (1 - share)) and new <= max(old, list_price)


@given(st.decimals("0.01", "200.00", places=2), ladders, st.decimals("0.01", "0.99", places=2))
def test_the_price_in_force_is_not_risky(list_price, same, share):
    assert concern_of(str(list_price), same, same) in (None, Concern.ZERO)
