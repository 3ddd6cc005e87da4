"""W7: match 100,000 ledger lines with 100,000 of the dealer's own, 2 % of them with a defect, against one
hash join by SQL over the same lines.

The whole way is measured, as a dealer's program goes it: the file is uploaded, a worker reads and compares it
and keeps what differs, the result is asked for. A tenth of it shows what memory grows with.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from bench.stage import HOST, Stage
from bench.workers import memory, waiting
from demo.world.ledger_defects import Defective, our_books, their_books
from launch.process import Child, wait_until
from launch.programs import program, worker_command
from portal.own_ledgers.difference_rules import Doc, Kind
from portal.own_ledgers.match_rules import match
from portal.own_ledgers.rules import money_of

GOALS = {"seconds": 30, "precision": 1, "recall": 0.99, "invented": 0}
LINES = 100_000
_SHARE = 0.02
_FIRST = {
    LINES: date(2019, 1, 1),
    LINES // 10: date(2016, 1, 1),
}  # years in which the demonstration has nothing
_PATIENCE_SECONDS = 300
_BY = "bench w7"
_JOIN = """
SELECT count(*)
  FROM (SELECT document_no, receivable, occurred_on FROM journal_entry
         WHERE posted_by = %(by)s AND occurred_on >= %(first)s AND occurred_on < %(first)s + 366) e
  FULL JOIN bench_theirs t ON (t.number, t.amount, t.day) = (e.document_no, e.receivable, e.occurred_on)
 WHERE e.document_no IS NULL OR t.number IS NULL
"""


@dataclass(frozen=True)
class Told:
    """A difference as it was kept: its class and the numbers of its documents."""

    kind: str
    numbers: frozenset[str]


def run(stage: Stage) -> dict:
    """Seconds of the whole way and of its parts, what was found, and the most memory the worker held."""
    client = stage.dealer_clients()[0]
    worker = program("bench-worker", worker_command(), stage.folder.logs, stage.environment)
    worker.start()
    try:
        if not wait_until(lambda: waiting() == 1, _PATIENCE_SECONDS):
            raise SystemExit(f"the worker does not come: {worker.last_words()}")
        tenth = _measured(stage, client, worker, LINES // 10)
        whole = _measured(stage, client, worker, LINES)
    finally:
        worker.stop()
    return {**whole, "of_a_tenth": tenth, "goals": GOALS}


def _measured(stage: Stage, client: dict, worker: Child, lines: int) -> dict[str, Any]:
    chance = Random(7)
    ours = [replace(doc, place=no) for no, doc in enumerate(our_books(chance, lines, first=_FIRST[lines]), 1)]
    theirs = their_books(chance, ours, _SHARE)
    with stage.connect() as connection:
        _fill(connection, client["dealer"], ours, theirs)
        join = min(_joined(connection, _FIRST[lines]) for _ in range(3))
        number, seconds, peak = _compared(stage, client, worker, _file(theirs.docs))
        told = _told(connection, number)
    begun = time.perf_counter()
    match(ours, theirs.docs)
    return {
        "lines": lines,
        **seconds,
        "matching_alone_seconds": round(time.perf_counter() - begun, 2),
        "hash_join_seconds": join,
        "ratio": round(join / seconds["seconds"], 3),
        "worker_idle_mb": round(memory(worker) / 2**20),
        "worker_peak_mb": round(peak / 2**20),
        **_score(told, theirs.wrong),
    }


def _score(told: Sequence[Told], wrong: set[tuple[str, Kind]]) -> dict[str, Any]:
    """Precision and recall of each class, and what was made up."""
    found = {(number, one.kind) for one in told for number in one.numbers}
    defects = Counter(str(kind) for _, kind in wrong)
    numbers = {number for number, _ in wrong}
    classes = {}
    for kind in Kind:
        of_kind = [one for one in told if one.kind == kind]
        right = sum(any((number, kind) in wrong for number in one.numbers) for one in of_kind)
        hit = sum((number, str(each)) in found for number, each in wrong if each is kind)
        classes[str(kind)] = {
            "precision": round(right / len(of_kind), 4) if of_kind else None,
            "recall": round(hit / defects[kind], 4) if defects[kind] else None,
        }
    return {
        "defects": len(wrong),
        "differences": len(told),
        "invented": sum(not one.numbers & numbers for one in told),
        "classes": classes,
    }


def _fill(connection: psycopg.Connection, dealer: str, ours: Sequence[Doc], theirs: Defective) -> None:
    """Our journal of one dealer, and the dealer's lines as a table for the join."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_ours, bench_theirs")
        for table, docs in (("bench_ours", ours), ("bench_theirs", theirs.docs)):
            cursor.execute(f"CREATE TEMP TABLE {table} (number text, amount numeric, day date)")
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for doc in docs:
                    copy.write_row((doc.number, money_of(doc.fen), doc.day))
        cursor.execute(_ENTRIES, {"dealer": dealer, "by": _BY})
    connection.execute("ANALYZE bench_theirs")
    connection.execute("ANALYZE journal_entry")


_ENTRIES = """
WITH entry AS (
  INSERT INTO journal_entry (dealer_id, kind, document_no, reference, occurred_on, period, receivable,
                             posted_by)
  SELECT d.id, CASE WHEN amount > 0 THEN 'invoice' ELSE 'payment' END, o.number, '', day,
         (SELECT max(period) FROM accounting_period), amount, %(by)s
    FROM bench_ours o, dealer d
   WHERE d.code = %(dealer)s
     AND NOT EXISTS (SELECT FROM journal_entry e
                      WHERE e.dealer_id = d.id AND e.posted_by = %(by)s
                        AND e.occurred_on >= (SELECT min(day) FROM bench_ours)
                        AND e.occurred_on <= (SELECT max(day) FROM bench_ours))
  RETURNING dealer_id, id, receivable
)
INSERT INTO journal_line (dealer_id, entry_id, account, amount)
SELECT dealer_id, id, a.account, a.sign * receivable
  FROM entry, (VALUES ('receivable', 1), ('bank', -1)) AS a(account, sign)
"""


def _joined(connection: psycopg.Connection, first: date) -> float:
    begun = time.perf_counter()
    connection.execute(_JOIN, {"by": _BY, "first": first}).fetchone()
    return round(time.perf_counter() - begun, 3)


def _compared(stage: Stage, client: dict, worker: Child, content: bytes) -> tuple[str, dict[str, float], int]:
    """Number of the ledger, seconds to its result and of its parts, and the most bytes of the worker."""
    headers = {"Authorization": f"Bearer {stage.token(client)}"}
    peak = 0
    with httpx.Client(base_url=f"http://{HOST}:{stage.port}/api/v1", headers=headers, timeout=60) as http:
        begun = time.perf_counter()
        key = {"Idempotency-Key": str(uuid4())}
        made = http.post("/own-ledger", files={"file": ("own.csv", content)}, headers=key)
        made.raise_for_status()
        uploaded = time.perf_counter()
        number = made.json()["id"]
        while (found := http.get(f"/own-ledger/{number}?limit=1").raise_for_status().json())[
            "state"
        ] == "running":
            peak = max(peak, memory(worker))
            if time.perf_counter() - begun > _PATIENCE_SECONDS:
                raise SystemExit(f"it does not end: {worker.last_words()}")
            time.sleep(0.05)
        seconds = time.perf_counter() - begun
        if found["state"] != "done":
            raise SystemExit(f"not compared: {json.dumps(found['errors'], ensure_ascii=False)}")
        asked = time.perf_counter()
        http.get(f"/own-ledger/{number}?limit=200").raise_for_status()
        page = time.perf_counter() - asked
    parts = {"seconds": seconds, "upload_seconds": uploaded - begun, "page_of_200_seconds": page}
    return number, {name: round(value, 3) for name, value in parts.items()}, peak


def _told(connection: psycopg.Connection, number: str) -> list[Told]:
    rows = connection.execute(
        "SELECT f.class, f.ours || f.theirs FROM own_ledger_difference f"
        " JOIN own_ledger o ON (o.dealer_id, o.id) = (f.dealer_id, f.ledger_id) WHERE o.number = %s",
        (number,),
    )
    return [Told(kind, frozenset(doc["document"] for doc in docs)) for kind, docs in rows]


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
