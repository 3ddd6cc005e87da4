"""Why a price is what it is: every rule that was considered, and what kept each of the others from deciding.

Pure; for headquarters, who may see rules that did not decide.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from portal.pricing.rules import RuleInForce, precedence, strongest


class Verdict(StrEnum):
    """What became of a rule."""

    DECIDES = "decides"
    TAKES_REST = "takes_rest"
    REPLACED = "replaced"
    TOO_FEW = "too_few"
    WEAKER_PARTY = "weaker_party"
    WEAKER_REGION = "weaker_region"
    WEAKER_GOODS = "weaker_goods"
    EARLIER = "earlier"


class Considered(NamedTuple):
    """A rule and what became of it. by: the rule that outdid it."""

    rule: RuleInForce
    verdict: Verdict
    by: RuleInForce | None = None


_OUTDONE = (
    Verdict.WEAKER_PARTY,
    Verdict.WEAKER_REGION,
    Verdict.WEAKER_GOODS,
    Verdict.EARLIER,
    Verdict.EARLIER,
)


def considered(rules: Collection[RuleInForce], quantity: int, region_path: Sequence[int]) -> list[Considered]:
    """All rules for a dealer and a product, contracts first, then the strongest first."""
    contracts = [rule for rule in rules if rule.contract]
    policies = [rule for rule in rules if not rule.contract]
    contract = strongest(contracts, region_path, quantity)
    found = _judged(contracts, quantity, region_path, None)
    return found + _judged(policies, quantity, region_path, contract)


def _judged(
    rules: Collection[RuleInForce],
    quantity: int,
    region_path: Sequence[int],
    contract: RuleInForce | None,
) -> list[Considered]:
    ordered = sorted(rules, key=lambda rule: precedence(rule, region_path), reverse=True)
    found: list[Considered] = []
    left, decides = quantity, None
    for rule in ordered:
        if left and rule.min_quantities[0] > left:
            found.append(Considered(rule, Verdict.TOO_FEW))
        elif left:
            verdict = Verdict.DECIDES if decides is None else Verdict.TAKES_REST
            found.append(Considered(rule, Verdict.REPLACED if contract else verdict, contract or decides))
            decides = decides or rule
            left -= min(left, rule.max_quantity or left)
        else:
            assert decides is not None  # nothing is left only where a rule has taken it
            found.append(Considered(rule, _outdone(rule, decides, region_path), decides))
    return found


def _outdone(rule: RuleInForce, by: RuleInForce, region_path: Sequence[int]) -> Verdict:
    """The first part of the precedence in which they differ."""
    pairs = zip(precedence(rule, region_path), precedence(by, region_path), strict=True)
    return next(verdict for verdict, (own, other) in zip(_OUTDONE, pairs, strict=True) if own != other)
