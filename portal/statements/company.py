"""The company that issues statements, as the paper names it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from portal.statements.document import BankAccount, Party

# A bank's name and, at the end, digits in groups.
_BANK = re.compile(r"(?P<bank>.*?)\s*(?P<number>\d[\d ]{6,}\d)?", re.DOTALL)


class Company(Protocol):
    """The settings that name the company; `config.Settings` has them."""

    @property
    def company_name_zh(self) -> str: ...

    @property
    def company_name_en(self) -> str: ...

    @property
    def company_address(self) -> str: ...

    @property
    def company_credit_code(self) -> str: ...

    @property
    def company_bank(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def timezone(self) -> ZoneInfo:
        """Zone of business dates."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues, where dealers pay to, in which currency, and the zone of business dates.

    verify: the address at which anybody asks whether a dealer's statement of a number and version is genuine;
    None makes statements without one.
    """

    party: Party
    bank: BankAccount
    currency: str
    zone: ZoneInfo
    verify: Callable[[int, str, int], str] | None = None

    def verify_url(self, dealer_id: int, number: str, version: int) -> str:
        """Where a statement is verified, empty where nobody can."""
        return self.verify(dealer_id, number, version) if self.verify else ""

    @classmethod
    def of(cls, company: Company) -> Issuer:
        """The company of the settings."""
        names = (company.company_name_zh, company.company_name_en)
        party = Party("", *names, credit_code=company.company_credit_code, address=company.company_address)
        account = _BANK.fullmatch(company.company_bank)
        assert account is not None  # it fits every text
        bank = BankAccount(account["bank"], account["number"] or "", company.company_name_zh)
        return cls(party, bank, company.currency, company.timezone)
