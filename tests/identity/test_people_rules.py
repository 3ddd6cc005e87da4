"""Passwords, mail addresses, devices, codes and waiting: rules without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.identity.chosen_passwords import PasswordRules, breached_passwords
from portal.identity.device_words import device_of
from portal.identity.factor_codes import (
    CODES,
    matching_step,
    new_recovery_codes,
    new_totp_secret,
    recovery_hash,
    wait_after,
)
from portal.identity.mail_addresses import mail_faults, plain_mail
from portal.identity.people_rules import InvitationState, invitation_state, region_faults, roles_in_order

AT = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)


def codes(password, rules=None, about=()):
    return [fault.code for fault in (rules or PasswordRules()).faults("/new", password, about=about)]


class TestPasswords:
    @pytest.mark.parametrize(
        "password",
        ["correct horse battery staple", "四个互不相干的词语放在一起", "w7k2-q9vz-tm", "x" * 9 + "yzab1"],
    )
    def test_long_ones_are_taken_whatever_they_are_made_of(self, password):
        assert codes(password) == []

    @pytest.mark.parametrize(
        ("least", "length", "taken"), [(10, 9, False), (10, 10, True), (14, 13, False), (14, 14, True)]
    )
    def test_the_least_length_is_a_setting(self, least, length, taken):
        assert (codes("q7wz-k2pv-m5rt"[:length], PasswordRules(least)) == []) is taken

    def test_nothing_is_longer_than_what_is_hashed(self):
        assert codes("ab1 " * 257) == ["password"]

    @pytest.mark.parametrize(
        "password", ["password123", "PASSWORD123", "ｐａｓｓｗｏｒｄ１２３", "1234567890"]
    )
    def test_a_breached_one_is_refused_however_it_is_written(self, password):
        assert codes(password) in (["breached"], ["monotonous"])

    def test_the_list_can_be_left_out(self):
        assert codes("password123", PasswordRules(against_breached=False)) == []

    def test_the_list_holds_nothing_that_is_too_short_anyway(self):
        assert len(breached_passwords()) > 79_000
        assert min(map(len, breached_passwords() - {""})) >= 8

    @pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "abababababab", "abcdefghijkl", "9876543210"])
    def test_one_that_repeats_itself_is_refused(self, password):
        assert codes(password) in (["monotonous"], ["breached"])

    @pytest.mark.parametrize("password", ["lanshen@huadong", "Huadong-2026", "shanghaimingde"])
    def test_one_of_everybodys_words_is_refused(self, password):
        about = ("lanshen@huadong.example", "Shen Lan", "上海明德医疗器械有限公司", "Shanghai Mingde Medical")
        assert codes(password, about=about) == ["own_words"]

    @given(st.text(max_size=40))
    def test_any_text_is_judged(self, password):
        assert len(codes(password)) <= 1


class TestMails:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            (" Lan.Shen@HuaDong.example ", "lan.shen@huadong.example"),
            ("a@hu\u0430dong.example", "a@xn--hudong-4nf.example"),
            ("a@中国.example", "a@xn--fiqs8s.example"),
            ("a@ｈｕａｄｏｎｇ.example", "a@huadong.example"),
        ],
    )
    def test_one_way_of_writing_an_address(self, typed, kept):
        assert plain_mail(typed) == kept
        assert not mail_faults("/email", kept)

    @given(st.text(max_size=300))
    def test_what_is_taken_breaks_no_header(self, typed):
        email = plain_mail(typed)
        if not mail_faults("/email", email):
            assert email.isascii() and email.isprintable() and " " not in email and email.count("@") == 1
            assert not set('<>,;:"()[]\\') & set(email)


class TestInvitations:
    @pytest.mark.parametrize(
        ("ended", "expires", "state"),
        [
            ({}, 1, InvitationState.OPEN),
            ({}, 0, InvitationState.EXPIRED),
            ({"accepted_at": AT}, 0, InvitationState.ACCEPTED),
            ({"revoked_at": AT}, 1, InvitationState.REVOKED),
        ],
    )
    def test_what_became_of_one(self, ended, expires, state):
        said = {"accepted_at": None, "revoked_at": None} | ended
        assert invitation_state(**said, expires_at=AT + timedelta(seconds=expires), at=AT) is state

    def test_roles_stand_once_in_one_order(self):
        assert roles_in_order(["quality", "dealer_buyer", "quality"]) == ["dealer_buyer", "quality"]

    @pytest.mark.parametrize(
        ("regions", "everywhere", "of_dealer", "fine"),
        [
            ([1], False, False, True),
            ([], True, False, True),
            ([], False, False, False),
            ([1], True, False, False),
            ([3], False, False, False),
            ([], False, True, True),
            ([1], False, True, False),
            ([], True, True, False),
        ],
    )
    def test_regions_are_headquarters_alone(self, regions, everywhere, of_dealer, fine):
        faults = region_faults("/regions", regions, everywhere, known=[1, 2], of_dealer=of_dealer)
        assert (not faults) is fine


class TestCodes:
    @pytest.mark.parametrize(
        ("seconds", "right"), [(-65, False), (-30, True), (0, True), (30, True), (65, False)]
    )
    def test_a_phone_may_be_half_a_minute_off(self, seconds, right):
        secret = new_totp_secret()
        code = pyotp.TOTP(secret).at(AT + timedelta(seconds=seconds))
        step = matching_step(secret, f" {code[:3]} {code[3:]}", at=AT)
        assert (step is not None) is right
        if right:
            assert step == int((AT + timedelta(seconds=seconds)).timestamp()) // 30

    @pytest.mark.parametrize("code", ["", "abcdef", "１２３４５６", "12345", "1234567", "-12345"])
    def test_what_is_no_code_is_wrong(self, code):
        assert matching_step(new_totp_secret(), code, at=AT) is None

    def test_recovery_codes_are_told_apart_however_they_are_typed(self):
        made = new_recovery_codes()
        assert len(set(made)) == CODES
        assert recovery_hash(made[0]) == recovery_hash(f" {made[0].upper().replace('-', ' ')} ")
        assert recovery_hash("abcd") is None and recovery_hash("x" * 1000) is None

    def test_who_guesses_waits_longer_each_time_and_an_hour_at_most(self):
        waits = [wait_after(failures).total_seconds() for failures in range(30)]
        assert waits[:5] == [0] * 5 and waits[5:8] == [2, 4, 8]
        assert waits == sorted(waits) and waits[-1] == 3600


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            ("Edge", "Windows"),
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0", ("WeChat", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("curl/8", ("", "")),
        ("", ""),
    ],
)
def test_a_device_in_two_words(user_agent, device):
    assert tuple(device_of(user_agent)) == (device or ("", ""))
