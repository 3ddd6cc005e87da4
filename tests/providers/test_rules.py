"""What claims give, which domains are whose, what is kept of an issuer. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.identity.people_rules import leading_role
from portal.identity.rules import Role, roles_allowed
from portal.providers.arrivals import mail_of, name_of, reasons, was_just_proven, why_not_in
from portal.providers.claim_rules import (
    ClaimRule,
    ClaimTest,
    claim_named,
    outcome_of,
    roles_to_give,
    rule_faults,
    rule_of,
)
from portal.providers.mail_domains import as_read, imitated, is_foreign, look, plain_domain, read_domains
from portal.providers.metadata import issuer_of, may_be_asked
from portal.providers.refusals import NotLetIn, Why

REGIONS = {"east", "south", "31"}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["groups", "realm_access.roles", "a.b", "email", "x"])
claims = st.dictionaries(st.sampled_from(["groups", "realm_access", "a", "email", "x"]), anything, max_size=4)
roles = st.lists(st.sampled_from([*Role, "root"]), max_size=4).map(tuple)
rules = st.lists(
    st.builds(
        ClaimRule,
        claim=names,
        test=st.sampled_from([*ClaimTest, "never"]),
        value=st.text(max_size=3),
        roles=roles,
        regions=st.lists(st.sampled_from([*REGIONS, "moon"]), max_size=3).map(tuple),
        everywhere=st.booleans(),
        makes=st.booleans(),
    ),
    max_size=6,
)


class TestWhatRulesGive:
    @given(rules, claims, st.booleans())
    def test_is_never_of_the_other_side_nor_the_leading_role(self, rules, claims, of_dealer):
        outcome = outcome_of(rules, claims, of_dealer=of_dealer, known_regions=REGIONS)
        given_roles = set(outcome.roles)
        assert given_roles <= roles_allowed(of_dealer=of_dealer)
        assert leading_role(of_dealer=of_dealer) not in given_roles
        assert set(outcome.regions) <= REGIONS
        if of_dealer:
            assert not outcome.regions and not outcome.everywhere

    @given(rules, claims, st.booleans())
    def test_is_what_the_fitting_ones_say_and_nothing_else(self, rules, claims, of_dealer):
        outcome = outcome_of(rules, claims, of_dealer=of_dealer, known_regions=REGIONS)
        fitting = [one.rule for one in outcome.tried if one.fits]
        assert len(outcome.tried) == len(rules)
        assert set(outcome.roles) <= {role for rule in fitting for role in rule.roles}
        assert outcome.makes == any(rule.makes for rule in fitting)

    @given(rules, claims, st.booleans())
    def test_does_not_depend_on_their_order_and_grows_with_them(self, rules, claims, of_dealer):
        said = {"of_dealer": of_dealer, "known_regions": REGIONS}
        outcome, turned = (outcome_of(some, claims, **said) for some in (rules, rules[::-1]))
        assert (outcome.roles, outcome.regions, outcome.everywhere) == (
            turned.roles,
            turned.regions,
            turned.everywhere,
        )
        fewer = outcome_of(rules[1:], claims, **said)
        assert set(fewer.roles) <= set(outcome.roles)

    @given(rules)
    def test_is_nothing_for_no_claims(self, rules):
        outcome = outcome_of(rules, {}, of_dealer=True)
        assert (outcome.roles, outcome.makes) == ((), False)

    @given(st.lists(st.sampled_from(list(Role))), st.booleans())
    def test_leaves_the_leading_role_to_who_has_it(self, held, of_dealer):
        leading = str(leading_role(of_dealer=of_dealer))
        kept = outcome_of([], {}, of_dealer=of_dealer).roles_beside(held, of_dealer=of_dealer)
        assert kept == ([leading] if leading in held else [])

    @given(rules)
    def test_is_kept_and_read_again(self, rules):
        assert [rule_of(rule.as_kept()) for rule in rules] == rules


@pytest.mark.parametrize(
    ("test", "value", "claim", "fits"),
    [
        ("is", "buyers", "buyers", True),
        ("is", "buyers", ["x", "buyers"], True),
        ("is", "buyers", "Buyers", False),
        ("is", "buyers", "buyers2", False),
        ("is", "true", True, True),
        ("is", "1", True, False),
        ("is", "7", 7, True),
        ("is", "buyers", [["buyers"]], False),
        ("is", "buyers", {"buyers": 1}, False),
        ("begins", "/sales/", ["/sales/east"], True),
        ("begins", "", "anything", False),
        ("ends", "@huadong.example", "li@huadong.example", True),
        ("ends", "@huadong.example", "li@huadong.example.evil", False),
        ("any", "", "x", True),
        ("any", "", "", False),
        ("any", "", False, False),
        ("any", "", [], False),
        ("any", "", None, False),
        ("never", "x", "x", False),
    ],
)
def test_how_a_claim_is_looked_at(test, value, claim, fits):
    rule = ClaimRule("groups", test, value, ("dealer_buyer",))
    outcome = outcome_of([rule], {"groups": claim}, of_dealer=True)
    assert bool(outcome.roles) is fits


def test_a_claim_is_found_by_its_name_or_its_way():
    claims = {"https://x.example/roles": ["a"], "realm_access": {"roles": ["b"]}, "a.b": 1, "a": {"b": 2}}
    assert claim_named(claims, "https://x.example/roles") == ["a"]
    assert claim_named(claims, "realm_access.roles") == ["b"]
    assert claim_named(claims, "a.b") == 1
    assert claim_named(claims, "realm_access.roles.x") is None


@pytest.mark.parametrize(
    ("rule", "of_dealer", "pointers"),
    [
        (ClaimRule("groups", "is", "x", ("dealer_buyer",)), True, []),
        (ClaimRule("groups", "is", "x", ("dealer_owner",)), True, ["/rules/0/roles"]),
        (ClaimRule("groups", "is", "x", ("administrator",)), False, ["/rules/0/roles"]),
        (ClaimRule("groups", "is", "x", ("order_desk",)), True, ["/rules/0/roles"]),
        (ClaimRule("groups", "is", "x", ("dealer_buyer",), ("east",)), True, ["/rules/0/regions"]),
        (ClaimRule("groups", "is", "x", ("order_desk",), ("moon",)), False, ["/rules/0/regions"]),
        (ClaimRule("groups", "is", "x", (), ("east",)), False, []),
        (ClaimRule("", "is", "", ()), True, ["/rules/0/claim", "/rules/0/value", "/rules/0/roles"]),
        (ClaimRule("groups", "never", "x", ("dealer_buyer",)), True, ["/rules/0/test"]),
    ],
)
def test_what_is_wrong_with_a_rule(rule, of_dealer, pointers):
    faults = rule_faults([rule], of_dealer=of_dealer, known_regions=REGIONS)
    assert [fault.pointer for fault in faults] == pointers


def test_no_more_rules_than_somebody_reads():
    rule = ClaimRule("groups", "is", "x", ("dealer_buyer",))
    assert rule_faults([rule] * 51, of_dealer=True, known_regions=())[0].code == "too_many"


def test_the_roles_that_rules_give():
    assert roles_to_give(of_dealer=True) == ["dealer_buyer", "dealer_finance", "dealer_service"]
    assert "administrator" not in roles_to_give(of_dealer=False)


class TestMail:
    @pytest.mark.parametrize(
        ("claims", "trusted", "why"),
        [
            ({}, True, Why.NO_MAIL),
            ({"email": 7, "email_verified": True}, True, Why.NO_MAIL),
            ({"email": "li@huadong.example"}, False, Why.UNVERIFIED),
            ({"email": "li@huadong.example", "email_verified": False}, True, Why.UNVERIFIED),
            ({"email": "li@huadong.example", "email_verified": None}, True, Why.UNVERIFIED),
            ({"email": "li@sub.huadong.example", "email_verified": True}, False, Why.MAIL),
        ],
    )
    def test_that_proves_nothing(self, claims, trusted, why):
        with pytest.raises(NotLetIn) as refusal:
            mail_of(claims, domains=["huadong.example"], trusted=trusted)
        assert refusal.value.why is why

    def test_is_kept_as_accounts_have_it(self):
        claims = {"email": " Li@HUADONG.example ", "email_verified": True}
        assert mail_of(claims, domains=["huadong.example"], trusted=False) == "li@huadong.example"
        unsaid = {"email": "li@huadong.example"}
        assert mail_of(unsaid, domains=["huadong.example"], trusted=True) == "li@huadong.example"

    def test_stands_in_for_a_name_that_cannot_be_printed(self):
        assert name_of({"name": "李敏"}, "li@x.example") == "李敏"
        assert name_of({"name": "a\u202eb", "preferred_username": "limin"}, "li@x.example") == "limin"
        assert name_of({"name": 7}, "li@x.example") == "li"


def test_everything_for_which_somebody_would_be_refused():
    outcome = outcome_of([], {}, of_dealer=False)
    found = reasons({}, outcome, of_dealer=False, domains=["hq.example"], trusted=False)
    assert found == [Why.SUBJECT, Why.NO_MAIL, Why.NO_RULE]
    rule = ClaimRule("groups", "is", "x", ("order_desk",), makes=True)
    outcome = outcome_of([rule], {"groups": "x"}, of_dealer=False)
    assert why_not_in(outcome, of_dealer=False, leads=False) is Why.NO_REGION
    assert why_not_in(outcome, of_dealer=False, leads=True) is None


class TestDomains:
    def test_are_kept_as_the_dns_is_asked(self):
        read = read_domains(["@Huadong.Example.", "华东.中国", "huadong.example", " "])
        assert read.domains == ("huadong.example", "xn--z2r90l.xn--fiqs8s") or read.faults == ()
        assert read.domains[0] == "huadong.example" and is_foreign(read.domains[1])
        assert as_read(read.domains[1]) == "华东.中国"

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ([], "required"),
            (["nothing"], "domain"),
            (["a b.example"], "domain"),
            (["qq.com"], "everybodys"),
            ([f"d{number}.example" for number in range(21)], "too_many"),
        ],
    )
    def test_that_are_not_taken(self, written, code):
        assert [fault.code for fault in read_domains(written).faults] == [code]

    @pytest.mark.parametrize(
        "typed",
        ["huаdong.example", "hua-dong.example", "huad0ng.example", "ｈuadong.example", "huadöng.example"],
    )
    def test_that_look_like_another(self, typed):
        plain = plain_domain(typed)
        expected = None if plain in ("huadong.example", "hua-dong.example") else "huadong.example"
        assert imitated(plain, ["huadong.example", "yuegang.example"]) == expected

    @given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz.-", min_size=1, max_size=20))
    def test_a_domain_never_imitates_itself(self, domain):
        assert imitated(domain, [domain]) is None
        assert look(domain) == look(domain)


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("https://login.example.com/", "https://login.example.com"),
        ("https://login.example.com/realms/a/", "https://login.example.com/realms/a/"),
        (
            "https://login.example.com/realms/a/.well-known/openid-configuration",
            "https://login.example.com/realms/a",
        ),
    ],
)
def test_the_issuer_of_what_somebody_entered(entered, kept):
    assert issuer_of(entered) == kept


@pytest.mark.parametrize(
    ("url", "plain", "may"),
    [
        ("https://login.example.com", False, True),
        ("http://login.example.com", True, False),
        ("http://127.0.0.1:9000", True, True),
        ("http://127.0.0.1:9000", False, False),
        ("http://127.0.0.1.evil.example", True, False),
        ("https://user:word@login.example.com", False, False),
        ("javascript:alert(1)", True, False),
        ("", True, False),
    ],
)
def test_which_addresses_may_be_a_providers(url, plain, may):
    assert may_be_asked(url, plain=plain) is may


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({"auth_time": 1_000_000_000}, True),
        ({"auth_time": 1_000_000_000.5}, True),
        ({"auth_time": 999_998_199}, False),
        ({"auth_time": "1000000000"}, False),
        ({"auth_time": True}, False),
        ({}, False),
    ],
)
def test_a_proof_is_what_the_provider_says_was_proven_lately(said, holds):
    at = datetime.fromtimestamp(1_000_000_000, UTC)
    assert was_just_proven(said, minutes=30, at=at) is holds
