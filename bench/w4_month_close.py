"""W4: close a month, statements of 200 lines as PDF by two RQ workers, against reportlab's canvas drawing
the same text.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime

import psutil
import psycopg
from reportlab.pdfgen.canvas import Canvas

from bench.stage import Stage
from bench.workers import cpu_seconds, memory, waiting
from config import Settings
from jobs import resources
from launch.process import Child, wait_until
from launch.programs import program, schedule_command, worker_command
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.paper.fonts import load_fonts
from portal.kernel.paper.sheet import Sheet
from portal.statements import queries
from portal.statements.begin_close import begin_close
from portal.statements.document import StatementDocument
from portal.statements.pdf import compose

GOALS = {"ratio": 0.5, "worker_mb": 300, "after_kill": "every dealer exactly once"}
_LINES = 200
_WORKERS = 2
_PATIENCE_SECONDS = 3600
_READY_SECONDS = 60
_KILL_AFTER = 0.3  # share of the statements after which one worker is killed

_SETTLED = ("statement", "accounting_period")  # no month is ever opened again but here
_REOPEN = (
    (
        "DELETE FROM statement_pdf p USING statement s"
        " WHERE s.id = p.statement_id AND s.dealer_id = p.dealer_id AND s.period >= %(period)s"
    ),
    "DELETE FROM statement WHERE period >= %(period)s",
    "DELETE FROM close_task WHERE period >= %(period)s",
    (
        "UPDATE accounting_period SET state = 'open', closing_at = NULL, closing_by = NULL, closed_at = NULL"
        " WHERE period >= %(period)s"
    ),
    # the orders of other workloads, whose mails come first
    "UPDATE outbox SET dispatched_at = now() WHERE dispatched_at IS NULL",
)

# Every dealer gets as many payments in the month as it lacks to the wanted number of lines.
_FILL = """
WITH short AS (
  SELECT d.id AS dealer_id, %(lines)s - count(e.id) AS missing
    FROM dealer d LEFT JOIN journal_entry e ON e.dealer_id = d.id AND e.period = %(period)s GROUP BY d.id
), entry AS (
  INSERT INTO journal_entry (dealer_id, kind, document_no, reference, occurred_on, period, receivable,
                             posted_by)
  SELECT dealer_id, 'payment', 'PY' || dealer_id || '-' || n, 'BENCH ' || n,
         %(first)s::date + CAST(n %% 28 AS int), %(period)s, -1.00, 'bench'
    FROM short, generate_series(1, missing) n
  RETURNING dealer_id, id
)
INSERT INTO journal_line (dealer_id, entry_id, account, amount)
SELECT dealer_id, id, a.account, a.amount
  FROM entry, (VALUES ('receivable', -1.00), ('bank', 1.00)) AS a(account, amount)
"""


def run(stage: Stage) -> dict:
    """Statements a second with one worker killed in the middle, memory of the workers, and the ratio to
    bare drawing. Milliseconds of processor a statement are the workers', with the start of the one that came
    again, and those of the bare canvas: they say more than rates while others use the machine.
    """
    period = clock.previous_period(clock.period_of(clock.business_date(clock.now(), Settings().timezone)))
    with stage.connect() as connection:
        _prepare(connection, period)
        dealers = connection.execute("SELECT count(*) FROM dealer").fetchone()[0]
        seconds, peak, computed = _work_off(stage, connection, period, dealers)
        figures = connection.execute(
            "SELECT count(*), count(DISTINCT dealer_id), avg(line_count)::int FROM statement"
            " WHERE period = %s",
            (period,),
        ).fetchone()
        sample = _sample(connection, period)
    rate, (limit, bare) = dealers / seconds, _limit(sample)
    return {
        "statements": figures[0],
        "dealers": dealers,
        "each_once": figures[0] == figures[1] == dealers,
        "lines_each": figures[2],
        "seconds": round(seconds, 1),
        "rate": round(rate, 1),
        "limit_rate": round(limit, 1),
        "ratio": round(rate / limit, 3),
        "worker_cpu_ms": round(computed / dealers * 1000, 1),
        "limit_cpu_ms": round(bare * 1000, 1),
        "worker_peak_mb": round(peak / 2**20),
        "goals": GOALS,
    }


def _prepare(connection: psycopg.Connection, period: str) -> None:
    with connection.transaction():
        for table in _SETTLED:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in _REOPEN:
            connection.execute(statement, {"period": period})
        for table in _SETTLED:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    connection.execute(
        "UPDATE accounting_period SET state = 'closed', closed_at = now()"
        " WHERE period < %s AND state <> 'closed'",
        (period,),
    )
    connection.execute(_FILL, {"period": period, "first": clock.first_day(period), "lines": _LINES})


def _begin(period: str) -> None:
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    with transaction(resources.database().system_session()) as session:
        begin_close(session, actor=SYSTEM, period=period, today=today, at=at)


def _work_off(
    stage: Stage, connection: psycopg.Connection, period: str, dealers: int
) -> tuple[float, int, float]:
    """Seconds from the closing to the last statement, the most memory a worker and its child ever held, and
    the seconds they computed.

    The workers wait before it begins, as they do in production; the one that is killed is started again
    within it.
    """

    def done() -> int:
        counted = connection.execute("SELECT count(*) FROM statement WHERE period = %s", (period,))
        return counted.fetchone()[0]

    logs, environment = stage.folder.logs, stage.environment
    workers = [program(f"bench-worker-{n}", worker_command(), logs, environment) for n in range(_WORKERS)]
    schedule = program(
        "bench-schedule", schedule_command(), logs, environment
    )  # takes up what a killed worker left
    peak, computed, killed = 0, 0.0, False
    for child in (*workers, schedule):
        child.start()
    try:
        if not wait_until(lambda: waiting() == _WORKERS, _READY_SECONDS):
            raise SystemExit(f"the workers do not come: {workers[0].last_words()}")
        computed -= sum(map(cpu_seconds, workers))
        started = time.monotonic()
        _begin(period)
        while (count := done()) < dealers and time.monotonic() - started < _PATIENCE_SECONDS:
            peak = max([peak, *map(memory, workers)])
            if not killed and count > dealers * _KILL_AFTER:
                computed += cpu_seconds(workers[0])
                killed = _kill_at_work(workers[0])
                workers[0].start()
            time.sleep(0.05)
        seconds = time.monotonic() - started
        return seconds, peak, computed + sum(map(cpu_seconds, workers))
    finally:
        for child in (*workers, schedule):
            child.stop()


def _kill_at_work(worker: Child) -> bool:
    """SIGKILL to the worker and whatever it forked."""
    process = psutil.Process(worker.pid)
    for victim in (*process.children(recursive=True), process):
        os.kill(victim.pid, signal.SIGKILL)
    worker.process.wait()
    return True


def _sample(connection: psycopg.Connection, period: str) -> StatementDocument:
    number = connection.execute(
        "SELECT number FROM statement WHERE period = %s ORDER BY number LIMIT 1", (period,)
    ).fetchone()[0]
    with transaction(resources.database().system_session()) as session:
        return queries.document(session, number=number, locale="zh")


class _Recorder(Sheet):
    """A sheet that keeps what is drawn as (page, x, y, text, font, size)."""

    def __init__(self, *arguments: object, **options: object) -> None:
        self.strings: list[tuple] = []
        super().__init__(*arguments, **options)

    def text(self, x: float, y: float, text: str, style) -> None:
        """Draw and keep."""
        super().text(x, y, text, style)
        self.strings.append((self.page, x, y, text, style.face, style.size))


def _limit(document: StatementDocument) -> tuple[float, float]:
    """Documents a second that two processes draw with a bare canvas, and seconds of processor for one."""
    load_fonts()
    recorder = _Recorder(
        io.BytesIO(), title="t", author="a", subject="s", lang="zh", created=datetime.now(UTC)
    )
    compose(document, recorder)
    strings = sorted(recorder.strings, key=lambda string: string[0])
    with multiprocessing.get_context("fork").Pool(_WORKERS) as pool:
        drawn = pool.map(_drawn_per_second, [strings] * _WORKERS)
    return sum(rate for rate, _ in drawn), sum(each for _, each in drawn) / _WORKERS


def _drawn_per_second(strings: list[tuple]) -> tuple[float, float]:
    started, computed, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - started < 4:
        _draw(strings)
        count += 1
    return count / (time.perf_counter() - started), (time.process_time() - computed) / count


def _draw(strings: list[tuple]) -> None:
    canvas = Canvas(io.BytesIO(), invariant=1)
    page = 0
    for number, x, y, text, font, size in strings:
        if number != page:
            canvas.showPage()
            page = number
        canvas.setFont(font, size)
        canvas.drawString(x, y, text)
    canvas.save()
