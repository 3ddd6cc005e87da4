"""Who lets a held order go, up to which amount, and when a second person has to agree."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.identity.rules import Role
from portal.orders.holds_rules import (
    Extent,
    Proposed,
    Way,
    limit_faults,
    put_faults,
    way,
    with_hold,
)

DESK, FINANCE = {Role.ORDER_DESK}, {Role.HQ_FINANCE}
LIMIT = Decimal("100000.00")


def decided(holds, amount, roles=DESK, configured=None, proposed=None) -> Way:
    return way(holds, Decimal(amount), roles, configured or {}, proposed)


@pytest.mark.parametrize(("amount", "expected"), [("100000.00", Way.RELEASE), ("100000.01", Way.PROPOSE)])
def test_one_person_releases_up_to_the_limit(amount, expected):
    assert decided(["credit"], amount) is expected


def test_another_role_has_another_limit_and_the_better_one_counts():
    assert decided(["credit"], "400000", FINANCE) is Way.RELEASE
    assert decided(["credit"], "400000", DESK | FINANCE) is Way.RELEASE
    assert decided(["credit"], "500000.01", FINANCE) is Way.PROPOSE


def test_compliance_is_never_one_person_s():
    assert decided(["compliance"], "0.01", DESK | FINANCE) is Way.PROPOSE


def test_every_hold_has_to_be_within_reach():
    assert decided(["manual", "stock"], "9999999") is Way.RELEASE
    assert decided(["manual", "compliance"], "1") is Way.PROPOSE


def test_a_decided_limit_replaces_the_usual_one():
    configured = {(Role.ORDER_DESK, "credit"): Decimal("10.00"), (Role.ORDER_DESK, "price"): None}
    assert decided(["credit"], "10.01", configured=configured) is Way.PROPOSE
    assert decided(["price"], "9999999", configured=configured) is Way.RELEASE


def test_a_program_counts_as_the_order_desk():
    assert decided(["credit"], "100000.00", ()) is Way.RELEASE
    assert decided(["credit"], "100000.01", ()) is Way.PROPOSE


def test_a_proposal_counts_for_the_order_as_it_was():
    proposed = Proposed("user:9", ("credit", "compliance"), Decimal("200.00"))
    assert decided(["compliance"], "200.00", proposed=proposed) is Way.RELEASE
    assert decided(["compliance"], "200.01", proposed=proposed) is Way.PROPOSE
    assert decided(["compliance", "overdue"], "200.00", proposed=proposed) is Way.PROPOSE


@pytest.mark.parametrize("up_to", [None, Decimal("0.01")])
def test_no_limit_lets_one_person_release_from_compliance(up_to):
    assert [f.code for f in limit_faults(Role.HQ_FINANCE, "compliance", up_to)] == ["compliance_alone"]
    assert limit_faults(Role.HQ_FINANCE, "compliance", Decimal("0.00")) == []


def test_limits_are_for_roles_that_release_and_not_negative():
    assert [f.code for f in limit_faults(Role.QUALITY, "credit", LIMIT)] == ["unknown_limit"]
    assert [f.code for f in limit_faults(Role.ORDER_DESK, "whim", LIMIT)] == ["unknown_limit"]
    assert [f.code for f in limit_faults(Role.ORDER_DESK, "credit", Decimal(-1))] == ["negative"]


RELEASED = Extent({"A": 10, "B": 5}, Decimal("150.00"), {"code": "main"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"units": {"A": 10}, "amount": Decimal("100.00")}, False),
        ({"units": {"A": 11, "B": 1}}, True),
        ({"units": {"A": 1, "C": 1}, "amount": Decimal("1.00")}, True),
        ({"amount": Decimal("150.01")}, True),
        ({"ship_to": {"code": "main", "line": "moved"}}, True),
        ({"hospital": "H1"}, True),
    ],
)
def test_what_was_released_may_shrink_and_not_widen(changes, expected):
    assert replace(RELEASED, **changes).is_wider_than(RELEASED) is expected


def test_only_some_holds_are_put_by_hand_and_each_once():
    assert put_faults("manual") == [] and [f.code for f in put_faults("stock")] == ["unknown_hold"]
    assert (
        with_hold(("credit",), "manual") == ("credit", "manual") == with_hold(("credit", "manual"), "credit")
    )
