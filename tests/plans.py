"""Which way to its rows a statement has, with the plan that the portal uses: made once, for any value."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from tests.statement_count import Counted


def plan_of_page(session: Session, counted: Counted, ask: Callable[[Session], object], **values: str) -> str:
    """The plan of the one statement of a list, where reading a table whole or sorting it is the last resort.

    values: of its parameters, as SQL. In a test's few rows a scan would be right; what is asked is whether an index can serve.
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
    plan = say(f"EXPLAIN (COSTS OFF) EXECUTE page({', '.join(values[name] for name in names)})").scalars().all()
    say("DEALLOCATE page")
    return "\n".join(plan)
