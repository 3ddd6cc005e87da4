"""Passwords are slow to guess and secrets fast to check. No database."""

from __future__ import annotations

from argon2 import PasswordHasher, extract_parameters

from portal.identity import credentials
from portal.identity.credentials import (
    PASSWORD_MAX,
    hash_password,
    hash_secret,
    is_outdated,
    new_secret,
    password_matches,
    secret_matches,
)


def test_the_right_password_matches_and_a_wrong_one_does_not():
    stored = hash_password("对的马电池订书钉")
    assert stored.startswith("$argon2id$")
    assert password_matches("对的马电池订书钉", stored)
    assert not password_matches("对的马电池订书针", stored)


def test_no_password_matches_nobody():
    assert not password_matches("", None)
    assert not password_matches("anything", None)


def test_a_damaged_hash_matches_nothing():
    assert not password_matches("anything", "not a hash")


def test_a_password_beyond_the_limit_never_matches_by_its_beginning():
    stored = hash_password("x" * PASSWORD_MAX)
    assert not password_matches("x" * PASSWORD_MAX + "y", stored)


def test_refusing_nobody_takes_the_same_work_as_refusing_somebody():
    assert extract_parameters(credentials._nobody()) == extract_parameters(hash_password("somebody's"))


def test_a_hash_with_weaker_parameters_is_outdated():
    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash("secret password")
    assert password_matches("secret password", weak)
    assert is_outdated(weak)
    assert not is_outdated(hash_password("secret password"))


def test_a_secret_is_long_random_and_only_its_hash_is_compared():
    one, other = new_secret(), new_secret()
    assert one != other and len(one) >= 43
    assert secret_matches(one, hash_secret(one))
    assert not secret_matches(other, hash_secret(one))
    assert one not in hash_secret(one)
