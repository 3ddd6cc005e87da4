"""W7: match 100,000 ledger lines with 100,000 of the dealer's own, 2 % of them with a defect, against one
hash join by SQL over the same lines.

The whole way is measured too: read the file, read our journal, match, and keep what differs.
"""

from __future__ import annotations

import csv
import io
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import psycopg

from bench.stage import Stage
from demo.world.ledger_defects import Defective, our_books, their_books
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.own_ledgers.compare import compare
from portal.own_ledgers.difference_rules import Doc
from portal.own_ledgers.match_rules import match
from portal.own_ledgers.rules import money_of
from portal.own_ledgers.upload_ledger import upload_ledger

GOALS = {"seconds": 30, "found": "every defect, none invented"}
LINES = 100_000
_DEALER = 2
_SHARE = 0.02
_JOIN = """
SELECT count(*) FROM journal_entry e
  FULL JOIN bench_theirs t ON (t.number, t.amount, t.day) = (e.document_no, e.receivable, e.occurred_on)
 WHERE e.id IS NULL OR t.number IS NULL
"""


def run(stage: Stage) -> dict:
    """Seconds of matching, of the whole way and of the join; what was found; memory of this process."""
    chance = Random(7)
    ours = [replace(doc, place=place) for place, doc in enumerate(our_books(chance, LINES), start=1)]
    theirs = their_books(chance, ours, _SHARE)
    measured = _matched(ours, theirs)
    with stage.connect() as connection:
        _fill(connection, ours, theirs)
        join = min(_joined(connection) for _ in range(3))
    whole, found = _whole(stage, theirs)
    return {
        "lines": LINES,
        **measured,
        "hash_join_seconds": join,
        "ratio": round(join / measured["seconds"], 3),
        "whole_way_seconds": whole,
        "whole_way_differences": found,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "goals": GOALS,
    }


def _matched(ours: Sequence[Doc], theirs: Defective) -> dict[str, Any]:
    begun = time.perf_counter()
    result = match(ours, theirs.docs)
    seconds = time.perf_counter() - begun
    wrong = {number for number, _ in theirs.wrong}
    told = {(doc.number, one.kind) for one in result.differences for doc in (*one.ours, *one.theirs)}
    invented = [
        one for one in result.differences if not any(doc.number in wrong for doc in (*one.ours, *one.theirs))
    ]
    return {
        "seconds": round(seconds, 2),
        "defects": len(theirs.wrong),
        "missed": len(theirs.wrong - told),
        "invented": len(invented),
    }


def _fill(connection: psycopg.Connection, ours: Sequence[Doc], theirs: Defective) -> None:
    """Our journal of one dealer, and the dealer's lines as a table for the join."""
    connection.execute("DELETE FROM own_ledger_difference WHERE dealer_id = %s", (_DEALER,))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_ours (number text, amount numeric, day date)")
        with cursor.copy("COPY bench_ours FROM STDIN") as copy:
            for doc in ours:
                copy.write_row((doc.number, money_of(doc.fen), doc.day))
        cursor.execute(_ENTRIES, {"dealer": _DEALER})
    connection.execute("CREATE TEMP TABLE bench_theirs (number text, amount numeric, day date)")
    with connection.cursor() as cursor, cursor.copy("COPY bench_theirs FROM STDIN") as copy:
        for doc in theirs.docs:
            copy.write_row((doc.number, money_of(doc.fen), doc.day))
    connection.execute("ANALYZE bench_theirs")
    connection.execute("ANALYZE journal_entry")


_ENTRIES = """
WITH entry AS (
  INSERT INTO journal_entry (dealer_id, kind, document_no, reference, occurred_on, period, receivable,
                             posted_by)
  SELECT %(dealer)s, CASE WHEN amount > 0 THEN 'invoice' ELSE 'payment' END, number, '', day,
         (SELECT max(period) FROM accounting_period), amount, 'bench'
    FROM bench_ours
   WHERE NOT EXISTS (SELECT FROM journal_entry WHERE dealer_id = %(dealer)s AND posted_by = 'bench')
  RETURNING dealer_id, id, receivable
)
INSERT INTO journal_line (dealer_id, entry_id, account, amount)
SELECT dealer_id, id, a.account, a.sign * receivable
  FROM entry, (VALUES ('receivable', 1), ('bank', -1)) AS a(account, sign)
"""


def _joined(connection: psycopg.Connection) -> float:
    begun = time.perf_counter()
    connection.execute(_JOIN).fetchone()
    return round(time.perf_counter() - begun, 3)


def _whole(stage: Stage, theirs: Defective) -> tuple[float, int]:
    """Seconds from the file to what differs, as a worker takes them."""
    actor = replace(SYSTEM, dealer_id=_DEALER, region_ids=())
    database = Database(stage.environment["DATABASE_URL"], pool_size=1)
    days = [doc.day for doc in theirs.docs]
    with transaction(database.dealer_session(actor)) as session:
        number = upload_ledger(
            session,
            actor=actor,
            name="own.csv",
            content=_file(theirs.docs),
            period=None,
            starts=True,
            today=max(days),
            at=clock.now(),
        ).number
    begun = time.perf_counter()
    with transaction(database.dealer_session(actor)) as session:
        compare(session, actor=actor, number=number, at=clock.now())
    seconds = round(time.perf_counter() - begun, 2)
    with stage.connect() as connection:
        row = connection.execute(
            "SELECT difference_count FROM own_ledger WHERE number = %s", (number,)
        ).fetchone()
    database.dispose()
    return seconds, row[0] if row else -1


def _file(docs: Sequence[Doc]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("日期", "摘要", "单据号", "借方金额", "贷方金额"))
    for doc in docs:
        amount = f"{money_of(abs(doc.fen)):,}"
        rows.writerow(
            (f"{doc.day:%Y/%m/%d}", "货款", doc.number, *(("", amount) if doc.fen > 0 else (amount, "")))
        )
    return text.getvalue().encode("gbk")
