"""Of which rights a side composes a role, and when a second factor is needed."""

from __future__ import annotations

import pytest

from portal.identity.custom_role_rules import composition_faults, needs_factor, rights_to_give
from portal.identity.people_rules import role_faults, roles_in_order
from portal.identity.rules import Role
from portal.identity.standing_in_rules import NEVER_LENT
from portal.kernel.registry import registry

HELD = {
    Role.DEALER_BUYER: frozenset({"orders:read", "orders:write"}),
    Role.DEALER_FINANCE: frozenset({"orders:read", "payments:create"}),
    Role.DEALER_OWNER: frozenset({"orders:read", "orders:write", "people:write", "clients:write"}),
    Role.HQ_FINANCE: frozenset({"hq:finance-post"}),
    Role.ADMINISTRATOR: frozenset({"hq:admin", "hq:audit"}),
}
OWN = frozenset({"orders:read", "orders:write", "people:write"})
OF_DEALERS = rights_to_give(HELD, of_dealer=True)


def test_a_side_composes_out_of_its_own_rights_and_manages_nobody_by_them():
    assert sorted(OF_DEALERS) == ["orders:read", "orders:write", "payments:create"]
    assert rights_to_give(HELD, of_dealer=False) == {"hq:finance-post", "hq:audit"}


@pytest.mark.parametrize("of_dealer", [True, False])
def test_no_right_that_is_never_lent_is_given_by_the_portals_own_roles(of_dealer):
    offered = rights_to_give(registry().rights, of_dealer=of_dealer)
    assert offered and not offered & NEVER_LENT
    assert {right.startswith("hq:") for right in offered} == {not of_dealer}


@pytest.mark.parametrize(
    ("rights", "code"),
    [
        ([], "required"),
        (["made:up"], "rights"),
        (["people:write"], "rights"),
        (["hq:audit"], "rights"),
        (["orders:read", "payments:create"], "rights_not_held"),
        (["orders:read", "orders:write"], None),
    ],
)
def test_nobody_composes_more_than_they_may(rights, code):
    faults = composition_faults(rights, allowed=OF_DEALERS, own=OWN)
    assert [fault.code for fault in faults] == ([code] if code else [])


def test_what_is_beyond_oneself_is_named():
    [fault] = composition_faults(["payments:create"], allowed=OF_DEALERS, own=OWN)
    assert fault.params == {"rights": "payments:create"}


def test_composed_roles_stand_after_the_built_in_ones():
    assert roles_in_order(["own-b", "dealer_owner", "own-a", "made_up", "dealer_buyer"]) == [
        "dealer_buyer",
        "dealer_owner",
        "own-a",
        "own-b",
    ]


def test_a_composed_role_fits_only_where_its_side_has_it():
    assert not role_faults("/roles", ["own-a", "dealer_buyer"], of_dealer=True, composed={"own-a"})
    assert role_faults("/roles", ["own-b"], of_dealer=True, composed={"own-a"})


@pytest.mark.parametrize(
    ("roles", "rights", "demanding", "needed"),
    [
        (["own-a"], ["payments:create"], ["dealer_finance"], True),
        (["own-a"], ["orders:read"], ["dealer_finance"], False),
        (["dealer_finance"], ["orders:read"], ["dealer_finance"], True),
        (["dealer_buyer"], ["orders:read", "orders:write"], ["dealer_finance"], False),
        (["own-a"], ["payments:create"], [], False),
    ],
)
def test_a_right_that_only_roles_with_a_factor_give_needs_one(roles, rights, demanding, needed):
    assert needs_factor(roles, rights, demanding=demanding, held=HELD) is needed
