"""What may be said against a statement, line by line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.disputes.rules import (
    LINES_MAX,
    Decision,
    DisputedLine,
    DisputeKind,
    Outcome,
    decision_faults,
    line_faults,
)
from portal.kernel.errors import Conflict
from portal.statements.rules import TRANSITIONS, StatementAct, StatementState, after

LISTED = {"IN1": Decimal("100.00"), "PY1": Decimal("40.00")}


def line(document="IN1", amount="1.00", kind=DisputeKind.AMOUNT, place=0, reason="x"):
    return DisputedLine(document, Decimal(amount), reason, kind, f"/lines/{place}")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([], [("/lines", "lines_missing")]),
        ([line(place=n, document=f"D{n}") for n in range(LINES_MAX + 1)], [("/lines", "too_many_lines")]),
        ([line("")], [("/lines/0/document", "document")]),
        ([line("IN\x002")], [("/lines/0/document", "document")]),
        ([line("IN9")], [("/lines/0/document", "not_listed")]),
        ([line("IN1", kind=DisputeKind.MISSING)], [("/lines/0/document", "not_missing")]),
        ([line(), line(place=1)], [("/lines/1/document", "named_twice")]),
        ([line(amount="100.01")], [("/lines/0/amount", "amount_above")]),
        ([line(amount="0")], [("/lines/0/amount", "amount")]),
        ([line(amount="-1")], [("/lines/0/amount", "amount")]),
        ([line(amount="NaN")], [("/lines/0/amount", "amount")]),
        ([line(amount="0.001")], [("/lines/0/amount", "amount")]),
        ([line(reason=" ")], [("/lines/0/reason", "missing")]),
        ([line(reason="x" * 501)], [("/lines/0/reason", "too_long")]),
        ([line(reason="a\x07b")], [("/lines/0/reason", "unreadable_text")]),
        (
            [line("IN9", reason=""), line("PY1", "99", place=1)],
            [
                ("/lines/0/document", "not_listed"),
                ("/lines/0/reason", "missing"),
                ("/lines/1/amount", "amount_above"),
            ],
        ),
    ],
)
def test_everything_wrong_is_told_at_once_at_its_field(said, found):
    assert [(one.pointer, one.code) for one in line_faults(said, LISTED)] == found


def test_a_whole_document_and_one_that_is_missing_may_be_disputed():
    missing = line("OUR-7", "12345.67", DisputeKind.MISSING, 1)
    assert line_faults([line(amount="100.00"), missing], LISTED) == []


@pytest.mark.parametrize(
    ("decisions", "codes"),
    [
        ([Decision(1, Outcome.STANDS, "", "/lines/0")], ["line_unanswered"]),
        ([Decision(1, Outcome.STANDS, "", "/lines/0")] * 2, ["line_unanswered"]),
        (
            [Decision(n, Outcome.STANDS, "", f"/lines/{n}") for n in (1, 2, 3)],
            ["unknown_line"],
        ),
        (
            [Decision(1, Outcome.STANDS, "", "/lines/0"), Decision(2, Outcome.DOCUMENT, " ", "/lines/1")],
            ["correction_missing"],
        ),
        ([Decision(n, Outcome.STANDS, "", f"/lines/{n}") for n in (2, 1)], []),
    ],
)
def test_every_line_is_answered_once(decisions, codes):
    assert [one.code for one in decision_faults(decisions, [1, 2])] == codes


def test_what_is_confirmed_is_the_end_and_what_is_disputed_is_answered_first():
    assert TRANSITIONS[StatementState.CONFIRMED] == {}
    for act in StatementAct:
        with pytest.raises(Conflict):
            after(StatementState.CONFIRMED, act)
    with pytest.raises(Conflict, match="statement_disputed"):
        after(StatementState.DISPUTED, StatementAct.CONFIRM)
    assert after(after(StatementState.DISPUTED, StatementAct.RESOLVE), StatementAct.CONFIRM) == "confirmed"
