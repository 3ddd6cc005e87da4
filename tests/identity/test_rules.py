"""Who may do what, and where a browser may be sent. No database."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.identity.rules import Role, is_local_path, rights_of, roles_allowed, scopes_allowed
from portal.kernel.actor import ANONYMOUS, SYSTEM, Actor
from portal.kernel.errors import Forbidden
from portal.kernel.registry import registry
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight
from portal.statements.vocabulary import StatementRight

HELD, EVERY = registry().rights, registry().every_right
HERE = "https://portal.example/login"


@pytest.mark.parametrize(
    "target",
    ["/", "/orders?page=2", "/orders/SO2611-7K3F9Q2MA", "/搜索?q=支架", "/a//b", "/?next=//evil.example"],
)
def test_a_path_on_this_site_may_be_followed(target):
    assert is_local_path(target)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "orders",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "https:evil.example",
        "HTTPS:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\x00/evil",
        "/\x7f/evil",
    ],
)
def test_an_address_that_might_leave_this_site_is_not_followed(target):
    assert not is_local_path(target)


@given(st.text(alphabet="/\\:.evilhttps@?#\t\n\r %0aé", max_size=24))
def test_whatever_may_be_followed_stays_on_this_host_as_browsers_read_it(target):
    if is_local_path(target):
        as_browsers_read_it = "".join(c for c in target.strip() if c not in "\t\r\n").replace("\\", "/")
        assert urlsplit(urljoin(HERE, as_browsers_read_it)).netloc == "portal.example"


def test_every_role_has_rights_and_every_right_somebody_who_holds_it():
    assert set(HELD) == set(Role)
    assert frozenset().union(*HELD.values()) == EVERY


def test_people_of_a_dealer_never_hold_a_right_of_headquarters():
    of_dealers = rights_of(roles_allowed(of_dealer=True), HELD)
    assert not [right for right in of_dealers if right.startswith("hq:")]
    assert not roles_allowed(of_dealer=True) & roles_allowed(of_dealer=False)


def test_clients_of_a_dealer_are_never_given_a_scope_of_headquarters():
    assert not scopes_allowed(EVERY, of_dealer=True) & scopes_allowed(EVERY, of_dealer=False)
    assert scopes_allowed(EVERY, of_dealer=True) | scopes_allowed(EVERY, of_dealer=False) == EVERY


def test_an_unknown_role_grants_nothing():
    assert rights_of(frozenset({"emperor"}), HELD) == frozenset()


def test_rights_of_several_roles_add_up():
    both = rights_of(frozenset({Role.DEALER_BUYER, Role.DEALER_FINANCE}), HELD)
    assert {OrderRight.WRITE, StatementRight.READ} <= both


def test_a_missing_right_is_named():
    with pytest.raises(Forbidden) as refusal:
        ANONYMOUS.require(LedgerRight.POST)
    assert (refusal.value.code, refusal.value.params["right"]) == ("missing_right", "hq:finance-post")


def test_one_of_several_rights_suffices():
    Actor(label="desk", rights=frozenset({OrderRight.DESK})).require(ShippingRight.SHIP, OrderRight.DESK)


def test_people_and_clients_with_the_same_number_are_told_apart():
    assert Actor(label="a", rights=frozenset(), user_id=3).key == "user:3"
    assert Actor(label="a", rights=frozenset(), client_id=3).key == "client:3"


def test_nobody_sees_nothing_and_the_portal_itself_everything():
    assert (ANONYMOUS.rights, ANONYMOUS.region_ids) == (frozenset(), ())
    assert all(SYSTEM.may(right) for right in EVERY) and SYSTEM.region_ids is None
