"""What a fault does to an order: within its bounds what headquarters decided, beyond them what is usual."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from portal.kernel.errors import Fault
from portal.orders.severity_rules import (
    BOUNDS,
    Hold,
    Severity,
    Verdict,
    judge,
    kept,
    recalled,
    severity_faults,
    severity_of,
)


def a_fault(code: str) -> Fault:
    return Fault("", code, "said")


def codes(faults) -> list[str]:
    return [fault.code for fault in faults]


def test_undecided_faults_do_what_is_usual():
    verdict = judge(map(a_fault, ["licence", "credit", "shelf_life", "unknown_sku"]), {})
    assert codes(verdict.errors) == ["licence", "unknown_sku"]
    assert codes(verdict.held) == ["credit"]
    assert codes(verdict.warnings) == ["shelf_life"]


@pytest.mark.parametrize("severity", Severity)
def test_an_agreed_term_does_what_was_decided(severity):
    verdict = judge([a_fault("quota")], {"quota": str(severity)})
    where = {Severity.ERROR: verdict.errors, Severity.HOLD: verdict.held, Severity.WARNING: verdict.warnings}
    assert [name for name, faults in where.items() if faults] == [severity]


@pytest.mark.parametrize(
    "code",
    [
        "licence",
        "registration",
        "region_not_authorised",
        "line_not_authorised",
        "hospital_not_authorised",
        "credit",
    ],
)
def test_what_law_and_books_ask_for_is_never_only_told(code):
    assert severity_of(code, {code: "warning"}) is BOUNDS[code].usual
    assert codes(severity_faults(code, "warning")) == ["severity_too_low"]
    assert severity_faults(code, "hold") == [] and severity_faults(code, "error") == []


@pytest.mark.parametrize("code", ["unknown_sku", "no_price", "stock_short", "dealer_not_active", "no_lines"])
@pytest.mark.parametrize("severity", ["hold", "warning"])
def test_what_cannot_be_ordered_is_refused_whatever_was_decided(code, severity):
    assert severity_of(code, {code: severity}) is Severity.ERROR
    assert codes(severity_faults(code, severity)) == ["fixed_severity"]


def test_a_word_that_is_no_severity_is_told_beside_its_field():
    assert [(f.pointer, f.code) for f in severity_faults("quota", "fatal")] == [
        ("/severity", "unknown_severity")
    ]


def test_each_kind_of_hold_is_named_once_in_a_fixed_order():
    verdict = judge(
        map(a_fault, ["quota", "overdue", "max_quantity", "credit"]),
        {"quota": "hold", "max_quantity": "hold"},
    )
    assert verdict.holds == (Hold.CREDIT, Hold.OVERDUE, Hold.TERMS)


def test_a_verdict_is_kept_as_json_and_recalled():
    held = Fault("/lines/0/quantity", "quota", "%(left)s left", "fix", {"left": 3, "amount": Decimal("1.50")})
    warned = Fault("", "shelf_life", "short")
    entries = orjson.loads(orjson.dumps(kept(Verdict(held=(held,), warnings=(warned,)))))
    back = recalled(entries)
    assert back.held[0].params == {"left": 3, "amount": "1.50"} and back.held[0].pointer == held.pointer
    assert codes(back.warnings) == ["shelf_life"] and back.errors == ()


def test_what_was_released_is_not_recalled_as_a_hold():
    [entry] = kept(Verdict(held=(a_fault("credit"),)))
    released = recalled([entry | {"severity": "released"}])
    assert released == Verdict(released=(a_fault("credit"),)) and released.holds == ()
    assert recalled(kept(released)) == released


def test_the_table_of_the_document_is_that_of_the_code():
    document = (Path(__file__).parents[2] / "docs" / "orders.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]+) \| `(\w+)` \|$", document, re.MULTILINE)
    assert told == [
        (code, bounds.usual, ", ".join(bounds.may_be), bounds.hold) for code, bounds in BOUNDS.items()
    ]
