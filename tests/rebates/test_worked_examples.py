"""The worked examples to the fen: `docs/examples/rebates.yaml`, `docs/rebate-examples.md` to read."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from portal.rebates.engine import accrue, accrue_all
from portal.rebates.rules import period_of
from portal.settlements.rules import PriorPeriod, settle
from tests.rebates.worked_examples import ALWAYS, cases, known_of, programme

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_example_comes_out(case):
    written = {one["number"]: one for one in case["programmes"]}
    programmes = [programme(one, as_of=case["as_of"]) for one in case["programmes"]]
    known = {one.measure: known_of(case, one.measure) for one in programmes}
    found = {
        one.number: (one, accrual) for one, accrual in accrue_all(programmes, known, case["period"]["to"])
    }
    for expected in case["expected"]:
        one, accrual = found[expected["programme"]]
        assert accrual.period.name == case["period"]["name"]
        told = said(accrual)
        for name in ("qualified", "reached_tier", "accrued", "base", "growth_percent", "mix_percent"):
            if name in expected:
                assert told[name] == plain(expected[name]), name
        assert bool(accrual.unmet) is (expected.get("condition") == "not met")
        assert {name: list(lacks) for name, lacks in accrual.why} == expected.get("why", {})
        if "next_tier" in expected:
            assert told["next_tier"] == plain(expected["next_tier"])
        for line, wanted in zip(told["lines"], expected.get("lines", told["lines"]), strict=True):
            assert {name: line[name] for name in wanted} == {name: plain(wanted[name]) for name in wanted}
        assert sum(line.amount for line in accrual.lines) == accrual.accrued
        prior = prior_periods(case, one, known[one.measure])
        if "prior_period" in expected:
            assert prior == [
                PriorPeriod(each["period"], D(each["was"]), D(each["now"]))
                for each in expected["prior_period"]
            ]
        provisional = sum(D(each["paid"]) for each in written[one.number].get("provisional", ()))
        settlement = settle(accrual.accrued, prior, provisional)
        [(name, amount)] = expected["settlement"].items()
        assert getattr(settlement, name) == D(amount)


def prior_periods(case, one, known):
    """The settled periods of a programme, reckoned again with what is known now."""
    settled = [each for each in case.get("settled", ()) if each["programme"] == one.number]
    return [
        PriorPeriod(
            each["period"]["name"],
            D(each["accrued"]),
            accrue(one, known, period_of(one.period, each["period"]["from"], *ALWAYS)).accrued,
        )
        for each in settled
    ]


def said(accrual):
    """An accrual in the words of the examples."""
    tier = accrual.next_tier
    return {
        "qualified": accrual.qualified,
        "reached_tier": accrual.reached_tier,
        "accrued": accrual.accrued,
        "base": accrual.base,
        "growth_percent": accrual.growth_percent,
        "mix_percent": accrual.mix_percent,
        "next_tier": tier and {"from": tier.start, "missing": tier.missing, "gain": tier.gain},
        "lines": [
            {
                "document": line.source.document,
                "line": line.source.line,
                "qualifier": line.qualifier,
                "cumulative": line.cumulative,
                "rate": line.rate,
                "amount": line.amount,
            }
            for line in accrual.lines
        ],
    }


def plain(written):
    """A written figure as a value; `none` is None."""
    if isinstance(written, dict):
        return {name: plain(value) for name, value in written.items()}
    if written == "none":
        return None
    return (
        D(written)
        if isinstance(written, str) and not written.startswith(("FP", "SK", "HZ", "FH"))
        else written
    )
