"""What was settled, as rows: runs, settlements, notes and the entries of the journal that post them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from demo.loading.acting import Acting
from demo.loading.settled_past import Paid, Run
from demo.world.business_days import moment
from portal.kernel import clock, money
from portal.kernel.actor import SYSTEM
from portal.kernel.money import ZERO
from portal.kernel.numbering import ALPHABET, check_character
from portal.ledger.rules import EntryKind, NoteTreatment, rebate_entry
from portal.settlements.rules import RunState, SettlementKind

RUN = (
    *(
        "id",
        "number",
        "programme_id",
        "first_day",
        "last_day",
        "period",
        "kind",
        "percent",
        "state",
        "dealers",
    ),
    *("amount", "note", "proposed_by", "proposed_by_label", "proposed_at", "decided_by", "decided_by_label"),
    *("decided_at", "settled_at"),
)
SETTLEMENT = (
    *("id", "dealer_id", "programme_id", "first_day", "period", "kind", "source", "accrued", "guaranteed"),
    *("carried_in", "advanced", "carried_out", "cut", "paid", "note_no", "settled_at", "settled_by_label"),
)
NOTE = (*("id", "dealer_id", "number", "treatment", "source", "issued_on", "net", "tax", "gross", "reason"),)
NOTE_LINE = ("dealer_id", "note_id", "line_no", "invoice", "tax_rate", "gross", "tax")
ENTRY = (
    *("dealer_id", "id", "kind", "document_no", "reference", "occurred_on", "due_on", "period", "receivable"),
    *("posted_at", "posted_by"),
)


class Written:
    """Rows of runs, and of what they paid."""

    def __init__(self, highest: int, chance: Random) -> None:
        self._entry, self._chance = highest, chance
        self.numbers: list[str] = []
        self.runs: list[tuple[Any, ...]] = []
        self.notes: list[tuple[Any, ...]] = []
        self.note_lines: list[tuple[Any, ...]] = []
        self.settlements: list[tuple[Any, ...]] = []
        self.entries: list[tuple[Any, ...]] = []
        self.entry_lines: list[tuple[Any, ...]] = []

    def add(self, run: Run, acting: Acting) -> None:
        """A run, and all that it paid."""
        number = self._number("RS", run)
        self.numbers.append(number)
        asks, agrees = acting.staff("finance"), acting.staff("finance.review")
        done = None if run.waits else moment(run.on, time(10, 10))
        is_advance = run.kind is SettlementKind.PROVISIONAL
        asked_at = moment(run.on - timedelta(days=1), time(16))
        decided = (None, None, None) if run.waits else (agrees.key, agrees.label, moment(run.on, time(9, 30)))
        self.runs.append(
            (
                *(len(self.numbers), number, run.programme.id, run.period.first, run.period.last),
                *(run.period.name, str(run.kind), run.programme.advance if is_advance else None),
                RunState.PROPOSED if run.waits else RunState.SETTLED,
                len(run.paid),
                sum((one.amount for one in run.paid), ZERO),
                "按已开票金额预付，期末多退少补" if is_advance else "",
                *(asks.key, asks.label, asked_at, *decided, done),
            )
        )
        if done is not None:
            for one in run.paid:
                self._pay(run, number, one, done)

    def _pay(self, run: Run, source: str, paid: Paid, at: datetime) -> None:
        gross = sum((line.gross for line in paid.lines), ZERO)
        note = self._note(run, source, paid, gross, at) if gross else None
        for row in paid.rows:
            self.settlements.append(
                (
                    *(len(self.settlements) + 1, paid.dealer_id, run.programme.id, row.first_day, row.period),
                    *(str(row.kind), source, row.accrued, row.guaranteed, row.carried_in, row.advanced),
                    *(row.carried_out, row.cut, row.paid, note if row.paid else None, at, SYSTEM.label),
                )
            )

    def _note(self, run: Run, source: str, paid: Paid, gross: Decimal, at: datetime) -> str:
        number, note_id = self._number("RN", run), len(self.notes) + 1
        taxes = [money.tax_within(line.gross, line.tax_rate) for line in paid.lines]
        tax = sum(taxes, ZERO)
        reason = f"{run.programme.number} {run.period.name}"
        head = (source, run.on, tax - gross, -tax, -gross, reason)
        self.notes.append((note_id, paid.dealer_id, number, str(NoteTreatment.PRICE_REDUCTION), *head))
        self.note_lines += (
            (paid.dealer_id, note_id, place, line.invoice, line.tax_rate, -line.gross, -part)
            for place, (line, part) in enumerate(zip(paid.lines, taxes, strict=True), start=1)
        )
        self._entry += 1
        self.entries.append(
            (
                *(paid.dealer_id, self._entry, str(EntryKind.REBATE), number, source, run.on, run.on),
                *(clock.period_of(run.on), -gross, at, SYSTEM.key),
            )
        )
        self.entry_lines += (
            (paid.dealer_id, self._entry, str(account), amount)
            for account, amount in rebate_entry(tax - gross, -tax, NoteTreatment.PRICE_REDUCTION)
        )
        return number

    def _number(self, prefix: str, run: Run) -> str:
        """As `portal.kernel.numbering` draws them, and the same again for the same seed."""
        body = "".join(self._chance.choice(ALPHABET) for _ in range(8))
        return f"{prefix}{run.on:%y%m}-{body}{check_character(body)}"
