"""The names that others use of the bank: the acts of the audit. Its rights are those of the ledger."""

from __future__ import annotations

from enum import StrEnum


class BankAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    ACCOUNT_ADDED = "bank_account:added"
    LAYOUT_SET = "bank_account:layout_set"
    FILE_TAKEN = "bank_file:taken"
    FILE_DISCARDED = "bank_file:discarded"
    MATCHED = "bank_booking:matched"
    UNMATCHED = "bank_booking:unmatched"
    SET_ASIDE = "bank_booking:set_aside"
    TAKEN_UP = "bank_booking:taken_up"
