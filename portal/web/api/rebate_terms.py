"""A rebate programme's terms as an answer of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from portal.rebates.terms import Terms, TierTerms

_PLAIN = (
    *("title_zh", "title_en", "text_zh", "text_en", "valid_from", "valid_to", "period", "measure", "basis"),
    *("method", "returns_at_most", "multiplier", "cap", "guaranteed", "minimum_payout", "usable_share"),
    *("late_returns", "inventory_reports", "no_diversion_case", "priority", "combinable"),
)
_LISTS = ("regions", "tiers", "skus")


def terms_shown(terms: Terms) -> dict[str, Any]:
    """Everything it says but its budget and the dealers it names."""
    payout, growth, mix, on_time = terms.payout, terms.growth, terms.mix, terms.on_time
    return {
        **{name: getattr(terms, name) for name in _PLAIN},
        **{name: list(getattr(terms, name)) for name in _LISTS},
        "category": terms.category or None,
        "tiers_of": tiers_shown(terms.tiers_of),
        "payout": payout
        and {"basis": payout.basis, "skus": list(payout.skus), "category": payout.category or None},
        "growth": growth and asdict(growth),
        "mix": mix
        and {
            "at_least": mix.at_least,
            "category": mix.category or None,
            "skus": list(mix.skus),
            "factor": mix.factor,
        },
        "on_time": on_time
        and {
            "mode": on_time.mode,
            "grace_days": on_time.grace_days,
            "grades": [asdict(one) for one in on_time.grades],
        },
        "amendments": [
            {"from": one.start, "tiers_of": tiers_shown(one.tiers_of)} for one in terms.amendments
        ],
    }


def tiers_shown(tiers: Sequence[TierTerms]) -> list[dict[str, Any]]:
    """Tiers as an answer."""
    return [
        {
            "from": one.start,
            "percent": one.percent,
            "amount_per_unit": one.amount_per_unit,
            "fixed": one.fixed,
        }
        for one in tiers
    ]
