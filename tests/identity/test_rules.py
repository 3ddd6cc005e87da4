"""Who may do what, and where a browser may be sent. No database."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.identity.rules import (
    Role,
    is_local_path,
    name_faults,
    plain_name,
    rights_of,
    roles_allowed,
    scopes_allowed,
)
from portal.kernel.actor import ANONYMOUS, SYSTEM, Actor
from portal.kernel.errors import Forbidden
from portal.kernel.printable import print_faults
from portal.kernel.registry import registry
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight
from portal.statements.vocabulary import StatementRight
from tests.faults import all_said

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
    of_links = {ShippingRight.RECEIVE}  # who stands at a dealer's door has no account, and no role
    assert frozenset().union(*HELD.values()) == EVERY - of_links


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


def test_a_client_is_given_scopes_of_its_own_side_only():
    rights = {"orders:read", "hq:orders", "HQ:odd"}
    assert scopes_allowed(rights, of_dealer=True) == {"orders:read", "HQ:odd"}
    assert scopes_allowed(rights, of_dealer=False) == {"hq:orders"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Wang Min ", "Wang Min"),
        ("\u3000王\u3000敏\u3000", "王 敏"),
        ("Ame\u0301lie", "Am\u00e9lie"),
        ("Ⅲ", "Ⅲ"),
        (" ", ""),
    ],
)
def test_a_name_is_kept_trimmed_composed_and_with_plain_spaces(typed, kept):
    assert plain_name(typed) == kept


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("王敏", []),
        ("x" * 100, []),
        ("", ["/name required: Enter a name."]),
        ("x" * 101, ["/name name: At most 100 printable characters."]),
        ("a\nb", ["/name name: At most 100 printable characters."]),
        ("a\u200bb", ["/name name: At most 100 printable characters."]),
    ],
)
def test_a_name_is_one_line_that_everybody_sees(name, told):
    assert all_said(name_faults("/name", name)) == told


def test_a_name_that_our_papers_cannot_print_is_told_as_they_tell_it():
    unprintable = "\U0001f600"
    assert name_faults("/name", unprintable) == print_faults("/name", unprintable) != []


def test_a_blank_in_a_path_leads_nowhere_else():
    assert is_local_path("/orders?q=a b")
