"""The company of the settings as statements name it."""

from __future__ import annotations

import pytest

from config import Settings
from portal.statements.company import Issuer

_NEEDED = {"database_url": "postgresql://x", "redis_url": "redis://x", "secret_key": "-" * 32}


@pytest.mark.parametrize(
    ("written", "bank", "number"),
    [
        ("示例银行上海分行 6222 0000 0000 0000", "示例银行上海分行", "6222 0000 0000 0000"),
        ("First\nSecond 6222 0000 0000 0000", "First\nSecond", "6222 0000 0000 0000"),
        ("Example Bank\n6222 0000 0000 0000", "Example Bank", "6222 0000 0000 0000"),
        ("First\nSecond", "First\nSecond", ""),
        ("", "", ""),
    ],
)
def test_the_bank_and_its_number_are_found_in_one_line_or_more(written, bank, number):
    account = Issuer.of(Settings(**_NEEDED, company_bank=written)).bank
    assert (account.bank, account.number) == (bank, number)
