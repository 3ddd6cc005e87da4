"""Which way to its rows a statement has, with the plan that the portal uses: made once, for any value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bench.plans import rows_read
from portal.kernel.db import Database, transaction
from tests.roles import Person
from tests.statement_count import Counted


def plan_of_page(session: Session, counted: Counted, ask: Callable[[Session], object], **values: str) -> str:
    """The plan of the one statement of a list, where reading a table whole or sorting it is the last resort.

    values: of its parameters, as SQL. In a test's few rows a scan would be right; what is asked is whether an
    index can serve.
    """
    ask(session)
    [statement] = counted.work
    names: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"${len(names)}"

    prepared = re.sub(r"%\((\w+)\)s", placeholder, statement)
    say = session.connection().exec_driver_sql
    say("SET LOCAL enable_seqscan = off")
    say("SET LOCAL enable_bitmapscan = off")
    say("SET LOCAL enable_sort = off")
    say(f"PREPARE page AS {prepared}")
    plan = (
        say(f"EXPLAIN (COSTS OFF) EXECUTE page({', '.join(values[name] for name in names)})").scalars().all()
    )
    say("DEALLOCATE page")
    return "\n".join(plan)


def rows_read_for(database: Database, person: Person, ask: Callable[[Session], object]) -> int:
    """The most rows that a statement of `ask` takes from tables and indexes, as somebody, with the plans
    for any value.
    """
    asked: list[tuple[str, Any]] = []

    def note(_connection, _cursor, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with transaction(database.session_for(person.actor())) as session:
        session.connection()
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            ask(session)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        say = session.connection().exec_driver_sql
        plans = [
            say(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters).scalar_one()
            for statement, parameters in asked
        ]
    return max(rows_read(plan[0]["Plan"]) for plan in plans)
