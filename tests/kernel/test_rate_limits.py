"""Whose attempts count together."""

from __future__ import annotations

import pytest

from portal.app import create_app
from portal.kernel.network import network_of
from portal.web.rate_limits import TooManyRequests


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_an_ipv6_customer_is_one_network_and_an_ipv4_customer_one_address(address, network):
    assert network_of(address) == network


class _Away:
    """A Valkey that is not there."""

    def get_secret_value(self):
        return "redis://127.0.0.1:1/0"


@pytest.fixture
def limits(settings):
    return create_app(settings.model_copy(update={"redis_url": _Away()})).limits


def test_while_valkey_is_away_a_process_counts_by_itself(limits):
    for _ in range(3):
        limits.spend("3 per minute", "anything", "a")
    with pytest.raises(TooManyRequests) as refusal:
        limits.spend("3 per minute", "anything", "a")
    assert 1 <= refusal.value.retry_after <= 60
    limits.spend("3 per minute", "anything", "b")


def test_made_up_keys_do_not_fill_the_memory(limits, monkeypatch):
    monkeypatch.setattr("portal.web.rate_limits._KEYS_MAX", 50)
    for number in range(500):
        limits.spend("3 per minute", "anything", f"made up {number}")
    assert len(limits._memory.storage) <= 50 and len(limits._memory.expirations) <= 50


def test_attempts_are_counted_in_the_same_bounded_memory(limits):
    assert limits.limiter._fallback_storage is limits._memory
