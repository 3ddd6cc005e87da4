"""Rebates that were settled in the past: runs, notes in the books, and what was owed at each month's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg

from demo.loading.acting import Acting
from demo.loading.books import allocate
from demo.loading.keys import key
from demo.loading.rows import put
from demo.loading.settled_past import Past, Run, Settling
from demo.loading.settlement_rows import ENTRY, NOTE, NOTE_LINE, RUN, SETTLEMENT, Written
from demo.scenario import Scenario
from demo.world.business_days import MONTHS, moment, month_start
from demo.world.rebates import REBATES
from portal.budgets import use
from portal.budgets.programme_pot import ensure_programme_pot
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.rebates.known import known_of
from portal.rebates.reckon import Published, published_programmes
from portal.settlements.liability import post_month
from portal.settlements.settle_period import programme_named

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
    written = Written(row[0] if row else 0, chance)
    runs = [run for run in runs if run.paid]
    for run in runs:
        written.add(run, acting)
    put(connection, "rebate_run", RUN, written.runs)
    put(connection, "rebate_note", NOTE, written.notes)
    put(connection, "rebate_note_line", NOTE_LINE, written.note_lines)
    put(connection, "rebate_settlement", SETTLEMENT, written.settlements)
    put(connection, "journal_entry", ENTRY, written.entries)
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
                use.draw(session, activity=None, programme=programme.number, **about)
