"""The company that ships, as the papers of a parcel name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo


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
    def outbound_seal(self) -> str: ...

    @property
    def timezone(self) -> ZoneInfo: ...


@dataclass(frozen=True, slots=True)
class Seller:
    """Who ships. seal_picture: PNG of the outbound seal; None where it is drawn."""

    name_zh: str
    name_en: str
    address: str
    credit_code: str
    seal_picture: bytes | None
    zone: ZoneInfo

    @classmethod
    def of(cls, company: Company) -> Seller:
        """The company of the settings. Raises OSError for a seal that cannot be read."""
        return cls(
            company.company_name_zh,
            company.company_name_en,
            company.company_address,
            company.company_credit_code,
            Path(company.outbound_seal).read_bytes() if company.outbound_seal else None,
            company.timezone,
        )
