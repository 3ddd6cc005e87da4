"""Rebates that were settled in the past: runs, notes in the books, and what was owed at each month's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg

from demo.loading.acting import Acting
from demo.loading.books import allocate
from demo.loading.keys import key
from demo.loading.rows import put
from demo.loading.settled_past import Paid, Past, Run, Settling
from demo.past.rhythm import MONTHS
from demo.scenario import Scenario
from demo.world.business_days import moment, month_start
from demo.world.rebates import REBATES
from portal.budgets import use
from portal.budgets.programme_pot import ensure_programme_pot
from portal.kernel import clock, money
from portal.kernel.actor import SYSTEM
from portal.kernel.money import ZERO
from portal.kernel.numbering import ALPHABET, check_character
from portal.ledger.rules import EntryKind, NoteTreatment, rebate_entry
from portal.rebates.known import known_of
from portal.rebates.reckon import Published, published_programmes
from portal.settlements.liability import post_month
from portal.settlements.rules import RunState, SettlementKind
from portal.settlements.settle_period import programme_named

_RUN = (
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
_SETTLEMENT = (
    *("id", "dealer_id", "programme_id", "first_day", "period", "kind", "source", "accrued", "guaranteed"),
    *("carried_in", "advanced", "carried_out", "cut", "paid", "note_no", "settled_at", "settled_by_label"),
)
_NOTE = (*("id", "dealer_id", "number", "treatment", "source", "issued_on", "net", "tax", "gross", "reason"),)
_NOTE_LINE = ("dealer_id", "note_id", "line_no", "invoice", "tax_rate", "gross", "tax")
_ENTRY = (
    *("dealer_id", "id", "kind", "document_no", "reference", "occurred_on", "due_on", "period", "receivable"),
    *("posted_at", "posted_by"),
)
_LIABILITY = ("dealer_id", "programme_id", "month", "accrued", "settled", "amount", "net")

# The keys of a dealer's entries are in the order of time again, and its account has what the notes gave. Who
# has an order held back for its credit stands as near its limit as before.
_IN_ORDER = """
CREATE TEMPORARY TABLE in_order AS
SELECT e.dealer_id, e.id AS was, k.id
  FROM (SELECT dealer_id, id, row_number() OVER (PARTITION BY dealer_id ORDER BY posted_at, id) AS place
          FROM journal_entry WHERE dealer_id = ANY (%(dealers)s)) e
  JOIN (SELECT dealer_id, id, row_number() OVER (PARTITION BY dealer_id ORDER BY id) AS place
          FROM journal_entry WHERE dealer_id = ANY (%(dealers)s)) k
    ON (k.dealer_id, k.place) = (e.dealer_id, e.place)
 WHERE e.id <> k.id;
UPDATE journal_entry e SET id = -o.id FROM in_order o WHERE (e.dealer_id, e.id) = (o.dealer_id, o.was);
UPDATE journal_entry SET id = -id WHERE dealer_id = ANY (%(dealers)s) AND id < 0;
UPDATE journal_line l SET entry_id = -o.id
  FROM in_order o WHERE (l.dealer_id, l.entry_id) = (o.dealer_id, o.was);
UPDATE journal_line SET entry_id = -entry_id WHERE dealer_id = ANY (%(dealers)s) AND entry_id < 0;
DROP TABLE in_order;
UPDATE dealer_account a
   SET balance = a.balance + n.gross,
       credit_limit = CASE WHEN EXISTS (SELECT FROM sales_order o WHERE o.dealer_id = a.dealer_id
                                                                    AND o.status = 'on_hold')
                           THEN greatest(0, a.credit_limit + floor(n.gross / 100) * 100)
                           ELSE a.credit_limit END
  FROM (SELECT dealer_id, sum(gross) AS gross FROM rebate_note GROUP BY dealer_id) n
 WHERE n.dealer_id = a.dealer_id
"""
_AUDIT = """
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, after, reason)
SELECT * FROM (
  SELECT r.proposed_at AS at, r.proposed_by, r.proposed_by_label, NULL::bigint, 'rebate_run:proposed',
         'rebate_run', r.number,
         jsonb_build_object('programme', p.number, 'period', r.period, 'kind', r.kind,
                            'amount', r.amount::text), NULL
    FROM rebate_run r JOIN rebate_programme p ON p.id = r.programme_id
  UNION ALL
  SELECT decided_at, decided_by, decided_by_label, NULL, 'rebate_run:approved', 'rebate_run', number, NULL,
         NULL
    FROM rebate_run WHERE state = 'settled'
  UNION ALL
  SELECT settled_at, 'system', 'system', NULL, 'rebate_run:done', 'rebate_run', number, NULL, NULL
    FROM rebate_run WHERE state = 'settled'
  UNION ALL
  SELECT e.posted_at, 'system', 'system', n.dealer_id, 'rebate_note:posted', 'rebate_note', n.number,
         jsonb_build_object('source', n.source, 'gross', (-n.gross)::text, 'period', e.period), n.reason
    FROM rebate_note n
    JOIN journal_entry e ON (e.dealer_id, e.document_no) = (n.dealer_id, n.number) AND e.kind = 'rebate'
  UNION ALL
  SELECT min(s.settled_at), 'system', 'system', s.dealer_id, 'rebate:settled', 'rebate', s.source,
         jsonb_build_object('programme', min(p.number), 'period', max(s.period), 'paid', sum(s.paid)::text,
                            'note', min(s.note_no)), NULL
    FROM rebate_settlement s JOIN rebate_programme p ON p.id = s.programme_id
   GROUP BY s.dealer_id, s.source) acts
 ORDER BY at
"""
_RATES = """
SELECT DISTINCT p.sku, l.tax_rate FROM invoice_line l JOIN product p ON p.id = l.product_id
 WHERE l.dealer_id = ANY (%s)
"""
_HIGHEST = "SELECT coalesce(max(id), 0) FROM journal_entry"


def settle_past(connection: psycopg.Connection, acting: Acting, scenario: Scenario) -> None:
    """Settle what was over, as it was known then, for the dealers of the scenario; not for their copies."""
    published = published_programmes(acting.session, today=scenario.today)
    programmes = list(_settling(acting, scenario, published))
    dealers = [key(dealer.index) for dealer in scenario.dealers]
    everything = known_of(
        acting.session, dealers, published.programmes.values(), since=published.since, until=scenario.today
    )
    rates: dict[str, Decimal] = dict(connection.execute(_RATES, (dealers,)).fetchall())
    past = Past(published, programmes, everything, rates, scenario.today)
    past.tell([clock.period_of(month_start(scenario.today, back)) for back in range(1 - MONTHS, 0)])
    _write(connection, acting, past.runs, scenario)
    liability = [
        (
            one.dealer_id,
            one.programme_id,
            one.month,
            one.accrued,
            one.settled,
            one.accrued - one.settled,
            one.net,
        )
        for one in past.owed
    ]
    put(connection, "rebate_liability", _LIABILITY, liability)
    for month in sorted({one.month for one in past.owed}):
        at = acting.at(moment(clock.last_day(month) + timedelta(days=1), time(2, 10)))
        put(connection, "rebate_liability_month", ("month", "through_dealer_id"), [(month, max(dealers))])
        post_month(acting.session, actor=SYSTEM, month=month, at=at)


def _settling(acting: Acting, scenario: Scenario, published: Published) -> Iterator[Settling]:
    for index, one in enumerate(scenario[REBATES]):
        programme = published.programmes.get(key(index))
        if programme is not None:
            terms = programme_named(acting.session, programme.number).terms
            yield Settling(key(index), programme.number, terms, one.waits, one.advance)


def _write(connection: psycopg.Connection, acting: Acting, runs: Sequence[Run], scenario: Scenario) -> None:
    chance = Random(f"{scenario.seed}/settlements")
    row = connection.execute(_HIGHEST).fetchone()
    written = _Written(row[0] if row else 0, chance)
    runs = [run for run in runs if run.paid]
    for run in runs:
        written.add(run, acting)
    put(connection, "rebate_run", _RUN, written.runs)
    put(connection, "rebate_note", _NOTE, written.notes)
    put(connection, "rebate_note_line", _NOTE_LINE, written.note_lines)
    put(connection, "rebate_settlement", _SETTLEMENT, written.settlements)
    put(connection, "journal_entry", _ENTRY, written.entries)
    put(connection, "journal_line", ("dealer_id", "entry_id", "account", "amount"), written.entry_lines)
    _draw(acting, runs, written.numbers)
    dealers = sorted({note[1] for note in written.notes})
    connection.execute(_IN_ORDER, {"dealers": dealers})
    allocate(connection, dealers)
    connection.execute(_AUDIT)


def _draw(acting: Acting, runs: Sequence[Run], numbers: Sequence[str]) -> None:
    """What was paid under a programme with a budget is spent of that."""
    session = acting.session
    for run, number in zip(runs, numbers, strict=True):
        programme = run.programme
        if programme.terms.budget is None or run.waits:
            continue
        acting.at(moment(run.on, time(10)))
        ensure_programme_pot(session, programme=programme.number)
        for paid in run.paid:
            if paid.amount > 0:
                about: dict[str, Any] = {
                    "dealer_id": paid.dealer_id,
                    "document": number,
                    "amount": paid.amount,
                }
                use.reserve(session, activity=None, programme=programme.number, **about)
                use.spend(session, **about)


class _Written:
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
