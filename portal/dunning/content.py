"""What a letter says, as data: the one form that page, call and paper share. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.dealers.payment_reference import grouped, reference_of
from portal.dunning.rules import Demand, Policy
from portal.kernel import money
from portal.statements.company import Issuer


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is for."""

    code: str
    name_zh: str
    name_en: str
    credit_code: str
    address: str


def content_of(
    number: str, dealer: Addressee, found: Demand, policy: Policy, issuer: Issuer, phone: str, day: date
) -> dict[str, Any]:
    """Everything a letter says, in no language, as JSON has it."""
    return {
        "number": number,
        "level": found.level,
        "levels": len(policy.days),
        "tone": str(policy.tone(found.level)),
        "written_on": day.isoformat(),
        "pay_by": (day + timedelta(days=policy.respite)).isoformat(),
        "stops": policy.stop_level is not None and found.level >= policy.stop_level,
        "company": {
            "name_zh": issuer.party.name_zh,
            "name_en": issuer.party.name_en,
            "credit_code": issuer.party.credit_code,
            "address": issuer.party.address,
            "phone": phone,
        },
        "bank": {"bank": issuer.bank.bank, "number": issuer.bank.number, "holder": issuer.bank.holder},
        "payment_reference": grouped(reference_of(dealer.code)),
        "dealer": {
            "code": dealer.code,
            "name_zh": dealer.name_zh,
            "name_en": dealer.name_en,
            "credit_code": dealer.credit_code,
            "address": dealer.address,
        },
        "currency": issuer.currency,
        "amount": money.as_text(found.amount),
        "interest": money.as_text(found.interest),
        "interest_rate": None if policy.interest_rate is None else str(policy.interest_rate),
        "day_count": policy.day_count,
        "items": [
            {
                "document": one.debt.document_no,
                "issued_on": one.debt.occurred_on.isoformat(),
                "due_on": one.debt.due_on.isoformat(),
                "days_late": one.days_late,
                "level": one.level,
                "amount": money.as_text(one.debt.amount),
                "interest": money.as_text(one.interest),
            }
            for one in found.items
        ],
    }
